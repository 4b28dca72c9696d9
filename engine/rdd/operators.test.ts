import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Context } from '../context.ts';
import { startContext, type TestContext } from '../testing.ts';
import type { RDD } from './rdd.ts';

type Pair = [string, number];
interface Input {
  a: Pair[];
  b: Pair[];
  sc: Context;
  left: RDD<Pair>;
  right: RDD<Pair>;
}
type Case = [name: string, run: (input: Input) => RDD<unknown>, oracle: (input: Input) => unknown[]];

// ---------------------------------------------------------------- plain arrays as oracle

function groups<V>(pairs: [string, V][]): Map<string, V[]> {
  const result = new Map<string, V[]>();
  for (const [key, value] of pairs) {
    const group = result.get(key);
    if (group) group.push(value);
    else result.set(key, [value]);
  }
  return result;
}
const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
const summed = (pairs: Pair[]) => [...groups(pairs)].map(([key, values]) => [key, sum(values)]);

function joined(a: Pair[], b: Pair[], keepLeft: boolean, keepRight: boolean): unknown[] {
  const [left, right] = [groups(a), groups(b)];
  return [...new Set([...left.keys(), ...right.keys()])].flatMap((key) => {
    const vs = left.get(key) ?? (keepRight ? [undefined] : []);
    const ws = right.get(key) ?? (keepLeft ? [undefined] : []);
    return vs.flatMap((v) => ws.map((w) => [key, [v, w]]));
  });
}

/** Rows as comparable texts; inner lists whose order means nothing are sorted, undefined is told from null. */
function texts(rows: unknown[], ordered = false): string[] {
  const lines = rows.map((row) =>
    JSON.stringify(row, (_, value) => (value === undefined ? '<undefined>' : value)),
  );
  return ordered ? lines : lines.sort();
}

const sortLists = (row: [string, number[]]): [string, number[]] => [
  row[0],
  [...row[1]].sort((x, y) => x - y),
];
const sortBoth = (row: [string, [number[], number[]]]) => [
  row[0],
  [[...row[1][0]].sort((x, y) => x - y), [...row[1][1]].sort((x, y) => x - y)],
];

// ---------------------------------------------------------------- operators

const CASES: Case[] = [
  ['map', ({ left }) => left.map(([k, n]) => `${k}${n}`), ({ a }) => a.map(([k, n]) => `${k}${n}`)],
  ['map, awaited', ({ left }) => left.map(async ([k, n]) => [n, k]), ({ a }) => a.map(([k, n]) => [n, k])],
  [
    'flatMap of arrays',
    ({ left }) => left.flatMap(([k, n]) => (n % 2 ? [] : [k, k])),
    ({ a }) => a.flatMap(([k, n]) => (n % 2 ? [] : [k, k])),
  ],
  [
    'flatMap of a generator',
    ({ left }) =>
      left.flatMap(function* ([, n]) {
        for (let i = 0; i < n % 3; i++) yield i;
      }),
    ({ a }) => a.flatMap(([, n]) => Array.from({ length: Math.max(0, n % 3) }, (_, i) => i)),
  ],
  ['filter', ({ left }) => left.filter(([, n]) => n > 3), ({ a }) => a.filter(([, n]) => n > 3)],
  [
    'mapPartitions',
    ({ left }) =>
      left.mapPartitions(function* (rows) {
        for (const [, n] of rows) yield n + 1;
      }),
    ({ a }) => a.map(([, n]) => n + 1),
  ],
  [
    'mapPartitionsWithIndex',
    ({ left }) => left.mapPartitionsWithIndex((index, rows) => [...rows].map((row) => [index >= 0, row])),
    ({ a }) => a.map((row) => [true, row]),
  ],
  ['keyBy', ({ left }) => left.keyBy(([, n]) => n), ({ a }) => a.map((row) => [row[1], row])],
  ['keys', ({ left }) => left.keys(), ({ a }) => a.map(([k]) => k)],
  ['values', ({ left }) => left.values(), ({ a }) => a.map(([, n]) => n)],
  ['mapValues', ({ left }) => left.mapValues((n) => [n, 1]), ({ a }) => a.map(([k, n]) => [k, [n, 1]])],
  [
    'flatMapValues',
    ({ left }) => left.flatMapValues((n) => [n, -n]),
    ({ a }) =>
      a.flatMap(([k, n]) => [
        [k, n],
        [k, -n],
      ]),
  ],
  [
    'groupBy',
    ({ left }) => left.groupBy(([k]) => k).mapValues((rows) => rows.length),
    ({ a }) => [...groups(a)].map(([k, values]) => [k, values.length]),
  ],
  ['groupByKey', ({ left }) => left.groupByKey().map(sortLists), ({ a }) => [...groups(a)].map(sortLists)],
  ['reduceByKey', ({ left }) => left.reduceByKey((x, y) => x + y), ({ a }) => summed(a)],
  [
    'reduceByKey of what is partitioned already',
    ({ left }) => left.partitionBy(3).reduceByKey((x, y) => x + y),
    ({ a }) => summed(a),
  ],
  ['foldByKey', ({ left }) => left.foldByKey(0, (x, y) => x + y), ({ a }) => summed(a)],
  [
    'aggregateByKey',
    ({ left }) =>
      left
        .aggregateByKey(
          [] as number[],
          (list, n) => [...list, n],
          (x, y) => [...x, ...y],
        )
        .map(sortLists),
    ({ a }) => [...groups(a)].map(sortLists),
  ],
  [
    'combineByKey',
    ({ left }) =>
      left.combineByKey(
        (n) => ({ n, count: 1 }),
        (c, n) => ({ n: c.n + n, count: c.count + 1 }),
        (x, y) => ({ n: x.n + y.n, count: x.count + y.count }),
      ),
    ({ a }) => [...groups(a)].map(([k, values]) => [k, { n: sum(values), count: values.length }]),
  ],
  ['join', ({ left, right }) => left.join(right), ({ a, b }) => joined(a, b, false, false)],
  ['join with itself', ({ left }) => left.join(left), ({ a }) => joined(a, a, false, false)],
  [
    'join of co-partitioned sides',
    ({ left, right }) => left.partitionBy(4).join(right.partitionBy(4)),
    ({ a, b }) => joined(a, b, false, false),
  ],
  ['leftOuterJoin', ({ left, right }) => left.leftOuterJoin(right), ({ a, b }) => joined(a, b, true, false)],
  [
    'rightOuterJoin',
    ({ left, right }) => left.rightOuterJoin(right),
    ({ a, b }) => joined(a, b, false, true),
  ],
  ['fullOuterJoin', ({ left, right }) => left.fullOuterJoin(right), ({ a, b }) => joined(a, b, true, true)],
  [
    'cogroup',
    ({ left, right }) => left.cogroup(right).map(sortBoth),
    ({ a, b }) => {
      const [x, y] = [groups(a), groups(b)];
      return [...new Set([...x.keys(), ...y.keys()])].map((k) =>
        sortBoth([k, [x.get(k) ?? [], y.get(k) ?? []]]),
      );
    },
  ],
  [
    'subtractByKey',
    ({ left, right }) => left.subtractByKey(right),
    ({ a, b }) => a.filter(([k]) => !groups(b).has(k)),
  ],
  [
    'subtract',
    ({ left, right }) => left.subtract(right),
    ({ a, b }) => a.filter(([k, n]) => !b.some(([l, m]) => k === l && n === m)),
  ],
  [
    'intersection',
    ({ left, right }) => left.intersection(right),
    ({ a, b }) =>
      [...new Set(texts(a))].filter((row) => texts(b).includes(row)).map((row) => JSON.parse(row)),
  ],
  ['union', ({ left, right }) => left.union(right, left), ({ a, b }) => [...a, ...b, ...a]],
  [
    'union of co-partitioned sides',
    ({ sc, left, right }) =>
      sc.union([left.partitionBy(3), right.partitionBy(3)]).reduceByKey((x, y) => x + y),
    ({ a, b }) => summed([...a, ...b]),
  ],
  [
    'cartesian',
    ({ left, right }) => left.cartesian(right),
    ({ a, b }) => a.flatMap((x) => b.map((y) => [x, y])),
  ],
  [
    'distinct',
    ({ left }) => left.distinct(),
    ({ a }) => [...new Set(texts(a))].map((row) => JSON.parse(row)),
  ],
  ['repartition', ({ left }) => left.repartition(5), ({ a }) => a],
  ['coalesce', ({ left }) => left.coalesce(2), ({ a }) => a],
  ['coalesce with a shuffle', ({ left }) => left.coalesce(3, true), ({ a }) => a],
  ['partitionBy a function', ({ left }) => left.partitionBy(2, (key) => key.length % 2), ({ a }) => a],
  [
    'glom',
    ({ left }) =>
      left.glom().flatMap(function* (rows) {
        yield* rows;
      }),
    ({ a }) => a,
  ],
  ['groupBy, awaited', ({ left }) => left.groupBy(async ([k]) => k).keys(), ({ a }) => [...groups(a).keys()]],
  [
    'filter, awaited',
    ({ left }) => left.filter(async ([, n]) => n > 3),
    ({ a }) => a.filter(([, n]) => n > 3),
  ],
  ['a cached dataset', ({ left }) => left.map(([k, n]) => [k, n]).cache(), ({ a }) => a],
];

const ORDERED: Case[] = [
  [
    'sortBy',
    ({ left }) => left.sortBy(([, n]) => n).values(),
    ({ a }) => a.map(([, n]) => n).sort((x, y) => x - y),
  ],
  [
    'sortBy, descending, into more partitions',
    ({ left }) => left.sortBy(([, n]) => n, false, 5).values(),
    ({ a }) => a.map(([, n]) => n).sort((x, y) => y - x),
  ],
  ['sortByKey', ({ left }) => left.sortByKey().keys(), ({ a }) => a.map(([k]) => k).sort()],
  [
    'sortByKey into one partition',
    ({ left }) => left.sortByKey(true, 1).keys(),
    ({ a }) => a.map(([k]) => k).sort(),
  ],
  ['zipWithIndex', ({ left }) => left.zipWithIndex(), ({ a }) => a.map((row, index) => [row, index])],
  ['the order of rows', ({ left }) => left.filter(([, n]) => n > 0), ({ a }) => a.filter(([, n]) => n > 0)],
  ['coalesce of neighbours', ({ left }) => left.coalesce(2), ({ a }) => a],
];

const pair: fc.Arbitrary<Pair> = fc.tuple(
  fc.constantFrom('', 'a', 'b', 'cc', 'ddd', 'é', '\0', '𝄞'),
  fc.integer({ min: -3, max: 9 }),
);
const input = fc.record({
  a: fc.array(pair, { maxLength: 30 }),
  b: fc.array(pair, { maxLength: 12 }),
  slices: fc.integer({ min: 1, max: 7 }),
  otherSlices: fc.integer({ min: 1, max: 4 }),
});

describe.each([1, 3])('on %i executors', (executors) => {
  let context: TestContext;
  beforeAll(() => {
    context = startContext({ executors });
  });
  afterAll(() => context.stop());

  async function check([, run, oracle]: Case, ordered: boolean): Promise<void> {
    await fc.assert(
      fc.asyncProperty(input, async ({ a, b, slices, otherSlices }) => {
        const { sc } = context;
        const left = sc.parallelize(a, slices);
        const right = sc.parallelize(b, otherSlices);
        const given = { a, b, sc, left, right };
        expect(texts(await run(given).collect(), ordered)).toEqual(texts(oracle(given), ordered));
      }),
      { numRuns: 12 },
    );
  }

  test.each(CASES)('%s gives the same rows as plain arrays', async (...operator) => check(operator, false));
  test.each(ORDERED)('%s gives them in the same order', async (...operator) => check(operator, true));

  test('actions give what plain arrays give', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(pair, { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 6 }),
        async (a, slices) => {
          const rdd = context.sc.parallelize(a, slices);
          const numbers = rdd.values();
          const values = a.map(([, n]) => n);
          const ascending = [...values].sort((x, y) => x - y);
          expect(await rdd.count()).toBe(a.length);
          expect(await rdd.first()).toEqual(a[0]);
          expect(await rdd.take(5)).toEqual(a.slice(0, 5));
          expect(await numbers.takeOrdered(4)).toEqual(ascending.slice(0, 4));
          expect(await numbers.top(4)).toEqual(ascending.toReversed().slice(0, 4));
          expect(await numbers.reduce((x, y) => Math.max(x, y))).toBe(ascending.at(-1));
          expect(await numbers.reduce(async (x, y) => Math.max(x, y))).toBe(ascending.at(-1));
          expect(await numbers.fold(0, (x, y) => x + y)).toBe(sum(values));
          expect(
            await numbers.aggregate(
              0,
              (n) => n + 1,
              (x, y) => x + y,
            ),
          ).toBe(a.length);
          expect([await numbers.max(), await numbers.min(), await numbers.sum()]).toEqual([
            ascending.at(-1),
            ascending[0],
            sum(values),
          ]);
          expect(await rdd.isEmpty()).toBe(false);
          expect(await rdd.lookup(a[0]![0])).toEqual(groups(a).get(a[0]![0]));
          expect(await rdd.countByKey()).toEqual(
            new Map([...groups(a)].map(([k, list]) => [k, list.length])),
          );
          expect(sum([...(await numbers.countByValue()).values()])).toBe(a.length);
          expect(await rdd.collectAsMap()).toEqual(new Map(a));
          const rows: Pair[] = [];
          for await (const row of rdd.toLocalIterator()) rows.push(row);
          expect(rows).toEqual(a);
        },
      ),
      { numRuns: 8 },
    );
  });

  test('a sample is part of the rows and stays the same', async () => {
    const rdd = context.sc.range(0, 1000, 1, 4);
    const sample = rdd.sample(false, 0.3);
    const first = await sample.collect();
    expect(await sample.collect()).toEqual(first);
    expect(new Set(first).size).toBe(first.length);
    expect(Math.abs(first.length - 300)).toBeLessThan(100);
    expect(await rdd.sample(true, 2, 7).collect()).toEqual(await rdd.sample(true, 2, 7).collect());
  });

  test('an empty dataset passes through every operator', async () => {
    for (const [name, run] of [...CASES, ...ORDERED]) {
      const empty = context.sc.emptyRDD<Pair>();
      const rows = await run({ a: [], b: [], sc: context.sc, left: empty, right: empty }).collect();
      expect([name, rows]).toEqual([name, []]);
    }
  });
});
