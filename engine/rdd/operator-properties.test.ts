/**
 * Any partition count and any executor count give what plain arrays give: operators and actions that
 * `operators.test.ts` leaves out, and a test that finds public ones which no property test calls.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startContext, type TestContext } from '../testing.ts';
import { RDD } from './rdd.ts';

/** Files whose properties vary rows and partitions. */
const PROPERTY_FILES = [
  'operators.test.ts',
  'operator-properties.test.ts',
  'more-operators.test.ts',
  'approximate-actions.test.ts',
];

/** What no multiset of rows can be compared for, and where it is tested instead. */
const NOT_ROWS: Record<string, string> = {
  derive: 'the door of the operators themselves',
  barrier: 'makes no dataset; engine/scheduler/barrier.test.ts',
  ...Object.fromEntries(
    ['node', 'callName', 'callSite', 'isPartOfCall', 'plannedNode', 'closures', 'pendingCheckpoint'].map(
      (name) => [name, 'of the lineage, not of rows; lineage.test.ts'],
    ),
  ),
  ...Object.fromEntries(
    ['partitioner', 'dependencies', 'getStorageLevel', 'toDebugString', 'toString', 'setName'].map((name) => [
      name,
      'says something of the dataset; lineage.test.ts',
    ]),
  ),
  ...Object.fromEntries(
    ['checkpoint', 'isCheckpointed', 'isLocallyCheckpointed', 'getCheckpointFile', 'cutLineage'].map(
      (name) => [name, 'writes the rows where a restart finds them; the checkpoint tests'],
    ),
  ),
  ...Object.fromEntries(
    ['saveAsTextFile', 'saveAsJsonFile', 'saveAsObjectFile', 'saveAsParquetFile'].map((name) => [
      name,
      'compared with what is read back; the output tests',
    ]),
  ),
};

const sorted = <T>(rows: T[]): string[] => rows.map((row) => JSON.stringify(row)).sort();
const rowsOf = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 40 });
const slicesOf = fc.integer({ min: 1, max: 7 });

describe.each([1, 3])('on %i executors', (executors) => {
  let context: TestContext;
  beforeAll(() => {
    context = startContext({ executors });
  });
  afterAll(() => context.stop());

  test('operators that number, split, pair and sort', () =>
    fc.assert(
      fc.asyncProperty(rowsOf, slicesOf, async (rows, slices) => {
        const rdd = context.sc.parallelize(rows, slices);
        expect(rdd.getNumPartitions()).toBe(slices);
        const numbered = await rdd.zipWithUniqueId().collect();
        expect(new Set(numbered.map(([, id]) => id)).size).toBe(rows.length);
        expect(numbered.map(([row]) => row)).toEqual(rows);
        const parts = await Promise.all(rdd.randomSplit([1, 2], 3).map((part) => part.collect()));
        expect(sorted(parts.flat())).toEqual(sorted(rows));
        expect(await rdd.zip(rdd.map((n) => -n)).collect()).toEqual(rows.map((n) => [n, -n]));
        const pairs = rdd.keyBy((n) => Math.abs(n));
        expect(sorted(await pairs.filterByRange(2, 5).values().collect())).toEqual(
          sorted(rows.filter((n) => Math.abs(n) >= 2 && Math.abs(n) <= 5)),
        );
        const within = await pairs.repartitionAndSortWithinPartitions(3).glom().collect();
        expect(sorted(within.flat().map(([, n]) => n))).toEqual(sorted(rows));
        for (const part of within)
          expect(part.map(([k]) => k)).toEqual(part.map(([k]) => k).sort((a, b) => a - b));
        const grouped = await pairs.groupWith(pairs).collect();
        expect(sorted(grouped.flatMap(([, [left]]) => left))).toEqual(sorted(rows));
        const all = Object.fromEntries(rows.map((n) => [Math.abs(n), 1]));
        const exact = pairs.sampleByKeyExact(false, new Map(Object.keys(all).map((k) => [Number(k), 1])));
        expect(sorted(await exact.values().collect())).toEqual(sorted(rows));
      }),
      { numRuns: 6 },
    ));

  test('cached and cut lineages', () =>
    fc.assert(
      fc.asyncProperty(rowsOf, slicesOf, async (rows, slices) => {
        const doubled = context.sc.parallelize(rows, slices).map((n) => n * 2);
        doubled.persist();
        expect(await doubled.collect()).toEqual(rows.map((n) => n * 2));
        expect(await doubled.distinct().count()).toBe(new Set(rows).size);
        doubled.unpersist();
        expect(await doubled.collect()).toEqual(rows.map((n) => n * 2));
        const cut = context.sc.parallelize(rows, slices).map((n) => n + 1);
        cut.localCheckpoint();
        expect(await cut.collect()).toEqual(rows.map((n) => n + 1));
        expect(await cut.distinct().count()).toBe(new Set(rows).size);
      }),
      { numRuns: 6 },
    ));

  test('actions of numbers, and those that answer later', () =>
    fc.assert(
      fc.asyncProperty(rowsOf, slicesOf, async (rows, slices) => {
        const rdd = context.sc.parallelize(rows, slices);
        const mean = rows.reduce((a, b) => a + b, 0) / rows.length;
        const variance = rows.reduce((sum, n) => sum + (n - mean) ** 2, 0) / rows.length;
        expect(await rdd.mean()).toBeCloseTo(mean, 9);
        expect(await rdd.variance()).toBeCloseTo(variance, 9);
        expect(await rdd.stdev()).toBeCloseTo(Math.sqrt(variance), 9);
        expect(await rdd.popVariance()).toBeCloseTo(variance, 9);
        expect(await rdd.popStdev()).toBeCloseTo(Math.sqrt(variance), 9);
        expect((await rdd.stats()).count).toBe(rows.length);
        if (rows.length > 1) {
          const sampled = (variance * rows.length) / (rows.length - 1);
          expect(await rdd.sampleVariance()).toBeCloseTo(sampled, 9);
          expect(await rdd.sampleStdev()).toBeCloseTo(Math.sqrt(sampled), 9);
        }
        expect(await rdd.treeReduce((a, b) => a + b)).toBe(rows.reduce((a, b) => a + b));
        expect(await rdd.countAsync()).toBe(rows.length);
        expect(await rdd.collectAsync()).toEqual(rows);
        expect(await rdd.collectWithJobGroup('g')).toEqual(rows);
        expect(await rdd.takeAsync(3)).toEqual(rows.slice(0, 3));
        const seen = context.sc.longAccumulator('seen');
        await rdd.foreach((n) => seen.add(n + 10));
        await rdd.foreachAsync((n) => seen.add(n + 10));
        await rdd.foreachPartition((part) => seen.add([...part].length));
        await rdd.foreachPartitionAsync((part) => seen.add([...part].length));
        expect(seen.value).toBe(2 * rows.reduce((sum, n) => sum + n + 10, 0) + 2 * rows.length);
      }),
      { numRuns: 6 },
    ));
});

test('every public operator and action is called by a property test', () => {
  const texts = PROPERTY_FILES.map((file) => readFileSync(join(import.meta.dirname, file), 'utf8')).join(
    '\n',
  );
  const uncovered: string[] = [];
  for (
    let owner = RDD.prototype as object;
    owner !== Object.prototype;
    owner = Object.getPrototypeOf(owner)
  ) {
    for (const name of Object.getOwnPropertyNames(owner)) {
      if (name === 'constructor' || Object.hasOwn(NOT_ROWS, name)) continue;
      if (!texts.includes(`.${name}(`)) uncovered.push(name);
    }
  }
  expect(uncovered).toEqual([]);
});
