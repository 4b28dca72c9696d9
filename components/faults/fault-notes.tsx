'use client';
/** What was broken last, by whoever it was, and which partitions are slowed: said politely, and shown at the head of the panel. */
import { useState } from 'react';
import { faultWords, isRecomputed, partitionWords } from '../../engine/fold/fault-words.ts';
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
function nextWords({ fault }: FaultView): string {
  switch (fault.kind) {
    case 'dropBlock':
    case 'corruptBlock':
    case 'dropExecutorBlocks':
      return 'Run an action that reads it: what is missing is computed again, and nothing else.';
    case 'dropCached':
      return 'The next action computes this partition from its parents.';
    case 'killExecutor':
      return 'Another one starts; what it had cached is computed again when it is needed.';
    case 'slowPartition':
      return 'Run the cell again to see it.';
    default:
      return fault satisfies never;
  }
}

/** Once somebody has missed it: what was made again, of which stages. */
function repairWords(faultId: number, stages: ReadonlyMap<string, StageView>): string | undefined {
  const repaired = [...stages.values()].flatMap(({ info, recomputes = [] }) => {
    const partitions = recomputes.flatMap(({ partitions: some, cause }) =>
      isRecomputed(cause) && 'faultId' in cause && cause.faultId === faultId ? some : [],
    );
    return partitions.length > 0 ? [`${partitionWords(partitions)} of stage ${info.stageId}`] : [];
  });
  return repaired.length === 0 ? undefined : `Its loss was found: ${repaired.join(', ')} computed again.`;
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

export function FaultNotes() {
  const session = useSession();
  const store = faultStoreOf(session);
  const faults = useSessionState(({ view }) => view?.faults) ?? NONE;
  const stages = useSessionState(({ view }) => view?.stages) ?? NO_STAGES;
  const offered = useFaultMenu() !== undefined;
  const { refused, seen = 0 } = useFaults((state) => state);
  const all = [...faults.values()];
  const slowing = all.filter(isSlowing);
  const last = all.at(-1);
  const latest = last && last.faultId > seen && !isSlowing(last) ? last : undefined;
  const slowed = slowing.at(-1);
  const wordsOf = (view: FaultView) => faultWords(view, slowedStageId(view, stages));
  const spoken = latest ?? (slowed && slowed === last && slowed.faultId > seen ? slowed : undefined);
  return (
    <div className="text-xs">
      {slowing.length > 0 && (
        <ul aria-label="Slowed partitions" className="border-line border-b px-4 py-1">
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
                  {repairWords(spoken.faultId, stages) ?? nextWords(spoken)}{' '}
                  <span className="tabular-nums">{formatClock(spoken.time)}</span>
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
