/**
 * Datasets whose rows must come in the same order whenever they are computed, for rows made of them are told apart by their
 * places: zipped, numbered, sampled (docs/decisions/127).
 *
 * What comes out of a shuffle has an order of its own, but where memory runs short it is cheaper to hand it out in another,
 * bucket by bucket; so tasks keep the order only of datasets that are asked for here: all that such an operator is computed
 * from. What was made before it was asked for, in an order that depended on memory, is made again (`outdated.ts`).
 */
import { type MapStatus, mayDiffer, type RddNode } from '../rdd/plan.ts';
import type { CachedBlock } from './backend.ts';
import type { DagState } from './dag-state.ts';
import { dropBlocks } from './forget.ts';
import type { ActiveJob } from './job.ts';
import { planAnew } from './replan.ts';
import type { ShuffleMapStage } from './stage.ts';

/** Said of stages that run again. */
const ANOTHER_ORDER = 'its rows were in another order than a job needs that tells them apart by their places';

/** A job is about to begin: what its operators tell apart by places keeps its order from now on. Returns whether that is new of anything. */
export function keepOrder(state: DagState, tellingPlaces: readonly RddNode[]): boolean {
  const added = new Set<number>();
  const stack = [...tellingPlaces];
  for (let node = stack.pop(); node; node = stack.pop()) {
    for (const { rddId } of node.dependencies) {
      if (state.order.has(rddId)) continue;
      state.order.keep(rddId);
      added.add(rddId);
      stack.push(state.rdds.node(rddId));
    }
  }
  if (added.size === 0) return false;
  for (const rddId of added)
    if (state.order.isDisordered(rddId) && !isKeptAsItIs(state, state.rdds.node(rddId)))
      dropBlocks(state, rddId);
  for (const [shuffleId, stage] of state.mapStages) {
    if (!added.has(stage.rddId)) continue;
    stage.keepsOrderFrom = stage.nextAttempt;
    const outputs = state.outputs.outputs(shuffleId);
    if (stage.broadcast || outputs.some(({ disordered }) => disordered)) state.order.remake(shuffleId);
  }
  return true;
}

/** Gives up the outputs of a map stage that are in another order. */
export function giveUpDisordered(state: DagState, stage: ShuffleMapStage): void {
  const { shuffleId } = stage.dependency;
  state.order.remade(shuffleId);
  stage.reason ??= ANOTHER_ORDER;
  // Its rows are in other partitions than they would be: all of them are made again.
  if (stage.broadcast) planAnew(state, stage, ANOTHER_ORDER);
  for (const mapStatus of state.outputs.outputs(shuffleId)) {
    if (!mapStatus.disordered) continue;
    state.outputs.unregister(shuffleId, mapStatus.mapIndex);
    state.command({ type: 'deleteMapOutput', mapStatus });
  }
}

/**
 * Whether an output that a task brings is to be written again, for its rows are in another order than they will be elsewhere. One
 * of an attempt that was to keep the order could keep none: what it read is in another, while a job runs that needs
 * that. It is taken, and made again for jobs after that one.
 */
export function refusesOutput(
  state: DagState,
  stage: ShuffleMapStage,
  attempt: number,
  mapStatus: MapStatus,
): boolean {
  if (!mapStatus.disordered || !state.order.has(stage.rddId)) return false;
  const isOfBefore = attempt < (stage.keepsOrderFrom ?? 0) || mapStatus.more !== undefined;
  if (isOfBefore && !stage.broadcast) {
    stage.reason ??= ANOTHER_ORDER;
    return true;
  }
  state.order.remake(stage.dependency.shuffleId);
  return false;
}

/** The same for a cached partition, unless its rows would be others: all who need those read these. */
export function refusesBlock(state: DagState, { rddId, disordered, shared }: CachedBlock): boolean {
  if (!disordered || shared !== undefined || isKeptAsItIs(state, state.rdds.node(rddId))) return false;
  if (state.order.has(rddId)) return true;
  state.order.cachedDisordered(rddId);
  return false;
}

/** Rows that all read who need them, in whatever order they are: others are not made any more, or would be others. */
function isKeptAsItIs({ jobs }: DagState, node: RddNode): boolean {
  if (mayDiffer(node) || node.op.kind === 'localCheckpoint') return true;
  const keeps = ({ submission }: ActiveJob) =>
    submission.rddId === node.rddId && submission.action.kind === 'localCheckpoint';
  return [...jobs.values()].some(keeps);
}

/**
 * A dataset has become a checkpoint: its rows were computed once more for it, perhaps in another order than those of which
 * others were made before. Nothing has to be made again until somebody asks for the order.
 */
export function keptInOneOrder(state: DagState, { rddId, determinism }: RddNode): void {
  state.order.dropped(rddId);
  if (determinism === 'DETERMINATE' || state.order.has(rddId)) return;
  const derived = state.rdds.descendants(rddId).add(rddId);
  for (const stage of state.mapStages.values()) {
    if (!derived.has(stage.rddId)) continue;
    for (const mapStatus of state.outputs.outputs(stage.dependency.shuffleId)) mapStatus.disordered = true;
  }
  derived.delete(rddId);
  for (const cached of state.cache.rddIds())
    if (derived.has(cached) && !isKeptAsItIs(state, state.rdds.node(cached)))
      state.order.cachedDisordered(cached);
}

/** The node as tasks of a stage that is submitted now are to compute it. */
export function withOrder({ order }: DagState, node: RddNode): RddNode {
  if (order.has(node.rddId)) return { ...node, keepsOrder: true };
  return order.isDisordered(node.rddId) ? { ...node, disordered: true } : node;
}
