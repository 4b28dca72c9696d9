'use client';
/** The jobs of a cell, under it: those that run with every stage and its tasks, one line once they are done. */
import { useMemo, useState } from 'react';
import type { JobView, StageView } from '../../engine/fold/state.ts';
import { useActions, useUi } from '../notebook/notebook-context.tsx';
import { useSessionState } from '../session/session-context.tsx';
import { formatCount, formatDuration, formatPlural } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';
import { StateGlyph } from '../ui/state-glyph.tsx';
import { useNow } from '../ui/use-now.ts';
import { type JobStage, jobDuration, stagesOfJob, tasksDone } from './job-stages.ts';
import { JobWaitWords } from './job-wait.tsx';
import { ProgressBar } from './progress-bar.tsx';
import { isGoing } from './run-jobs.ts';

/** Stages of one job under a cell; the graph beside it shows them all. */
const STAGES_SHOWN = 12;
/** Running jobs under a cell that was not opened, and jobs under one that was. */
const LIVE_SHOWN = 3;
const JOBS_SHOWN = 20;

function StageProgress({ job, entry }: { job: JobView; entry: JobStage }) {
  const actions = useActions();
  const { stage } = entry;
  const { numTasks, stageId } = stage.info;
  const done = tasksDone(stage);
  const { numRunning, numFailed } = stage.progress;
  const skipped = stage.status === 'skipped';
  return (
    <li className="flex min-w-0 flex-1 basis-40 items-center gap-2">
      <button
        type="button"
        className="inline-flex items-center gap-1 whitespace-nowrap hover:text-ink hover:underline"
        aria-label={`Show stage ${stageId} of job ${job.jobId}`}
        onClick={() => actions.selectJob(job.jobId, stage.key)}
      >
        <StateGlyph state={stage.status} />
        stage {stageId}
        {entry.earlier.length > 0 && `.${stage.info.attempt}`}
      </button>
      {skipped ? (
        <span className="text-ink-3">skipped</span>
      ) : (
        <>
          <ProgressBar
            done={done}
            running={numRunning}
            failed={stage.status === 'failed' ? numTasks - done : 0}
            total={numTasks}
            label={`Stage ${stageId}`}
          />
          <span className="whitespace-nowrap tabular-nums">
            {formatCount(done)}/{formatCount(numTasks)}
            {numFailed > 0 && <span className="text-bad"> · {formatCount(numFailed)} failed</span>}
          </span>
        </>
      )}
    </li>
  );
}

/** Of many stages those that say most: failed and active ones, then the ones around them; in their order. */
function mostTelling(entries: readonly JobStage[]): readonly JobStage[] {
  if (entries.length <= STAGES_SHOWN) return entries;
  const telling = entries.filter(({ stage }) => stage.status === 'active' || stage.status === 'failed');
  const from = telling[0] ? entries.indexOf(telling[0]) : entries.length - STAGES_SHOWN;
  const kept = new Set([...telling.slice(0, STAGES_SHOWN), ...entries.slice(from)].slice(0, STAGES_SHOWN));
  return entries.filter((entry) => kept.has(entry));
}

function JobLine({ job, now }: { job: JobView; now: number }) {
  const actions = useActions();
  const stages = useSessionState(({ view }) => view?.stages);
  const selected = useUi((ui) => ui.selectedJobId === job.jobId);
  const entries = useMemo(() => (stages ? stagesOfJob(stages, job) : []), [stages, job]);
  const shown = useMemo(() => mostTelling(entries), [entries]);
  const complete = useMemo(
    () => entries.filter(({ stage }) => stage.status === 'complete').length,
    [entries],
  );
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <button
        type="button"
        aria-pressed={selected}
        onClick={() => actions.selectJob(job.jobId)}
        className="inline-flex items-center gap-1 whitespace-nowrap font-medium text-ink hover:underline aria-pressed:text-accent"
      >
        <StateGlyph state={job.status} />
        Job {job.jobId}
        <span className="font-normal text-ink-2">{job.callSite?.name ?? job.name}</span>
      </button>
      {job.status === 'waiting' && job.waited ? (
        <span className="min-w-0 flex-1">
          <JobWaitWords wait={job.waited} />
        </span>
      ) : (
        <ol
          aria-label={`Stages of job ${job.jobId}`}
          className="flex min-w-0 flex-1 basis-60 flex-wrap gap-x-3 gap-y-1"
        >
          {shown.length < entries.length && (
            <li className="basis-full text-ink-3">
              showing {shown.length} of {formatCount(entries.length)} stages, {formatCount(complete)} complete
            </li>
          )}
          {shown.map((entry) => (
            <StageProgress key={entry.stage.info.stageId} job={job} entry={entry} />
          ))}
        </ol>
      )}
      <span className="tabular-nums">{formatDuration(jobDuration(job, now))}</span>
    </li>
  );
}

/** Tasks that ran for these jobs; a stage that several share counts once, a skipped one not at all. */
function tasksOfJobs(jobs: readonly JobView[], stages: ReadonlyMap<string, StageView> | undefined): number {
  const ids = new Set(
    jobs.flatMap(({ stageIds, skippedStageIds }) =>
      stageIds.filter((stageId) => !skippedStageIds.includes(stageId)),
    ),
  );
  const began = Math.min(...jobs.map(({ startedAt }) => startedAt));
  let tasks = 0;
  for (const { info, progress, completedAt } of stages?.values() ?? []) {
    // An attempt that other jobs had run before.
    if (completedAt !== undefined && completedAt < began) continue;
    const { numSucceeded, numFailed, numKilled, numRunning } = progress;
    if (ids.has(info.stageId)) tasks += numSucceeded + numFailed + numKilled + numRunning;
  }
  return tasks;
}

/** What moves: the jobs that run or wait to, or the last one between two. The lines of a loop stay as many as they are. */
function liveJobs(jobs: readonly JobView[]): readonly JobView[] {
  const going = jobs.filter(isGoing);
  return going.length > 0 ? going.slice(-LIVE_SHOWN) : jobs.slice(-1);
}

export interface JobStripProps {
  jobIds: readonly number[];
  /** `cell 2` */
  name: string;
  /** The cell runs: another job may follow. */
  going: boolean;
}

export function JobStrip({ jobIds, name, going }: JobStripProps) {
  const all = useSessionState(({ view }) => view?.jobs);
  const stages = useSessionState(({ view }) => view?.stages);
  /** Not yet opened or closed by hand: what runs is shown. */
  const [opened, setOpened] = useState<boolean>();
  const jobs = useMemo(() => jobIds.flatMap((jobId) => all?.get(jobId) ?? []), [jobIds, all]);
  const running = going || jobs.some(isGoing);
  const now = useNow(running);
  if (jobs.length === 0) return null;
  const worst =
    jobs.find((job) => job.status === 'failed') ?? jobs.find((job) => job.status !== 'succeeded') ?? jobs[0]!;
  const spent =
    Math.max(...jobs.map((job) => job.endedAt ?? now)) - Math.min(...jobs.map((job) => job.startedAt));
  const tasks = tasksOfJobs(jobs, stages);
  const live = opened === undefined && running;
  const shown = opened ? jobs.slice(-JOBS_SHOWN) : live ? liveJobs(jobs) : [];
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would be a form
    <div role="group" aria-label={`Jobs of ${name}`} className="contents">
      <button
        type="button"
        aria-expanded={opened ?? false}
        title={opened ? 'Hide the jobs' : 'Show every job with its stages'}
        onClick={() => setOpened(!opened)}
        className="inline-flex items-center gap-1 hover:text-ink"
      >
        <Icon name="chevron" className={`size-3 transition-transform ${opened ? 'rotate-90' : ''}`} />
        <StateGlyph state={running ? 'running' : worst.status} />
        {formatPlural(jobs.length, 'job')} · {formatPlural(tasks, 'task')} · {formatDuration(spent)}
      </button>
      {shown.length > 0 && (
        <ul className="flex basis-full flex-col gap-1 pl-4">
          {opened && jobs.length > shown.length && (
            <li className="text-ink-3">
              showing the last {shown.length} of {formatCount(jobs.length)}
            </li>
          )}
          {shown.map((job) => (
            <JobLine key={job.jobId} job={job} now={now} />
          ))}
        </ul>
      )}
    </div>
  );
}
