/**
 * How keys are assigned to partitions, as the driver sees it: the plan's specification plus what must travel
 * or stay alive with it. Two datasets with equal partitioners are joined without a shuffle.
 */
import type { CapturedClosure } from '../closure/closure.ts';
import { makePartitioner, requirePlace } from '../shuffle/partitioner.ts';
import { requireCount } from './argument.ts';
import type { LineageNode } from './lineage-node.ts';
import { isPromise } from './merge-sort.ts';
import type { PartitionerSpec } from './plan.ts';

export class Partitioner {
  readonly spec: PartitionerSpec;
  /** The user's function of a custom partitioner, ready to travel. */
  readonly closure: CapturedClosure | undefined;
  /** The sorted RDD whose sampled bounds a range partitioner uses. */
  readonly owner: LineageNode | undefined;
  readonly #fn: ((key: unknown) => unknown) | undefined;

  constructor(
    spec: PartitionerSpec,
    parts: { closure?: CapturedClosure; fn?: (key: unknown) => unknown; owner?: LineageNode } = {},
  ) {
    this.spec = spec;
    this.closure = parts.closure;
    this.owner = parts.owner;
    this.#fn = parts.fn;
  }

  /** The partition that holds `key`, where the driver can tell: the bounds of a range partitioner it does not know. */
  partitionOf(key: unknown): number | Promise<number> | undefined {
    switch (this.spec.kind) {
      case 'hash':
        return makePartitioner(this.spec, { mapPartition: 0 })(key);
      case 'custom':
        return this.#customPlace(key, this.spec.numPartitions);
      default:
        return undefined;
    }
  }

  #customPlace(key: unknown, numPartitions: number): number | Promise<number> {
    const place = this.#fn!(key);
    return isPromise(place)
      ? Promise.resolve(place).then((settled) => requirePlace(settled, numPartitions))
      : requirePlace(place, numPartitions);
  }

  get numPartitions(): number {
    return this.spec.numPartitions;
  }

  equals(other: Partitioner | undefined): boolean {
    return other !== undefined && sameSpec(this.spec, other.spec);
  }

  toString(): string {
    return `${this.spec.kind}(${this.spec.numPartitions})`;
  }
}

/** Keys go to the partition their canonical hash falls into. */
export class HashPartitioner extends Partitioner {
  constructor(numPartitions: number) {
    super({
      kind: 'hash',
      numPartitions: requireCount(numPartitions, 'HashPartitioner', 'numPartitions', 1),
    });
  }
}

function sameSpec(a: PartitionerSpec, b: PartitionerSpec): boolean {
  if (a.numPartitions !== b.numPartitions) return false;
  switch (a.kind) {
    case 'hash':
      return b.kind === 'hash';
    case 'range':
      return b.kind === 'range' && a.rddId === b.rddId && a.ascending === b.ascending;
    case 'custom':
      return b.kind === 'custom' && a.closure === b.closure;
    case 'random':
      return false;
    default:
      return a satisfies never;
  }
}

export type PartitionerArgument = number | Partitioner;

/** What the user asked for, or Spark's default. Reads the parents' partitions: call it only when the plan is built. */
export function choosePartitioner(
  argument: PartitionerArgument | undefined,
  parents: readonly LineageNode[],
): Partitioner {
  if (argument === undefined) return defaultPartitioner(parents);
  return typeof argument === 'number' ? new HashPartitioner(argument) : argument;
}

/**
 * The largest partitioner the parents already have, unless it is smaller by an order of magnitude than the largest
 * parent; else a hash partitioner with as many partitions as the largest parent.
 */
function defaultPartitioner(parents: readonly LineageNode[]): Partitioner {
  const most = Math.max(1, ...parents.map((rdd) => rdd.getNumPartitions()));
  let largest: Partitioner | undefined;
  for (const rdd of parents) {
    const existing = rdd.partitioner;
    if (existing && (!largest || existing.numPartitions > largest.numPartitions)) largest = existing;
  }
  if (largest && Math.log10(most) - Math.log10(largest.numPartitions) < 1) return largest;
  return new HashPartitioner(most);
}
