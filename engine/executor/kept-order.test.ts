/** Rows that are told apart by their places are in the same places whatever memory there is. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Context } from '../context.ts';
import type { RDD } from '../rdd/rdd.ts';
import { seededRandom, type TestContext, withContext } from '../testing.ts';
import { spilled } from './test-spills.ts';

type Key = string | number | bigint | boolean | null | unknown[] | { of: string };
type Row = [Key, string];

/** Keys of all kinds, some of which have the hash of another; a key has about `perKey` rows. */
function rowsFrom(seed: number, length: number, perKey: number): Row[] {
  const random = seededRandom(seed);
  const keys = Math.max(1, Math.ceil(length / perKey));
  const keyOf = (n: number): Key => {
    const text = `key ${n}`.padEnd(20, '.');
    return [text, [text], n, BigInt(n), { of: text }, [null, true, `${n}`][n % 3]][n % 6] as Key;
  };
  return Array.from({ length }, (_, i) => [
    keyOf(Math.floor(random() * keys)),
    `${i} ${'x'.repeat(Math.floor(random() * 100))}`,
  ]);
}

interface Input {
  sc: Context;
  left: RDD<Row>;
  right: RDD<Row>;
}

/** Everything that holds rows by key and hands them out in no order of keys. */
const CASES: Record<string, (input: Input) => RDD<unknown>> = {
  reduceByKey: ({ left }) => left.reduceByKey((a, b) => (a < b ? a : b), 2),
  'reduceByKey of the awaiting kind': ({ left }) => left.reduceByKey(async (a, b) => (a < b ? a : b), 2),
  'reduceByKey of partitions': ({ left }) => left.partitionBy(2).reduceByKey((a, b) => (a < b ? a : b), 2),
  groupByKey: ({ left }) => left.groupByKey(2),
  'groupByKey of a shuffle': ({ left, right }) =>
    left
      .join(right, 3)
      .map(([, [a, b]]): [string, string] => [b.slice(0, 6), a.slice(0, 6)])
      .groupByKey(2),
  distinct: ({ left }) => left.distinct(2),
  cogroup: ({ left, right }) => left.cogroup(right, 2),
  join: ({ left, right }) => left.join(right, 2),
  leftOuterJoin: ({ left, right }) => left.leftOuterJoin(right, 2),
  rightOuterJoin: ({ left, right }) => left.rightOuterJoin(right, 2),
  fullOuterJoin: ({ left, right }) => left.fullOuterJoin(right, 2),
  subtractByKey: ({ left, right }) => left.subtractByKey(right, 2),
  intersection: ({ left }) => left.intersection(left.map((row) => row)),
};

const textOf = (row: unknown) =>
  JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? `${value}n` : (value ?? null)));

for (const [name, make] of Object.entries(CASES)) {
  test(`${name}: rows are numbered alike in any memory`, async () => {
    const numbered = async ({ sc }: TestContext, left: Row[], right: Row[]) => {
      const rows = make({ sc, left: sc.parallelize(left, 3), right: sc.parallelize(right, 2) });
      return (await rows.zipWithIndex().collect()).map(textOf);
    };
    const sizes = fc.record({
      seed: fc.integer(),
      length: fc.integer({ min: 0, max: 2000 }),
      perKey: fc.integer({ min: 1, max: 12 }),
      memory: fc.constantFrom(20_000, 60_000, 200_000),
    });
    await fc.assert(
      fc.asyncProperty(sizes, async ({ seed, length, perKey, memory }) => {
        const left = rowsFrom(seed, length, perKey);
        const right = rowsFrom(seed + 1, length >> 1, perKey);
        const roomy = await withContext({}, (context) => numbered(context, left, right));
        await withContext({ memory }, async (context) => {
          expect(await numbered(context, left, right)).toEqual(roomy);
        });
      }),
      { numRuns: 2, examples: [[{ seed: 1, length: 2000, perKey: 5, memory: 20_000 }]] },
    );
    await withContext({ memory: 20_000 }, async (context) => {
      await numbered(context, rowsFrom(1, 2000, 5), rowsFrom(2, 1000, 5));
      expect(spilled(context)).toBeGreaterThan(10_000);
    });
  });
}

test('a key whose values are joined block by block keeps the order of both sides', async () => {
  const rows = (length: number, side: string): Row[] =>
    Array.from({ length }, (_, i) => [i % 4 ? 'hot' : `cold ${i % 32}`, `${side} ${i}`.padEnd(60, '.')]);
  const joined = ({ sc }: TestContext) =>
    sc
      .parallelize(rows(2000, 'left'), 2)
      .fullOuterJoin(sc.parallelize(rows(12, 'right'), 2), 2)
      .mapValues(([a, b]) => `${a?.slice(0, 9)} ${b?.slice(0, 9)}`)
      .zipWithIndex()
      .collect();
  const roomy = await withContext({}, joined);
  expect(roomy.length).toBeGreaterThan(13_000);
  await withContext({ memory: 40_000 }, async (context) => {
    expect(await joined(context)).toEqual(roomy);
    expect(spilled(context)).toBeGreaterThan(100_000);
  });
});

const first = (value: string) => value.slice(0, 3);
const manyRows = rowsFrom(3, 4000, 3);

/** How many pairs of a zip are of different keys; both sides are computed by themselves. */
const unequal = (a: RDD<[Key, unknown]>, b: RDD<[Key, unknown]>) =>
  a
    .zip(b)
    .filter(([[x], [y]]) => textOfKey(x) !== textOfKey(y))
    .count();
const textOfKey = (key: Key) => (typeof key === 'bigint' ? `${key}n` : JSON.stringify(key));

test('the sides of a zip are in one order, computed in the same task or behind shuffles of their own', async () => {
  await withContext({ memory: 100_000 }, async (context) => {
    const rows = context.sc.parallelize(manyRows, 3);
    const joined = rows.join(rows.distinct(2), 3);
    expect(
      await unequal(
        joined,
        joined.mapValues(([value]) => first(value)),
      ),
    ).toBe(0);
    const [left, right] = [joined, joined.mapValues(([value]) => first(value))];
    expect(await unequal(left.partitionBy(5), right.partitionBy(5))).toBe(0);
    expect(spilled(context)).toBeGreaterThan(100_000);
  });
});

test('what jobs before have shuffled or cached in another order is made again for a zip, once', async () => {
  await withContext({ memory: 100_000 }, async (context) => {
    const rows = context.sc.parallelize(manyRows, 3);
    const grouped = rows.groupByKey(3).mapValues((values) => [...values].sort().join());
    const cached = grouped.mapValues((value) => value).persist('DISK_ONLY');
    const shuffled = grouped.partitionBy(5);
    const n = await shuffled.count();
    expect(await cached.count()).toBe(n);
    const fromCache = cached.map((row): [Key, unknown] => row).partitionBy(5);
    expect(await fromCache.count()).toBe(n);
    const again = grouped.mapValues((value) => value).partitionBy(5);
    expect(await unequal(shuffled, again)).toBe(0);
    expect(await unequal(fromCache, again)).toBe(0);
    expect(await unequal(cached, grouped)).toBe(0);
    const begun = context.events.filter((event) => event.type === 'stageSubmitted').length;
    // All of it is there now, in an order that stays.
    expect(await unequal(shuffled, fromCache)).toBe(0);
    const submitted = context.events.filter((event) => event.type === 'stageSubmitted').length;
    expect(submitted - begun).toBe(1);
  });
});

const pairOf = (n: number): [number, number] => [n % 700, n];
const LARGE: Record<string, (sc: Context) => RDD<[number, number]>> = {
  rows: (sc) => sc.range(0, 3000, 1, 4).map(pairOf),
  'rows that are awaited': (sc) => sc.range(0, 3000, 1, 4).map(async (n) => pairOf(n)),
};

test.each(Object.entries(LARGE))(
  'a join that a job before had not shuffled is shuffled for a zip: %s',
  async (_, make) => {
    await withContext({}, async (context) => {
      const large = make(context.sc);
      const small = context.sc.range(0, 600, 1, 2).map((n): [number, string] => [n, `${n}`]);
      const joined = large.join(small, 6).map(([key, [n, text]]): [Key, unknown] => [key + 1000 * n, text]);
      const before = joined.partitionBy(5);
      const n = await before.count();
      const after = before.partitionBy(7);
      await after.count();
      const sent = () =>
        context.events.filter((event) => event.type === 'adaptivePlan' && event.kind === 'broadcastJoin');
      expect(sent()).toHaveLength(1);
      const again = joined.mapValues((value) => value).partitionBy(5);
      expect(await unequal(after, again.partitionBy(7))).toBe(0);
      expect(await unequal(before, again)).toBe(0);
      expect(await before.count()).toBe(n);
      expect(sent()).toHaveLength(1);
    });
  },
);

test('rows that a job before has placed by their order are numbered all the same', async () => {
  await withContext({ memory: 100_000 }, async (context) => {
    const grouped = context.sc.parallelize(manyRows, 3).groupByKey(3);
    const placed = grouped.mapValues((values) => values.length).repartition(4);
    const n = await placed.count();
    expect(spilled(context)).toBeGreaterThan(100_000);
    const numbers = await placed
      .zipWithIndex()
      .map(([, at]) => at)
      .collect();
    expect(numbers).toEqual(Array.from({ length: n }, (_, at) => at));
  });
});

test('a local checkpoint keeps its rows, in whatever order they were computed', async () => {
  await withContext({ memory: 100_000 }, async (context) => {
    const grouped = context.sc
      .parallelize(manyRows, 3)
      .groupByKey(3)
      .mapValues((values) => values.length)
      .localCheckpoint();
    const made = grouped.mapValues((length) => length).partitionBy(5);
    const n = await made.count();
    expect(spilled(context)).toBeGreaterThan(10_000);
    expect(grouped.isCheckpointed()).toBe(true);
    expect(
      await unequal(
        grouped,
        grouped.mapValues((length) => length),
      ),
    ).toBe(0);
    expect(await unequal(made, grouped.mapValues((length) => length).partitionBy(5))).toBe(0);
    expect(await grouped.count()).toBe(n);
  });
});

test('a zip waits for a job that reads a join of which one side was sent', async () => {
  await withContext({ executors: 2 }, async (context) => {
    const { sc } = context;
    const large = sc.range(0, 3000, 1, 4).map((n): [number, number] => [n % 700, n]);
    const small = sc.range(0, 600, 1, 2).map((n): [number, string] => [n, `${n}`]);
    const joined = large.join(small, 6).map(([key, [n, text]]): [Key, unknown] => [key + 1000 * n, text]);
    const before = joined.partitionBy(5);
    const first = before.collectAsync();
    await context.until((events) =>
      events.find((event) => event.type === 'adaptivePlan' && event.kind === 'broadcastJoin'),
    );
    const again = joined.mapValues((value) => value).partitionBy(5);
    expect(await unequal(before.partitionBy(7), again.partitionBy(7))).toBe(0);
    const jobs = context.events.flatMap((event) =>
      event.type === 'jobStart' || event.type === 'jobEnd' ? [`${event.type} ${event.jobId}`] : [],
    );
    expect(jobs.slice(0, 3)).toEqual(['jobStart 0', 'jobEnd 0', 'jobStart 1']);
    expect((await first).length).toBe(await before.count());
  });
});
