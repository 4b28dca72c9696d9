/**
 * Which partitions of a stage are computed from cached ones that were lost: found from these upwards, so that the loss of an
 * executor costs what it held, and not what the stage has left or how many cached datasets lie in its lineage.
 */
import type { NarrowDependency, RddNode } from '../rdd/plan.ts';

/**
 * Partitions of the last of `nodes`, parents first, which are computed from any of the blocks as if all were to be read;
 * blocks of other datasets count for nothing.
 */
export function readersOf(
  nodes: readonly RddNode[],
  blocks: Iterable<{ rddId: number; partition: number }>,
): ReadonlySet<number> {
  const reached = new Map<number, Set<number>>(nodes.map(({ rddId }) => [rddId, new Set()]));
  for (const { rddId, partition } of blocks) reached.get(rddId)?.add(partition);
  let last = new Set<number>();
  for (const { rddId, dependencies, numPartitions } of nodes) {
    last = reached.get(rddId)!;
    for (const dep of dependencies) {
      const parents = dep.kind === 'shuffle' ? undefined : reached.get(dep.rddId);
      if (dep.kind === 'shuffle' || !parents || parents.size === 0) continue;
      const childrenOf = childPartitions(dep, numPartitions);
      for (const parent of parents) for (const partition of childrenOf(parent)) last.add(partition);
    }
  }
  return last;
}

/** The other way round than `parentPartitions`: of so many partitions of the child those which read one of the parent. */
function childPartitions(dep: NarrowDependency, numPartitions: number): (parent: number) => number[] {
  switch (dep.kind) {
    case 'oneToOne':
      return (parent) => [parent];
    case 'range': {
      const { inStart, outStart, length } = dep;
      return (parent) =>
        parent >= inStart && parent < inStart + length ? [parent - inStart + outStart] : [];
    }
    case 'listed': {
      const children = invertedLists(dep.parents);
      return (parent) => children.get(parent) ?? [];
    }
    case 'strided': {
      const { divisor, modulus } = dep;
      return (parent) => {
        const children: number[] = [];
        for (let from = parent * divisor; from < numPartitions; from += divisor * modulus)
          for (let i = from; i < Math.min(from + divisor, numPartitions); i++) children.push(i);
        return children;
      };
    }
    default:
      return dep satisfies never;
  }
}

const inverted = new WeakMap<readonly number[][], ReadonlyMap<number, number[]>>();

function invertedLists(parents: readonly number[][]): ReadonlyMap<number, number[]> {
  const known = inverted.get(parents);
  if (known) return known;
  const children = new Map<number, number[]>();
  for (const [child, of] of parents.entries()) {
    for (const parent of of) {
      const already = children.get(parent);
      if (already) already.push(child);
      else children.set(parent, [child]);
    }
  }
  inverted.set(parents, children);
  return children;
}
