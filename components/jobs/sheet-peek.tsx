'use client';
/** In the head of the closed sheet: how the latest job goes, while its cell may be out of sight. Opens the sheet with it. */
import { useMemo } from 'react';
import { useActions } from '../notebook/notebook-context.tsx';
import { useSessionState } from '../session/session-context.tsx';
import { formatCount } from '../ui/format.ts';
import { StateGlyph } from '../ui/state-glyph.tsx';
import { stagesOfJob, tasksDone } from './job-stages.ts';
import { JobWaitWords } from './job-wait.tsx';
import { usePanelStore } from './panel-store.ts';
import { ProgressBar } from './progress-bar.tsx';

export function SheetPeek() {
  const store = usePanelStore();
  const actions = useActions();
  const jobs = useSessionState(({ view }) => view?.jobs);
  const stages = useSessionState(({ view }) => view?.stages);
  const peek = useMemo(() => {
    const job = [...(jobs?.values() ?? [])].at(-1);
    if (!job || !stages) return undefined;
    const counts = { done: 0, running: 0, total: 0 };
    for (const { stage } of stagesOfJob(stages, job)) {
      if (stage.status === 'skipped') continue;
      counts.done += tasksDone(stage);
      counts.running += stage.progress.numRunning;
      counts.total += stage.info.numTasks;
    }
    return { job, ...counts };
  }, [jobs, stages]);
  if (!peek) return null;
  const { job, done, running, total } = peek;
  return (
    <button
      type="button"
      title="Show this job"
      onClick={() => {
        actions.selectJob(job.jobId);
        store.setState({ sheetOpen: true });
      }}
      className="mr-1 flex min-w-0 items-center gap-2 self-center text-ink-2 text-xs hover:text-ink"
    >
      <StateGlyph state={job.status} />
      <span className="sr-only">Job {job.jobId}</span>
      {job.status === 'running' && (
        <span className="flex w-10">
          <ProgressBar done={done} running={running} failed={0} total={total} label={`Job ${job.jobId}`} />
        </span>
      )}
      {job.status === 'waiting' && job.waited ? (
        <JobWaitWords wait={job.waited} />
      ) : (
        <span className="whitespace-nowrap tabular-nums">
          {formatCount(done)}/{formatCount(total)}
          <span className="sr-only"> tasks</span>
        </span>
      )}
    </button>
  );
}
