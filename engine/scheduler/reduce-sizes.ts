/** How many bytes of map outputs each partition of a stage reads: what adaptive execution decides by. */
import { parentPartitions, type RddNode } from '../rdd/plan.ts';
import type { DagState } from './dag-state.ts';
import type { Stage } from './stage.ts';

/** Steps through the lineage that are worth taking to know: a chain of thousands over thousands of partitions is not. */
const MOST_STEPS = 2_000_000;

/** Rows made of nothing, of files, of a checkpoint: what such a dataset reads was not measured. */
function isSource({ op, dependencies }: RddNode): boolean {
  return dependencies.length === 0 && op.kind !== 'empty';
}

/** Undefined when some of what the stage reads is not a map output, or it would take too long to find out. */
export function reduceSizes(state: DagState, stage: Stage, partitions: number[]): Float64Array | undefined {
  const replaced = stage.broadcast?.nodes;
  const nodes = state.rdds.chain(stage.rddId, replaced);
  const shuffles = state.rdds.shuffles(stage.rddId, replaced);
  if (shuffles.length === 0 || nodes.some(isSource)) return undefined;
  const bytes = new Map(shuffles.map(({ shuffleId }) => [shuffleId, state.outputs.sizes(shuffleId)]));
  const straight = nodes.every((node) =>
    node.dependencies.every((dep) => dep.kind === 'shuffle' || dep.kind === 'oneToOne'),
  );
  if (!straight) return walkedSizes(stage.rddId, partitions, nodes, bytes);
  const sizes = new Float64Array(partitions.length);
  for (const each of bytes.values())
    for (let i = 0; i < sizes.length; i++) sizes[i]! += each[partitions[i]!] ?? 0;
  return sizes;
}

function walkedSizes(
  rddId: number,
  partitions: number[],
  nodes: RddNode[],
  bytes: Map<number, Float64Array>,
): Float64Array | undefined {
  const byId = new Map(nodes.map((node) => [node.rddId, node]));
  const sizes = new Float64Array(partitions.length);
  let steps = nodes.length * partitions.length;
  if (steps > MOST_STEPS) return undefined;
  for (let i = 0; i < sizes.length; i++) {
    const stack = [{ rddId, partition: partitions[i]! }];
    for (let at = stack.pop(); at; at = stack.pop()) {
      if (++steps > MOST_STEPS) return undefined;
      const { op, dependencies } = byId.get(at.rddId)!;
      // What an executor reads once for all of its tasks does not make a task larger.
      const broadcast = op.kind === 'join' ? op.broadcast : undefined;
      for (const [index, dep] of dependencies.entries()) {
        if (index === broadcast) continue;
        if (dep.kind === 'shuffle') sizes[i]! += bytes.get(dep.shuffleId)?.[at.partition] ?? 0;
        else
          for (const partition of parentPartitions(dep, at.partition))
            stack.push({ rddId: dep.rddId, partition });
      }
    }
  }
  return sizes;
}
