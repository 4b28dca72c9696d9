'use client';
/** What was broken last, by whoever it was, and which partitions are slowed: said politely, and shown at the head of the panel. */
import { useState } from 'react';
import {
  clearedWords,
  type FaultSources,
  faultOf,
  faultWords,
  isRecomputed,
  partitionWords,
} from '../../engine/fold/fault-words.ts';
import type { FaultView, StageView } from '../../engine/fold/state.ts';
import { useSession, useSessionState } from '../session/session-context.tsx';
import { Button } from '../ui/button.tsx';
import { formatClock } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';
import { Glyph } from '../ui/state-glyph.tsx';
import { useFaultMenu, useFaults } from './fault-context.tsx';
import { faultStoreOf, sendFault } from './fault-store.ts';
import { isSlowing, slowedStageId } from './fault-target.ts';

/** What comes of it, for who does not know yet. */
function nextWords({ fault, keptInFile, clearedAt }: FaultView): string {
  switch (fault.kind) {
    case 'dropBlock':
    case 'corruptBlock':
    case 'dropExecutorBlocks':
      return 'Run an action that reads it: what is missing is computed again, and nothing else.';
    case 'dropCached':
      return keptInFile
        ? 'Computed again it could have other rows, so it is kept in a file, too: who needs it reads that.'
        : 'The next action computes this partition from its parents.';
    case 'killExecutor':
      return 'Another one starts. What it was running is tried again, what only it had cached is made again when it is needed.';
    case 'slowPartition':
      return clearedAt === undefined ? 'Run the cell again to see it.' : 'It goes on, and runs as before.';
    default:
      return fault satisfies never;
  }
}

/** Once somebody has missed it: what was made again, of which stages. */
function repairWords(
  { faultId, fault }: FaultView,
  sources: FaultSources,
  stages: ReadonlyMap<string, StageView>,
): string | undefined {
  const repaired = new Map<number, Set<number>>();
  for (const { info, recomputes = [] } of stages.values()) {
    for (const { partitions, cause } of recomputes) {
      if (!isRecomputed(cause) || faultOf(sources, cause) !== faultId) continue;
      const ofStage = repaired.get(info.stageId) ?? new Set();
      for (const partition of partitions) ofStage.add(partition);
      repaired.set(info.stageId, ofStage);
    }
  }
  if (repaired.size === 0) return undefined;
  const lost =
    fault.kind === 'killExecutor'
      ? 'What it had cached was needed'
      : fault.kind === 'dropExecutorBlocks'
        ? 'Their loss was found'
        : 'Its loss was found';
  const words = [...repaired].map(
    ([stageId, partitions]) => `${partitionWords([...partitions].sort((a, b) => a - b))} of stage ${stageId}`,
  );
  return `${lost}: ${words.join(', ')} computed again.`;
}

/** Once is enough: what a second click asks for would be refused. */
function LetGo({ view, words }: { view: FaultView; words: string }) {
  const session = useSession();
  const [busy, setBusy] = useState(false);
  const letGo = async () => {
    setBusy(true);
    const refusal = await sendFault(session, { type: 'clearFaults', faultId: view.faultId });
    if (refusal) setBusy(false);
  };
  return (
    <Button
      size="sm"
      aria-label={`Let go: ${words}`}
      aria-disabled={busy}
      onClick={() => !busy && void letGo()}
    >
      Let go
    </Button>
  );
}

const NO_STAGES: ReadonlyMap<string, StageView> = new Map();
const NONE: ReadonlyMap<number, FaultView> = new Map();
const NO_EXECUTORS: FaultSources['executors'] = new Map();

export function FaultNotes() {
  const session = useSession();
  const store = faultStoreOf(session);
  const faults = useSessionState(({ view }) => view?.faults) ?? NONE;
  const stages = useSessionState(({ view }) => view?.stages) ?? NO_STAGES;
  const executors = useSessionState(({ view }) => view?.executors) ?? NO_EXECUTORS;
  const offered = useFaultMenu() !== undefined;
  const { refused, seen = 0 } = useFaults((state) => state);
  const all = [...faults.values()];
  const slowing = all.filter(isSlowing);
  const last = all.at(-1);
  const latest = last && last.faultId > seen && !isSlowing(last) ? last : undefined;
  const slowed = slowing.at(-1);
  const wordsOf = (view: FaultView) => {
    const stageId = slowedStageId(view, stages);
    const cleared = view.clearedAt === undefined ? undefined : clearedWords(view, stageId);
    return cleared ?? faultWords(view, stageId);
  };
  const spoken = latest ?? (slowed && slowed === last && slowed.faultId > seen ? slowed : undefined);
  return (
    // What was done from a task far below is still seen.
    <div className="sticky top-10 z-5 bg-surface text-xs">
      {slowing.length > 0 && (
        <ul
          aria-label="Slowed partitions"
          className="max-h-28 overflow-y-auto border-line border-b px-4 py-1"
        >
          {slowing.map((view) => (
            <li key={view.faultId} className="flex flex-wrap items-center gap-x-2">
              <Icon name="break" className="text-run" />
              <span className="min-w-0 flex-1">{wordsOf(view)}</span>
              {offered && <LetGo view={view} words={wordsOf(view)} />}
            </li>
          ))}
        </ul>
      )}
      <div
        role="status"
        aria-label="Faults"
        className={refused || latest ? 'flex items-start gap-2 border-line border-b px-4 py-1' : 'sr-only'}
      >
        {refused ? (
          <>
            <Glyph name="cross" className="mt-0.5 text-bad" />
            <p className="min-w-0 flex-1 [overflow-wrap:anywhere]">
              <strong className="font-semibold">{refused.message}.</strong>{' '}
              <span className="text-ink-2">{refused.hint}</span>
            </p>
          </>
        ) : (
          spoken && (
            <>
              {latest && <Icon name="break" className="mt-0.5 text-ink-2" />}
              <p className="min-w-0 flex-1">
                <strong className="font-semibold">{wordsOf(spoken)}.</strong>{' '}
                <span className="text-ink-2">
                  {repairWords(spoken, { faults, executors }, stages) ?? nextWords(spoken)}{' '}
                  <span className="tabular-nums">{formatClock(spoken.clearedAt ?? spoken.time)}</span>
                </span>
              </p>
            </>
          )
        )}
        {(refused || latest) && (
          <Button
            variant="quiet"
            size="sm"
            aria-label="Dismiss what was said of faults"
            title="Dismiss"
            onClick={() => store.setState({ refused: undefined, seen: last?.faultId ?? 0 })}
          >
            <Icon name="clear" />
          </Button>
        )}
      </div>
    </div>
  );
}
