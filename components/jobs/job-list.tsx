'use client';
/** The jobs of a run: one line each with its progress, loops of one statement as one line that opens. */
import { useState } from 'react';
import { poolWords } from '../../engine/fold/scheduling-words.ts';
import type { JobView, StageView } from '../../engine/fold/state.ts';
import { useActions, useNotebookUi } from '../notebook/notebook-context.tsx';
import { useSessionState } from '../session/session-context.tsx';
import { formatCount, formatDuration, formatPlural } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';
import { ScrollBox } from '../ui/scroll-box.tsx';
import { StateGlyph } from '../ui/state-glyph.tsx';
import { useNow } from '../ui/use-now.ts';
import { jobDuration, stagesOfJob, tasksDone } from './job-stages.ts';
import { JobWaitWords } from './job-wait.tsx';
import { ProgressBar } from './progress-bar.tsx';
import { isGoing, type JobEntry, type JobItem, jobTitle, worstStatus } from './run-jobs.ts';
import type { ShownRun } from './use-shown-run.ts';

/** Rounds of one loop that are listed: the latest. */
const ROUNDS_SHOWN = 100;
const NO_STAGES: ReadonlyMap<string, StageView> = new Map();

function tasksOf(stages: ReadonlyMap<string, StageView>, job: JobView) {
  const counts = { total: 0, done: 0, running: 0, failed: 0, skipped: 0 };
  for (const { stage } of stagesOfJob(stages, job)) {
    if (stage.status === 'skipped') {
      counts.skipped += 1;
      continue;
    }
    counts.total += stage.info.numTasks;
    counts.done += tasksDone(stage);
    counts.running += stage.progress.numRunning;
    if (stage.status === 'failed') counts.failed += stage.info.numTasks - tasksDone(stage);
  }
  return counts;
}

const rowClass =
  'flex min-w-0 items-center gap-2 rounded-sm px-1 py-0.5 text-left hover:bg-hover aria-pressed:bg-accent-soft';

function JobRow({
  item,
  prefix,
  selected,
  now,
}: {
  item: JobItem;
  prefix?: string;
  selected: boolean;
  now: number;
}) {
  const actions = useActions();
  const stages = useSessionState(({ view }) => view?.stages) ?? NO_STAGES;
  const { job, preparations } = item;
  const tasks = tasksOf(stages, job);
  const line = job.callSite?.line;
  const pool = poolWords(job);
  const isWaiting = job.status === 'waiting' && job.waited !== undefined;
  return (
    <li className="flex flex-col">
      <button
        type="button"
        aria-pressed={selected}
        className={rowClass}
        onClick={() => actions.selectJob(job.jobId)}
      >
        <StateGlyph state={job.status} />
        <span className="min-w-0 flex-1 truncate">
          {prefix && <span className="text-ink-2">{prefix} · </span>}
          Job {job.jobId} <span className="text-ink-2">{jobTitle(job)}</span>
          {line !== undefined && <span className="text-ink-3"> line {line}</span>}
          {pool && <span className="text-ink-3"> · {pool}</span>}
          {isWaiting && (
            <span className="text-ink-2">
              {' '}
              · <JobWaitWords wait={job.waited!} />
            </span>
          )}
          {tasks.skipped > 0 && (
            <span className="text-ink-3"> · {formatPlural(tasks.skipped, 'stage')} skipped</span>
          )}
        </span>
        {!isWaiting && (
          <>
            <span className="hidden w-12 sm:block">
              <ProgressBar {...tasks} label={`Job ${job.jobId}`} />
            </span>
            <span className="w-16 text-right text-ink-2 tabular-nums">
              {formatCount(tasks.done)}/{formatCount(tasks.total)}
            </span>
          </>
        )}
        <span className="w-14 text-right tabular-nums">{formatDuration(jobDuration(job, now))}</span>
      </button>
      {preparations.length > 0 && (
        <ul aria-label={`Prepares job ${job.jobId}`} className="ml-5 border-line border-l pl-1">
          {preparations.map((one) => (
            <JobRow key={one.jobId} item={{ job: one, preparations: [] }} selected={false} now={now} />
          ))}
        </ul>
      )}
    </li>
  );
}

function LoopRow({
  loop,
  selectedId,
  now,
}: {
  loop: Extract<JobEntry, { kind: 'loop' }>;
  selectedId: number | undefined;
  now: number;
}) {
  const [opened, setOpened] = useState(false);
  const { iterations, name, line } = loop;
  const jobs = iterations.map(({ job }) => job);
  const ended = jobs.filter((job) => !isGoing(job)).length;
  const failed = jobs.filter((job) => job.status === 'failed').length;
  const open = opened || jobs.some(({ jobId }) => jobId === selectedId);
  const shown = open ? iterations.slice(-ROUNDS_SHOWN) : [];
  const time = jobs.reduce((sum, job) => sum + jobDuration(job, now), 0);
  return (
    <li>
      <button
        type="button"
        aria-expanded={open}
        className={`${rowClass} w-full`}
        onClick={() => setOpened(!open)}
      >
        <Icon name="chevron" className={`size-3 ${open ? 'rotate-90' : ''}`} />
        <StateGlyph state={worstStatus(jobs)} />
        <span className="min-w-0 flex-1 truncate">
          Iteration 1…{formatCount(iterations.length)} of <code className="text-xs">{name}</code>
          <span className="text-ink-3"> line {line}</span>
          {failed > 0 && <span className="text-bad"> · {formatCount(failed)} failed</span>}
        </span>
        <span className="hidden w-20 sm:block">
          <ProgressBar
            done={ended - failed}
            running={iterations.length - ended}
            failed={failed}
            total={iterations.length}
            label={`Iterations of ${name}, line ${line}`}
          />
        </span>
        <span className="w-16 text-right text-ink-2 tabular-nums">
          {formatCount(ended)}/{formatCount(iterations.length)}
        </span>
        <span className="w-14 text-right tabular-nums">{formatDuration(time)}</span>
      </button>
      {open && (
        <ul aria-label={`Iterations of ${name}, line ${line}`} className="ml-4 border-line border-l pl-1">
          {shown.length < iterations.length && (
            <li className="px-1 text-ink-3">
              showing the last {shown.length} of {formatCount(iterations.length)}
            </li>
          )}
          {shown.map((item, index) => (
            <JobRow
              key={item.job.jobId}
              item={item}
              prefix={`Iteration ${iterations.length - shown.length + index + 1}`}
              selected={item.job.jobId === selectedId}
              now={now}
            />
          ))}
        </ul>
      )}
    </li>
  );
}

export function JobList({ shown }: { shown: ShownRun }) {
  const ui = useNotebookUi();
  const { run, entries, job } = shown;
  const now = useNow(run.jobs.some(isGoing), 250);
  if (run.jobs.length < 2) return null;
  return (
    <ScrollBox
      aria-label="Jobs of the run"
      className="mb-2 max-h-44 overflow-y-auto rounded-md border border-line p-1 text-xs"
    >
      <button
        type="button"
        aria-pressed={job === undefined}
        className={`${rowClass} w-full`}
        onClick={() => ui.setState({ selectedJobId: undefined, selectedStageKey: undefined })}
      >
        <StateGlyph state={worstStatus(run.jobs)} />
        <span className="flex-1 font-medium">All {formatPlural(run.jobs.length, 'job')} of the run</span>
        <span className="w-14 text-right tabular-nums">{formatDuration(runDuration(run.jobs, now))}</span>
      </button>
      <ul aria-label="Jobs" className="flex flex-col">
        {entries.map((entry) =>
          entry.kind === 'loop' ? (
            <LoopRow key={entry.key} loop={entry} selectedId={job?.jobId} now={now} />
          ) : (
            <JobRow key={entry.job.jobId} item={entry} selected={entry.job === job} now={now} />
          ),
        )}
      </ul>
    </ScrollBox>
  );
}

/** From the first start to the last end. */
export function runDuration(jobs: readonly JobView[], now: number): number {
  if (jobs.length === 0) return 0;
  const start = Math.min(...jobs.map((job) => job.startedAt));
  return Math.max(...jobs.map((job) => job.endedAt ?? now)) - start;
}
