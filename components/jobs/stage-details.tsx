'use client';
/** One stage: what it is, its summary metrics, its tasks. */
import type { StageView } from '../../engine/fold/state.ts';
import type { StageSummaryAnswer } from '../../engine/viewer-protocol.ts';
import { formatBytes, formatCount, formatDuration, formatPlural } from '../ui/format.ts';
import { ScrollBox } from '../ui/scroll-box.tsx';
import { StateGlyph } from '../ui/state-glyph.tsx';
import { useNow } from '../ui/use-now.ts';
import { stageChain, stageDuration } from './job-stages.ts';
import { formatMetric, METRICS, summaryRows } from './metrics.ts';
import { TaskTable } from './task-table.tsx';
import { useQuery } from './use-query.ts';

const QUANTILES = ['Min', '25th percentile', 'Median', '75th percentile', 'Max'] as const;

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div className="flex gap-1.5">
      <dt className="text-ink-3">{name}</dt>
      <dd className="tabular-nums">{value}</dd>
    </div>
  );
}

function StageFacts({ stage }: { stage: StageView }) {
  const now = useNow(stage.status === 'active');
  const { totals } = stage.progress;
  const duration = stageDuration(stage, now);
  const sizes: [name: string, bytes: number, records: number][] = [
    ['Input', totals.inputBytes, totals.inputRecords],
    ['Output', totals.outputBytes, totals.outputRecords],
    ['Shuffle Read', totals.shuffleReadBytes, totals.shuffleReadRecords],
    ['Shuffle Write', totals.shuffleWriteBytes, totals.shuffleWriteRecords],
  ];
  return (
    <dl className="flex flex-wrap gap-x-4 gap-y-1 text-xs">
      {duration !== undefined && <Fact name="Duration" value={formatDuration(duration)} />}
      <Fact name="Total Time Across All Tasks" value={formatDuration(totals.executorRunTime)} />
      {sizes.map(([name, bytes, records]) =>
        bytes || records ? (
          <Fact
            key={name}
            name={`${name} Size / Records`}
            value={`${formatBytes(bytes)} / ${formatCount(records)}`}
          />
        ) : null,
      )}
      {totals.memoryBytesSpilled > 0 && (
        <Fact name="Shuffle Spill (Memory)" value={formatBytes(totals.memoryBytesSpilled)} />
      )}
      {totals.diskBytesSpilled > 0 && (
        <Fact name="Shuffle Spill (Disk)" value={formatBytes(totals.diskBytesSpilled)} />
      )}
    </dl>
  );
}

function Summary({ stage }: { stage: StageView }) {
  const { stageId, attempt } = stage.info;
  const { answer, error } = useQuery<StageSummaryAnswer>(
    { type: 'stageSummary', stageId, attempt },
    stage.progress.version,
    { interval: 1000 },
  );
  if (error && !answer) return <p className="px-4 text-bad text-xs">{error}</p>;
  if (!answer || answer.taskCount === 0) return null;
  return (
    <ScrollBox aria-label={`Summary metrics of stage ${stageId}`} className="overflow-x-auto">
      <table className="w-full text-xs">
        <caption className="px-4 pb-1 text-left text-ink-3">
          Summary Metrics for {formatPlural(answer.taskCount, 'completed task')}
        </caption>
        <thead className="bg-raised text-ink-2">
          <tr>
            <th scope="col" className="px-4 py-1 text-left font-medium">
              Metric
            </th>
            {QUANTILES.map((name) => (
              <th
                key={name}
                scope="col"
                className="px-2 py-1 text-right font-medium last:pr-4"
                aria-label={name}
              >
                {name.replace(' percentile', '')}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {summaryRows(answer).map(({ metric, values }) => (
            <tr key={metric} className="border-line border-b">
              <th scope="row" className="whitespace-nowrap px-4 py-1 text-left font-normal">
                {METRICS[metric].label}
              </th>
              {values.map((value, index) => (
                <td
                  key={QUANTILES[index]}
                  className="whitespace-nowrap px-2 py-1 text-right tabular-nums last:pr-4"
                >
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

export function StageDetails({ stage }: { stage: StageView }) {
  const { stageId, attempt, kind, numTasks } = stage.info;
  const why = stage.failureReason ?? stage.reason;
  return (
    <section aria-labelledby="panel-stage" className="pb-4">
      <div className="flex flex-col gap-1 px-4 py-3">
        <h2 id="panel-stage" className="flex flex-wrap items-center gap-x-2 font-semibold">
          Stage {stageId}
          {attempt > 0 && ` (attempt ${attempt + 1})`}
          <span className="font-normal text-ink-2 text-xs">
            {kind === 'shuffleMap' ? 'shuffle map' : 'result'} · {formatPlural(numTasks, 'task')}
          </span>
          <span className="font-normal text-xs">
            <StateGlyph state={stage.status} showWord />
          </span>
        </h2>
        <p className="text-ink-2 text-xs">{stageChain(stage)}</p>
        {why && <p className={`text-xs ${stage.failureReason ? 'text-bad' : 'text-ink-3'}`}>{why}</p>}
        {stage.status !== 'skipped' && stage.status !== 'pending' && <StageFacts stage={stage} />}
      </div>
      <Summary stage={stage} />
      <TaskTable stage={stage} />
    </section>
  );
}
