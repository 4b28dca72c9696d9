/** Rows, keys and functions that are not as they should be: a named error with its place, or the result that is said here. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Context } from '../context.ts';
import type { StagelightError } from '../errors.ts';
import { startContext, type TestContext } from '../testing.ts';
import type { AnyRDD } from './rdd.ts';

let context: TestContext;
let sc: Context;
beforeAll(() => {
  context = startContext();
  sc = context.sc;
});
afterAll(() => context.stop());

/** Of the task, when it was one that failed. */
async function failure(
  run: () => unknown,
): Promise<{ code: string; message: string; failed: StagelightError }> {
  try {
    await run();
  } catch (error) {
    const failed = error as StagelightError;
    const { code, message } = (failed.code === 'TASK_FAILED' ? failed.cause : failed) as StagelightError;
    return { code, message, failed };
  }
  throw new Error('nothing was thrown');
}

// biome-ignore lint/suspicious/noExplicitAny: of any kind is what they are about
type Key = any;

const keyed = (): Key[] => [
  [Number.NaN, 1],
  [-0, 2],
  [0, 3],
  [1n, 4],
  [1, 5],
  ['1', 6],
  [null, 7],
  [undefined, 8],
  [new Date(Number.NaN), 9],
  [new Date(Number.NaN), 10],
  [new Date(1), 11],
  [[1, [2]], 12],
  [[1, [2]], 13],
  [{ a: 1, b: [null] }, 14],
  [{ b: [null], a: 1 }, 15],
  [true, 16],
  [Number.NaN, 17],
];
/** Which of them are the same key. */
const GROUPS = '1+17 2+3 4 5 6 7 8 9+10 11 12+13 14+15 16';
const groupsOf = (groups: Iterable<number>[]) =>
  groups
    .map((values) => [...values].sort((a, b) => a - b))
    .sort((a, b) => a[0]! - b[0]!)
    .map((values) => values.join('+'))
    .join(' ');

test('which keys are the same is so for every operator, and in whatever partitions they are', async () => {
  for (const slices of [1, 3, 17]) {
    const pairs = sc.parallelize<[Key, number]>(keyed(), slices);
    const lists = async (rdd: AnyRDD) => groupsOf((await rdd.collect()).map((row: Key) => row[1]));
    expect(await lists(pairs.groupByKey(4))).toBe(GROUPS);
    expect(await lists(pairs.cogroup(pairs, 3).mapValues(([left]: Key) => left))).toBe(GROUPS);
    const append = (list: number[], value: number) => [...list, value];
    expect(await lists(pairs.aggregateByKey([] as number[], append, (a, b) => [...a, ...b], 2))).toBe(GROUPS);
    const joined = await pairs
      .join(pairs, 3)
      .filter(([, [a, b]]) => a === b)
      .count();
    expect(joined).toBe(17);
    expect(await pairs.join(pairs, 3).count()).toBe(12 - 5 + 5 * 4);
    expect(await pairs.keys().distinct(3).count()).toBe(12);
    expect((await pairs.countByKey()).size).toBe(12);
    expect(
      await pairs
        .subtractByKey(
          pairs.filter(([, n]) => n < 9),
          2,
        )
        .values()
        .collect(),
    ).toHaveLength(8);
    expect(await pairs.lookup(Number.NaN)).toEqual([1, 17]);
    expect(await pairs.lookup(0)).toEqual([2, 3]);
    expect(await pairs.lookup({ b: [null], a: 1 })).toEqual([14, 15]);
    const sorted = await pairs.sortByKey(true, 2).values().collect();
    expect(sorted).toEqual([7, 16, 2, 3, 5, 4, 1, 17, 6, 11, 9, 10, 12, 13, 14, 15, 8]);
  }
});

const bad = (): Key =>
  sc.parallelize([1, 2, 3, 4], 2).map((n) => [n === 4 ? new Map() : n, n] as [Key, number]);

test('a key that cannot be one is refused by operator, row and partition', async () => {
  const operators: Record<string, () => unknown> = {
    reduceByKey: () =>
      bad()
        .reduceByKey((a: number, b: number) => a + b)
        .collect(),
    groupByKey: () => bad().groupByKey().collect(),
    aggregateByKey: () =>
      bad()
        .aggregateByKey(
          0,
          (a: number) => a,
          (a: number) => a,
        )
        .collect(),
    foldByKey: () =>
      bad()
        .foldByKey(0, (a: number) => a)
        .collect(),
    combineByKey: () =>
      bad()
        .combineByKey(
          (a: number) => a,
          (a: number) => a,
          (a: number) => a,
        )
        .collect(),
    partitionBy: () => bad().partitionBy(3).collect(),
    join: () => bad().join(bad()).collect(),
    leftOuterJoin: () => bad().leftOuterJoin(bad()).collect(),
    fullOuterJoin: () => bad().fullOuterJoin(bad()).collect(),
    cogroup: () => bad().cogroup(bad()).collect(),
    subtractByKey: () => bad().subtractByKey(bad()).collect(),
    groupBy: () =>
      bad()
        .groupBy((row: Key) => row[0])
        .collect(),
    distinct: () => bad().keys().distinct().collect(),
    intersection: () => bad().keys().intersection(bad().keys()).collect(),
    countByKey: () => bad().countByKey(),
    countByValue: () => bad().keys().countByValue(),
    repartitionAndSortWithinPartitions: () => bad().repartitionAndSortWithinPartitions(2).collect(),
  };
  for (const [name, run] of Object.entries(operators)) {
    const { code, message, failed } = await failure(run);
    expect(`${code}: ${message}`).toBe(
      `KEY_NOT_HASHABLE: ${name}: a key cannot be an instance of Map (row 1 of partition 1)`,
    );
    expect(failed.element).toBe('Map(0) {}');
    expect(failed.position?.file).toMatch('bad-rows.test.ts');
  }
  const sorting = {
    sortByKey: () => bad().sortByKey().collect(),
    sortBy: () =>
      bad()
        .sortBy((r: Key) => r[0])
        .collect(),
  };
  for (const run of Object.values(sorting)) {
    const { code, message, failed } = await failure(run);
    expect(`${code}: ${message}`).toBe(
      'KEY_NOT_ORDERABLE: a value of type Map has no natural order (row 1 of partition 1)',
    );
    expect(failed.element).toBe('Map(0) {}');
  }
  for (const key of [() => () => 1, () => Symbol('s')]) {
    const { code } = await failure(() =>
      sc
        .range(0, 9, 1, 3)
        .sortBy(key as Key)
        .collect(),
    );
    expect(code).toBe('KEY_NOT_ORDERABLE');
  }
  const plain = await failure(() =>
    (sc.parallelize([1, 2], 1).filter((n) => n === 2) as Key).reduceByKey((a: Key) => a).collect(),
  );
  expect(plain.message).toBe(
    'reduceByKey: expected a [key, value] pair but the row is 2 (row 0 of partition 0)',
  );
});

test('a row that cannot travel is refused with its number and what is wrong with it, and not tried again', async () => {
  const rows: Record<string, [() => unknown, string]> = {
    function: [() => () => 1, 'it is a value of type function'],
    symbol: [() => ({ s: Symbol('a') }), 'it holds a value of type symbol a at s'],
    instance: [() => [new (class Point {})()], 'it holds a value of type Point at [0]'],
    subclass: [() => new (class Mine extends Error {})('x'), 'it is a value of type Mine'],
    weak: [() => new WeakMap(), 'it is a value of type WeakMap'],
    promise: [() => ({ p: Promise.resolve(1) }), 'it holds a value of type Promise at p'],
    shared: [() => new SharedArrayBuffer(8), 'it is a value of type SharedArrayBuffer'],
    detached: [
      () => {
        const view = new Uint8Array(8);
        structuredClone(view, { transfer: [view.buffer] });
        return { view };
      },
      'it holds a value of type detached Uint8Array at view',
    ],
    getter: [
      () => ({
        get v() {
          throw new TypeError('not now');
        },
      }),
      'reading it threw TypeError: not now',
    ],
    deep: [
      () => {
        let nested: unknown = new Map([['k', new (class Point {})()]]);
        for (let i = 0; i < 50_000; i++) nested = [nested];
        return nested;
      },
      'it holds a value of type Point at level 50,001',
    ],
  };
  for (const [name, [make, what]] of Object.entries(rows)) {
    const spoilt = () => sc.parallelize([0, 1, 2, 3], 2).map((n) => (n === 3 ? make() : n));
    const runs = [() => spoilt().collect(), () => spoilt().repartition(2).count()];
    // A shuffle reads fields for its checksum first: there it is the user's own error at its own line.
    for (const run of name === 'getter' ? runs.slice(0, 1) : runs) {
      const { code, message, failed } = await failure(run);
      expect(`${name} ${code} ${message}`).toMatch(
        new RegExp(
          `^${name} ROW_NOT_SERIALIZABLE (row \\d|one of the rows from 0 on) cannot travel between processes: `,
        ),
      );
      expect(message.endsWith(what), `${name}: ${message}`).toBe(true);
      expect(failed.message).toMatch('in a way that trying again cannot mend');
    }
  }
});

test('what can travel arrives as it was: cycles, proxies of plain objects, errors, NaN and -0', async () => {
  const [[cycle, error, numbers]] = (await sc
    .parallelize([0], 1)
    .map(() => {
      const self: { self?: unknown } = {};
      self.self = self;
      return [self, new RangeError('far'), [Number.NaN, -0, 1n, null, undefined]] as Key;
    })
    .collect()) as [[{ self: unknown }, Error, unknown[]]];
  expect(cycle.self).toBe(cycle);
  const seen = sc.parallelize([1], 1).map((v) => new Proxy({ v }, {}));
  expect(await seen.collect()).toEqual([{ v: 1 }]);
  expect(error).toBeInstanceOf(RangeError);
  expect(numbers).toEqual([Number.NaN, -0, 1n, null, undefined]);
});

test('recursion without an end is called so, in a function, a comparator and a toJSON', async () => {
  const endless = (n: number): number => endless(n) + 1;
  const loop = (row: number) => {
    const object = { row, toJSON: (): unknown => JSON.stringify(object) };
    return object;
  };
  const runs = [
    () =>
      sc
        .parallelize([1, 2], 1)
        .map((n) => endless(n))
        .collect(),
    () => sc.parallelize([2, 1], 1).takeOrdered(1, (a) => endless(a)),
    () =>
      sc
        .parallelize([1, 2], 1)
        .map((n) => JSON.stringify(loop(n)))
        .collect(),
  ];
  for (const run of runs) {
    const { code, failed } = await failure(run);
    expect(code).toBe('STACK_OVERFLOW');
    expect(failed.hint).toMatch('A function calls itself without an end');
    expect(failed.position?.file).toMatch('bad-rows.test.ts');
  }
  // One row in each partition: the function is called in the driver alone.
  const alone = sc.parallelize([1, 2], 2);
  const inDriver = [
    () => alone.reduce((a) => endless(a)),
    () => alone.fold(0, (a, b) => (a === 0 ? b : endless(a))),
    () =>
      alone.aggregate(
        0,
        (_, b) => b,
        (a, b) => (a === 0 ? b : endless(a)),
      ),
    () => alone.takeOrdered(2, (a) => endless(a)),
    () => alone.map((n): [string, number] => ['k', n]).reduceByKeyLocally((a) => endless(a)),
  ];
  for (const run of inDriver) {
    const error = await run().catch((thrown) => thrown);
    expect(error).toMatchObject({
      code: 'STACK_OVERFLOW',
      name: 'RangeError',
      hint: expect.stringMatching('A function calls itself without an end'),
      position: { file: expect.stringMatching('bad-rows.test.ts') },
    });
  }
  const saved = await failure(() =>
    sc
      .parallelize([1])
      .map((n) => loop(n))
      .saveAsTextFile('out'),
  );
  expect(saved).toMatchObject({
    code: 'ROW_NOT_JSON',
    message: 'row 0 cannot be written as JSON: RangeError: Maximum call stack size exceeded',
  });
  const cycle = await failure(() =>
    sc
      .parallelize([1])
      .map((n) => {
        const row: Key = { n };
        row.row = row;
        return row;
      })
      .saveAsTextFile('out'),
  );
  expect(cycle).toMatchObject({
    code: 'ROW_NOT_JSON',
    message: 'row 0 holds itself: at .row is an object around it',
  });
});

test('a generator where none is walked is refused at the call, for it would do nothing', async () => {
  const rows = sc.parallelize([1, 2]) as Key;
  const pairs = sc.parallelize([[1, 2]] as [number, number][]) as Key;
  const generator = function* () {
    yield 1;
  };
  const calls: Record<string, () => unknown> = {
    map: () => rows.map(generator),
    filter: () => rows.filter(generator),
    mapValues: () => pairs.mapValues(generator),
    reduceByKey: () => pairs.reduceByKey(generator),
    sortBy: () => rows.sortBy(generator),
    foreach: () => rows.foreach(generator),
    foreachPartition: () =>
      rows.foreachPartition(async function* () {
        yield 1;
      }),
  };
  for (const [name, call] of Object.entries(calls)) {
    expect(await failure(call)).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: `${name}: a generator (function*) was given; called, it does nothing but make an iterator`,
    });
  }
  expect(await rows.flatMap(generator).collect()).toEqual([1, 1]);
  expect(await rows.mapPartitions(generator).count()).toBe(rows.getNumPartitions());
});

test('objects that only look like promises are awaited; what they refuse fails the task with their error', async () => {
  const rows = sc.parallelize([1, 2]);
  const alike = (then: (resolve: (n: number) => void, reject: (error: Error) => void) => void) =>
    Object.fromEntries([['then', then]]) as Key;
  const doubled = rows.map((n) => alike((resolve) => resolve(n * 2)));
  expect(await doubled.collect()).toEqual([2, 4]);
  const refused = rows.map(() => alike((_, reject) => reject(new Error('no'))));
  expect(await failure(() => refused.collect())).toMatchObject({ code: 'USER', message: 'no' });
});

test('iterators that never end, end badly or are none', async () => {
  const rows = sc.parallelize([1, 2], 1);
  const naturals = rows.flatMap(function* () {
    for (let n = 0; ; n++) yield n;
  });
  expect(await naturals.take(3)).toEqual([0, 1, 2]);
  const walked = (iterator: object) => rows.flatMap(() => ({ [Symbol.iterator]: () => iterator }) as Key);
  const next = () => ({ done: false, value: 1 });
  const onReturn = () => {
    throw new Error('on return');
  };
  const onNext = () => {
    throw new Error('on next');
  };
  expect(await failure(() => walked({ next, return: onReturn }).take(2))).toMatchObject({
    message: 'on return',
  });
  expect(await failure(() => walked({ next: onNext }).collect())).toMatchObject({ message: 'on next' });
  expect(await failure(() => walked({ next: () => 1 }).collect())).toMatchObject({
    message: 'Iterator result 1 is not an object',
  });
});

test('what an action finds out of a dataset is told at the place of the dataset', async () => {
  const { failed } = await failure(() => sc.textFile('nothing-*.txt').count());
  expect(failed).toMatchObject({
    code: 'INPUT_NOT_FOUND',
    position: { file: expect.stringMatching('bad-rows.test') },
  });
});
