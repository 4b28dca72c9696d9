import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Context } from '../context.ts';
import type { RDD } from '../rdd/rdd.ts';
import { StorageLevel } from '../storage/storage-level.ts';
import { seededRandom, type TestContext, withContext } from '../testing.ts';

type Row = [string, string];

/** Rows of a hundred bytes or so; a key has about `perKey` of them. */
function rowsFrom(seed: number, length: number, perKey: number): Row[] {
  const random = seededRandom(seed);
  const keys = Math.max(1, Math.ceil(length / perKey));
  return Array.from({ length }, (_, i) => [
    `key ${Math.floor(random() * keys)}`.padEnd(20 + Math.floor(random() * 3), '.'),
    `${i} ${'x'.repeat(Math.floor(random() * 100))}`,
  ]);
}

interface Input {
  sc: Context;
  left: RDD<Row>;
  right: RDD<Row>;
}

/** Every way in which rows are held by key, and what of its result must be the same: its rows, or also their order. */
const CASES: [name: string, order: 'rows' | 'order', run: (input: Input) => RDD<unknown>][] = [
  ['sortByKey', 'order', ({ left }) => left.sortByKey(true, 2)],
  ['sortByKey, descending', 'order', ({ left }) => left.sortByKey(false, 1)],
  ['sortBy a number', 'order', ({ left }) => left.sortBy(([, value]) => value.length, true, 2)],
  [
    'sortBy of the awaiting kind',
    'order',
    ({ left }) => left.sortBy(async ([, value]) => value.length, false, 2),
  ],
  ['repartitionAndSortWithinPartitions', 'order', ({ left }) => left.repartitionAndSortWithinPartitions(3)],
  ['repartition', 'rows', ({ left }) => left.repartition(3)],
  ['groupByKey', 'rows', ({ left }) => left.groupByKey(2)],
  ['groupBy', 'rows', ({ left }) => left.groupBy(([, value]) => value.length, 2)],
  [
    'reduceByKey',
    'rows',
    ({ left }) => left.mapValues((value) => value.length).reduceByKey((a, b) => a + b, 2),
  ],
  [
    'reduceByKey of the awaiting kind',
    'rows',
    ({ left }) => left.mapValues((value) => value.length).reduceByKey(async (a, b) => a + b, 2),
  ],
  [
    'aggregateByKey into lists',
    'rows',
    ({ left }) =>
      left.aggregateByKey(
        [] as string[],
        (list, value) => [...list, value],
        (a, b) => [...a, ...b],
        2,
      ),
  ],
  [
    'aggregateByKey into lists, of the awaiting kind',
    'rows',
    ({ left }) =>
      left.aggregateByKey(
        [] as string[],
        async (list, value) => [...list, value],
        async (a, b) => [...a, ...b],
        2,
      ),
  ],
  ['distinct', 'rows', ({ left }) => left.distinct(2)],
  ['cogroup', 'rows', ({ left, right }) => left.cogroup(right, 2)],
  [
    'cogroup of awaited and partitioned sides',
    'rows',
    ({ left, right }) =>
      left
        .partitionBy(2)
        .mapValues(async (value) => value)
        .cogroup(right.partitionBy(2)),
  ],
  ['join', 'rows', ({ left, right }) => left.join(right, 2)],
  ['join, pulled', 'rows', ({ left, right }) => left.join(right, 2).mapPartitions((rows) => rows)],
  ['leftOuterJoin', 'rows', ({ left, right }) => left.leftOuterJoin(right, 2)],
  ['rightOuterJoin', 'rows', ({ left, right }) => left.rightOuterJoin(right, 2)],
  ['fullOuterJoin', 'rows', ({ left, right }) => left.fullOuterJoin(right, 2)],
  ['subtractByKey', 'rows', ({ left, right }) => left.subtractByKey(right)],
  ['intersection', 'rows', ({ left }) => left.intersection(left.map((row) => row))],
];

type Case = (typeof CASES)[number];

async function resultOf(
  { sc }: TestContext,
  [, order, run]: Case,
  left: Row[],
  right: Row[],
): Promise<string[]> {
  const rows = await run({ sc, left: sc.parallelize(left, 3), right: sc.parallelize(right, 2) }).collect();
  const texts = rows.map((row) => JSON.stringify(row, (_, value) => (value === undefined ? null : value)));
  return order === 'order' ? texts : texts.sort();
}

function spilled({ events }: TestContext): number {
  return events.reduce(
    (sum, event) => sum + (event.type === 'taskEnd' ? event.metrics.diskBytesSpilled : 0),
    0,
  );
}

for (const each of CASES) {
  test(`${each[0]}: any memory gives the same result`, async () => {
    const sizes = fc.record({
      seed: fc.integer(),
      length: fc.integer({ min: 0, max: 3000 }),
      perKey: fc.integer({ min: 1, max: 12 }),
      memory: fc.constantFrom(20_000, 60_000, 200_000),
    });
    await fc.assert(
      fc.asyncProperty(sizes, async ({ seed, length, perKey, memory }) => {
        const left = rowsFrom(seed, length, perKey);
        const right = rowsFrom(seed + 1, length >> 1, perKey);
        const roomy = await withContext({}, (context) => resultOf(context, each, left, right));
        await withContext({ memory }, async (context) => {
          expect(await resultOf(context, each, left, right)).toEqual(roomy);
        });
      }),
      { numRuns: 4, examples: [[{ seed: 1, length: 3000, perKey: 5, memory: 20_000 }]] },
    );
    await withContext({ memory: 20_000 }, async (context) => {
      await resultOf(context, each, rowsFrom(1, 3000, 5), rowsFrom(2, 3000, 5));
      expect(spilled(context)).toBeGreaterThan(10_000);
      const left = readdirSync(join(context.folder, '.blocks'), { recursive: true }) as string[];
      expect(left.filter((name) => name.includes('spill_'))).toEqual([]);
    });
  });
}

const hot = (context: TestContext) =>
  context.sc.parallelize(
    Array.from({ length: 4000 }, (_, i): Row => [i % 4 ? 'hot' : `cold ${i}`, `${i}`.padEnd(100, '.')]),
    2,
  );

for (const [name, run] of [
  ['groupByKey', (rows: RDD<Row>) => rows.groupByKey(2).count()],
  ['cogroup', (rows: RDD<Row>) => rows.cogroup(rows, 2).count()],
  [
    'aggregateByKey',
    (rows: RDD<Row>) =>
      rows
        .aggregateByKey(
          [] as string[],
          async (list, value) => [...list, value],
          async (a, b) => [...a, ...b],
          2,
        )
        .count(),
  ],
] as const) {
  test(`${name}: the values of one key that do not fit are refused by the name of the key`, async () => {
    await withContext({ memory: 200_000 }, async (context) => {
      await expect(run(hot(context))).rejects.toMatchObject({
        message: expect.stringMatching(/the key 'hot' take 0\.\d MB and more/),
        hint: expect.stringMatching(/reduceByKey/),
      });
    });
    await withContext({ memory: 4_000_000 }, async (context) => {
      expect(await run(hot(context))).toBeGreaterThan(1000);
    });
  });
}

test('combiners that do not grow never count as large, however many values they have taken in', async () => {
  await withContext({ memory: 200_000 }, async (context) => {
    const pairs = context.sc.range(0, 200_000, 1, 2).map((n): [number, number] => [n % 3, n]);
    const means = pairs.aggregateByKey(
      [0, 0] as [number, number],
      ([sum, count], n): [number, number] => [sum + n, count + 1],
      (a, b): [number, number] => [a[0] + b[0], a[1] + b[1]],
      2,
    );
    expect((await means.collect()).map(([, [, count]]) => count).sort()).toEqual([66666, 66667, 66667]);
    expect(spilled(context)).toBe(0);
  });
});

const LEVELS = [
  'MEMORY_ONLY',
  'MEMORY_ONLY_SER',
  'MEMORY_AND_DISK',
  'MEMORY_AND_DISK_SER',
  'DISK_ONLY',
] as const;
for (const level of LEVELS) {
  test(`${level}: partitions larger than memory are read as they were computed, in both kinds`, async () => {
    const rows = rowsFrom(5, 6000, 3);
    for (const memory of [20_000, 300_000, 1 << 28]) {
      await withContext({ memory }, async (context) => {
        const source = context.sc.parallelize(rows, 4);
        const cached = [source.map((row) => row), source.map(async (row) => row)].map((rdd) =>
          rdd.persist(level),
        );
        for (let pass = 0; pass < 3; pass++) {
          for (const rdd of cached) {
            expect(await rdd.count()).toBe(rows.length);
            expect(await rdd.collect()).toEqual(rows);
          }
          // What needs the memory for itself pushes cached partitions out.
          if (pass === 1) await source.sortByKey(true, 2).count();
        }
        const all = context.events.flatMap((event) => (event.type === 'blockCached' ? [event.onDisk] : []));
        const { useDisk, useMemory } = StorageLevel[level];
        expect(all.length > 0).toBe(useDisk || memory > 20_000);
        if (!useMemory || (useDisk && memory === 20_000)) expect(all).not.toContain(false);
      });
    }
  });
}

test('a result larger than memory is collected, and one too large for the driver is refused while it grows', async () => {
  await withContext({ memory: 20_000 }, async (context) => {
    const rows = rowsFrom(9, 20_000, 3);
    const source = context.sc.parallelize(rows, 2);
    expect(await source.collect()).toEqual(rows);
    expect(await source.map(async (row) => row).collect()).toEqual(rows);
    const text = 'x'.repeat(1 << 20);
    const endless = context.sc.range(0, 1e9, 1, 1).map((n) => `${n} ${text}`);
    await expect(endless.collect()).rejects.toMatchObject({
      message: expect.stringMatching(/the rows of partition 0 alone are more than the 1024 MB/),
    });
    const left = readdirSync(join(context.folder, '.blocks')).filter((name) => name.startsWith('taskresult'));
    expect(left).toEqual([]);
  });
});

test('the first rows of a partition that cannot be cached are not computed twice', async () => {
  await withContext({ memory: 20_000, executors: 1 }, async (context) => {
    const rows = context.sc.parallelize(rowsFrom(7, 4000, 3), 1);
    const cached = rows.map((row) => row).cache();
    expect(await cached.count()).toBe(4000);
    const ends = context.events.filter((event) => event.type === 'taskEnd');
    expect(ends.map(({ rowsByRdd }) => rowsByRdd?.at(-1))).toEqual([4000]);
  });
});
