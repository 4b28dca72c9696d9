import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startContext, type TestContext } from '../testing.ts';

let context: TestContext;
let folder: string;
beforeAll(() => {
  context = startContext({ executors: 3 });
  folder = mkdtempSync(join(tmpdir(), 'stagelight-approx-'));
});
afterAll(async () => {
  await context.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Partitions 0 and 1 are done at once, the others when `open` was called. */
function halfOpen(name: string) {
  const gate = join(folder, name);
  const rdd = context.sc.range(0, 40, 1, 4).map(async (n) => {
    const { existsSync, watch } = await import('node:fs');
    const { dirname } = await import('node:path');
    if (n < 20 || existsSync(gate)) return n;
    await new Promise<void>((resolve) => {
      const watcher = watch(dirname(gate), () => {
        if (!existsSync(gate)) return;
        watcher.close();
        resolve();
      });
      if (existsSync(gate)) {
        watcher.close();
        resolve();
      }
    });
    return n;
  });
  return { rdd, open: () => writeFileSync(gate, '') };
}

describe('answers after a given time', () => {
  test('are exact when the job ends in time', async () => {
    const { sc } = context;
    const numbers = sc.range(0, 100, 1, 7);
    const exact = (value: number) => ({ mean: value, confidence: 1, low: value, high: value });
    for (const [partial, value] of [
      [await numbers.countApprox(1e9), 100],
      [await numbers.sumApprox(Number.POSITIVE_INFINITY), 4950],
      [await numbers.meanApprox(1e9), 49.5],
    ] as const) {
      expect(partial.initialValue).toMatchObject(exact(value));
      expect(partial.isInitialValueFinal).toBe(true);
      expect(await partial.getFinalValue()).toBe(partial.initialValue);
    }
    const doubled = (await numbers.countApprox(1e9)).map(({ mean }) => mean * 2);
    expect(await doubled.getFinalValue()).toBe(200);
  });

  test('are estimates of what is done when time is over, and the job goes on to the exact result', async () => {
    const { rdd, open } = halfOpen('gate');
    // However few partitions the machine has done by then, the bounds hold the truth or say that nothing is known.
    const count = await rdd.countApprox(300, 0.99);
    expect(count.isInitialValueFinal).toBe(false);
    expect(count.initialValue.low).toBeLessThanOrEqual(40);
    expect(count.initialValue.high).toBeGreaterThanOrEqual(40);
    expect(count.initialValue.confidence).not.toBe(1);
    const mean = await rdd.meanApprox(0);
    expect(mean.isInitialValueFinal).toBe(false);
    const byValue = await rdd.map((n) => n % 2).countByValueApprox(0);
    expect(byValue.isInitialValueFinal).toBe(false);
    open();
    expect(await count.getFinalValue()).toMatchObject({ mean: 40, confidence: 1 });
    expect(await mean.getFinalValue()).toMatchObject({ mean: 19.5, low: 19.5, high: 19.5 });
    expect(await byValue.map((counts) => counts.size).getFinalValue()).toBe(2);
  });

  test('a failure in time is thrown, one after it is that of the final value', async () => {
    const failing = context.sc.range(0, 4, 1, 4).map((n) => {
      if (n === 2) throw new Error('no more');
      return n;
    });
    await expect(failing.countApprox(1e9)).rejects.toThrow('no more');
    const { rdd, open } = halfOpen('second gate');
    const late = await rdd
      .map((n) => {
        if (n === 39) throw new Error('too late');
        return n;
      })
      .countApprox(0);
    open();
    await expect(late.getFinalValue()).rejects.toThrow('too late');
  });

  test('counts of keys and values are those of the exact actions', async () => {
    const { sc } = context;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom('a', '-0', Number.NaN, -0)), {
          maxLength: 40,
        }),
        fc.integer({ min: 1, max: 6 }),
        async (values, slices) => {
          const rdd = sc.parallelize(values, slices);
          const expected = await rdd.countByValue();
          const means = (counts: Map<unknown, { mean: number }>) =>
            new Map([...counts].map(([value, { mean }]) => [value, mean]));
          expect(means((await rdd.countByValueApprox(1e9)).initialValue)).toEqual(expected);
          const pairs = rdd.map((value): [typeof value, number] => [value, 1]);
          expect(means((await pairs.countByKeyApprox(1e9)).initialValue)).toEqual(expected);
        },
      ),
      { numRuns: 15 },
    );
  });

  test('bad arguments are named', async () => {
    const numbers = context.sc.range(10);
    await expect(async () => numbers.countApprox(-1)).rejects.toThrow(/timeout -1/);
    await expect(async () => numbers.countApprox('1' as unknown as number)).rejects.toThrow(/timeout 1/);
    await expect(async () => numbers.sumApprox(10, 1)).rejects.toThrow(/confidence 1 /);
    await expect(async () => numbers.meanApprox(Number.NaN)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });
});

describe('sampleByKeyExact', () => {
  test('takes exactly the wanted number of rows of each key, any way they are spread, and the same again', async () => {
    const { sc } = context;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer()), { maxLength: 60 }),
        fc.integer({ min: 1, max: 6 }),
        fc.boolean(),
        fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
        fc.integer({ min: 0, max: 1000 }),
        async (rows, slices, withReplacement, [a, b], seed) => {
          const rdd = sc.parallelize(rows as [string, number][], slices);
          const fractions = new Map([
            ['a', withReplacement ? 3 * a : a],
            ['b', b],
            ['c', 0],
          ]);
          const sample = rdd.sampleByKeyExact(withReplacement, fractions, seed);
          const taken = await sample.collect();
          const countOf = (of: readonly (readonly [string, number])[], key: string) =>
            of.filter(([k]) => k === key).length;
          for (const [key, fraction] of fractions) {
            expect(countOf(taken, key)).toBe(Math.ceil(fraction * countOf(rows, key)));
          }
          const known = new Map<string, number>();
          for (const row of rows) known.set(row.join(), (known.get(row.join()) ?? 0) + 1);
          for (const row of taken) {
            expect(known.has(row.join())).toBe(true);
            if (!withReplacement) known.set(row.join(), known.get(row.join())! - 1);
          }
          expect(Math.min(0, ...known.values())).toBe(0);
          expect(await sample.collect()).toEqual(taken);
        },
      ),
      { numRuns: 25 },
    );
  });

  test('every row is taken about equally often', async () => {
    const rdd = context.sc.range(0, 30, 1, 4).map((n): [string, number] => ['k', n]);
    for (const withReplacement of [false, true]) {
      const taken = new Array<number>(30).fill(0);
      for (let seed = 0; seed < 60; seed++) {
        const sample = rdd.sampleByKeyExact(withReplacement, [['k', 0.5]], seed);
        for (const [, n] of await sample.collect()) taken[n]!++;
      }
      // 30 draws are expected of each row; five standard deviations of 60 fair draws are 19.
      expect(Math.min(...taken)).toBeGreaterThan(10);
      expect(Math.max(...taken)).toBeLessThan(50);
      expect(taken.reduce((a, b) => a + b)).toBe(15 * 60);
    }
  });

  test('a key without a fraction is named', async () => {
    const rdd = context.sc.parallelize([['a', 1]] as [string, number][]);
    await expect(rdd.sampleByKeyExact(false, []).collect()).rejects.toMatchObject({
      message: expect.stringMatching(
        /trying again cannot mend; .*sampleByKeyExact: no fraction for the key a/,
      ),
    });
    for (const sample of [rdd.sampleByKey.bind(rdd), rdd.sampleByKeyExact.bind(rdd)]) {
      expect(() => sample(false, null as unknown as [])).toThrow(/^sampleByKey\w*: fractions are neither/);
      expect(() => sample(false, { a: 1 } as unknown as [])).toThrow(/: fractions are neither/);
    }
  });
});
