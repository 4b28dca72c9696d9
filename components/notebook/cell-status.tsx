'use client';
/** One line under a cell: queued in which place, running how long, done in what time, edited since. */
import type { CellView } from '../../engine/fold/state.ts';
import { useSessionState } from '../session/session-context.tsx';
import { formatClock, formatDuration } from '../ui/format.ts';
import { StateGlyph } from '../ui/state-glyph.tsx';
import { useNow } from '../ui/use-now.ts';

const ORDINALS = new Intl.PluralRules('en', { type: 'ordinal' });
const SUFFIXES: Partial<Record<Intl.LDMLPluralRule, string>> = { one: 'st', two: 'nd', few: 'rd' };

function ordinal(position: number): string {
  return `${position}${SUFFIXES[ORDINALS.select(position)] ?? 'th'}`;
}

function useQueuePosition(cell: CellView): number {
  return useSessionState(({ view }) => {
    if (cell.status !== 'queued' || !view) return 0;
    let position = 1;
    for (const other of view.cells.values()) {
      if (other.cellId === cell.cellId || other.status !== 'queued') continue;
      const [theirs, ours] = [other.queuedAt ?? 0, cell.queuedAt ?? 0];
      const earlier = view.cellOrder.indexOf(other.cellId) < view.cellOrder.indexOf(cell.cellId);
      if (theirs < ours || (theirs === ours && earlier)) position += 1;
    }
    return position;
  });
}

export function CellStatus({ cell, source }: { cell: CellView; source: string }) {
  const running = cell.status === 'running';
  const now = useNow(running);
  const position = useQueuePosition(cell);
  if (!cell.status) return null;
  const elapsed = cell.startedAt === undefined ? undefined : (cell.finishedAt ?? now) - cell.startedAt;
  // A run that was cut off with its kernel did run; one that was taken out of the queue did not.
  const cutOff = cell.status === 'aborted' && cell.startedAt !== undefined;
  const edited = cell.ranSource !== undefined && cell.ranSource !== source;
  return (
    <p className="flex flex-wrap items-center gap-x-2">
      <StateGlyph state={cutOff ? 'interrupted' : cell.status} showWord />
      {cell.status === 'queued' && <span>{ordinal(position)} in the queue</span>}
      {elapsed !== undefined && (
        <span
          className="tabular-nums"
          title={cell.finishedAt === undefined ? undefined : `Finished at ${formatClock(cell.finishedAt)}`}
        >
          {formatDuration(elapsed)}
        </span>
      )}
      {edited && !running && <span className="text-ink-3">edited since it ran</span>}
    </p>
  );
}
