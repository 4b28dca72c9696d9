/**
 * A job reads the rows of one life of a dataset that is kept: not those of now beside what was made of others, which were
 * given up or never kept (`former-rows.ts`). What was made of others goes before the job begins (`outdated.ts`), and is made
 * again of rows of now, as after a roll-back; what is all of one life may be read as it is.
 */
import type { RddNode, StagePlan } from '../rdd/plan.ts';
import type { DagState } from './dag-state.ts';
import { otherRowsRecomputed } from './failure.ts';
import { isLeft, isMade, type Lives, type Made, NO_LIVES, offsetsOf, UNKEPT } from './former-rows.ts';
import type { ActiveJob } from './job.ts';
import { failJob } from './job-end.ts';
import type { Outdated } from './outdated.ts';
import { beginLife, isCheckpoint, isShared } from './shared-blocks.ts';
import type { ShuffleMapStage } from './stage.ts';
import { isFullyCached, jobsNeeding } from './stage-graph.ts';

/** In place of a generation: rows that are kept as a checkpoint, of which there is one life from then on. */
const CHECKPOINT = -2;

/** All that is kept is of a life from now on. Returns whether one begins. */
export function beginLives(state: DagState, { unpersisted }: ActiveJob, kept: readonly RddNode[]): boolean {
  const unbegun = kept.filter(
    ({ rddId }) => state.shared.current(rddId) === undefined && !unpersisted?.has(rddId),
  );
  for (const node of unbegun) beginLife(state, node);
  return unbegun.length > 0;
}

/**
 * The job was to go on with rows of a dataset that was unpersisted before it could begin, and they are of another life than the rest
 * that it reads. It has those that are kept now, or where none are, others that are kept for it.
 */
export function leaveOther(
  state: DagState,
  { unpersisted }: ActiveJob,
  { id: rddId, generation }: Made,
): void {
  const before = unpersisted?.get(rddId);
  if (!before || before.shared !== generation) return;
  unpersisted!.delete(rddId);
  if (isShared(state.rdds.node(rddId))) return;
  const shared = state.shared.leave(rddId);
  const lives = new Map<number, number>();
  for (const [id, of] of unpersisted!) if (state.rdds.descendants(id).has(rddId)) lives.set(id, of.shared);
  state.former.add({ kind: 'cached', id: rddId, generation: shared }, lives);
  unpersisted!.set(rddId, { ...before, shared });
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
  const others = jobs.flatMap((job) => otherLives(state, job, true)).map(({ made }) => made);
  const kept = others
    .filter(({ kind }) => kind !== 'outputs')
    .map(({ id }) => state.rdds.node(id))
    .find(isOfChance);
  if (kept) {
    const since = `${kept.name} had been made of the first ones`;
    const [index = 0] = state.outputs.missing(stage.dependency.shuffleId);
    for (const job of jobsNeeding(state, stage))
      failJob(state, job, otherRowsRecomputed(stage, stage, index, since));
    return true;
  }
  for (const made of others) {
    if (made.kind !== 'outputs') continue;
    state.former.delete(made);
    for (const mapStatus of state.outputs.unregisterAll(made.id))
      state.command({ type: 'deleteMapOutput', mapStatus });
  }
  return false;
}

function isOfChance({ determinism }: RddNode): boolean {
  return determinism === 'INDETERMINATE';
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

/**
 * What the job would read of another life than the one it is to have, where it would read rows of several. One that has
 * begun goes on with what was made while the rows were not kept, of however many computations.
 */
export function otherLives(state: DagState, job: ActiveJob, hasBegun = false): Outdated[] {
  if (state.former.size === 0 && !job.unpersisted) return [];
  const others: Outdated[] = [];
  for (const rddId of kept(state, job)) {
    const own = lifeFor(state, job, rddId);
    const derived = state.rdds.descendants(rddId);
    const lives = new Set<number | string>();
    read(state, job, rddId, derived, (life = own, made) => {
      // What was made while its rows were not kept is each of a computation of its own.
      lives.add(life === UNKEPT && !hasBegun ? `${made?.kind} ${made?.id}` : life);
      return true;
    });
    if (lives.size < 2) continue;
    read(state, job, rddId, derived, (life, made) => {
      if (!made || life === own) return true;
      others.push({ made, code: 'OTHER_LIFE', rddId });
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
    const cached = cachedFor(state, job, node);
    if (cached && isRead(cached) && isWhole(state, node, cached)) continue;
    for (const offsets of offsetsOf(node)) isRead(offsets);
    for (const dep of node.dependencies) {
      if (dep.kind === 'shuffle') {
        const { shuffleId } = dep;
        if (isRead({ kind: 'outputs', id: shuffleId }) && state.outputs.isAvailable(shuffleId)) continue;
      }
      stack.push(dep.rddId);
    }
  }
}

/** The cached partitions of a dataset that the job reads; undefined where it has none. */
function cachedFor({ shared }: DagState, job: ActiveJob, { rddId, storageLevel }: RddNode): Made | undefined {
  const left = job.unpersisted?.get(rddId)?.shared;
  if (left === undefined && storageLevel.name === 'NONE') return undefined;
  return { kind: 'cached', id: rddId, generation: left ?? shared.current(rddId) };
}

function isWhole(state: DagState, node: RddNode, cached: Made): boolean {
  return isLeft(state, cached) ? state.shared.isLeftWhole(cached.generation!) : isFullyCached(state, node);
}

/** A job that runs on rows of another life of a dataset, and makes of them what this one would read too. */
export function runsOnOtherLife(
  state: DagState,
  job: ActiveJob,
): { other: ActiveJob; rddId: number } | undefined {
  for (const other of state.jobs.values()) {
    if (other === job || other.mode.kind !== 'running' || !(other.unpersisted || job.unpersisted)) continue;
    for (const rddId of new Set([...(other.unpersisted?.keys() ?? []), ...(job.unpersisted?.keys() ?? [])])) {
      if (!job.lineage.has(rddId) || !other.lineage.has(rddId)) continue;
      if (lifeFor(state, job, rddId) === lifeFor(state, other, rddId)) continue;
      for (const id of state.rdds.descendants(rddId))
        if (job.lineage.has(id) && other.lineage.has(id) && makesAny(state.rdds.node(id)))
          return { other, rddId };
    }
  }
  return undefined;
}

function makesAny({ storageLevel, dependencies, preparation }: RddNode): boolean {
  const isShuffled = dependencies.some(({ kind }) => kind === 'shuffle');
  return isShuffled || storageLevel.name !== 'NONE' || preparation !== undefined;
}

/** A stage is about to be computed: what it makes is of the lives that its input is of. */
export function noteLives(state: DagState, plan: StagePlan): void {
  const { former } = state;
  const computed = computedBy(state, plan);
  for (const { rddId, shared } of plan.nodes)
    if (shared !== undefined && computed.has(rddId)) state.shared.begin(shared);
  const job = state.jobs.get(plan.jobId);
  if (former.size === 0 && !job?.unpersisted) return;
  const made: Made | undefined =
    plan.output.kind === 'shuffle'
      ? { kind: 'outputs', id: plan.output.dependency.shuffleId }
      : job?.preparesRddId === undefined
        ? undefined
        : { kind: 'offsets', id: job.preparesRddId };
  const lives = livesOf(state, plan, computed);
  if (!made) return;
  const before = former.of(made);
  former.delete(made);
  if (made.kind === 'outputs' && [...before.keys()].some((rddId) => lives.get(rddId) !== before.get(rddId)))
    dropOthers(state, plan, made.id);
  former.add(made, lives);
}

/** Some outputs may be there, or on their way, and the rest will be of another life: all are made again, and compared with what they were. */
function dropOthers(state: DagState, { stageId, attempt }: StagePlan, shuffleId: number): void {
  state.stage(stageId).acceptFrom = attempt;
  for (const mapStatus of state.outputs.unregisterAll(shuffleId))
    state.command({ type: 'deleteMapOutput', mapStatus });
}

/** What its tasks may compute: of what is whole they read the rows that are kept, and nothing that it was made of. */
function computedBy(state: DagState, { nodes, rddId }: StagePlan): Set<number> {
  const read = new Set([rddId]);
  const computed = new Set<number>();
  // What is made of a dataset stands behind it.
  for (const node of nodes.toReversed()) {
    const { rddId: id, shared: generation } = node;
    if (!read.has(id) || isWhole(state, node, { kind: 'cached', id, generation })) continue;
    computed.add(id);
    for (const dep of node.dependencies) if (dep.kind !== 'shuffle') read.add(dep.rddId);
  }
  return computed;
}

/** Of the rows that the stage computes; what it caches on the way is written down. */
function livesOf(state: DagState, plan: StagePlan, computed: ReadonlySet<number>): Lives {
  const { former } = state;
  const rows = new Map<number, Lives>();
  for (const node of plan.nodes) {
    const lives = new Map<number, number>();
    for (const dep of node.dependencies) {
      const isShuffle = dep.kind === 'shuffle';
      const of = isShuffle ? former.of({ kind: 'outputs', id: dep.shuffleId }) : rows.get(dep.rddId);
      for (const [id, life] of of ?? NO_LIVES) lives.set(id, life);
    }
    if (node.storageLevel.name === 'NONE') {
      rows.set(node.rddId, lives);
      continue;
    }
    const { rddId, shared: generation } = node;
    const cached: Made = { kind: 'cached', id: rddId, generation };
    if (computed.has(rddId)) former.add(cached, new Map([...lives].filter(([, life]) => life !== UNKEPT)));
    const of = former.of(cached);
    // The job goes on with rows that were given up meanwhile.
    rows.set(rddId, isLeft(state, cached) ? new Map([...of, [rddId, generation!]]) : of);
  }
  return rows.get(plan.rddId) ?? NO_LIVES;
}
