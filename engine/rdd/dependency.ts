/** Building blocks of plans: how one dataset depends on its parents, and what that means for recomputation. */
import type { CapturedClosure } from '../closure/closure.ts';
import type { LineageNode } from './lineage-node.ts';
import type { Operator } from './operator.ts';
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

/** What a node says of rows that are computed again. */
export type Repeats = Pick<RddNode, 'determinism' | 'unproven'>;

/** What computing rows depends on, besides the rows that are read. */
export interface RowsMadeBy {
  op: Operator;
  closures: readonly CapturedClosure[];
  /** Rows in another order make other rows. */
  orderSensitive: boolean;
}

/** What a node is, given its parents, its closures and whether its result depends on the order of rows: Spark's rules, and what they take on trust. */
export function repeatsOf(
  dependencies: readonly Dependency[],
  parentOf: (rddId: number) => Repeats,
  made: RowsMadeBy,
): Repeats {
  const determinism = determinismOf(dependencies, (id) => parentOf(id).determinism, made);
  return isUnproven(dependencies, parentOf, made, determinism)
    ? { determinism, unproven: true }
    : { determinism };
}

function determinismOf(
  dependencies: readonly Dependency[],
  levelOf: (rddId: number) => Determinism,
  { closures, orderSensitive }: RowsMadeBy,
): Determinism {
  if (closures.some((closure) => closure.indeterminate !== undefined)) return 'INDETERMINATE';
  let level: Determinism = 'DETERMINATE';
  for (const dependency of dependencies) {
    const through = throughDependency(dependency, levelOf(dependency.rddId));
    if (RANK[through] > RANK[level]) level = through;
  }
  return orderSensitive && level === 'UNORDERED' ? 'INDETERMINATE' : level;
}

/**
 * Whether rows come, since the last shuffle, through what may not repeat them: code of packages, which nobody looked into, the
 * task that computes them (the number of its attempt, its executor), or the places of rows that a shuffle hands out in any
 * order, which functions over partitions may number. Outputs of shuffles that are written again are compared with what they were.
 */
function isUnproven(
  dependencies: readonly Dependency[],
  parentOf: (rddId: number) => Repeats,
  { op, closures }: RowsMadeBy,
  determinism: Determinism,
): boolean {
  if (closures.some(({ unexamined, readsTask }) => unexamined || readsTask)) return true;
  if (determinism === 'UNORDERED' && (op.kind === 'mapPartitions' || op.kind === 'glom')) return true;
  return dependencies.some(({ kind, rddId }) => kind !== 'shuffle' && parentOf(rddId).unproven === true);
}

function throughDependency(dependency: Dependency, parent: Determinism): Determinism {
  if (dependency.kind !== 'shuffle' || parent === 'INDETERMINATE') return parent;
  if (dependency.partitioner.kind === 'random' && parent === 'UNORDERED') return 'INDETERMINATE';
  return dependency.keyOrdering && dependency.aggregator ? 'DETERMINATE' : 'UNORDERED';
}
