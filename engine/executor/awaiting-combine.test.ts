import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ActionSpec } from '../rdd/operator.ts';
import type { AggregatorSpec, PartitionerSpec, ShuffleDependency } from '../rdd/plan.ts';
import { decodeRows, encodeRows } from '../storage/row-codec.ts';
import type { UserFunction } from './push-loop.ts';
import { Lineage, TestExecutor } from './testing.ts';

/** How a function is asynchronous: not at all, by its syntax, or by a promise it returns now and then. */
type Kind = 'sync' | 'async' | 'some' | 'late';

/** Answers after as many turns as its arguments say: later calls often answer first. */
function wrap(kind: Kind, fn: (...args: string[]) => unknown): UserFunction {
  const turns = (args: string[]) => args.join('').length % 3;
  const slow = async (...args: string[]) => {
    for (let i = turns(args); i > 0; i--) await new Promise((resolve) => setImmediate(resolve));
    return fn(...args);
  };
  switch (kind) {
    case 'sync':
      return fn;
    case 'async':
      return async (...args) => slow(...args);
    case 'some':
      return (...args) => (turns(args) === 1 ? slow(...args) : fn(...args));
    case 'late':
      return (...args) => (args.join('').includes('3') ? slow(...args) : fn(...args));
    default:
      return kind satisfies never;
  }
}

const merge = (a = '', b = '') => `${a}(${b})`;

const kind = fc.constantFrom<Kind>('async', 'some', 'late');
const rows = fc.array(
  fc.tuple(fc.constantFrom<unknown>('a', 'b', 3, null, [1]), fc.integer({ min: 0, max: 40 }).map(String)),
  { maxLength: 40 },
);
const partitions = fc.array(rows, { minLength: 1, maxLength: 3 });

interface Shape {
  mapSideCombine: boolean;
  create: boolean;
  zero: boolean;
  custom: boolean;
  inPlace: boolean;
}

/** All rows after a shuffle that combines, in their order, and the rows each side counted. */
async function combined(
  data: unknown[][][],
  kinds: { combine: Kind; place: Kind },
  shape: Shape,
  memory = 1 << 28,
): Promise<unknown> {
  const executor = new TestExecutor(memory);
  try {
    const on = new Lineage();
    const source = on.data(data);
    const aggregator: AggregatorSpec = {
      mergeValue: on.fn(wrap(kinds.combine, merge)),
      mergeCombiners: on.fn(wrap(kinds.combine, (a, b) => `${a}+${b}`)),
      mapSideCombine: shape.mapSideCombine,
    };
    if (shape.create) aggregator.createCombiner = on.fn(wrap(kinds.combine, (v) => `<${v}>`));
    else if (shape.zero) aggregator.zero = encodeRows(['0']);
    if (shape.inPlace) {
      return await executor.act(on, on.over(source, { kind: 'combineByKey', aggregator }));
    }
    const partitioner: PartitionerSpec = shape.custom
      ? {
          kind: 'custom',
          numPartitions: 3,
          closure: on.fn(wrap(kinds.place, (key) => String(key).length % 3)),
        }
      : { kind: 'hash', numPartitions: 3 };
    const dependency: ShuffleDependency = {
      kind: 'shuffle',
      shuffleId: 0,
      rddId: source.rddId,
      partitioner,
      keyed: true,
      aggregator,
    };
    const written = await executor.shuffle(on, source, dependency);
    const read = on.node({ kind: 'shuffled' }, 3, [dependency]);
    return await executor.act(on, read, { kind: 'collect' }, [written]);
  } finally {
    executor.close();
  }
}

test('awaited combining and placing gives the same rows in the same order as without promises', async () => {
  const shape = fc.record({
    mapSideCombine: fc.boolean(),
    create: fc.boolean(),
    zero: fc.boolean(),
    custom: fc.boolean(),
    inPlace: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(partitions, kind, kind, shape, async (data, combine, place, how) => {
      const expected = await combined(data, { combine: 'sync', place: 'sync' }, how);
      expect(await combined(data, { combine, place }, how)).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});

test('awaited combining that runs out of memory writes what it has and goes on', async () => {
  const data = [Array.from({ length: 6_000 }, (_, i) => [i % 3_000, '1'])];
  const how = { mapSideCombine: true, create: false, zero: false, custom: true, inPlace: false };
  const expected = new Map(Array.from({ length: 3_000 }, (_, i) => [i, 2]));
  const result = (await combined(data, { combine: 'async', place: 'async' }, how, 1 << 16)) as string[][][];
  const found = result.flat().map(([key, text]) => [key, text!.split('1').length - 1]);
  expect(new Map(found as [number, number][])).toEqual(expected);
});

test('awaited folding and ordering gives what the synchronous kind gives', async () => {
  const values = fc.array(fc.array(fc.integer({ min: 0, max: 60 }).map(String), { maxLength: 25 }), {
    minLength: 1,
    maxLength: 3,
  });
  const act = async (data: string[][], how: Kind, n: number) => {
    const executor = new TestExecutor();
    try {
      const on = new Lineage();
      const source = on.data(data);
      // Compares by length alone, so that many are equal and their order shows.
      const comparator = on.fn(wrap(how, (a = '', b = '') => a.length - b.length));
      const fn = on.fn(wrap(how, merge));
      const actions: ActionSpec[] = [
        { kind: 'reduce', fn },
        { kind: 'aggregate', zero: encodeRows(['z']), fn },
        { kind: 'takeOrdered', n, descending: false, comparator },
        { kind: 'takeOrdered', n, descending: true, comparator },
      ];
      return await Promise.all(actions.map((action) => executor.act(on, source, action)));
    } finally {
      executor.close();
    }
  };
  await fc.assert(
    fc.asyncProperty(values, kind, fc.integer({ min: 1, max: 30 }), async (data, how, n) => {
      expect(await act(data, how, n)).toEqual(await act(data, 'sync', n));
    }),
    { numRuns: 40 },
  );
});

test('an error of an awaited function names the key, and a place that is none is refused', async () => {
  const executor = new TestExecutor();
  try {
    const on = new Lineage();
    const source = on.data([
      [
        ['fine', 1],
        ['broken', 1],
        ['broken', 2],
      ],
    ]);
    const fail = on.fn(async () => {
      throw new TypeError('no');
    });
    const dependency = (parts: Partial<ShuffleDependency>): ShuffleDependency => ({
      kind: 'shuffle',
      shuffleId: 0,
      rddId: source.rddId,
      partitioner: { kind: 'hash', numPartitions: 2 },
      keyed: true,
      ...parts,
    });
    const aggregator = { mergeValue: fail, mergeCombiners: fail, mapSideCombine: true };
    await expect(executor.shuffle(on, source, dependency({ aggregator }))).rejects.toMatchObject({
      reason: { kind: 'exception', error: { name: 'TypeError', message: 'no', element: "'broken'" } },
    });
    const closure = on.fn(async () => 2);
    const partitioner: PartitionerSpec = { kind: 'custom', numPartitions: 2, closure };
    await expect(executor.shuffle(on, source, dependency({ partitioner }))).rejects.toMatchObject({
      reason: { kind: 'exception', fatal: true, error: { code: 'PARTITIONER_RESULT' } },
    });
  } finally {
    executor.close();
  }
});

test('an awaited function is found out once per stage, and rows are counted once', async () => {
  const executor = new TestExecutor();
  try {
    const on = new Lineage();
    const source = on.data([
      [
        ['a', 1],
        ['a', 2],
      ],
      [
        ['a', 1],
        ['a', 2],
      ],
    ]);
    let calls = 0;
    const add = on.fn((a: number, b: number) => {
      calls++;
      return Promise.resolve(a + b);
    });
    const root = on.over(source, {
      kind: 'combineByKey',
      aggregator: { mergeValue: add, mergeCombiners: add, mapSideCombine: true },
    });
    const stage = executor.stage(on, on.plan(root, { kind: 'result', action: { kind: 'collect' } }));
    const found: unknown[] = [];
    for (const partition of [0, 1]) {
      const task = executor.task(stage, partition);
      const { result } = await executor.run(task);
      found.push([decodeRows((result as { bytes: Uint8Array }).bytes), [...task.loop.rows]]);
    }
    expect(found).toEqual(Array(2).fill([[['a', 3]], [2, 1, 0]]));
    expect(calls).toBe(3);
  } finally {
    executor.close();
  }
});
