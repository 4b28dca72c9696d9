/** Building blocks of plans: how one dataset depends on its parents, and what that means for recomputation. */
import type { CapturedClosure } from '../closure/closure.ts';
import type { LineageNode } from './lineage-node.ts';
import type { Partitioner } from './partitioner.ts';
import type { Dependency, Determinism, NarrowDependency, RddNode, ShuffleDependency } from './plan.ts';

export function oneToOne(parent: LineageNode): NarrowDependency {
  return { kind: 'oneToOne', rddId: parent.id };
}

export function shuffleOf(
  parent: LineageNode,
  partitioner: Partitioner,
  parts: Partial<Pick<ShuffleDependency, 'aggregator' | 'keyOrdering' | 'keyed'>> = {},
): ShuffleDependency {
  return {
    kind: 'shuffle',
    shuffleId: parent.lineage.nextShuffleId(),
    rddId: parent.id,
    partitioner: partitioner.spec,
    keyed: true,
    ...parts,
  };
}

/** One dependency per parent for an operator that needs them partitioned alike; a parent named twice is shuffled once. */
export function coPartitioned(parents: readonly LineageNode[], partitioner: Partitioner): Dependency[] {
  const shuffles = new Map<LineageNode, ShuffleDependency>();
  return parents.map((parent) => {
    if (partitioner.equals(parent.partitioner)) return oneToOne(parent);
    const shuffle = shuffles.get(parent) ?? shuffleOf(parent, partitioner);
    shuffles.set(parent, shuffle);
    return shuffle;
  });
}

const RANK: Record<Determinism, number> = { DETERMINATE: 0, UNORDERED: 1, INDETERMINATE: 2 };

/** Spark's rules: what a node is, given its parents, its closures and whether its result depends on the order of rows. */
export function determinismOf(
  dependencies: readonly Dependency[],
  levelOf: (rddId: number) => Determinism,
  closures: readonly CapturedClosure[],
  orderSensitive: boolean,
): Determinism {
  if (closures.some((closure) => closure.indeterminate !== undefined)) return 'INDETERMINATE';
  let level: Determinism = 'DETERMINATE';
  for (const dependency of dependencies) {
    const through = throughDependency(dependency, levelOf(dependency.rddId));
    if (RANK[through] > RANK[level]) level = through;
  }
  return orderSensitive && level === 'UNORDERED' ? 'INDETERMINATE' : level;
}

/** Whether rows in another order make other rows, as far as the engine can know: what a function does with its partition it cannot. */
export function isByPlace(
  { op, determinism, dependencies }: Pick<RddNode, 'op' | 'determinism' | 'dependencies'>,
  isParentByPlace: (rddId: number) => boolean,
): boolean {
  if (determinism !== 'UNORDERED') return false;
  if (op.kind === 'mapPartitions' || op.kind === 'glom') return true;
  // Behind a shuffle they are what its files hold.
  return dependencies.some(({ kind, rddId }) => kind !== 'shuffle' && isParentByPlace(rddId));
}

function throughDependency(dependency: Dependency, parent: Determinism): Determinism {
  if (dependency.kind !== 'shuffle' || parent === 'INDETERMINATE') return parent;
  if (dependency.partitioner.kind === 'random' && parent === 'UNORDERED') return 'INDETERMINATE';
  return dependency.keyOrdering && dependency.aggregator ? 'DETERMINATE' : 'UNORDERED';
}
