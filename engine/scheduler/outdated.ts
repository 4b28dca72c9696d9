/**
 * What was made before and is not right for a job that is about to begin: map outputs in another order than it needs
 * (`kept-order.ts`), and what is of other rows of a dataset than the rest that it reads (`one-life.ts`). It is given up, and made
 * again when the job needs it. While other jobs use it, the job waits for their end, and so do later ones that would read it.
 */
import type { JobWait } from '../protocol.ts';
import type { DagState } from './dag-state.ts';
import { dropRdd } from './forget.ts';
import { isLeft, type Made } from './former-rows.ts';
import type { ActiveJob } from './job.ts';
import { JobTurns } from './job-turns.ts';
import { giveUpDisordered } from './kept-order.ts';
import { leaveOther, otherLives, runsOnOtherLife } from './one-life.ts';
import { startOver } from './start-over.ts';

const OTHER_LIFE = 'its outputs were of rows of a dataset that was persisted anew since';

export interface Outdated {
  made: Made;
  code: 'OTHER_ORDER' | 'OTHER_LIFE';
  /** The dataset whose rows they are. */
  rddId: number;
}

/** What of all that the job reads is to be made anew for it. */
export function outdatedFor(state: DagState, job: ActiveJob): Outdated[] {
  const outdated = otherLives(state, job);
  for (const id of state.order.unwanted) {
    const stage = state.mapStages.get(id);
    if (stage && readsShuffle(state, job, id))
      outdated.push({ made: { kind: 'outputs', id }, code: 'OTHER_ORDER', rddId: stage.rddId });
  }
  return outdated;
}

/** The jobs that must end before that is given up and the job begins; undefined when there are none. */
export function waitFor(state: DagState, job: ActiveJob, outdated: readonly Outdated[]): JobWait | undefined {
  const running = runsOnOtherLife(state, job);
  if (running) return waitOf(state, 'OTHER_LIFE', running.rddId, [running.other.jobId]);
  const used = outdated.map((one) => ({ ...one, users: usersOf(state, one.made) }));
  const first = used.find(({ users }) => users.length > 0);
  const users = used.flatMap((one) => one.users);
  if (first) return waitOf(state, first.code, first.rddId, users);
  // Their jobs have ended, and they are put together.
  const isCounted = outdated.some(({ made }) => made.kind === 'offsets' && state.preparations.has(made.id));
  if (isCounted) return { code: 'PREPARATION', jobIds: [] };
  const earlier = outdated.length > 0 ? earlierWaiting(state, job, outdated) : undefined;
  return earlier && waitOf(state, 'EARLIER_JOB', earlier.rddId, [earlier.jobId]);
}

function waitOf(state: DagState, code: JobWait['code'], rddId: number, jobIds: readonly number[]): JobWait {
  const ids = [...new Set(jobIds)].sort((a, b) => a - b);
  return { code, jobIds: ids, rddId, rddName: state.rdds.node(rddId).name };
}

/** Jobs that run and may read it. */
function usersOf(state: DagState, made: Made): number[] {
  const { kind, id } = made;
  if (kind === 'outputs') return [...(state.mapStages.get(id)?.jobIds ?? [])];
  if (isLeft(state, made)) return [];
  const counting = kind === 'offsets' ? state.preparations.get(id)?.jobId : undefined;
  const users = [...state.jobs.values()].filter(
    ({ jobId, mode, lineage }) => jobId === counting || (mode.kind === 'running' && lineage.has(id)),
  );
  return users.map(({ jobId }) => jobId);
}

/**
 * A job before it waits to have made anew what this one would go on using, or will read what this one would give up: its turn
 * comes first. Where each gave up what the other had made, both would be prepared for ever.
 */
function earlierWaiting(
  state: DagState,
  job: ActiveJob,
  outdated: readonly Outdated[],
): { jobId: number; rddId: number } | undefined {
  const turns = new JobTurns(state);
  for (const other of state.jobs.values()) {
    const { jobId, mode } = other;
    if (mode.kind === 'running' || !turns.comesBefore(other, job)) continue;
    const wanted = mode.kind === 'held' ? mode.outdated : [];
    const read =
      wanted.find(({ made }) => isRead(state, job, made)) ??
      outdated.find(({ made }) => isRead(state, other, made));
    if (read) return { jobId, rddId: read.rddId };
  }
  return undefined;
}

function isRead(state: DagState, job: ActiveJob, made: Made): boolean {
  if (made.kind === 'outputs') return readsShuffle(state, job, made.id);
  return !isLeft(state, made) && job.lineage.has(made.id);
}

function readsShuffle({ rdds }: DagState, { lineage }: ActiveJob, shuffleId: number): boolean {
  for (const rddId of lineage)
    for (const dep of rdds.node(rddId).dependencies)
      if (dep.kind === 'shuffle' && dep.shuffleId === shuffleId) return true;
  return false;
}

/** Nobody uses it but this job. */
export function giveUp(state: DagState, job: ActiveJob, { made, code }: Outdated): void {
  const { kind, id } = made;
  if (kind === 'cached' && isLeft(state, made)) leaveOther(state, job, made);
  else if (kind === 'cached') {
    dropRdd(state, id);
    state.epochs.rollBack([id]);
  } else if (kind === 'offsets') {
    state.former.delete(made);
    state.prepared.delete(id);
  } else {
    const stage = state.mapStages.get(id)!;
    if (code === 'OTHER_ORDER') giveUpDisordered(state, stage);
    else {
      state.former.delete(made);
      startOver(state, stage, OTHER_LIFE);
    }
  }
}
