/** Operators of pairs: by value without moving keys, and combining by key. */

import type { AnyFunction } from '../closure/closure.ts';
import { encodeRows } from '../storage/row-codec.ts';
import { encodeArgument, requireOrdered } from './argument.ts';
import { type Combining, combine } from './combine.ts';
import { emptySketch } from './distinct-sketch.ts';
import { narrow, narrowWithoutFunction } from './narrow-operators.ts';
import { builtinWith, rowsArgument } from './parametric-builtins.ts';
import type { PartitionerArgument } from './partitioner.ts';
import type { AnyRDD, RDD } from './rdd.ts';

export const keys = <K>(rdd: RDD<[K, unknown]>): RDD<K> =>
  narrowWithoutFunction(rdd, 'keys', { kind: 'keys' });

export const values = <V>(rdd: RDD<[unknown, V]>): RDD<V> =>
  narrowWithoutFunction(rdd, 'values', { kind: 'values' });

export const mapValues = <U>(rdd: AnyRDD, fn: AnyFunction): RDD<U> =>
  narrow(rdd, 'mapValues', fn, (id) => ({ kind: 'mapValues', fn: id }), { keepsPartitioner: true });

export const flatMapValues = <U>(rdd: AnyRDD, fn: AnyFunction): RDD<U> =>
  narrow(rdd, 'flatMapValues', fn, (id) => ({ kind: 'flatMapValues', fn: id }), { keepsPartitioner: true });

export function reduceByKey<U>(rdd: AnyRDD, fn: AnyFunction, partitioner?: PartitionerArgument): RDD<U> {
  return combine(
    rdd,
    'reduceByKey',
    { mergeValue: fn, mergeCombiners: fn, mapSideCombine: true },
    partitioner,
  );
}

/** The zero is encoded now: every key of every recomputation starts from the same copy. */
export function aggregateByKey<U>(
  rdd: AnyRDD,
  name: 'aggregateByKey' | 'foldByKey',
  zero: unknown,
  seqOp: AnyFunction,
  combOp: AnyFunction,
  partitioner?: PartitionerArgument,
): RDD<U> {
  const combining = {
    zero: encodeArgument(zero, name, 'zero'),
    mergeValue: seqOp,
    mergeCombiners: combOp,
    mapSideCombine: true,
  };
  return combine(rdd, name, combining, partitioner);
}

export function combineByKey<U>(
  rdd: AnyRDD,
  combining: Combining,
  partitioner?: PartitionerArgument,
): RDD<U> {
  return combine(rdd, 'combineByKey', combining, partitioner);
}

/** No map-side combine: lists would only grow the same rows into larger ones before they travel. */
export function groupByKey<U>(rdd: AnyRDD, partitioner?: PartitionerArgument): RDD<U> {
  return combine(
    rdd,
    'groupByKey',
    {
      createCombiner: 'builtin:listOf',
      mergeValue: 'builtin:append',
      mergeCombiners: 'builtin:concat',
      mapSideCombine: false,
    },
    partitioner,
  );
}

export function groupBy<U>(rdd: AnyRDD, fn: AnyFunction, partitioner?: PartitionerArgument): RDD<U> {
  return rdd.lineage.operator('groupBy', () =>
    groupByKey<U>(
      narrow(rdd, 'keyBy', fn, (id) => ({ kind: 'keyBy', fn: id })),
      partitioner,
    ),
  );
}

export function filterByRange<K, V>(rdd: RDD<[K, V]>, lower: K, upper: K): RDD<[K, V]> {
  requireOrdered(lower, 'filterByRange: lower');
  requireOrdered(upper, 'filterByRange: upper');
  const fn = builtinWith('keyBetween', rowsArgument([lower, upper]));
  return narrow(rdd, 'filterByRange', fn, () => ({ kind: 'filter', fn }), { keepsPartitioner: true });
}

export function countApproxDistinctByKey<K>(
  rdd: RDD<[K, unknown]>,
  relativeSD: number,
  partitioner?: PartitionerArgument,
): RDD<[K, number]> {
  const zero = encodeRows([emptySketch(relativeSD, 'countApproxDistinctByKey')]);
  return rdd.lineage.operator('countApproxDistinctByKey', () => {
    const sketches = combine<[K, Uint8Array]>(
      rdd,
      'aggregateByKey',
      {
        zero,
        mergeValue: 'builtin:addToSketch',
        mergeCombiners: 'builtin:mergeSketches',
        mapSideCombine: true,
      },
      partitioner,
    );
    return narrow(sketches, 'mapValues', 'builtin:sketchEstimate', (fn) => ({ kind: 'mapValues', fn }), {
      keepsPartitioner: true,
    });
  });
}
