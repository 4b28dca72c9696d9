/**
 * Datasets whose rows must come in the same order whenever they are computed, for rows made of them are told apart by their
 * places: zipped, numbered, sampled (docs/decisions/127).
 *
 * What comes out of a shuffle has an order of its own, but where memory runs short it is cheaper to hand it out in another,
 * bucket by bucket; so tasks keep the order only of datasets that are asked for here: all that such an operator is computed
 * from. What was made before it was asked for, in an order that depended on memory, is made again.
 */
import { type MapStatus, mayDiffer, type RddNode } from '../rdd/plan.ts';
import type { CachedBlock } from './backend.ts';
import type { DagState } from './dag-state.ts';
import { dropBlocks } from './forget.ts';
import type { ActiveJob } from './job.ts';
import { planAnew } from './replan.ts';
import type { Stage } from './stage.ts';

/** A job is about to be cut into stages: what its operators tell apart by places keeps its order from now on. */
export function keepOrderFor(state: DagState, { lineage }: ActiveJob): void {
  const added = new Set<number>();
  const stack = [...lineage].map((rddId) => state.rdds.node(rddId)).filter(({ tellsPlaces }) => tellsPlaces);
  for (let node = stack.pop(); node; node = stack.pop()) {
    for (const { rddId } of node.dependencies) {
      if (state.order.has(rddId)) continue;
      state.order.keep(rddId);
      added.add(rddId);
      stack.push(state.rdds.node(rddId));
    }
  }
  if (added.size > 0) dropDisordered(state, added);
}

function dropDisordered(state: DagState, rddIds: ReadonlySet<number>): void {
  for (const rddId of rddIds) if (state.order.isDisordered(rddId)) dropBlocks(state, rddId);
  for (const stage of state.mapStages.values()) {
    if (!rddIds.has(stage.rddId)) continue;
    // Its rows are in other partitions than they would be: all of them are made again, or none while somebody needs them.
    if (stage.broadcast && stage.jobIds.size === 0) planAnew(state, stage);
    for (const mapStatus of state.outputs.outputs(stage.dependency.shuffleId))
      if (isUnwanted(state, stage, mapStatus)) giveUp(state, mapStatus);
  }
}

function giveUp(state: DagState, { shuffleId, mapIndex }: MapStatus): void {
  const mapStatus = state.outputs.unregister(shuffleId, mapIndex);
  if (mapStatus) state.command({ type: 'deleteMapOutput', mapStatus });
}

/** Whether an output is to be written again, for its rows are in another order than they will be elsewhere. */
export function isUnwanted(state: DagState, stage: Stage, { disordered }: MapStatus): boolean {
  return disordered === true && state.order.has(stage.rddId) && !stage.broadcast;
}

/** The same for a cached partition, unless its rows would be others: all who need those read these. */
export function isUnwantedBlock(state: DagState, { rddId, disordered, shared }: CachedBlock): boolean {
  if (!disordered || shared !== undefined || isKeptAsItIs(state.rdds.node(rddId))) return false;
  if (state.order.has(rddId)) return true;
  state.order.cachedDisordered(rddId);
  return false;
}

function isKeptAsItIs(node: RddNode): boolean {
  return mayDiffer(node) || node.op.kind === 'localCheckpoint';
}

/** The node as tasks of a stage that is submitted now are to compute it. */
export function withOrder({ order }: DagState, node: RddNode): RddNode {
  if (order.has(node.rddId)) return { ...node, keepsOrder: true };
  return order.isDisordered(node.rddId) ? { ...node, disordered: true } : node;
}
