import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seededRandom, startContext, type TestContext } from '../testing.ts';
import { addToSketch, emptySketch, mergeSketches, sketchEstimate } from './distinct-sketch.ts';

let context: TestContext;
beforeAll(() => {
  context = startContext({ executors: 3 });
});
afterAll(() => context.stop());

const rowsArbitrary = fc.array(fc.integer({ min: -50, max: 50 }), { maxLength: 60 });
const partitions = fc.integer({ min: 1, max: 7 });
const sorted = (rows: number[]) => [...rows].sort((a, b) => a - b);

describe('side by side', () => {
  test('zip pairs rows by place, zipPartitions hands out the same partition of up to four datasets', async () => {
    await fc.assert(
      fc.asyncProperty(rowsArbitrary, partitions, async (rows, slices) => {
        const a = context.sc.parallelize(rows, slices);
        const b = context.sc.parallelize(
          rows.map((n) => `${n}`),
          slices,
        );
        expect(await a.zip(b).collect()).toEqual(rows.map((n) => [n, `${n}`]));
        const sums = a.zipPartitions([b, a], function* (xs, ys, zs) {
          yield [[...xs].length, [...ys].length, [...zs].length];
        });
        const lengths = (await a.glom().collect()).map(({ length }) => [length, length, length]);
        expect(await sums.collect()).toEqual(lengths);
      }),
      { numRuns: 15 },
    );
  });

  test('an awaited zipPartitions, and one over awaited rows, give the same', async () => {
    const a = context.sc.range(0, 10, 1, 3).map(async (n) => n * 2);
    const b = context.sc.range(0, 10, 1, 3);
    const pairs = a.zipPartitions(b, async (xs, ys) => [[...xs], [...ys]]);
    expect(await pairs.collect()).toEqual(
      await context.sc
        .range(0, 10, 1, 3)
        .glom()
        .flatMap((rows) => [rows.map((n) => n * 2), rows])
        .collect(),
    );
  });

  test('unequal sides are named', async () => {
    const { sc } = context;
    await expect(
      sc
        .range(0, 9, 1, 3)
        .zip(sc.range(0, 9, 1, 2))
        .count(),
    ).rejects.toMatchObject({
      code: 'ZIP_UNEQUAL',
      message: expect.stringContaining('3 and 2 partitions'),
    });
    for (const [left, right] of [
      [5, 4],
      [4, 5],
    ] as const) {
      await expect(
        sc
          .range(0, left, 1, 1)
          .zip(sc.range(0, right, 1, 1))
          .collect(),
      ).rejects.toThrow(/only 4/);
    }
  });

  test('zipWithUniqueId runs no job of its own, and no number occurs twice', async () => {
    const before = context.events.filter(({ type }) => type === 'jobStart').length;
    const pairs = await context.sc.range(0, 20, 1, 3).zipWithUniqueId().collect();
    expect(context.events.filter(({ type }) => type === 'jobStart').length).toBe(before + 1);
    expect(new Set(pairs.map(([, id]) => id)).size).toBe(20);
    expect(pairs.map(([n]) => n)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(pairs[0]).toEqual([0, 0]);
    expect(pairs[1]).toEqual([1, 3]);
  });
});

describe('random parts', () => {
  test('randomSplit puts every row into exactly one part, about as large as its weight, the same one each time', async () => {
    const all = context.sc.range(0, 3000, 1, 4);
    const parts = all.randomSplit([1, 0, 3], 7);
    const rows = await Promise.all(parts.map((part) => part.collect()));
    expect(sorted(rows.flat())).toEqual(await all.collect());
    expect(rows[1]).toEqual([]);
    expect(rows[0]!.length).toBeGreaterThan(650);
    expect(rows[0]!.length).toBeLessThan(850);
    expect(await parts[0]!.collect()).toEqual(rows[0]);
    expect(() => all.randomSplit([0, 0])).toThrow(/no weights/);
  });

  test('sampleByKey takes of each key its own fraction', async () => {
    const pairs = context.sc
      .range(0, 4000, 1, 3)
      .map((n): [[string], number] => [[n % 2 ? 'odd' : 'even'], n]);
    const counts = await pairs
      .sampleByKey(
        false,
        [
          [['odd'], 0.1],
          [['even'], 1],
        ],
        3,
      )
      .map(([[key], n]): [string, number] => [key!, n])
      .countByKey();
    expect(counts.get('even')).toBe(2000);
    expect(counts.get('odd')).toBeGreaterThan(130);
    expect(counts.get('odd')).toBeLessThan(270);
    await expect(pairs.sampleByKey(true, [[['odd'], 1]]).count()).rejects.toThrow(/no fraction/);
  });

  test('takeSample gives exactly as many rows as asked for while there are as many', async () => {
    await fc.assert(
      fc.asyncProperty(rowsArbitrary, partitions, fc.nat(80), fc.nat(1000), async (rows, slices, n, seed) => {
        const rdd = context.sc.parallelize(rows, slices);
        const without = await rdd.takeSample(false, n, seed);
        expect(without.length).toBe(Math.min(n, rows.length));
        const left = [...rows];
        for (const row of without) left.splice(left.indexOf(row), 1);
        expect(left.length).toBe(rows.length - without.length);
        expect((await rdd.takeSample(true, n, seed)).length).toBe(rows.length === 0 ? 0 : n);
      }),
      { numRuns: 15 },
    );
  });
});

describe('pairs', () => {
  test('repartitionAndSortWithinPartitions places by the partitioner and sorts each partition', async () => {
    await fc.assert(
      fc.asyncProperty(rowsArbitrary, partitions, fc.boolean(), async (rows, n, ascending) => {
        const pairs = context.sc.parallelize(rows, 3).map((row): [number, number] => [row, row]);
        const done = pairs.repartitionAndSortWithinPartitions(n, ascending);
        const parts = await done.keys().glom().collect();
        const placed = await pairs.partitionBy(n).keys().glom().collect();
        expect(parts.length).toBe(n);
        expect(parts).toEqual(placed.map((part) => (ascending ? sorted(part) : sorted(part).reverse())));
      }),
      { numRuns: 15 },
    );
  });

  test('filterByRange keeps the keys between two bounds, both included, in the order of keys', async () => {
    const pairs = context.sc.parallelize<[number | string, null]>([
      [1, null],
      ['b', null],
      [5, null],
      ['a', null],
      [9, null],
    ]);
    expect(await pairs.filterByRange(5, 'a').keys().collect()).toEqual([5, 'a', 9]);
  });

  test('groupWith brings four datasets together', async () => {
    const of = (value: string) => context.sc.parallelize<[string, string]>([['k', value]], 2);
    const [row] = await of('a').groupWith(of('b'), of('c'), of('d')).collect();
    expect(row).toEqual(['k', [['a'], ['b'], ['c'], ['d']]]);
  });

  test('reduceByKeyLocally is reduceByKey without a shuffle', async () => {
    await fc.assert(
      fc.asyncProperty(rowsArbitrary, partitions, async (rows, slices) => {
        const pairs = context.sc.parallelize(rows, slices).map((n): [[number], number] => [[n % 5], n]);
        const locally = await pairs.reduceByKeyLocally((a, b) => a + b);
        const shuffled = await pairs.reduceByKey((a, b) => a + b).collect();
        const byKey = (all: Iterable<[[number], number]>) => [...all].sort(([[a]], [[b]]) => a - b);
        expect(byKey(locally)).toEqual(byKey(shuffled));
      }),
      { numRuns: 10 },
    );
    expect(context.events.filter((event) => event.type === 'stageSubmitted').length).toBeGreaterThan(0);
  });
});

describe('folding', () => {
  test('treeReduce and treeAggregate equal reduce and aggregate at any number of partitions and any depth', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer(), { minLength: 1, maxLength: 80 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 4 }),
        async (rows, slices, depth) => {
          const rdd = context.sc.parallelize(rows, slices);
          const sum = rows.reduce((a, b) => a + b, 0);
          expect(await rdd.treeReduce((a, b) => a + b, depth)).toBe(sum);
          const counted = await rdd.treeAggregate(
            { n: 0, sum: 0 },
            (acc, row) => ({ n: acc.n + 1, sum: acc.sum + row }),
            (a, b) => ({ n: a.n + b.n, sum: a.sum + b.sum }),
            depth,
          );
          expect(counted).toEqual({ n: rows.length, sum });
        },
      ),
      { numRuns: 12 },
    );
    const none = context.sc.emptyRDD<number>();
    const add = (a: number, b: number) => a + b;
    expect(await none.treeAggregate(7, add, add)).toBe(await none.aggregate(7, add, add));
    await expect(none.treeReduce(add)).rejects.toMatchObject({
      code: 'EMPTY_COLLECTION',
      message: 'treeReduce: the RDD has no rows',
    });
  });

  test('histogram counts numbers into even or given buckets', async () => {
    const rdd = context.sc.parallelize([1, 2, 3, 4, 10, Number.NaN, -5], 3);
    expect(await rdd.filter((n) => n > 0).histogram(3)).toEqual([
      [1, 4, 7, 10],
      [3, 1, 1],
    ]);
    expect(await rdd.histogram([1, 3, 4])).toEqual([
      [1, 3, 4],
      [2, 2],
    ]);
    await expect(rdd.histogram([1])).rejects.toThrow(/two edges/);
    await expect(rdd.histogram([2, 1])).rejects.toThrow(/ascending/);
    expect(await rdd.filter((n) => n > 0).sampleStdev()).toBeCloseTo(3.5355, 4);
  });
});

describe('the sketch of different values', () => {
  test('estimates within four standard deviations from none to a million, however the values are parted', () => {
    const random = seededRandom(5);
    for (const size of [0, 1, 10, 1000, 20_000, 300_000, 1_000_000]) {
      const [a, b] = [emptySketch(0.02, 'test'), emptySketch(0.02, 'test')];
      for (let i = 0; i < size; i++) {
        addToSketch(random() < 0.5 ? a : b, i);
        if (i % 3 === 0) addToSketch(a, i);
      }
      const estimate = sketchEstimate(mergeSketches(a, b));
      expect(Math.abs(estimate - size), `${estimate} for ${size}`).toBeLessThanOrEqual(size * 0.08);
    }
  });

  test('countApproxDistinct and countApproxDistinctByKey', async () => {
    const words = context.sc.range(0, 5000, 1, 4).map((n) => `w${n % 700}`);
    expect(Math.abs((await words.countApproxDistinct(0.02)) - 700)).toBeLessThan(60);
    const pairs = context.sc
      .range(0, 900, 1, 3)
      .map((n): [string, number] => [n % 3 ? 'many' : 'one', n % 3 ? n : 1]);
    expect(new Map(await pairs.countApproxDistinctByKey().collect()).get('one')).toBe(1);
    await expect(words.countApproxDistinct(2)).rejects.toThrow(/out of range/);
  });
});

describe('pipe', () => {
  test('sends each partition through a program and reads its lines', async () => {
    const rdd = context.sc.parallelize(['b', 'a', 'ü'], 2);
    expect(await rdd.pipe('tr a-z A-Z').collect()).toEqual(['B', 'A', 'ü']);
    expect(await rdd.pipe(['cat']).count()).toBe(3);
    expect(await rdd.coalesce(1).pipe('head -n 1').collect()).toEqual(['b']);
    const shown = await rdd
      .pipe('echo "$GREETING"', { env: { GREETING: 'hei' } })
      .distinct()
      .collect();
    expect(shown).toEqual(['hei']);
  });

  test('rows that are no texts are sent as saveAsTextFile writes them', async () => {
    const rows = [{ a: [1, 2n] }, [3, 'x'], null, -0, new Date(0)];
    expect(
      await context.sc
        .parallelize<unknown[]>(rows as never, 1)
        .pipe('cat')
        .collect(),
    ).toEqual(['{"a":[1,2]}', '[3,"x"]', 'null', '0', '1970-01-01T00:00:00.000Z']);
  });

  test('a row that cannot be made, or written, fails the job: the program is not waited for', async () => {
    const broken = context.sc.range(0, 4, 1, 2).map((n) => {
      if (n === 3) throw new Error('bad row');
      return n;
    });
    await expect(broken.pipe('cat').count()).rejects.toThrow(/bad row/);
    const around = context.sc.range(0, 1, 1, 1).map((n) => {
      const row: { n: number; self?: unknown } = { n };
      row.self = row;
      return row;
    });
    await expect(around.pipe('cat').count()).rejects.toThrow(/row 0 holds itself/);
  });

  test('a program that fails, or is not there, fails the job with what it said', async () => {
    const rdd = context.sc.parallelize(['b'], 1);
    await expect(rdd.pipe('echo oops >&2; exit 3').collect()).rejects.toThrow(/code 3\noops/);
    await expect(rdd.pipe(['no-such-program']).collect()).rejects.toThrow(/ENOENT/);
  });
});

describe('runJob', () => {
  test('gives what a function returns for each partition asked for, in that order', async () => {
    const rdd = context.sc.range(0, 10, 1, 4);
    const sum = (rows: Iterable<number>) => [...rows].reduce((a, b) => a + b, 0);
    expect(await context.sc.runJob(rdd, sum)).toEqual([1, 9, 11, 24]);
    expect(await context.sc.runJob(rdd, sum, [3, 0, 3])).toEqual([24, 1, 24]);
    expect(await context.sc.runJob(rdd, sum, [])).toEqual([]);
    expect(await context.sc.runJob(context.sc.emptyRDD<number>(), sum)).toEqual([]);
    const later = rdd.map(async (n) => n);
    expect(await context.sc.runJob(later, async (rows) => [...rows].length, [1])).toEqual([3]);
    expect(await context.sc.runJob(rdd, () => undefined, [0])).toEqual([undefined]);
  });

  test('computes no other partition, and refuses results that cannot travel', async () => {
    const rdd = context.sc.range(0, 4, 1, 4).map((n) => {
      if (n === 2) throw new Error('not this one');
      return n;
    });
    expect(await context.sc.runJob(rdd, (rows) => [...rows], [1, 3])).toEqual([[1], [3]]);
    await expect(context.sc.runJob(rdd, () => (() => 1) as never, [0])).rejects.toThrow(/cannot travel/);
  });
});
