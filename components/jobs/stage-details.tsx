'use client';
/** One stage: what it is and why, its operators, its summary metrics, its executors, its tasks. */
import { useState } from 'react';
import type { JobView, StageView } from '../../engine/fold/state.ts';
import type { TaskStatus } from '../../engine/protocol.ts';
import { FaultButton } from '../faults/fault-button.tsx';
import { useSessionState } from '../session/session-context.tsx';
import { Button } from '../ui/button.tsx';
import { formatBytes, formatCount, formatDuration, formatPlural } from '../ui/format.ts';
import { StateGlyph } from '../ui/state-glyph.tsx';
import { useNow } from '../ui/use-now.ts';
import { type JobStage, stageDuration } from './job-stages.ts';
import { StageAccumulators } from './stage-accumulators.tsx';
import { StageAttempts, StageReasons } from './stage-attempts.tsx';
import { StageNotes } from './stage-notes.tsx';
import { StageOperators } from './stage-operators.tsx';
import { StageExecutors, StageSummary } from './stage-summary.tsx';
import { TaskTable } from './task-table.tsx';

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
      <Fact
        name="Associated Job Ids"
        value={stage.jobIds.slice(0, 8).join(', ') + (stage.jobIds.length > 8 ? ' …' : '')}
      />
    </dl>
  );
}

export interface StageDetailsProps {
  entry: JobStage;
  jobs: readonly JobView[];
  /** How many of its tables are due. */
  tables: number;
}

export function StageDetails({ entry, jobs, tables }: StageDetailsProps) {
  const { stage } = entry;
  const { stageId, attempt, kind, numTasks } = stage.info;
  const [additional, setAdditional] = useState(false);
  const [status, setStatus] = useState<TaskStatus>();
  const latest = useSessionState(({ view }) => {
    let last: StageView | undefined;
    for (let n = attempt; ; n += 1) {
      const next = view?.stages.get(`${stageId}.${n}`);
      if (!next) return last;
      last = next;
    }
  });
  const all = [...entry.earlier.filter((one) => one.key !== stage.key), stage];
  if (latest && latest.key !== stage.key && !all.includes(latest)) all.push(latest);
  all.sort((a, b) => a.info.attempt - b.info.attempt);
  const ran = stage.status !== 'skipped' && stage.status !== 'pending';
  return (
    <section aria-labelledby="panel-stage" className="min-w-0 pb-4">
      <div className="flex flex-col gap-1 px-4 py-3">
        <div className="flex items-center gap-2">
          <h2 id="panel-stage" className="flex flex-1 flex-wrap items-center gap-x-2 font-semibold">
            Stage {stageId}
            {attempt > 0 && ` (attempt ${attempt + 1})`}
            <span className="font-normal text-ink-2 text-xs">
              {kind === 'shuffleMap' ? 'shuffle map' : 'result'} · {formatPlural(numTasks, 'task')}
            </span>
            <span className="font-normal text-xs">
              <StateGlyph state={stage.status} showWord />
            </span>
          </h2>
          <FaultButton target={{ kind: 'stage', stageKey: stage.key }} text="Break…" />
          {ran && (
            <Button
              variant="quiet"
              size="sm"
              aria-pressed={additional}
              title="Scheduler delay, deserialization, fetch wait, result serialization and more"
              onClick={() => setAdditional(!additional)}
            >
              Additional metrics
            </Button>
          )}
        </div>
        <StageOperators stage={stage} />
        <StageReasons entry={entry} jobs={jobs} onFailedTasks={() => setStatus('failed')} />
        <StageNotes stage={stage} />
        <StageAttempts entry={entry} all={all} />
        {ran && <StageFacts stage={stage} />}
      </div>
      <StageAccumulators stage={stage} />
      {tables > 0 && <StageSummary stage={stage} additional={additional} />}
      {tables > 1 && <StageExecutors stage={stage} />}
      {tables > 2 && <TaskTable stage={stage} additional={additional} status={status} onStatus={setStatus} />}
    </section>
  );
}
