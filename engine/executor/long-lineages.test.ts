import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Operator } from '../rdd/operator.ts';
import type { RddNode } from '../rdd/plan.ts';
import type { RDD } from '../rdd/rdd.ts';
import { StorageLevel } from '../storage/storage-level.ts';
import { startContext, type TestContext } from '../testing.ts';
import { Lineage, TestExecutor } from './testing.ts';

/** A few seconds of work, on a machine that may be busy. */
const SLOW = 120_000;

let context: TestContext;
beforeAll(() => {
  context = startContext({ executors: 2 });
});
afterAll(() => context.stop());

test(
  'twenty thousand maps are built, run and printed',
  async () => {
    let rdd = context.sc.parallelize([1, 2, 3], 2);
    for (let i = 0; i < 20_000; i++) rdd = rdd.map((n) => n + 1);
    expect(await rdd.count()).toBe(3);
    expect(await rdd.collect()).toEqual([20_001, 20_002, 20_003]);
    expect(rdd.toDebugString().split('\n')).toHaveLength(20_001);
  },
  SLOW,
);

test(
  'two thousand unions give all their rows in order',
  async () => {
    const { sc } = context;
    const one = sc.parallelize([0], 1);
    let rdd: RDD<number> = one;
    for (let i = 1; i <= 2_000; i++) rdd = rdd.union(i % 400 === 0 ? sc.parallelize([i], 1) : one);
    const rows = await rdd.coalesce(4).collect();
    expect(rows).toHaveLength(2_001);
    expect(rows.filter((n) => n > 0)).toEqual([400, 800, 1_200, 1_600, 2_000]);
  },
  SLOW,
);

const OPERATORS: ((on: Lineage) => Operator)[] = [
  (on) => ({ kind: 'map', fn: on.fn((n) => n + 1) }),
  (on) => ({ kind: 'filter', fn: on.fn((n) => n % 7 !== 0) }),
  (on) => ({ kind: 'flatMap', fn: on.fn((n) => (n % 50 === 0 ? [] : n % 64 === 0 ? [n, n + 1] : [n])) }),
  () => ({ kind: 'concat' }),
];
/** What each does to an array. */
const ORACLES: ((rows: number[]) => number[])[] = [
  (rows) => rows.map((n) => n + 1),
  (rows) => rows.filter((n) => n % 7 !== 0),
  (rows) => rows.flatMap((n) => (n % 50 === 0 ? [] : n % 64 === 0 ? [n, n + 1] : [n])),
  (rows) => rows,
];

test('a chain cut into several loops gives the rows and the counts of one', async () => {
  const steps = fc.array(fc.nat(3), { minLength: 480, maxLength: 1_200 });
  await fc.assert(
    fc.asyncProperty(steps, fc.boolean(), async (chain, awaits) => {
      const executor = new TestExecutor();
      try {
        const on = new Lineage();
        let rows = Array.from({ length: 40 }, (_, i) => i + 1);
        let root = on.data([rows]);
        const counts = [rows.length];
        for (const step of chain) {
          root = on.over(root, OPERATORS[step]!(on));
          rows = ORACLES[step]!(rows);
          counts.push(rows.length);
        }
        if (awaits) {
          root = on.over(root, { kind: 'map', fn: on.fn(async (n) => n) });
          counts.push(rows.length);
        }
        const stage = executor.stage(on, on.plan(root, { kind: 'result', action: { kind: 'count' } }));
        const task = executor.task(stage, 0);
        expect(await executor.run(task)).toMatchObject({ reason: { kind: 'success' } });
        expect([...task.loop.rows.subarray(0, counts.length)]).toEqual(counts);
        expect((await executor.act(on, root)).flat()).toEqual(rows);
      } finally {
        executor.close();
      }
    }),
    { numRuns: 15 },
  );
});

const NESTED: Record<string, (on: Lineage, root: RddNode) => RddNode> = {
  'mapPartitions by arrays': (on, root) => {
    const fn = on.fn((rows: Iterable<number>) => [...rows].map((n) => n + 1));
    return on.over(root, { kind: 'mapPartitions', withIndex: false, fn });
  },
  'mapPartitions by generators': (on, root) => {
    const fn = on.fn(function* (rows: Iterable<number>) {
      for (const n of rows) yield n + 1;
    });
    return on.over(root, { kind: 'mapPartitions', withIndex: false, fn });
  },
  'cached maps': (on, root) => {
    const storageLevel = StorageLevel.MEMORY_ONLY;
    return on.over(root, { kind: 'map', fn: on.fn((n) => n + 1) }, { storageLevel });
  },
  'cached async maps': (on, root) => {
    const storageLevel = StorageLevel.MEMORY_ONLY;
    return on.over(root, { kind: 'map', fn: on.fn(async (n) => n + 1) }, { storageLevel });
  },
};

test.each(Object.entries(NESTED))('two thousand nested %s need no stack', async (_, nest) => {
  const executor = new TestExecutor();
  try {
    const on = new Lineage();
    let root = on.data([[1, 2, 3]]);
    for (let i = 0; i < 2_000; i++) root = nest(on, root);
    expect(await executor.act(on, root)).toEqual([[2_001, 2_002, 2_003]]);
  } finally {
    executor.close();
  }
});
