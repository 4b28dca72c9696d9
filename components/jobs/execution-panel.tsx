'use client';
/** The docked panel: the selected cell's jobs, the stage graph of one, its timeline, and one stage's tasks. */
import { useCallback, useMemo } from 'react';
import type { JobView } from '../../engine/fold/state.ts';
import { useActions, useUi } from '../notebook/notebook-context.tsx';
import { useSessionState } from '../session/session-context.tsx';
import { graphOfStages } from '../stage-dag/dag-graph.ts';
import { StageDag } from '../stage-dag/stage-dag.tsx';
import { Timeline } from '../timeline/timeline.tsx';
import { formatDuration } from '../ui/format.ts';
import { StateGlyph } from '../ui/state-glyph.tsx';
import { useNow } from '../ui/use-now.ts';
import { JobPicker } from './job-picker.tsx';
import { type JobStage, jobDuration, stagesOfJob } from './job-stages.ts';
import { StageDetails } from './stage-details.tsx';

/** The job to show: the chosen one, else the running or latest of the selected cell, else the latest of all. */
function useShownJob(): { job: JobView | undefined; choices: JobView[] } {
  const jobs = useSessionState(({ view }) => view?.jobs);
  const selectedCellId = useUi((ui) => ui.selectedCellId);
  const selectedJobId = useUi((ui) => ui.selectedJobId);
  const cellJobs = useSessionState(({ view }) => view?.cells.get(selectedCellId ?? '')?.jobIds);
  return useMemo(() => {
    const all = [...(jobs?.values() ?? [])];
    const own = (cellJobs ?? []).flatMap((jobId) => jobs?.get(jobId) ?? []);
    const chosen = selectedJobId === undefined ? undefined : jobs?.get(selectedJobId);
    const choices = own.length > 0 ? own : all.slice(-1);
    const job = chosen ?? choices.findLast((one) => one.status === 'running') ?? choices.at(-1);
    return { job, choices: job && !choices.includes(job) ? [...choices, job] : choices };
  }, [jobs, cellJobs, selectedJobId]);
}

/** The stage to show: the chosen one, else a failed, an active, or the first. */
function shownStage(
  entries: readonly JobStage[],
  selectedKey: string | undefined,
): JobStage['stage'] | undefined {
  for (const { stage, earlier } of entries) {
    const chosen = [stage, ...earlier].find((one) => one.key === selectedKey);
    if (chosen) return chosen;
  }
  const by = (status: string) => entries.find(({ stage }) => stage.status === status)?.stage;
  return by('failed') ?? by('active') ?? by('complete') ?? entries[0]?.stage;
}

function JobHeader({ job }: { job: JobView }) {
  const now = useNow(job.status === 'running');
  const cell = useSessionState(({ view }) =>
    job.cellId ? (view?.cellOrder.indexOf(job.cellId) ?? -1) + 1 : 0,
  );
  const actions = useActions();
  const { callSite, cellId } = job;
  const line = callSite && `line ${callSite.line}`;
  return (
    <p className="flex flex-wrap items-center gap-x-2 text-ink-2 text-xs">
      <StateGlyph state={job.status} showWord />
      <span className="tabular-nums">{formatDuration(jobDuration(job, now))}</span>
      {cell > 0 && cellId && (
        <button
          type="button"
          className="text-accent underline underline-offset-2"
          onClick={() => actions.edit(cellId, callSite && { line: callSite.line, column: callSite.column })}
        >
          cell {cell}
          {line && `, ${line}`}
        </button>
      )}
      {job.status === 'running' && <CancelButton jobId={job.jobId} />}
    </p>
  );
}

function CancelButton({ jobId }: { jobId: number }) {
  const actions = useActions();
  return (
    <button
      type="button"
      className="text-bad underline underline-offset-2"
      onClick={() => actions.cancelJob(jobId)}
    >
      Cancel job
    </button>
  );
}

export function ExecutionPanel() {
  const actions = useActions();
  const { job, choices } = useShownJob();
  const stages = useSessionState(({ view }) => view?.stages);
  const selectedKey = useUi((ui) => ui.selectedStageKey);
  const entries = useMemo(() => (job && stages ? stagesOfJob(stages, job) : []), [job, stages]);
  const graph = useMemo(() => graphOfStages(entries), [entries]);
  const select = useCallback((key: string) => actions.selectStage(key), [actions]);
  const stage = shownStage(entries, selectedKey);
  if (!job) {
    return (
      <div className="p-4 text-ink-2">
        <h2 className="mb-1 font-semibold text-ink text-xs">Execution</h2>
        <p>
          Run a cell that needs an RDD's result (<code className="text-xs">collect</code>,{' '}
          <code className="text-xs">count</code>, <code className="text-xs">take</code> …): its stages, its
          partitions and their times appear here, live.
        </p>
      </div>
    );
  }
  return (
    <>
      <section aria-labelledby="panel-job" className="border-line border-b px-4 py-3">
        <div className="mb-2 flex flex-wrap items-center justify-between gap-x-3 gap-y-1">
          <JobPicker job={job} choices={choices} />
          <JobHeader job={job} />
        </div>
        <StageDag
          graph={graph}
          label={`Stage graph of job ${job.jobId}`}
          selectedKey={stage?.key}
          onSelect={select}
        />
      </section>
      <Timeline jobId={job.jobId} running={job.status === 'running'} stages={entries} />
      {stage && <StageDetails key={stage.key} stage={stage} />}
    </>
  );
}
