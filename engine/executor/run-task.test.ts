import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Operator } from '../rdd/operator.ts';
import { encodeRows } from '../storage/row-codec.ts';
import { StorageLevel } from '../storage/storage-level.ts';
import type { UserFunction } from './push-loop.ts';
import { Lineage, TestExecutor } from './testing.ts';

let executor: TestExecutor;
let lineage: Lineage;

beforeEach(() => {
  executor = new TestExecutor();
  lineage = new Lineage();
});
afterEach(() => executor.close());

const later = <T>(value: T): Promise<T> => new Promise((resolve) => setImmediate(() => resolve(value)));

type Pair = [number, number];

interface Step {
  op: (on: Lineage, wrap: (fn: UserFunction) => UserFunction) => Operator;
  oracle: (rows: Pair[]) => Pair[];
}

/** Steps over rows [number, number]. */
const STEPS: Record<string, Step> = {
  map: {
    op: (on, wrap) => ({ kind: 'map', fn: on.fn(wrap(([k, v]) => [k, v + 1])) }),
    oracle: (rows) => rows.map(([k, v]) => [k, v + 1]),
  },
  filter: {
    op: (on, wrap) => ({ kind: 'filter', fn: on.fn(wrap(([, v]) => v % 3 !== 0)) }),
    oracle: (rows) => rows.filter(([, v]) => v % 3 !== 0),
  },
  flatMap: {
    op: (on, wrap) => ({
      kind: 'flatMap',
      fn: on.fn(
        wrap(([k, v]) =>
          v % 2
            ? []
            : [
                [k, v],
                [k + 1, v],
              ],
        ),
      ),
    }),
    oracle: (rows) =>
      rows.flatMap(([k, v]) =>
        v % 2
          ? []
          : [
              [k, v],
              [k + 1, v],
            ],
      ),
  },
  flatMapSet: {
    op: (on, wrap) => ({
      kind: 'flatMap',
      fn: on.fn(
        wrap(
          ([k, v]) =>
            new Set([
              [k, v],
              [v, k],
            ]),
        ),
      ),
    }),
    oracle: (rows) =>
      rows.flatMap(([k, v]) => [
        [k, v],
        [v, k],
      ]),
  },
  flatMapGenerator: {
    op: (on) => ({
      kind: 'flatMap',
      fn: on.fn(function* ([k, v]) {
        yield [k, v];
        if (v % 2) yield [v, k];
      }),
    }),
    oracle: (rows) =>
      rows.flatMap(([k, v]) =>
        v % 2
          ? [
              [k, v],
              [v, k],
            ]
          : [[k, v]],
      ),
  },
  mapValues: {
    op: (on, wrap) => ({ kind: 'mapValues', fn: on.fn(wrap((v) => v * 2)) }),
    oracle: (rows) => rows.map(([k, v]) => [k, v * 2]),
  },
  flatMapValues: {
    op: (on, wrap) => ({ kind: 'flatMapValues', fn: on.fn(wrap((v) => [v, v + 1])) }),
    oracle: (rows) =>
      rows.flatMap(([k, v]) => [
        [k, v],
        [k, v + 1],
      ]),
  },
  keyByValues: {
    op: (on, wrap) => ({ kind: 'map', fn: on.fn(wrap(([k, v]) => [v, k])) }),
    oracle: (rows) => rows.map(([k, v]) => [v, k]),
  },
  mapPartitions: {
    op: (on) => ({
      kind: 'mapPartitions',
      withIndex: false,
      fn: on.fn(function* (rows) {
        let last = 0;
        for (const [k, v] of rows) {
          yield [k, v - last];
          last = v;
        }
      }),
    }),
    oracle: (rows) => rows.map(([k, v], i) => [k, v - (i === 0 ? 0 : rows[i - 1]![1])]),
  },
};

const names = fc.array(fc.constantFrom(...Object.keys(STEPS)), { maxLength: 6 });
const partitions = fc.array(
  fc.array(fc.tuple(fc.nat(9), fc.integer({ min: -20, max: 20 })), { maxLength: 12 }),
  {
    minLength: 1,
    maxLength: 3,
  },
);

async function matchesOracle(chain: string[], input: Pair[][], wrap: (fn: UserFunction) => UserFunction) {
  const on = new Lineage();
  let node = on.data(input);
  let expected = input;
  for (const name of chain) {
    node = on.over(node, STEPS[name]!.op(on, wrap));
    expected = expected.map(STEPS[name]!.oracle);
  }
  expect(await executor.act(on, node)).toEqual(expected);
  expect(await executor.act(on, node, { kind: 'count' })).toEqual(expected.map((rows) => [rows.length]));
}

test('any chain of operators gives the rows arrays would', async () => {
  await fc.assert(
    fc.asyncProperty(names, partitions, (chain, input) => matchesOracle(chain, input, (fn) => fn)),
    {
      seed: 3,
      numRuns: 150,
    },
  );
});

test('the awaiting kind gives the same rows in the same order, from async syntax or from promises', async () => {
  const wraps: ((fn: UserFunction) => UserFunction)[] = [
    (fn) => async (row) => later(fn(row)),
    (fn) => (row) => Promise.resolve(fn(row)),
    (fn) => (row) => (Array.isArray(row) && row[0] % 2 ? later(fn(row)) : fn(row)),
  ];
  await fc.assert(
    fc.asyncProperty(names, partitions, fc.constantFrom(...wraps), (chain, input, wrap) =>
      matchesOracle(chain, input, wrap),
    ),
    { seed: 4, numRuns: 100 },
  );
});

test('keys, values, keyBy, glom, zipWithIndex, filterKey and sample', async () => {
  const pairs = lineage.data([
    [
      ['a', 1],
      ['b', 2],
    ],
    [['a', 3]],
  ]);
  expect(await executor.act(lineage, lineage.over(pairs, { kind: 'keys' }))).toEqual([['a', 'b'], ['a']]);
  expect(await executor.act(lineage, lineage.over(pairs, { kind: 'values' }))).toEqual([[1, 2], [3]]);
  expect(await executor.act(lineage, lineage.over(pairs, { kind: 'glom' }))).toEqual([
    [
      [
        ['a', 1],
        ['b', 2],
      ],
    ],
    [[['a', 3]]],
  ]);
  const byValue = lineage.over(pairs, { kind: 'keyBy', fn: lineage.fn(([, v]) => v) });
  expect(await executor.act(lineage, byValue)).toEqual([
    [
      [1, ['a', 1]],
      [2, ['b', 2]],
    ],
    [[3, ['a', 3]]],
  ]);
  const found = lineage.over(pairs, { kind: 'filterKey', key: encodeRows(['a']) });
  expect(await executor.act(lineage, lineage.over(found, { kind: 'values' }))).toEqual([[1], [3]]);
  const indexed = lineage.over(pairs, { kind: 'zipWithIndex' });
  lineage.prepared[indexed.rddId] = encodeRows([0, 2]);
  expect(await executor.act(lineage, lineage.over(indexed, { kind: 'values' }))).toEqual([[0, 1], [2]]);

  const numbers = lineage.node({ kind: 'range', start: 0, end: 20_000, step: 1 }, 2);
  for (const withReplacement of [false, true]) {
    const sample = lineage.over(numbers, { kind: 'sample', withReplacement, fraction: 0.25, seed: 5 });
    const once = await executor.act(lineage, sample);
    expect(await executor.act(lineage, sample)).toEqual(once);
    expect(once.flat().length).toBeGreaterThan(4500);
    expect(once.flat().length).toBeLessThan(5500);
    expect(once[1]!.map((x) => (x as number) - 10_000)).not.toEqual(once[0]);
  }
});

test('ranges, whole files, unions, coalesced and multiplied partitions', async () => {
  const range = lineage.node({ kind: 'range', start: 10, end: -5, step: -4 }, 3);
  expect((await executor.act(lineage, range)).flat()).toEqual([10, 6, 2, -2]);
  writeFileSync(join(executor.directory, 'a.txt'), '\ufeffhello');
  const files = lineage.node({ kind: 'wholeTextFiles', paths: ['a.txt'], groups: [[0], []] }, 2);
  expect(await executor.act(lineage, files)).toEqual([[['a.txt', 'hello']], []]);
  writeFileSync(join(executor.directory, 'b.gz'), gzipSync('packed'));
  const packed = lineage.node({ kind: 'wholeTextFiles', paths: ['b.gz'], groups: [[0]] }, 1);
  expect(await executor.act(lineage, packed)).toEqual([[['b.gz', 'packed']]]);

  const a = lineage.data([[1], [2, 3]]);
  const b = lineage.over(a, { kind: 'map', fn: lineage.fn((x) => x * 10) });
  const union = lineage.node({ kind: 'concat' }, 4, [
    { kind: 'range', rddId: a.rddId, inStart: 0, outStart: 0, length: 2 },
    { kind: 'range', rddId: b.rddId, inStart: 0, outStart: 2, length: 2 },
  ]);
  expect(await executor.act(lineage, union)).toEqual([[1], [2, 3], [10], [20, 30]]);
  const coalesced = lineage.node({ kind: 'concat' }, 2, [
    {
      kind: 'listed',
      rddId: union.rddId,
      parents: [
        [0, 2],
        [1, 3],
      ],
    },
  ]);
  const indexed = lineage.over(coalesced, { kind: 'zipWithIndex' });
  lineage.prepared[indexed.rddId] = encodeRows([0, 2]);
  expect(await executor.act(lineage, indexed)).toEqual([
    [
      [1, 0],
      [10, 1],
    ],
    [
      [2, 2],
      [3, 3],
      [20, 4],
      [30, 5],
    ],
  ]);
  const product = lineage.node({ kind: 'cartesian' }, 4, [
    { kind: 'strided', rddId: a.rddId, divisor: 2, modulus: 2 },
    { kind: 'strided', rddId: b.rddId, divisor: 1, modulus: 2 },
  ]);
  expect(await executor.act(lineage, product)).toEqual([
    [[1, 10]],
    [
      [1, 20],
      [1, 30],
    ],
    [
      [2, 10],
      [3, 10],
    ],
    [
      [2, 20],
      [2, 30],
      [3, 20],
      [3, 30],
    ],
  ]);
});

test('take stops a source that never ends', async () => {
  const one = lineage.data([[1]]);
  const endless = lineage.over(one, {
    kind: 'flatMap',
    fn: lineage.fn(function* () {
      for (let i = 0; ; i++) yield i;
    }),
  });
  const even = lineage.over(endless, { kind: 'filter', fn: lineage.fn((x) => x % 2 === 0) });
  expect(await executor.act(lineage, even, { kind: 'take', n: 3 })).toEqual([[0, 2, 4]]);
  let closed = 0;
  const slow = lineage.over(one, {
    kind: 'flatMap',
    fn: lineage.fn(async function* () {
      try {
        for (let i = 0; ; i++) yield later(i);
      } finally {
        closed++;
      }
    }),
  });
  expect(await executor.act(lineage, slow, { kind: 'take', n: 3 })).toEqual([[0, 1, 2]]);
  expect(closed).toBe(1);
});

test('what functions return is iterated and awaited as the language does it', async () => {
  const rows = lineage.data([[1, 2, 3]]);
  const over = (fn: (rows: IterableIterator<number>) => unknown) =>
    lineage.over(rows, { kind: 'mapPartitions', fn: lineage.fn(fn), withIndex: false });
  const answersAtOnce = over((it) => ({ [Symbol.asyncIterator]: () => ({ next: () => it.next() }) }));
  expect(await executor.act(lineage, answersAtOnce)).toEqual([[1, 2, 3]]);
  const callable = over((it) =>
    // biome-ignore lint/suspicious/noThenProperty: what is tested
    Object.assign(() => 0, { then: (resolve: (rows: number[]) => void) => resolve([...it]) }),
  );
  expect(await executor.act(lineage, callable)).toEqual([[1, 2, 3]]);
  for (const noStep of [
    over(() => ({ [Symbol.iterator]: () => ({ next: () => 5 }) })),
    over(() => ({ [Symbol.asyncIterator]: () => ({ next: async () => 5 }) })),
  ])
    await expect(executor.act(lineage, noStep)).rejects.toMatchObject({
      reason: { error: { name: 'TypeError', message: 'Iterator result 5 is not an object' } },
    });
});

test('at most 16 elements are on their way at once', async () => {
  let flying = 0;
  let most = 0;
  const slow = lineage.fn(async (x) => {
    most = Math.max(most, ++flying);
    await later(undefined);
    flying--;
    return x;
  });
  const node = lineage.over(lineage.data([Array.from({ length: 100 }, (_, i) => i)]), {
    kind: 'map',
    fn: slow,
  });
  expect(await executor.act(lineage, node, { kind: 'count' })).toEqual([[100]]);
  expect(most).toBe(16);
});

test('a cached partition is computed once, and again when its block is gone', async () => {
  let calls = 0;
  const squares = lineage.fn((x) => {
    calls++;
    return x * x;
  });
  const cached = lineage.over(
    lineage.data([[1, 2, 3]]),
    { kind: 'map', fn: squares },
    { storageLevel: StorageLevel.MEMORY_ONLY },
  );
  const above = lineage.over(cached, { kind: 'filter', fn: lineage.fn((x) => x > 1) });
  const stage = executor.stage(lineage, lineage.plan(above, { kind: 'result', action: { kind: 'count' } }));
  const first = executor.task(stage, 0);
  await executor.run(first);
  expect(first.cachedBlocks).toMatchObject([{ rddId: cached.rddId, partition: 0, onDisk: false }]);
  expect([...first.loop.rows.subarray(0, 3)]).toEqual([3, 3, 2]);
  expect(await executor.act(lineage, above)).toEqual([[4, 9]]);
  expect(calls).toBe(3);
  executor.blocks.dropRdd(cached.rddId);
  expect(await executor.act(lineage, above)).toEqual([[4, 9]]);
  expect(calls).toBe(6);
});

test('neither run time nor CPU time has that of encoding the result', () => {
  const plan = lineage.plan(lineage.data([[1]]), { kind: 'result', action: { kind: 'collect' } });
  const stage = executor.stage(lineage, plan);
  const settled = (elapsed: number, cpuTime: number, resultSerializationTime: number) => {
    const task = executor.task(stage, 0);
    task.metrics.resultSerializationTime = resultSerializationTime;
    task.complete(elapsed, cpuTime);
    const { executorRunTime, executorCpuTime } = task.metrics;
    return [executorRunTime, executorCpuTime, task.metrics.resultSerializationTime];
  };
  // All of a short task is taken to be computing.
  expect(settled(0.5, 0.5, 0.125)).toEqual([0.375, 0.375, 0.125]);
  expect(settled(10, 5, 4.0004)).toEqual([6, 3, 4]);
  expect(settled(0, 0, 0)).toEqual([0, 0, 0]);
});
