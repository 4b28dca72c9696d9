/** Operators that compare whole values, made of pair operators with the value as key. */
import { combine } from './combine.ts';
import { cogroup, subtractByKey } from './joins.ts';
import { requireDataset } from './lineage-node.ts';
import { filter, narrow } from './narrow-operators.ts';
import { keys } from './pair-operators.ts';
import type { PartitionerArgument } from './partitioner.ts';
import type { RDD } from './rdd.ts';

const keyed = <T>(rdd: RDD<T>): RDD<[T, null]> =>
  narrow(rdd, 'map', 'builtin:pairWithNull', (fn) => ({ kind: 'map', fn }));

export function distinct<T>(rdd: RDD<T>, numPartitions?: number): RDD<T> {
  const keepOne = {
    mergeValue: 'builtin:first',
    mergeCombiners: 'builtin:first',
    mapSideCombine: true,
  } as const;
  return rdd.lineage.operator('distinct', () =>
    keys(combine<[T, null]>(keyed(rdd), 'reduceByKey', keepOne, numPartitions)),
  );
}

export function intersection<T>(rdd: RDD<T>, other: RDD<T>, partitioner?: PartitionerArgument): RDD<T> {
  requireDataset(other, 'intersection');
  return rdd.lineage.operator('intersection', () => {
    const groups = cogroup<[T, [null[], null[]]]>(keyed(rdd), [keyed(other)], partitioner);
    return keys(filter<[T, unknown]>(groups, 'builtin:inBothGroups'));
  });
}

export function subtract<T>(rdd: RDD<T>, other: RDD<T>, partitioner?: PartitionerArgument): RDD<T> {
  requireDataset(other, 'subtract');
  return rdd.lineage.operator('subtract', () =>
    keys(subtractByKey<[T, null]>(keyed(rdd), keyed(other), partitioner)),
  );
}
