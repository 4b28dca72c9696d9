import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startContext, type TestContext } from '../testing.ts';

let context: TestContext;
beforeAll(() => {
  context = startContext({ executors: 2 });
});
afterAll(() => context.stop());

const input = fc.record({
  rows: fc.array(fc.tuple(fc.constantFrom('a', 'b', 'ccc', 'dd'), fc.integer({ min: -9, max: 9 })), {
    minLength: 1,
    maxLength: 30,
  }),
  slices: fc.integer({ min: 1, max: 5 }),
});

test('every operator and action that combines, compares or places takes async functions', async () => {
  await fc.assert(
    fc.asyncProperty(input, async ({ rows, slices }) => {
      const rdd = context.sc.parallelize(rows, slices);
      const values = rdd.values();
      const sorted = (pairs: [string, number][]) => pairs.toSorted(([a], [b]) => (a < b ? -1 : 1));
      const sums = sorted(await rdd.reduceByKey((a, b) => a + b).collect());
      const bySum = async (...found: Promise<[string, number][]>[]) => {
        for (const pairs of await Promise.all(found)) expect(sorted(pairs)).toEqual(sums);
      };
      await bySum(
        rdd.reduceByKey(async (a, b) => a + b).collect(),
        rdd.foldByKey(0, async (a, b) => a + b).collect(),
        rdd
          .aggregateByKey(
            0,
            async (a, b) => a + b,
            (a, b) => a + b,
          )
          .collect(),
        rdd
          .combineByKey(
            async (n) => n,
            (a, n) => a + n,
            async (a, b) => a + b,
          )
          .collect(),
        rdd
          .partitionBy(3, async (key) => key.length % 3)
          .reduceByKey(async (a, b) => a + b)
          .collect(),
      );
      const placed = rdd.partitionBy(3, async (key) => key.length - 1);
      expect(await placed.glom().collect()).toEqual(
        await rdd
          .partitionBy(3, (key) => key.length - 1)
          .glom()
          .collect(),
      );
      expect(await placed.lookup('a')).toEqual(await rdd.lookup('a'));
      expect(await placed.join(rdd).count()).toBe(await rdd.join(rdd).count());
      const by = (a: number, b: number) => (a % 4) - (b % 4);
      const later = async (a: number, b: number) => by(a, b);
      expect(await values.takeOrdered(4, later)).toEqual(await values.takeOrdered(4, by));
      expect(await values.top(4, later)).toEqual(await values.top(4, by));
      expect([await values.max(later), await values.min(later)]).toEqual([
        await values.max(by),
        await values.min(by),
      ]);
      expect(await values.fold(0, async (a, b) => a + b)).toBe(await values.fold(0, (a, b) => a + b));
    }),
    { numRuns: 10 },
  );
});
