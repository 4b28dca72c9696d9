/** What flatMap gives for one row, where rows are pulled and where they are awaited: asked for as it is wanted, never held. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Context } from '../context.ts';
import type { Operator } from '../rdd/operator.ts';
import type { RddNode } from '../rdd/plan.ts';
import type { RDD } from '../rdd/rdd.ts';
import { encodeRows } from '../storage/row-codec.ts';
import { withContext } from '../testing.ts';
import { eventually } from '../testing-eventually.ts';
import { Cancellation } from './cancellation.ts';
import type { UserFunction } from './push-loop.ts';
import type { TaskFile } from './task-file.ts';
import { TaskRun } from './task-run.ts';
import { Lineage, TestExecutor } from './testing.ts';

let executor: TestExecutor;
let lineage: Lineage;

beforeEach(() => {
  executor = new TestExecutor();
  lineage = new Lineage();
});
afterEach(() => executor.close());

const over = (parent: RddNode, kind: 'map' | 'filter' | 'flatMap' | 'flatMapValues', fn: UserFunction) =>
  lineage.over(parent, { kind, fn: lineage.fn(fn) } as Operator);

/** What a function makes of all rows, which it pulls. */
const pulled = (parent: RddNode, fn: UserFunction = (rows) => rows) =>
  lineage.over(parent, { kind: 'mapPartitions', withIndex: false, fn: lineage.fn(fn) } as Operator);

const take = (n: number) => ({ kind: 'take', n }) as const;

async function run(root: RddNode, now?: () => number) {
  executor.now = now;
  const stage = executor.stage(lineage, lineage.plan(root, { kind: 'result', action: { kind: 'count' } }));
  const task = executor.task(stage, 0);
  return { task, reason: (await executor.run(task)).reason };
}

/** Functions that give what `items` walks, in every form that can be walked. */
const FORMS: Record<string, (items: () => Generator<unknown>) => UserFunction> = {
  'a generator': (items) =>
    function* () {
      yield* items();
    },
  'a generator that another function calls': (items) => () => items(),
  'an iterator helper': (items) => () => items().map((item) => item),
  'an object with an iterator': (items) => () => ({ [Symbol.iterator]: items }),
};

describe.each(Object.entries(FORMS))('%s', (_, form) => {
  let made: number;
  let begun: number;
  let ended: number;

  beforeEach(() => {
    made = 0;
    begun = 0;
    ended = 0;
  });

  const endless = form(function* () {
    begun++;
    try {
      for (;;) yield { n: made++ };
    } finally {
      ended++;
    }
  });

  const chains: Record<string, (from: RddNode) => RddNode> = {
    alone: (from) => over(from, 'flatMap', endless),
    'before others': (from) => {
      const twice = over(over(from, 'flatMap', endless), 'flatMap', (row) => [row, row]);
      return over(
        over(twice, 'filter', () => true),
        'map',
        (row) => row,
      );
    },
    'behind others': (from) => {
      const three = over(from, 'flatMap', (n) => [n, n, n]);
      const each = over(three, 'flatMap', function* (n) {
        yield n;
      });
      return over(over(each, 'flatMap', endless), 'flatMap', (row) => [row]);
    },
    'of values': (from) =>
      over(
        over(
          over(from, 'map', (n) => [n, n]),
          'flatMapValues',
          endless,
        ),
        'map',
        ([, row]) => row,
      ),
  };

  test.each(Object.keys(chains))('that never ends, %s: asked for little, and ended', async (name) => {
    const source = lineage.data([[1, 2]]);
    const [first] = await executor.act(lineage, pulled(chains[name]!(source)), take(3));
    expect(first).toHaveLength(3);
    expect(made).toBeLessThan(16);
    expect([begun, ended]).toEqual([1, 1]);
  });

  test.each(Object.keys(chains))('that never ends, %s, awaited: no more than is held', async (name) => {
    const source = over(lineage.data([[1, 2]]), 'map', async (n) => n);
    const [first] = await executor.act(lineage, chains[name]!(source), take(3));
    expect(first).toHaveLength(3);
    // A thousand or two of each element that is on its way.
    expect(made).toBeLessThan(begun * 2048);
    expect(ended).toBe(begun);
  });

  test('is not far ahead of who takes its rows', async () => {
    let taken = 0;
    let ahead = 0;
    const many = over(
      lineage.data([[1, 2]]),
      'flatMap',
      form(function* () {
        for (let i = 0; i < 100_000; i++) yield { i: made++ };
      }),
    );
    const rows = pulled(
      over(many, 'map', (row) => row),
      function* (rows) {
        for (const _ of rows) ahead = Math.max(ahead, made - ++taken);
        yield taken;
      },
    );
    expect(await executor.act(lineage, rows)).toEqual([[200_000]]);
    expect(ahead).toBeLessThan(40_000);
  });

  test('fails with the element it was made from, and the rows before it are there', async () => {
    const failing = over(
      lineage.data([
        [
          ['a', 1],
          ['b', 2],
        ],
      ]),
      'flatMapValues',
      form(function* () {
        for (let i = 0; i < 10; i++) yield made++;
        if (made > 15) throw new Error('in the middle');
      }),
    );
    for (const rows of [pulled(failing), pulled(over(failing, 'map', ([key]) => key))]) {
      made = 0;
      const { reason } = await run(rows);
      expect(reason).toMatchObject({ error: { message: 'in the middle', element: '2' } });
    }
  });

  test('ends when what comes behind it fails', async () => {
    const rows = over(over(lineage.data([[1]]), 'flatMap', endless), 'map', ({ n }) => {
      if (n === 100) throw new Error('behind');
    });
    const { reason } = await run(pulled(rows));
    expect(reason).toMatchObject({ error: { message: 'behind', element: '{ n: 100 }' } });
    expect(ended).toBe(1);
  });
});

/** Of every row so many more, in a form of its own. */
const SPREADS: UserFunction[] = [
  (n) => Array.from({ length: n % 4 }, (_, i) => n + i),
  (n) => (n % 50 === 0 ? Array.from({ length: 500 }, (_, i) => n + i) : [n]),
  function* (n) {
    for (let i = 0; i < (n % 7 === 0 ? 300 : 2); i++) yield n + i;
  },
  (n) => new Set([n, n + 1, n]),
  (n) => (n % 3 ? [n] : [n, n + 1].values()),
];

test('chains of functions that spread give their rows in order, and count them', async () => {
  const chain = fc.array(fc.nat(SPREADS.length - 1), { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(chain, fc.array(fc.nat(60), { maxLength: 8 }), async (chain, input) => {
      lineage = new Lineage();
      let expected: number[] = input;
      let node = lineage.data([input]);
      const counts = [input.length];
      for (const which of chain) {
        node = over(node, 'flatMap', SPREADS[which]!);
        node = over(node, 'filter', (n) => n % 5 !== 0);
        expected = expected.flatMap((n) => [...SPREADS[which]!(n)]);
        counts.push(expected.length);
        expected = expected.filter((n) => n % 5 !== 0);
        counts.push(expected.length);
      }
      const sampled = lineage.over(node, { kind: 'sample', withReplacement: true, fraction: 1.5, seed: 1 });
      const indexed = lineage.over(sampled, { kind: 'zipWithIndex' });
      lineage.prepared[indexed.rddId] = encodeRows([0]);
      const last = over(indexed, 'flatMap', function* (row) {
        yield row;
      });
      // Pushed, nothing is ever left in the middle.
      const pushed = await executor.act(lineage, last);
      expect(await executor.act(lineage, pulled(last))).toEqual(pushed);
      expect(await executor.act(lineage, pulled(node))).toEqual([expected]);
      const { task } = await run(pulled(last));
      const all = pushed[0]!.length;
      expect([...task.loop.rows].slice(0, counts.length + 3)).toEqual([...counts, all, all, all]);
    }),
    { seed: 6, numRuns: 40 },
  );
});

test('what comes of an item is made before the next item is, which may be the same object', async () => {
  const spread = over(lineage.data([[1]]), 'flatMap', function* () {
    const row = { i: 0 };
    for (; row.i < 100_000; row.i++) yield row;
  });
  const rows = pulled(
    over(spread, 'map', ({ i }) => i),
    function* (rows) {
      let last = -1;
      for (const i of rows) if (i !== ++last) throw new Error(`${i} instead of ${last}`);
      yield last;
    },
  );
  expect(await executor.act(lineage, rows)).toEqual([[99_999]]);
});

test('its time is the operator’s, wherever the loop was left', async () => {
  let time = 0;
  const taking = (milliseconds: number, row: unknown) => {
    time += milliseconds;
    return row;
  };
  const shifted = over(lineage.data([[1, 2]]), 'map', (n) => taking(0, n));
  const spread = over(shifted, 'flatMap', function* () {
    for (let i = 0; i < 50_000; i++) yield taking(1, { i });
  });
  const rows = pulled(over(spread, 'map', (row) => taking(0.5, row)));
  const { task } = await run(rows, () => time);
  const { byRdd } = task.loop.clock.times();
  expect(byRdd[2]! / 100_000).toBeCloseTo(1, 1);
  expect(byRdd[3]! / 50_000).toBeCloseTo(1, 1);
});

test('a task that is cancelled ends in the middle of a row that never ends', async () => {
  const cancelled = { cancels: () => true } as unknown as TaskFile;
  const endless = function* () {
    for (;;) yield 1;
  };
  const source = lineage.data([[1]]);
  const chains = [
    over(source, 'flatMap', endless),
    over(
      over(source, 'flatMap', () => endless()),
      'filter',
      () => false,
    ),
    over(
      over(
        over(source, 'map', async (n) => n),
        'flatMap',
        () => endless(),
      ),
      'filter',
      () => false,
    ),
  ];
  for (const chain of chains) {
    const action = { kind: 'count' } as const;
    const stage = executor.stage(lineage, lineage.plan(pulled(chain), { kind: 'result', action }));
    const launch = { taskId: 1, index: 0, partition: 0, attempt: 0 };
    const task = new TaskRun(stage, launch, executor, new Cancellation(1, cancelled, () => {}));
    expect((await executor.run(task)).reason).toEqual({ kind: 'killed', reason: 'cancelled' });
  }
});

describe('async generators', () => {
  // Executors of this test are in this process.
  const seen = globalThis as { ended?: number[] };
  const flatMapped = (sc: Context, give: (n: number) => unknown): RDD<number> =>
    sc.parallelize([1, 2, 3], 1).flatMap(give as (n: number) => Iterable<number>);

  test('give what they have when its turn comes, whenever the next may', () =>
    withContext({ executors: 1 }, async ({ sc }) => {
      const rows = flatMapped(sc, (n) =>
        (async function* () {
          yield n;
          if (n === 2) await new Promise(() => {});
        })(),
      );
      expect(await rows.take(2)).toEqual([1, 2]);
    }));

  test('that others were ahead of are ended with the task', () =>
    withContext({ executors: 1 }, async ({ sc }) => {
      seen.ended = [];
      const rows = flatMapped(sc, (n) =>
        (async function* () {
          try {
            for (;;) {
              yield n;
              if (n > 1) await new Promise(setImmediate);
            }
          } finally {
            // @ts-expect-error set above
            globalThis.ended.push(n);
          }
        })(),
      );
      expect(await rows.take(3)).toEqual([1, 1, 1]);
      await eventually(() => expect(seen.ended!.toSorted()).toEqual([1, 2, 3]));
    }));
});

test('of short arrays no more passes the operators behind than is wanted', () =>
  withContext({ executors: 1 }, async ({ sc }) => {
    const seen = globalThis as { made?: number };
    const large = (i: number) => {
      // @ts-expect-error set below
      globalThis.made++;
      return Array.from({ length: 20_000 }, () => i);
    };
    const short = sc.parallelize([250], 1).flatMap((n) => Array.from({ length: n }, (_, i) => i));
    const awaited = sc
      .parallelize([250], 1)
      .map(async (n) => n)
      .flatMap((n) => Array(n).keys());
    for (const rows of [
      short.map(large).mapPartitions((all) => all),
      short.flatMap((i) => [large(i)]).mapPartitions((all) => all),
      awaited.map(large),
      awaited.flatMap((i) => [large(i)]),
    ]) {
      seen.made = 0;
      expect(await rows.take(1)).toHaveLength(1);
      expect(seen.made).toBeLessThan(20);
    }
  }));

test('a row becomes more than memory holds', async () => {
  await withContext({ executors: 1, memory: 32 << 20 }, async ({ sc }) => {
    const n = 700_000;
    const many = sc.range(0, 1, 1, 1).flatMap(function* () {
      for (let i = 0; i < n; i++) yield { i, text: `row ${i}` };
    });
    expect(await many.persist('DISK_ONLY').count()).toBe(n);
    expect(await many.zipWithUniqueId().count()).toBe(n);
    const awaited = sc
      .parallelize([['k', n]] as [string, number][], 1)
      .flatMapValues(async (most) => Iterator.from(Array(most).keys()).map((i) => ({ i, text: `row ${i}` })));
    expect(await awaited.zipWithUniqueId().count()).toBe(n);
  });
}, 60_000);
