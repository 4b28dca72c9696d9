/** Time per operator: what a wound clock must give, and what any task may at most. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Operator } from '../rdd/operator.ts';
import type { ShuffleDependency } from '../rdd/plan.ts';
import { LoopSample } from './loop-sample.ts';
import { loopText } from './loop-text.ts';
import { OperatorClock } from './operator-clock.ts';
import type { UserFunction } from './push-loop.ts';
import { sinkText } from './sink-text.ts';
import { Lineage, TestExecutor } from './testing.ts';

/** A clock that moves when it is told to. */
class Wound {
  time = 0;
  readonly now = () => this.time;

  pass(milliseconds: number): void {
    this.time += milliseconds;
  }
}

describe('accounts', () => {
  test('the innermost has the time, and those outside it what is left', () => {
    const wound = new Wound();
    const clock = new OperatorClock(2, wound.now);
    wound.pass(100);
    clock.within(1, () => {
      wound.pass(1);
      clock.within(0, () => wound.pass(4));
      clock.within(clock.shuffleRead, () => wound.pass(8));
      wound.pass(2);
    });
    wound.pass(100);
    expect(clock.times()).toEqual({ byRdd: [4, 3], shuffleRead: 8, output: -1 });
  });

  test('a throw ends what was entered', () => {
    const wound = new Wound();
    const clock = new OperatorClock(1, wound.now);
    const throws = () =>
      clock.within(0, () => {
        wound.pass(5);
        throw new Error('no');
      });
    expect(throws).toThrow('no');
    wound.pass(7);
    expect(clock.times().byRdd).toEqual([5]);
  });

  test('what is awaited at once shares the time evenly, and none while something is computed', () => {
    const wound = new Wound();
    const clock = new OperatorClock(3, wound.now);
    const first = clock.await();
    wound.pass(10);
    const second = clock.await();
    wound.pass(10);
    clock.within(2, () => wound.pass(50));
    clock.arrived(0, first);
    wound.pass(3);
    clock.arrived(1, second);
    wound.pass(1000);
    expect(clock.times().byRdd).toEqual([15, 8, 50]);
  });

  test('a loop is shared by its parts; what its sink wrote is the output', () => {
    const wound = new Wound();
    let written = 0;
    const clock = new OperatorClock(2, wound.now, () => written);
    const sample = new LoopSample(2);
    const account = clock.loop(sample, [undefined, 0, 1, clock.output]);
    expect(clock.loop(sample, [undefined, 0, 1, clock.output])).toBe(account);
    clock.within(account, () => wound.pass(100));
    expect(clock.times().byRdd).toEqual([-1, -1]);
    // Head, two operators, sink, and the clock: 1 ms in every reading.
    sample.readings.set([2, 1, 7, 1, 3, 1, 2, 1, 1, 1]);
    written = 20;
    clock.wrote(account, 20);
    // Shares 1, 6, 2 and 1 of 80 ms.
    expect(clock.times()).toEqual({ byRdd: [48, 16], shuffleRead: -1, output: 28 });
  });
});

describe('samples', () => {
  test('take about a hundredth of the time, and nothing of what is short', () => {
    const sample = new LoopSample(1);
    expect([sample.due(), sample.chunk()]).toEqual([0, 256]);
    sample.passed(256, 0.9);
    expect(sample.due()).toBe(0);
    let [rows, sampled] = [256, 0];
    for (let round = 0; round < 5_000; round++) {
      const due = sample.due();
      if (due > 0) sample.sampled(due, due * 0.01);
      sampled += due;
      const chunk = sample.chunk();
      sample.passed(chunk, chunk * 0.004);
      rows += due + chunk;
    }
    expect((sampled * 0.01) / (rows * 0.004)).toBeGreaterThan(0.009);
    expect((sampled * 0.01) / (rows * 0.004)).toBeLessThan(0.0105);
  });

  test('of rows that take long are single', () => {
    const sample = new LoopSample(1);
    sample.passed(2, 100);
    expect([sample.due(), sample.chunk()]).toEqual([1, 1]);
  });
});

test('the twin of a loop reads the clock behind every part, the plain loop never', () => {
  const steps = [
    { op: { kind: 'map', fn: 'f' } as const, slot: 0, fn: 0, generator: false },
    { op: { kind: 'filter', fn: 'g' } as const, slot: 1, fn: 1, generator: false },
  ];
  const sink = sinkText({ kind: 'count' });
  expect(loopText('plain', 'batch', steps, sink)).not.toMatch(/now|Z\[/);
  const text = loopText('twin', 'batch', steps, sink, true);
  const parts = [...text.matchAll(/Z\[(\d+)\] \+=|f(\d)\(|counted\+\+|continue/g)].map(([all]) => all);
  expect(parts).toEqual([
    'Z[0] +=',
    'Z[8] +=',
    'f0(',
    'Z[2] +=',
    'f1(',
    'Z[4] +=',
    'continue',
    'counted++',
    'Z[6] +=',
  ]);
});

describe('tasks', () => {
  let executor: TestExecutor;
  let lineage: Lineage;
  let wound: Wound;

  beforeEach(() => {
    executor = new TestExecutor();
    wound = new Wound();
    executor.now = wound.now;
    lineage = new Lineage();
  });
  afterEach(() => executor.close());

  /** A function that takes so many milliseconds. */
  const taking = (milliseconds: number, call: UserFunction) =>
    lineage.fn((...args) => {
      wound.pass(milliseconds);
      return call(...args);
    });

  const rows = (count: number) => Array.from({ length: count }, (_, i) => i);

  async function timesOf(root: ReturnType<Lineage['data']>) {
    const stage = executor.stage(lineage, lineage.plan(root, { kind: 'result', action: { kind: 'count' } }));
    const task = executor.task(stage, 0);
    const { reason } = await executor.run(task);
    expect(reason).toEqual({ kind: 'success' });
    return task.loop.clock.times();
  }

  test('operators of one loop have the time their functions took', async () => {
    const data = lineage.data([rows(5_000)]);
    const doubled = lineage.over(data, { kind: 'map', fn: taking(0.25, (n) => n * 2) });
    const spread = lineage.over(doubled, { kind: 'flatMap', fn: taking(0.5, (n) => [n, n]) });
    const kept = lineage.over(spread, { kind: 'filter', fn: taking(0.125, () => true) });
    const { byRdd, output } = await timesOf(kept);
    expect(byRdd[0]).toBe(0);
    // 5,000 times ¼, ½ and twice ⅛, by the shares of the rows that were sampled: all the same here.
    for (const [i, wanted] of [1250, 2500, 1250].entries()) expect(byRdd[i + 1]).toBeCloseTo(wanted, 0);
    expect(output).toBe(0);
  });

  test('what is not an array goes item by item, and is timed alike', async () => {
    const data = lineage.data([rows(2_000)]);
    const spread = lineage.over(data, { kind: 'flatMap', fn: taking(1, (n) => new Set([n, n + 1])) });
    const mapped = lineage.over(spread, { kind: 'map', fn: taking(0.25, (n) => n) });
    const { byRdd } = await timesOf(mapped);
    expect(byRdd[1]).toBeCloseTo(2000, 0);
    expect(byRdd[2]).toBeCloseTo(1000, 0);
  });

  test('mapPartitions has its own time, not that of the rows it asks for', async () => {
    const data = lineage.data([rows(1_000)]);
    const slow = lineage.over(data, { kind: 'map', fn: taking(1, (n) => n) });
    const fn = lineage.fn(function* (input: Iterable<number>) {
      for (const n of input) {
        wound.pass(0.5);
        yield n;
      }
    });
    const mapped = lineage.over(slow, { kind: 'mapPartitions', fn, withIndex: false } as Operator);
    const { byRdd } = await timesOf(mapped);
    expect(byRdd).toEqual([0, 1000, 500]);
  });

  test('async operators share the time of the task', async () => {
    const later = () => new Promise<void>((resolve) => setImmediate(resolve));
    const data = lineage.data([rows(64)]);
    const slow = lineage.fn(async (n) => {
      wound.pass(1);
      await later();
      wound.pass(2);
      return n;
    });
    const mapped = lineage.over(data, { kind: 'map', fn: slow });
    const kept = lineage.over(mapped, { kind: 'filter', fn: taking(0.5, () => true) });
    const began = wound.time;
    const { byRdd } = await timesOf(kept);
    expect(byRdd[2]! + byRdd[1]!).toBeCloseTo(wound.time - began, 1);
    // What goes on behind an await is shared by all that are on their way, nearly all of them in the map.
    expect(byRdd[1]).toBeGreaterThan(150);
    expect(byRdd[2]).toBeGreaterThanOrEqual(32);
  });

  test('together they never have more than the task took', async () => {
    const kinds = fc.constantFrom('map', 'filter', 'flatMap', 'mapPartitions', 'asyncMap');
    const step = fc.record({ kind: kinds, cost: fc.integer({ min: 0, max: 8 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 6 }), fc.nat(600), async (steps, count) => {
        lineage = new Lineage();
        let node = lineage.data([rows(count)]);
        for (const { kind, cost } of steps) {
          const time = cost / 16;
          const ops: Record<typeof kind, () => Operator> = {
            map: () => ({ kind: 'map', fn: taking(time, (n) => n) }),
            filter: () => ({ kind: 'filter', fn: taking(time, (n) => n % 5 !== 0) }),
            flatMap: () => ({ kind: 'flatMap', fn: taking(time, (n) => (n % 3 ? [n] : [n, n + 1])) }),
            mapPartitions: () => ({
              kind: 'mapPartitions',
              fn: taking(time, (all) => all),
              withIndex: false,
            }),
            asyncMap: () => ({ kind: 'map', fn: taking(time, async (n) => n) }),
          };
          node = lineage.over(node, ops[kind]());
        }
        const began = wound.time;
        const { byRdd, output, shuffleRead } = await timesOf(node);
        const known = [...byRdd, output, shuffleRead].filter((time) => time >= 0);
        expect(known.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(wound.time - began + 1e-6);
      }),
      { numRuns: 60 },
    );
  });

  test('a shuffle has named parts: its writing in one stage, its reading in the next', async () => {
    executor.now = () => (wound.time += 0.001);
    const data = lineage.data([rows(700).map((n) => [n % 7, 1])]);
    const dependency: ShuffleDependency = {
      kind: 'shuffle',
      rddId: data.rddId,
      shuffleId: 1,
      keyed: true,
      partitioner: { kind: 'hash', numPartitions: 1 },
      aggregator: {
        mergeValue: taking(1, (a, b) => a + b),
        mergeCombiners: taking(50, (a, b) => a + b),
        mapSideCombine: true,
      },
    };
    const map = executor.task(
      executor.stage(lineage, lineage.plan(data, { kind: 'shuffle', dependency })),
      0,
    );
    const { mapStatus } = await executor.run(map);
    // Each of the 7 keys is merged with 99 more values.
    expect(Math.round(map.loop.clock.times().output)).toBe(693);
    const maps = [mapStatus!, mapStatus!];
    const read = lineage.node({ kind: 'shuffled' }, 1, [dependency]);
    const stage = executor.stage(
      lineage,
      lineage.plan(read, { kind: 'result', action: { kind: 'count' } }, [{ shuffleId: 1, maps }]),
    );
    const reduce = executor.task(stage, 0);
    expect((await executor.run(reduce)).reason).toEqual({ kind: 'success' });
    const { byRdd, shuffleRead } = reduce.loop.clock.times();
    expect(Math.round(byRdd[1]!)).toBe(350);
    expect(shuffleRead).toBeGreaterThan(0);
    expect(shuffleRead).toBeLessThan(1);
  });
});
