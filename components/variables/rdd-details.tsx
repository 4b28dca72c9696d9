'use client';
/** A dataset in the variables panel: its lineage with partitions, and which of them are cached where, live. */
import { useMemo } from 'react';
import type { RddDescription } from '../../engine/protocol.ts';
import { useActions } from '../notebook/notebook-context.tsx';
import type { CachedPartitions } from '../session/published-view.ts';
import { useSession, useSessionState } from '../session/session-context.tsx';
import { Button } from '../ui/button.tsx';
import { formatCount } from '../ui/format.ts';
import { cachedPartitionWords, cachedShape, cachedWords, checkpointWords } from './cached-words.ts';
import { lineageLines, MOST_LINES } from './lineage-lines.ts';

/** Partitions drawn one by one. */
const DRAWN = 128;
const NOTHING: CachedPartitions = new Map();

/** Filled: in memory; filled at the foot: on disk; a second outline behind: copies in other executors. */
function CachedStrip({ cached, partitions }: { cached: CachedPartitions; partitions: number }) {
  return (
    <span aria-hidden="true" className="flex flex-wrap gap-0.5">
      {Array.from({ length: Math.min(partitions, DRAWN) }, (_, partition) => {
        const block = cached.get(partition);
        const shape = cachedShape(block);
        return (
          <svg
            // biome-ignore lint/suspicious/noArrayIndexKey: a partition is its number
            key={partition}
            viewBox="0 0 12 12"
            className={`size-3 ${shape === 'none' ? 'text-line-strong' : 'text-ok'}`}
            fill="none"
            stroke="currentColor"
          >
            <title>{cachedPartitionWords(partition, block)}</title>
            {block?.replicas && <path d="M3.5 2.5v-2h8v8h-2" />}
            <rect x="0.5" y="2.5" width="9" height="9" rx="1.5" />
            {shape === 'memory' && (
              <rect x="2" y="4" width="6" height="6" fill="currentColor" stroke="none" />
            )}
            {shape === 'disk' && <rect x="2" y="8" width="6" height="2" fill="currentColor" stroke="none" />}
          </svg>
        );
      })}
      {partitions > DRAWN && <span className="text-ink-3 text-xs">+{formatCount(partitions - DRAWN)}</span>}
    </span>
  );
}

function Storage({ name, rdd }: { name: string; rdd: RddDescription }) {
  const session = useSession();
  const cached = useSessionState(({ view }) => view?.cached.get(rdd.rddId)) ?? NOTHING;
  const persisted = rdd.storageLevel !== 'NONE';
  const change = (level: 'MEMORY_ONLY' | 'NONE') =>
    void session.command({ type: 'persistVariable', name, level });
  return (
    <div className="flex flex-wrap items-center gap-2">
      <span className="text-ink-2">
        {rdd.checkpoint && `${checkpointWords(rdd.checkpoint)}, lineage cut · `}
        {persisted ? rdd.storageLevel : 'not persisted'}
        {(persisted || cached.size > 0) && <>: {cachedWords(cached, rdd.numPartitions)}</>}
      </span>
      {/* What a local checkpoint keeps can be computed from nothing else. */}
      {rdd.checkpoint !== 'local' && (
        <Button size="sm" onClick={() => change(persisted ? 'NONE' : 'MEMORY_ONLY')}>
          {persisted ? 'Unpersist' : 'Persist'}
          <span className="sr-only"> {name}</span>
        </Button>
      )}
      {persisted && rdd.numPartitions !== undefined && (
        <CachedStrip cached={cached} partitions={rdd.numPartitions} />
      )}
    </div>
  );
}

function SiteLink({ rdd }: { rdd: RddDescription }) {
  const actions = useActions();
  const { cellId, line, column } = rdd.callSite ?? {};
  const at = useSessionState(({ view }) => (cellId ? (view?.cellOrder.indexOf(cellId) ?? -1) : -1));
  if (!cellId || line === undefined || column === undefined || at < 0) return null;
  return (
    <button
      type="button"
      className="shrink-0 text-accent underline underline-offset-2"
      onClick={() => actions.edit(cellId, { line, column })}
    >
      cell {at + 1}, line {line}
    </button>
  );
}

function CachedMark({ rddId }: { rddId: number }) {
  const count = useSessionState(({ view }) => view?.cached.get(rddId)?.size ?? 0);
  return count === 0 ? null : <span className="shrink-0 text-ok">{formatCount(count)} cached</span>;
}

export function RddDetails({ name, rddId }: { name: string; rddId: number }) {
  const rdds = useSessionState(({ view }) => view?.variables?.rdds);
  const { lines, more } = useMemo(
    () => (rdds ? lineageLines(rdds, rddId) : { lines: [], more: false }),
    [rdds, rddId],
  );
  const rdd = rdds?.get(rddId);
  if (!rdd) return null;
  return (
    <div className="flex flex-col gap-1.5 text-xs">
      <Storage name={name} rdd={rdd} />
      <ul aria-label={`Lineage of ${name}`} className="flex flex-col gap-0.5">
        {lines.map(({ rdd: line, depth, shuffle, repeated }, index) => (
          <li
            // biome-ignore lint/suspicious/noArrayIndexKey: a shared dataset stands in several lines
            key={index}
            style={{ paddingLeft: depth * 14 }}
            className="flex min-w-0 flex-wrap items-baseline gap-x-2"
          >
            <span className="font-mono">
              {shuffle && <span className="text-ink-3">shuffle of </span>}
              {line.name}
              <span className="text-ink-3">[{line.rddId}]</span>
              {line.elementType && <span className="text-ink-2"> {line.elementType}</span>}
            </span>
            {line.numPartitions !== undefined && (
              <span className="text-ink-2">
                {formatCount(line.numPartitions)} {line.numPartitions === 1 ? 'partition' : 'partitions'}
              </span>
            )}
            {line.checkpoint && line.rddId !== rddId && (
              <span className="text-ink-2">{checkpointWords(line.checkpoint)}</span>
            )}
            {line.storageLevel !== 'NONE' && <span className="text-ink-2">{line.storageLevel}</span>}
            <CachedMark rddId={line.rddId} />
            {repeated ? <span className="text-ink-3">see above</span> : <SiteLink rdd={line} />}
          </li>
        ))}
      </ul>
      {more && <p className="text-ink-3">showing {MOST_LINES} datasets of a longer lineage</p>}
      {rdd.numPartitions === undefined && (
        <p className="text-ink-3">Shuffles and partitions are known once an action has planned it.</p>
      )}
    </div>
  );
}
