/** The jobs of a cell's run as a user tells them: single ones, loops of one statement, each with what prepares it. Pure. */
import type { JobView, StageView } from '../../engine/fold/state.ts';

export interface RunView {
  /** Empty for jobs that belong to no run. */
  runId: string;
  cellId: string | undefined;
  /** In order of submission. */
  jobs: JobView[];
}

export interface JobItem {
  job: JobView;
  /** Jobs that sampled or counted for it, in order. */
  preparations: JobView[];
}

export type JobEntry =
  | ({ kind: 'job' } & JobItem)
  | { kind: 'loop'; key: string; name: string; line: number; iterations: JobItem[] };

/** So many jobs of one statement make a loop. */
export const LOOP_LENGTH = 3;

/** The runs of a cell of which jobs are held, oldest first; jobs without a run count as one. */
export function runsOfCell(jobs: Iterable<JobView>, cellId: string | undefined): RunView[] {
  const runs = new Map<string, RunView>();
  for (const job of jobs) {
    if (job.cellId !== cellId) continue;
    const runId = job.runId ?? '';
    const run = runs.get(runId);
    if (run) run.jobs.push(job);
    else runs.set(runId, { runId, cellId, jobs: [job] });
  }
  return [...runs.values()];
}

/** The statement that submitted a job: same key, same place in the source. */
function statementOf({ callSite }: JobView): string | undefined {
  return (
    callSite && `${callSite.cellId ?? callSite.file}:${callSite.line}:${callSite.column}:${callSite.name}`
  );
}

function attachPreparations(jobs: readonly JobView[], stages: ReadonlyMap<string, StageView>): JobItem[] {
  const items: JobItem[] = [];
  let waiting: JobView[] = [];
  const uses = (job: JobView, rddId: number) =>
    job.stageIds.some((stageId) => {
      const stage = stages.get(`${stageId}.0`);
      return stage?.info.rdds.some((rdd) => rdd.rddId === rddId || rdd.parentIds.includes(rddId)) ?? false;
    });
  for (const job of jobs) {
    if (job.preparesRddId !== undefined) {
      waiting.push(job);
      continue;
    }
    const preparations = waiting.filter((one) => uses(job, one.preparesRddId!));
    waiting = waiting.filter((one) => !preparations.includes(one));
    items.push({ job, preparations });
  }
  // What they prepare has not been submitted yet, or never was.
  const alone = waiting.map((job): JobItem => ({ job, preparations: [] }));
  return [...items, ...alone].sort((a, b) => a.job.jobId - b.job.jobId);
}

export function groupJobs(jobs: readonly JobView[], stages: ReadonlyMap<string, StageView>): JobEntry[] {
  const items = attachPreparations(jobs, stages);
  const counts = new Map<string, number>();
  for (const { job } of items) {
    const key = statementOf(job);
    if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const loops = new Map<string, Extract<JobEntry, { kind: 'loop' }>>();
  const entries: JobEntry[] = [];
  for (const item of items) {
    const key = statementOf(item.job);
    if (key === undefined || counts.get(key)! < LOOP_LENGTH) {
      entries.push({ kind: 'job', ...item });
      continue;
    }
    const known = loops.get(key);
    if (known) {
      known.iterations.push(item);
      continue;
    }
    const { name, line } = item.job.callSite!;
    const loop: JobEntry = { kind: 'loop', key, name, line, iterations: [item] };
    loops.set(key, loop);
    entries.push(loop);
  }
  return entries;
}

/** A job that runs, or is going to. */
export const isGoing = ({ endedAt }: JobView): boolean => endedAt === undefined;

/** What is worst of several jobs; running ones come first, and those that wait to, since they still change. */
export function worstStatus(jobs: readonly JobView[]): JobView['status'] {
  for (const status of ['running', 'waiting', 'failed', 'cancelled'] as const)
    if (jobs.some((job) => job.status === status)) return status;
  return 'succeeded';
}

export function jobTitle(job: JobView): string {
  const name = job.description ?? job.callSite?.name ?? job.name;
  return job.preparesRddId === undefined ? name : `${name} (preparation)`;
}
