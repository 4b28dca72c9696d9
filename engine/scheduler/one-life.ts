/**
 * A job reads the rows of one life of a dataset that is kept: not those of now beside what was made of others, which were
 * given up or never kept (`former-rows.ts`). What was made of others goes before the job begins, and is made again of rows of now,
 * as after a roll-back; what is all of one life may be read as it is. While other jobs still use it, the job waits for them.
 */
import type { RddNode, StagePlan } from '../rdd/plan.ts';
import { discardAccumulation } from './accumulate.ts';
import type { DagState } from './dag-state.ts';
import { otherRowsRecomputed } from './failure.ts';
import { dropRdd } from './forget.ts';
import { isMade, type Lives, type Made, madeAt, NO_LIVES, UNKEPT } from './former-rows.ts';
import type { ActiveJob } from './job.ts';
import { failJob } from './job-end.ts';
import { beginLife, isCheckpoint, isShared } from './shared-blocks.ts';
import type { ShuffleMapStage } from './stage.ts';
import { isFullyCached, jobsNeeding } from './stage-graph.ts';
import { discardPieces } from './stage-pieces.ts';
import { cancelStage } from './stage-submission.ts';

const OTHER_LIFE = 'its outputs were of rows of a dataset that was persisted anew since';
/** In place of a generation: rows that are kept as a checkpoint, of which there is one life from then on. */
const CHECKPOINT = -2;

/**
 * Readies what the job is going to read. False when it must wait for another job to end: it is then among those held back,
 * to be started again.
 */
export function readyForOneLife(state: DagState, job: ActiveJob): boolean {
  for (;;) {
    // What was cached of rows of before begins a life of its own.
    beginLives(state, job);
    if (sharesOtherLives(state, job)) return false;
    const others = otherLives(state, job);
    if (others.length === 0) return true;
    if (isHeldFor(state, job) || others.some((made) => isUsed(state, job, made))) {
      job.heldFor = others;
      return false;
    }
    for (const made of others)
      if (made.kind === 'left') leaveOther(state, job, made.id);
      else giveUp(state, made);
  }
}

/**
 * Outputs of a map stage are lost, and what makes them again has rows of another life than those that the job has read: all
 * go, and what is made again is compared with what it was. Of cached rows nothing is known to compare. Returns whether it failed the jobs.
 */
export function remakeForOneLife(
  state: DagState,
  stage: ShuffleMapStage,
  jobs: readonly ActiveJob[],
): boolean {
  if (state.former.size === 0 || !state.outputs.hasSeen(stage.dependency.shuffleId)) return false;
  const others = jobs.flatMap((job) => otherLives(state, job));
  const kept = others
    .filter(({ kind }) => kind !== 'outputs')
    .map(({ kind, id }) => state.rdds.node(kind === 'left' ? state.shared.leftRdd(id) : id))
    .find(isOfChance);
  if (kept) {
    const since = `${kept.name} had been made of the first ones`;
    const [index = 0] = state.outputs.missing(stage.dependency.shuffleId);
    for (const job of jobsNeeding(state, stage))
      failJob(state, job, otherRowsRecomputed(stage, stage, index, since));
    return true;
  }
  for (const { kind, id } of others) {
    if (kind !== 'outputs') continue;
    state.former.delete({ kind, id });
    for (const mapStatus of state.outputs.unregisterAll(id))
      state.command({ type: 'deleteMapOutput', mapStatus });
  }
  return false;
}

function isOfChance({ determinism }: RddNode): boolean {
  return determinism === 'INDETERMINATE';
}

/** All that is kept of what the job may read is of a life from now on. */
function beginLives(state: DagState, job: ActiveJob): void {
  for (const rddId of job.lineage) {
    const node = state.rdds.node(rddId);
    if (isShared(node) && !job.unpersisted?.has(rddId)) beginLife(state, node);
  }
}

/**
 * The job was to go on with rows of a dataset that was unpersisted before it could begin, and they are of another life than the rest
 * that it reads. It has those that are kept now, or where none are, others that are kept for it.
 */
function leaveOther(state: DagState, job: ActiveJob, generation: number): void {
  for (const [rddId, before] of job.unpersisted ?? []) {
    if (before.shared !== generation) continue;
    job.unpersisted!.delete(rddId);
    if (isShared(state.rdds.node(rddId))) continue;
    const shared = state.shared.leave(rddId);
    const lives = new Map<number, number>();
    for (const [id, of] of job.unpersisted!)
      if (state.rdds.descendants(id).has(rddId)) lives.set(id, of.shared);
    state.former.add({ kind: 'left', id: shared }, lives);
    job.unpersisted!.set(rddId, { ...before, shared });
  }
}

/** Datasets whose rows the job is to have of one life. */
function kept(state: DagState, job: ActiveJob): number[] {
  const candidates = new Set([...state.former.rddIds(), ...(job.unpersisted?.keys() ?? [])]);
  return [...candidates].filter((rddId) => {
    if (!job.lineage.has(rddId)) return false;
    const node = state.rdds.node(rddId);
    return isShared(node) || isCheckpoint(node) || job.unpersisted?.has(rddId);
  });
}

/** The life that everything is of of which nothing else is known. */
function present(state: DagState, rddId: number): number {
  return state.shared.current(rddId) ?? CHECKPOINT;
}

function lifeFor(state: DagState, job: ActiveJob, rddId: number): number {
  return job.unpersisted?.get(rddId)?.shared ?? present(state, rddId);
}

/** What the job would read of another life than the one it is to have, where it would read rows of several. */
function otherLives(state: DagState, job: ActiveJob): Made[] {
  if (state.former.size === 0 && !job.unpersisted) return [];
  const others: Made[] = [];
  for (const rddId of kept(state, job)) {
    const own = lifeFor(state, job, rddId);
    const derived = state.rdds.descendants(rddId);
    const lives = new Set<number | string>();
    read(state, job, rddId, derived, (life = own, made) => {
      // What was made while its rows were not kept is each of a computation of its own.
      lives.add(life === UNKEPT ? `${made?.kind} ${made?.id}` : life);
      return true;
    });
    if (lives.size < 2) continue;
    read(state, job, rddId, derived, (life, made) => {
      if (!made || life === own) return true;
      others.push(made);
      return false;
    });
  }
  return others;
}

/**
 * Walks from the job's dataset to all that it reads of another. `visit` gets what is there with the life that it is of, and the
 * dataset itself without; false has it taken as not there.
 */
function read(
  state: DagState,
  job: ActiveJob,
  rddId: number,
  derived: ReadonlySet<number>,
  visit: (life: number | undefined, made?: Made) => boolean,
): void {
  const isRead = (made: Made): boolean =>
    isMade(state, made) && visit(state.former.of(made).get(rddId) ?? present(state, rddId), made);
  const seen = new Set<number>();
  const stack = [job.submission.rddId];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    if (next === rddId) visit(undefined);
    if (!derived.has(next)) continue;
    const node = state.rdds.node(next);
    const [cached, offsets] = madeAt(node);
    const left = job.unpersisted?.get(next)?.shared;
    if (left !== undefined) {
      if (isRead({ kind: 'left', id: left }) && state.shared.isLeftWhole(left)) continue;
    } else if (node.storageLevel.name !== 'NONE' && isRead(cached!) && isFullyCached(state, node)) continue;
    if (offsets) isRead(offsets);
    for (const dep of node.dependencies) {
      if (dep.kind === 'shuffle') {
        const { shuffleId } = dep;
        if (isRead({ kind: 'outputs', id: shuffleId }) && state.outputs.isAvailable(shuffleId)) continue;
      }
      stack.push(dep.rddId);
    }
  }
}

/** Whether another job runs that may read it. */
function isUsed(state: DagState, job: ActiveJob, { kind, id }: Made): boolean {
  const { jobs, mapStages, preparations } = state;
  if (kind === 'left') return false;
  if (kind === 'offsets' && preparations.has(id)) return true;
  if (kind === 'outputs') return [...(mapStages.get(id)?.jobIds ?? [])].some((other) => other !== job.jobId);
  return [...jobs.values()].some(
    (other) => other !== job && other.mode.kind === 'running' && other.lineage.has(id),
  );
}

/** A job before it waits to have made anew what this one would go on using: its turn comes first. */
function isHeldFor(state: DagState, job: ActiveJob): boolean {
  const earlier = [...state.held].filter((held) => held !== job && held.jobId < job.jobId);
  return earlier.some(({ heldFor = [] }) => heldFor.some((made) => isOfLineage(state, job, made)));
}

function isOfLineage(state: DagState, { lineage }: ActiveJob, { kind, id }: Made): boolean {
  if (kind !== 'outputs') return kind !== 'left' && lineage.has(id);
  const stage = state.mapStages.get(id);
  return stage !== undefined && lineage.has(stage.rddId);
}

/** Whether a job runs that goes on with rows of another life, and makes of them what this one would read too. */
function sharesOtherLives(state: DagState, job: ActiveJob): boolean {
  for (const other of state.jobs.values()) {
    if (other === job || other.mode.kind !== 'running' || !(other.unpersisted || job.unpersisted)) continue;
    for (const rddId of new Set([...(other.unpersisted?.keys() ?? []), ...(job.unpersisted?.keys() ?? [])])) {
      if (!job.lineage.has(rddId) || !other.lineage.has(rddId)) continue;
      if (lifeFor(state, job, rddId) === lifeFor(state, other, rddId)) continue;
      const derived = state.rdds.descendants(rddId);
      for (const id of derived)
        if (job.lineage.has(id) && other.lineage.has(id) && makesAny(state.rdds.node(id))) return true;
    }
  }
  return false;
}

function makesAny({ storageLevel, dependencies, preparation }: RddNode): boolean {
  const isShuffled = dependencies.some(({ kind }) => kind === 'shuffle');
  return isShuffled || storageLevel.name !== 'NONE' || preparation !== undefined;
}

/** Nobody reads it: it is made again, of rows of now, when somebody does. */
function giveUp(state: DagState, made: Made): void {
  const { kind, id } = made;
  state.former.delete(made);
  if (kind === 'cached') {
    dropRdd(state, id);
    state.epochs.rollBack([id]);
  } else if (kind === 'offsets') state.prepared.delete(id);
  else {
    const stage = state.mapStages.get(id);
    for (const mapStatus of state.outputs.reset(id)) state.command({ type: 'deleteMapOutput', mapStatus });
    if (!stage) return;
    if (stage.current) cancelStage(state, stage, OTHER_LIFE);
    // What tasks of before still bring is of the rows of before.
    stage.acceptFrom = stage.nextAttempt;
    discardAccumulation(state, stage);
    discardPieces(state, stage);
    stage.reason = OTHER_LIFE;
  }
}

/** A stage is about to be computed: what it makes is of the lives that its input is of. */
export function noteLives(state: DagState, plan: StagePlan): void {
  const { former } = state;
  const job = state.jobs.get(plan.jobId);
  if (former.size === 0 && !job?.unpersisted) return;
  const made: Made | undefined =
    plan.output.kind === 'shuffle'
      ? { kind: 'outputs', id: plan.output.dependency.shuffleId }
      : job?.preparesRddId === undefined
        ? undefined
        : { kind: 'offsets', id: job.preparesRddId };
  const lives = livesOf(state, plan);
  if (!made) return;
  const before = former.of(made);
  former.delete(made);
  if (made.kind === 'outputs' && state.outputs.hasSeen(made.id)) {
    // Some of it is there, and the rest is of another life or of none: nothing else is of the same.
    const mixed = [...before.keys()].filter((rddId) => lives.get(rddId) !== before.get(rddId));
    former.add(made, new Map(mixed.map((rddId) => [rddId, UNKEPT])));
  }
  former.add(made, lives);
}

/** Of the rows that the stage computes; what it caches on the way is written down. */
function livesOf(state: DagState, plan: StagePlan): Lives {
  const { former, shared } = state;
  const rows = new Map<number, Lives>();
  for (const node of plan.nodes) {
    const lives = new Map<number, number>();
    for (const dep of node.dependencies) {
      const isShuffle = dep.kind === 'shuffle';
      const of = isShuffle ? former.of({ kind: 'outputs', id: dep.shuffleId }) : rows.get(dep.rddId);
      for (const [id, life] of of ?? NO_LIVES) lives.set(id, life);
    }
    const { rddId, shared: generation } = node;
    const given = new Map([...lives].filter(([, life]) => life !== UNKEPT));
    if (generation !== undefined && generation !== shared.current(rddId)) {
      // The job goes on with rows that were given up meanwhile.
      const left: Made = { kind: 'left', id: generation };
      if (!shared.isLeftWhole(generation)) former.add(left, given);
      rows.set(rddId, new Map([...former.of(left), [rddId, generation]]));
    } else if (node.storageLevel.name !== 'NONE') {
      const cached: Made = { kind: 'cached', id: rddId };
      if (!isFullyCached(state, node)) former.add(cached, given);
      rows.set(rddId, former.of(cached));
    } else rows.set(rddId, lives);
  }
  return rows.get(plan.rddId) ?? NO_LIVES;
}
