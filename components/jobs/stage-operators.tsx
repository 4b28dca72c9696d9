'use client';
/** The operators of a stage in order, with the rows that left each, its time, and the way to its place in the source. */
import type { StageView } from '../../engine/fold/state.ts';
import { useActions } from '../notebook/notebook-context.tsx';
import { formatPlural } from '../ui/format.ts';
import { checkpointWords } from '../variables/cached-words.ts';
import { rowsByOperator } from './job-stages.ts';
import { formatSampled, outputName, stageTimes } from './operator-times.ts';

/** A part of a task that belongs to no operator. */
function Part({ name, time }: { name: string; time: number }) {
  return (
    <>
      <span className="italic">{name}</span>
      <Time time={time} />
    </>
  );
}

function Time({ time }: { time: number }) {
  return (
    <span
      className="text-ink-3 tabular-nums"
      title="Of all tasks together, without what the operators before it took; by a sample of the rows."
    >
      {formatSampled(time)}
    </span>
  );
}

export function StageOperators({ stage }: { stage: StageView }) {
  const actions = useActions();
  const { rdds, stageId } = stage.info;
  const rows = rowsByOperator(stage);
  const { byOperator, shuffleRead, output } = stageTimes(stage);
  return (
    <ol
      aria-label={`Operators of stage ${stageId}`}
      className="flex flex-wrap items-baseline gap-x-1.5 gap-y-0.5 text-ink-2 text-xs"
    >
      {shuffleRead !== undefined && (
        <li className="flex items-baseline gap-1.5">
          <Part name="shuffle read" time={shuffleRead} />
          <span aria-hidden="true">→</span>
        </li>
      )}
      {rdds.map(({ rddId, name, callSite, storageLevel, checkpoint }, index) => {
        const count = rows[index];
        const time = byOperator[index];
        const cellId = callSite?.cellId;
        return (
          <li key={rddId} className="flex items-baseline gap-1.5">
            {index > 0 && <span aria-hidden="true">→</span>}
            {callSite && cellId !== undefined ? (
              <button
                type="button"
                title={`Line ${callSite.line}`}
                className="text-ink underline decoration-line-strong underline-offset-2 hover:text-accent"
                onClick={() => actions.edit(cellId, { line: callSite.line, column: callSite.column })}
              >
                {callSite.name}
              </button>
            ) : (
              <span className="text-ink">{callSite?.name ?? name}</span>
            )}
            {checkpoint && <span className="text-ink-3">read from its {checkpointWords(checkpoint)}</span>}
            {storageLevel !== 'NONE' && <span className="text-ink-3">cached</span>}
            {count !== undefined && stage.status !== 'skipped' && (
              <span className="text-ink-3 tabular-nums">
                {formatPlural(count, 'row')}
                {time !== undefined && ' ·'}
              </span>
            )}
            {time !== undefined && <Time time={time} />}
          </li>
        );
      })}
      {output !== undefined && (
        <li className="flex items-baseline gap-1.5">
          <span aria-hidden="true">→</span>
          <Part name={outputName(stage)} time={output} />
        </li>
      )}
    </ol>
  );
}
