'use client';
import { Fragment } from 'react';
/** Spark's summary of a stage: five quantiles of every metric, and the sums by executor. */
import { executorGone } from '../../engine/fold/fault-words.ts';
import { exclusionOf } from '../../engine/fold/scheduling-words.ts';
import type { StageView } from '../../engine/fold/state.ts';
import type {
  ExecutorTotals,
  StageExecutorsAnswer,
  StageSummaryAnswer,
} from '../../engine/viewer-protocol.ts';
import { FaultButton } from '../faults/fault-button.tsx';
import { useSessionState } from '../session/session-context.tsx';
import { formatBytes, formatCount, formatDuration, formatPlural } from '../ui/format.ts';
import { ScrollBox } from '../ui/scroll-box.tsx';
import { Glyph } from '../ui/state-glyph.tsx';
import { formatMetric, METRICS, summaryRows } from './metrics.ts';
import { useQuery } from './use-query.ts';

const QUANTILES = ['Min', '25th percentile', 'Median', '75th percentile', 'Max'] as const;

const headClass = 'whitespace-nowrap px-2 py-1 text-right font-medium first:px-4 first:text-left last:pr-4';
const cellClass = 'whitespace-nowrap px-2 py-1 text-right tabular-nums last:pr-4';

export function StageSummary({ stage, additional }: { stage: StageView; additional: boolean }) {
  const { stageId, attempt } = stage.info;
  const { answer, error } = useQuery<StageSummaryAnswer>(
    { type: 'stageSummary', stageId, attempt },
    stage.progress.version,
    { interval: 1000 },
  );
  if (error && !answer) return <p className="px-4 text-bad text-xs">{error}</p>;
  if (!answer || answer.taskCount === 0) return null;
  return (
    <ScrollBox
      aria-label={`Summary metrics of stage ${stageId}`}
      className="when-seen [--unseen:11rem] overflow-x-auto"
    >
      <table className="w-full text-xs">
        <caption className="px-4 pb-1 text-left text-ink-3">
          Summary Metrics for {formatPlural(answer.taskCount, 'completed task')}
        </caption>
        <thead className="bg-raised text-ink-2">
          <tr>
            <th scope="col" className={headClass}>
              Metric
            </th>
            {QUANTILES.map((name) => (
              <th key={name} scope="col" className={headClass} aria-label={name}>
                {name.replace(' percentile', '')}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {summaryRows(answer, additional).map(({ metric, values }) => (
            <tr key={metric} className="border-line border-b">
              <th scope="row" className="whitespace-nowrap px-4 py-1 text-left font-normal">
                {METRICS[metric].label}
              </th>
              {values.map((value, index) => (
                <td key={QUANTILES[index]} className={cellClass}>
                  {formatMetric(metric, value)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}

const sized = (bytes: number, records: number) =>
  bytes || records ? `${formatBytes(bytes)} / ${formatCount(records)}` : '';

const EXECUTOR_COLUMNS: { label: string; text: (row: ExecutorTotals) => string }[] = [
  { label: 'Task Time', text: ({ taskTime }) => formatDuration(taskTime) },
  { label: 'Total Tasks', text: ({ total }) => formatCount(total) },
  { label: 'Failed Tasks', text: ({ failed }) => formatCount(failed) },
  { label: 'Killed Tasks', text: ({ killed }) => (killed > 0 ? formatCount(killed) : '') },
  { label: 'Succeeded Tasks', text: ({ succeeded }) => formatCount(succeeded) },
  { label: 'Input Size / Records', text: ({ metrics: m }) => sized(m.inputBytes, m.inputRecords) },
  { label: 'Output Size / Records', text: ({ metrics: m }) => sized(m.outputBytes, m.outputRecords) },
  {
    label: 'Shuffle Read Size / Records',
    text: ({ metrics: m }) => sized(m.shuffleReadBytes, m.shuffleReadRecords),
  },
  {
    label: 'Shuffle Write Size / Records',
    text: ({ metrics: m }) => sized(m.shuffleWriteBytes, m.shuffleWriteRecords),
  },
  { label: 'Shuffle Spill (Memory)', text: ({ metrics: m }) => sized(m.memoryBytesSpilled, 0) },
  { label: 'Shuffle Spill (Disk)', text: ({ metrics: m }) => sized(m.diskBytesSpilled, 0) },
];

function ExecutorMark({ gone }: { gone: boolean }) {
  return (
    <span className="inline-flex items-center gap-0.5 text-ink-2">
      <Glyph name={gone ? 'cross' : 'barred'} />
      {gone ? 'gone' : 'excluded'}
    </span>
  );
}

export function StageExecutors({ stage }: { stage: StageView }) {
  const { stageId, attempt } = stage.info;
  const { answer } = useQuery<StageExecutorsAnswer>(
    { type: 'stageExecutors', stageId, attempt },
    stage.progress.version,
    { interval: 1000 },
  );
  const views = useSessionState(({ view }) => view?.executors);
  const faults = useSessionState(({ view }) => view?.faults);
  if (!answer || answer.executors.length === 0) return null;
  // What is empty for every executor says nothing.
  const columns = EXECUTOR_COLUMNS.filter(({ text }) => answer.executors.some((row) => text(row) !== ''));
  return (
    <ScrollBox
      aria-label={`Executors of stage ${stageId}`}
      className="when-seen [--unseen:6rem] mt-3 max-h-60 overflow-auto"
    >
      <table className="w-full text-xs">
        <caption className="px-4 pb-1 text-left text-ink-3">Aggregated Metrics by Executor</caption>
        <thead className="bg-raised text-ink-2">
          <tr>
            {['Executor ID', ...columns.map(({ label }) => label)].map((label) => (
              <th key={label} scope="col" className={headClass}>
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {answer.executors.map((row) => {
            const view = views?.get(row.executorId);
            const gone = faults && executorGone({ faults }, view);
            const otherwise = gone ?? exclusionOf(view, stage, row.executorId);
            return (
              <Fragment key={row.executorId}>
                <tr className={otherwise ? '' : 'border-line border-b'}>
                  <th scope="row" className="whitespace-nowrap px-4 py-1 text-left font-normal">
                    <span className="inline-flex items-center gap-1">
                      {row.executorId}
                      {otherwise && <ExecutorMark gone={gone !== undefined} />}
                      <FaultButton target={{ kind: 'executor', executorId: row.executorId }} />
                    </span>
                  </th>
                  {columns.map(({ label, text }) => (
                    <td key={label} className={cellClass}>
                      {text(row)}
                    </td>
                  ))}
                </tr>
                {otherwise && (
                  <tr className="border-line border-b">
                    <td colSpan={columns.length + 1} className="px-4 pb-1 text-ink-2">
                      {/* The table may be wider than what is seen of it. */}
                      <span className="sticky left-4 inline-block max-w-[min(28rem,85cqw)]">
                        Executor {row.executorId} is {otherwise}.
                      </span>
                    </td>
                  </tr>
                )}
              </Fragment>
            );
          })}
        </tbody>
      </table>
    </ScrollBox>
  );
}
