/** Operators whose partitions depend on all rows: they carry a preparation that control runs before the first action. */
import type { AnyFunction } from '../closure/closure.ts';
import { oneToOne, shuffleOf } from './dependency.ts';
import type { LineageNode } from './lineage-node.ts';
import { narrow } from './narrow-operators.ts';
import { values } from './pair-operators.ts';
import { choosePartitioner, HashPartitioner, Partitioner, type PartitionerArgument } from './partitioner.ts';
import type { Preparation } from './plan.ts';
import type { RDD } from './rdd.ts';

/** Keys to sample per partition of the result, and at most in all (Spark's RangePartitioner). */
const SAMPLES_PER_PARTITION = 20;
const MOST_SAMPLES = 1e6;
/** More than its share from each input partition, since they may differ in size. */
const OVERSAMPLING = 3;

export function sortByKey<K, V>(rdd: RDD<[K, V]>, ascending: boolean, numPartitions?: number): RDD<[K, V]> {
  return rdd.derive<[K, V]>({
    name: 'sortByKey',
    parents: [rdd],
    closures: [],
    plan: (self) => {
      const partitions = numPartitions ?? Math.max(1, rdd.getNumPartitions());
      const keyOrdering = ascending ? 'ascending' : 'descending';
      // One partition needs no bounds, so no job to find them.
      const partitioner =
        partitions === 1
          ? new HashPartitioner(1)
          : new Partitioner(
              { kind: 'range', numPartitions: partitions, rddId: self.id, ascending },
              { owner: self },
            );
      return {
        op: { kind: 'shuffled' },
        numPartitions: partitions,
        dependencies: [shuffleOf(rdd, partitioner, { keyOrdering })],
        partitioner,
        preparation: partitions === 1 ? undefined : samplePreparation(self, rdd, partitions, ascending),
      };
    },
  });
}

export function repartitionAndSortWithinPartitions<K, V>(
  rdd: RDD<[K, V]>,
  argument: PartitionerArgument,
  ascending: boolean,
): RDD<[K, V]> {
  return rdd.derive<[K, V]>({
    name: 'repartitionAndSortWithinPartitions',
    parents: [rdd],
    closures: [],
    partitioner: argument,
    plan: () => {
      const partitioner = choosePartitioner(argument, []);
      return {
        op: { kind: 'shuffled' },
        numPartitions: partitioner.numPartitions,
        dependencies: [shuffleOf(rdd, partitioner, { keyOrdering: ascending ? 'ascending' : 'descending' })],
        partitioner,
      };
    },
  });
}

function samplePreparation(
  self: LineageNode,
  parent: LineageNode,
  numPartitions: number,
  ascending: boolean,
): Preparation {
  const wanted = Math.min(SAMPLES_PER_PARTITION * numPartitions, MOST_SAMPLES);
  return {
    name: `${self.callName}: sample keys`,
    rddId: parent.id,
    action: {
      kind: 'sampleKeys',
      sampleSize: Math.ceil((OVERSAMPLING * wanted) / Math.max(1, parent.getNumPartitions())),
      seed: self.id,
      key: 'builtin:pairKey',
    },
    finish: { kind: 'rangeBounds', numPartitions, ascending },
  };
}

export function sortBy<T>(rdd: RDD<T>, fn: AnyFunction, ascending: boolean, numPartitions?: number): RDD<T> {
  return rdd.lineage.operator('sortBy', () => {
    const keyed = narrow<[unknown, T]>(rdd, 'keyBy', fn, (id) => ({ kind: 'keyBy', fn: id }));
    return values(sortByKey(keyed, ascending, numPartitions));
  });
}

export function zipWithIndex<T>(rdd: RDD<T>): RDD<[T, number]> {
  return rdd.derive<[T, number]>({
    name: 'zipWithIndex',
    parents: [rdd],
    closures: [],
    plan: () => ({
      op: { kind: 'zipWithIndex' },
      numPartitions: rdd.getNumPartitions(),
      dependencies: [oneToOne(rdd)],
      preparation: {
        name: 'zipWithIndex: count partitions',
        rddId: rdd.id,
        action: { kind: 'countPartition' },
        finish: { kind: 'partitionOffsets' },
      },
      orderSensitive: true,
    }),
  });
}
