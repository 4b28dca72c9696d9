/** Actions on pairs, and those that count by using values as keys. */
import { inDriver } from '../closure/stack-overflow.ts';
import { keyToMapKey } from '../storage/key-encoding.ts';
import { encodeRows } from '../storage/row-codec.ts';
import { ActionCall } from './action-call.ts';
import { requireKey } from './argument.ts';
import { combine, combineWithinPartitions } from './combine.ts';
import { emptySketch, mergeSketches, sketchEstimate } from './distinct-sketch.ts';

import { mapOf, mapOfLast } from './map-of-pairs.ts';
import { narrow, narrowWithoutFunction } from './narrow-operators.ts';
import type { AnyRDD, RDD } from './rdd.ts';

const sumByKey = {
  mergeValue: 'builtin:add',
  mergeCombiners: 'builtin:add',
  mapSideCombine: true,
} as const;

/** Counts equal keys in a shuffle; only one row per key comes to the driver. */
async function countKeys<K>(
  rdd: AnyRDD,
  name: 'countByKey' | 'countByValue',
  withOne: () => RDD<[K, number]>,
): Promise<Map<K, number>> {
  const counts = rdd.lineage.operator(name, () =>
    combine<[K, number]>(withOne(), 'reduceByKey', sumByKey, undefined),
  );
  const call = new ActionCall(rdd.lineage, name);
  return mapOf(call, (await call.run(counts, { kind: 'collect' })).flat() as [K, number][]);
}

export function countByKey<K>(rdd: RDD<[K, unknown]>): Promise<Map<K, number>> {
  return countKeys(rdd, 'countByKey', () =>
    narrow(rdd, 'mapValues', 'builtin:one', (fn) => ({ kind: 'mapValues', fn })),
  );
}

export function countByValue<T>(rdd: RDD<T>): Promise<Map<T, number>> {
  return countKeys(rdd, 'countByValue', () =>
    narrow(rdd, 'map', 'builtin:pairWithOne', (fn) => ({ kind: 'map', fn })),
  );
}

export async function collectAsMap<K, V>(rdd: RDD<[K, V]>): Promise<Map<K, V>> {
  const call = new ActionCall(rdd.lineage, 'collectAsMap');
  return mapOfLast(call, (await call.run(rdd, { kind: 'collect' })).flat() as [K, V][]);
}

/** Looks only into the key's partition when the partitioner tells which that is. */
export async function lookup<K, V>(rdd: RDD<[K, V]>, key: K): Promise<V[]> {
  const call = new ActionCall(rdd.lineage, 'lookup');
  requireKey(key, call.name);
  const matching = rdd.lineage.operator('lookup', () =>
    narrowWithoutFunction<[K, V]>(
      rdd,
      'filter',
      { kind: 'filterKey', key: encodeRows([key]) },
      { keepsPartitioner: true },
    ),
  );
  const partition = await inDriver(() => rdd.partitioner?.partitionOf(key));
  const rows = await call.run(
    matching,
    { kind: 'collect' },
    partition === undefined ? undefined : [partition],
  );
  return (rows.flat() as [K, V][]).map(([, value]) => value);
}

export async function countApproxDistinct(rdd: AnyRDD, relativeSD: number): Promise<number> {
  const call = new ActionCall(rdd.lineage, 'countApproxDistinct');
  const sketch = emptySketch(relativeSD, call.name);
  const zero = encodeRows([sketch]);
  const partials = await call.run(rdd, { kind: 'aggregate', zero, fn: 'builtin:addToSketch' });
  for (const [partial] of partials) mergeSketches(sketch, partial as Uint8Array);
  return sketchEstimate(sketch);
}

/** Each partition is combined where it is; the driver merges one row per key and partition. */
export async function reduceByKeyLocally<K, V>(
  rdd: RDD<[K, V]>,
  fn: (a: V, b: V) => V | Promise<V>,
): Promise<Map<K, V>> {
  const call = new ActionCall(rdd.lineage, 'reduceByKeyLocally');
  const combined = rdd.lineage.operator('reduceByKeyLocally', () => combineWithinPartitions<[K, V]>(rdd, fn));
  const partials = (await call.run(combined, { kind: 'collect' })) as [K, V][][];
  const merged = new Map<unknown, [K, V]>();
  await inDriver(async () => {
    for (const rows of partials) {
      for (const [key, value] of rows) {
        const known = merged.get(keyToMapKey(key));
        if (known) known[1] = await fn(known[1], value);
        else merged.set(keyToMapKey(key), [key, value]);
      }
    }
  });
  return new Map(merged.values());
}
