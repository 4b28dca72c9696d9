/** Operators that change how rows are spread over partitions, not the rows. */

import type { AnyFunction } from '../closure/closure.ts';
import { StagelightError } from '../errors.ts';
import { requirePartitioner } from './argument.ts';
import { oneToOne, shuffleOf } from './dependency.ts';
import type { Lineage } from './lineage.ts';
import { HashPartitioner, Partitioner, type PartitionerArgument } from './partitioner.ts';
import type { NarrowDependency } from './plan.ts';
import type { RDD } from './rdd.ts';

/** One after the other; datasets that are all partitioned alike are merged partition by partition and stay so. */
export function union<T>(rdds: [RDD<T>, ...RDD<T>[]]): RDD<T> {
  return rdds[0].derive<T>({
    name: 'union',
    parents: rdds,
    closures: [],
    plan: () => {
      const partitioner = rdds[0].partitioner;
      if (partitioner && rdds.every((rdd) => partitioner.equals(rdd.partitioner))) {
        const dependencies = rdds.map(oneToOne);
        return {
          op: { kind: 'concat' },
          numPartitions: partitioner.numPartitions,
          dependencies,
          partitioner,
        };
      }
      let numPartitions = 0;
      const dependencies = rdds.map((rdd): NarrowDependency => {
        const outStart = numPartitions;
        const length = rdd.getNumPartitions();
        numPartitions += length;
        return { kind: 'range', rddId: rdd.id, inStart: 0, outStart, length };
      });
      return { op: { kind: 'concat' }, numPartitions, dependencies };
    },
  });
}

export function cartesian<T, U>(rdd: RDD<T>, other: RDD<U>): RDD<[T, U]> {
  return rdd.derive<[T, U]>({
    name: 'cartesian',
    parents: [rdd, other],
    closures: [],
    plan: () => {
      const [left, right] = [rdd.getNumPartitions(), other.getNumPartitions()];
      return {
        op: { kind: 'cartesian' },
        numPartitions: left * right,
        dependencies: [
          { kind: 'strided', rddId: rdd.id, divisor: right, modulus: left },
          { kind: 'strided', rddId: other.id, divisor: 1, modulus: right },
        ],
      };
    },
  });
}

export function coalesce<T>(rdd: RDD<T>, numPartitions: number, shuffle: boolean): RDD<T> {
  if (shuffle) return rdd.lineage.operator('coalesce', () => repartition(rdd, numPartitions));
  return rdd.derive<T>({
    name: 'coalesce',
    parents: [rdd],
    closures: [],
    plan: () => {
      const before = rdd.getNumPartitions();
      const after = Math.min(before, numPartitions);
      const firstOf = (p: number) => Math.floor((p * before) / after);
      const parents = Array.from({ length: after }, (_, p) =>
        Array.from({ length: firstOf(p + 1) - firstOf(p) }, (_, i) => firstOf(p) + i),
      );
      return {
        op: { kind: 'concat' },
        numPartitions: after,
        dependencies: [{ kind: 'listed', rddId: rdd.id, parents }],
        // Merging neighbours keeps the order of rows, but not the rule by which a key finds its partition.
        partitioner: after === before ? rdd.partitioner : undefined,
      };
    },
  });
}

export function repartition<T>(rdd: RDD<T>, numPartitions: number): RDD<T> {
  return rdd.derive<T>({
    name: 'repartition',
    parents: [rdd],
    closures: [],
    plan: (self) => {
      const dealer = new Partitioner({ kind: 'random', numPartitions, seed: self.id });
      return {
        op: { kind: 'shuffled' },
        numPartitions,
        dependencies: [shuffleOf(rdd, dealer, { keyed: false })],
      };
    },
  });
}

export function partitionBy<K, V>(
  rdd: RDD<[K, V]>,
  argument: PartitionerArgument,
  partitionFunc?: (key: K) => number | Promise<number>,
): RDD<[K, V]> {
  const partitioner = requestedPartitioner(rdd.lineage, argument, partitionFunc);
  return rdd.derive<[K, V]>({
    name: 'partitionBy',
    parents: [rdd],
    closures: [],
    partitioner,
    plan: () => {
      const { numPartitions } = partitioner;
      if (partitioner.equals(rdd.partitioner)) {
        return { op: { kind: 'concat' }, numPartitions, dependencies: [oneToOne(rdd)], partitioner };
      }
      return {
        op: { kind: 'shuffled' },
        numPartitions,
        dependencies: [shuffleOf(rdd, partitioner)],
        partitioner,
      };
    },
  });
}

function requestedPartitioner(
  lineage: Lineage,
  argument: PartitionerArgument,
  partitionFunc: AnyFunction | undefined,
): Partitioner {
  requirePartitioner(argument, 'partitionBy');
  if (typeof argument !== 'number') {
    if (!partitionFunc) return argument;
    throw new StagelightError(
      'INVALID_ARGUMENT',
      'partitionBy: a partitioner and a function were both given',
      {
        hint: 'Pass either a partitioner, or a number of partitions with a function of the key.',
      },
    );
  }
  return partitionFunc ? customPartitioner(lineage, argument, partitionFunc) : new HashPartitioner(argument);
}

function customPartitioner(lineage: Lineage, numPartitions: number, fn: AnyFunction): Partitioner {
  const { id, closure } = lineage.capture(fn, lineage.currentCall('partitionBy'));
  return new Partitioner({ kind: 'custom', numPartitions, closure: id }, { closure, fn });
}
