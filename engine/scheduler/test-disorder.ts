/** Simulated tasks whose rows come in an order that depended on memory, and those that must not see such rows. */
import type { JoinPiece, RddNode, StagePlan } from '../rdd/plan.ts';

/** Whether a task of the stage hands out its rows in an order that it would not have in any memory. */
export function comesDisordered(
  { nodes, shuffleInputs }: StagePlan,
  partition: number,
  piece?: JoinPiece,
): boolean {
  if (piece !== undefined || shuffleInputs.some(({ disordered }) => disordered)) return true;
  return nodes.some((node) => {
    if (node.disordered || (node.op.kind === 'join' && node.op.broadcast !== undefined)) return true;
    const spills = (node.rddId + partition) % 2 === 0;
    return spills && !node.keepsOrder && node.dependencies.some(({ kind }) => kind === 'shuffle');
  });
}

/** Throws when rows that a node tells apart by their places may have been in other places before. */
export function requireOrder({ nodes, shuffleInputs }: StagePlan, node: RddNode): void {
  if (!node.tellsPlaces) return;
  const nodeOf = (rddId: number) => nodes.find((each) => each.rddId === rddId)!;
  const stack = [node];
  for (let at = stack.pop(); at; at = stack.pop()) {
    if (at !== node && (!at.keepsOrder || at.disordered))
      throw new Error(`RDD ${node.rddId} reads RDD ${at.rddId}, whose order is not kept`);
    for (const dep of at.dependencies) {
      if (dep.kind !== 'shuffle') stack.push(nodeOf(dep.rddId));
      else if (shuffleInputs.find(({ shuffleId }) => shuffleId === dep.shuffleId)?.disordered)
        throw new Error(`RDD ${node.rddId} reads shuffle ${dep.shuffleId}, which is in no order`);
    }
  }
}
