/** A dataset whose rows are kept is read from there: what it was computed from is its no longer. */
import type { RddNode } from '../rdd/plan.ts';
import type { DagState } from './dag-state.ts';
import { forget } from './forget.ts';

/**
 * Stages that run go on with the plan they were sent; further attempts of them, and later stages, read the kept rows.
 * Map outputs that only this dataset read are freed when no running job may read them.
 */
export function replan(state: DagState, node: RddNode): void {
  const before = state.rdds.get(node.rddId);
  if (!before) return;
  state.rdds.add({ ...node, name: before.name, storageLevel: before.storageLevel });
  state.command({ type: 'rddForgotten', rddId: node.rddId, closures: before.closures });
  for (const dep of before.dependencies)
    if (dep.kind === 'shuffle') state.orphans.set(dep.shuffleId, node.rddId);
  forget(state, []);
}
