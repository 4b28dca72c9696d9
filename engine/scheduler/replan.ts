/** A dataset whose rows are kept is read from there: what it was computed from is its no longer. */
import type { RddNode } from '../rdd/plan.ts';
import type { DagState } from './dag-state.ts';
import { forget } from './forget.ts';
import { keptInOneOrder } from './kept-order.ts';
import { dropOtherRows } from './kept-rows.ts';
import { keepCopiesOnDisk } from './replication.ts';
import type { Stage } from './stage.ts';
import { startOver } from './start-over.ts';

/**
 * Stages that run go on with the plan they were sent; further attempts of them, and later stages, read the kept rows.
 * Map outputs that only this dataset read are freed when no running job may read them.
 */
export function replan(state: DagState, node: RddNode): void {
  const before = state.rdds.get(node.rddId);
  if (!before) return;
  const joining = [...state.stages.values()].filter((stage) => stage.broadcast?.nodes.has(node.rddId));
  if (joining.some((stage) => stage.jobIds.size > 0)) {
    // Their rows are in other partitions than the kept ones.
    state.replans.set(node.rddId, node);
    return;
  }
  state.rdds.add({ ...node, name: before.name, storageLevel: before.storageLevel });
  state.command({ type: 'rddForgotten', rddId: node.rddId, closures: before.closures });
  for (const dep of before.dependencies)
    if (dep.kind === 'shuffle') state.orphans.set(dep.shuffleId, node.rddId);
  dropOtherRows(state, before, node);
  keptInOneOrder(state, before);
  keepCopiesOnDisk(state, node);
  for (const stage of joining) planAnew(state, stage, `the rows of ${before.name} are kept since`);
  forget(state, []);
}

/** What had to wait until the jobs ended that joined rows otherwise than these are kept. */
export function replanWaiting(state: DagState): void {
  if (state.replans.size === 0) return;
  const nodes = [...state.replans.values()];
  state.replans.clear();
  for (const node of nodes) replan(state, node);
}

/** Of a stage that nobody needs now: its outputs go, for those lost of them could not be made again as they were. */
export function planAnew(state: DagState, stage: Stage, reason: string): void {
  delete stage.broadcast;
  stage.parentIds = state.rdds
    .shuffles(stage.rddId)
    .flatMap(({ shuffleId }) => state.mapStages.get(shuffleId)?.stageId ?? []);
  startOver(state, stage, reason);
}
