/** What is needed as a whole, or more than once, is accounted for and spills: the same rows in the same order. */
import { expect, test } from 'vitest';
import type { RDD } from '../rdd/rdd.ts';
import { type TestContext, withContext } from '../testing.ts';
import { openSpills, spilled } from './test-spills.ts';

const texts = ({ sc }: TestContext, n: number, slices = 2): RDD<string> =>
  sc.range(0, n, 1, slices).map((i) => `row ${i}`.padEnd(80, '.'));

const runs: Record<string, (context: TestContext) => Promise<unknown>> = {
  'the right side of cartesian': async (context) =>
    (
      await texts(context, 6)
        .cartesian(texts(context, 2000))
        .map(([a, b]) => `${a}${b}`)
        .collect()
    ).join(),
  'a parent that is awaited': async (context) =>
    (
      await texts(context, 3000)
        .map(async (row) => row)
        .mapPartitions((rows) => rows)
        .map((row) => row.trim())
        .collect()
    ).join(),
  'both parents of zipPartitions, awaited': async (context) => {
    const rows = texts(context, 3000).map(async (row) => row);
    const zipped = rows.zipPartitions(rows, (a, b) => [...a].map((row, i) => `${i}${row}${[...b].length}`));
    return (await zipped.collect()).join();
  },
  'a partition that is awaited, in foreachPartition': async (context) => {
    const seen = context.sc.collectionAccumulator<string>('seen');
    await texts(context, 3000)
      .map(async (row) => row)
      .foreachPartition(async (rows) => {
        for (const row of rows) seen.add(row.slice(0, 12));
      });
    return [...seen.value].join();
  },
};

for (const [what, run] of Object.entries(runs)) {
  test(`${what} spills, and the rows are the same in the same order`, async () => {
    const results: unknown[] = [];
    for (const memory of [8_000_000, 100_000]) {
      await withContext({ memory }, async (context) => {
        results.push(await run(context));
        if (memory === 100_000) expect(spilled(context)).toBeGreaterThan(50_000);
        else expect(spilled(context)).toBe(0);
      });
      expect(openSpills()).toEqual([]);
    }
    expect(results[1]).toEqual(results[0]);
    expect(String(results[0]).length).toBeGreaterThan(30_000);
  });
}

test('what was held is gone after an early stop and a failure', async () => {
  await withContext({ memory: 100_000 }, async (context) => {
    const crossed = texts(context, 6).cartesian(texts(context, 2000));
    expect(await crossed.take(2)).toHaveLength(2);
    const failing = texts(context, 3000)
      .map(async (row) => {
        if (row.startsWith('row 1400')) throw new Error('late');
        return row;
      })
      .mapPartitions((rows) => rows);
    await expect(failing.count()).rejects.toMatchObject({ cause: { message: 'late' } });
    expect(openSpills()).toEqual([]);
  });
});

test('glom of a partition that does not fit is refused by name, not by the end of the executor', async () => {
  await withContext({ memory: 100_000 }, async (context) => {
    await expect(texts(context, 3000).glom().count()).rejects.toMatchObject({
      cause: {
        code: 'PARTITION_TOO_LARGE',
        message: expect.stringMatching(/^glom: the rows of partition \d take 0\.\d MB and more as one row/),
      },
    });
    expect(await texts(context, 300).glom().count()).toBe(2);
  });
});

test('a take of many rows is encoded as it goes, and has exactly the rows that are wanted', async () => {
  await withContext({ memory: 100_000 }, async (context) => {
    const rows = texts(context, 12_000);
    const all = await rows.collect();
    for (const n of [1, 15, 16, 17, 80, 5_999, 6_000, 6_001, 11_000, 20_000]) {
      expect(await rows.take(n)).toEqual(all.slice(0, n));
    }
    const spread = rows.flatMap((row) => new Set([row, `${row}!`]));
    expect(await spread.take(4_001)).toEqual(all.flatMap((row) => [row, `${row}!`]).slice(0, 4_001));
  });
});
