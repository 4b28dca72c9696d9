'use client';
/** One line under a cell: queued in which place, running how long, done when and in what time, stale why. */
import type { CellView } from '../../engine/fold/state.ts';
import { useSessionState } from '../session/session-context.tsx';
import { Button } from '../ui/button.tsx';
import { formatClock, formatDuration } from '../ui/format.ts';
import { StateGlyph } from '../ui/state-glyph.tsx';
import { useNow } from '../ui/use-now.ts';
import { StaleLine } from './cells/stale-reasons.tsx';
import { useActions } from './notebook-context.tsx';

const ORDINALS = new Intl.PluralRules('en', { type: 'ordinal' });
const SUFFIXES: Partial<Record<Intl.LDMLPluralRule, string>> = { one: 'st', two: 'nd', few: 'rd' };

function ordinal(position: number): string {
  return `${position}${SUFFIXES[ORDINALS.select(position)] ?? 'th'}`;
}

/** Seconds are enough beside a cell. */
const clock = (time: number) => formatClock(time).slice(0, 8);

/** Of the run before the one that waits or was taken out: when, how long, by which count. */
function LastRun({ run }: { run: NonNullable<CellView['lastRun']> }) {
  return (
    <span className="text-ink-3">
      last ran {clock(run.startedAt)}, {formatDuration(run.finishedAt - run.startedAt)}
      {run.executionCount !== undefined && `, run ${run.executionCount}`}
    </span>
  );
}

export function CellStatus({ cell, source, name }: { cell: CellView; source: string; name: string }) {
  const actions = useActions();
  const { status, startedAt, finishedAt, lastRun, executionCount } = cell;
  const running = status === 'running';
  const now = useNow(running);
  const position = useSessionState(
    ({ view }) => view?.queue.findIndex(({ cellId }) => cellId === cell.cellId) ?? -1,
  );
  if (!status) return null;
  const elapsed = startedAt === undefined ? undefined : (finishedAt ?? now) - startedAt;
  // A run that was cut off with its kernel did run; one that was taken out of the queue did not.
  const cutOff = status === 'aborted' && startedAt !== undefined;
  // The session says why a cell is stale; before it heard of the edit the page knows that much itself.
  const edited = cell.ranSource !== undefined && cell.ranSource !== source && !cell.stale;
  return (
    <>
      <p className="flex flex-wrap items-center gap-x-2">
        <StateGlyph state={cutOff ? 'interrupted' : status} showWord />
        {position >= 0 && <span>{ordinal(position + 1)} in the queue</span>}
        {elapsed !== undefined && (
          <span
            className="tabular-nums"
            title={
              startedAt !== undefined && finishedAt !== undefined
                ? `Run ${executionCount ?? ''} from ${formatClock(startedAt)} to ${formatClock(finishedAt)}`
                : undefined
            }
          >
            {formatDuration(elapsed)}
          </span>
        )}
        {startedAt !== undefined && finishedAt !== undefined && (
          <time dateTime={new Date(startedAt).toISOString()} className="text-ink-3">
            at {clock(startedAt)}
          </time>
        )}
        {startedAt === undefined && lastRun && <LastRun run={lastRun} />}
        {edited && !running && <span className="text-ink-3">edited since it ran</span>}
        {position >= 0 && (
          <Button
            size="sm"
            variant="quiet"
            aria-label={`Take ${name} out of the queue`}
            className="h-5"
            onClick={() => actions.cells.cancelQueued(cell.cellId)}
          >
            Cancel
          </Button>
        )}
      </p>
      {!running && cell.stale && <StaleLine cell={cell} name={name} />}
    </>
  );
}
