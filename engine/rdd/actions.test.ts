import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Context } from '../context.ts';
import { RecordingRunner } from '../testing.ts';
import type { JobSubmission } from './job-runner.ts';
import { currentScope, runInScope } from './job-scope.ts';

function contextAnswering(answer: (job: JobSubmission) => unknown[][]) {
  const runner = new RecordingRunner(answer);
  return { runner, sc: new Context(runner) };
}

describe('a job', () => {
  test('carries the nodes and closures the scheduler lacks, parents first, once', async () => {
    const { runner, sc } = contextAnswering(() => [[1]]);
    const rdd = sc.parallelize([1]).map((n) => n + 1);
    await rdd.count();
    await rdd.count();
    await rdd.map((n) => n + 1).count();
    const sent = runner.jobs.map((job) => job.nodes.map((node) => node.rddId));
    expect(sent).toEqual([[0, 1], [], [2]]);
    expect(runner.jobs.map((job) => job.closures.length)).toEqual([1, 0, expect.any(Number)]);
    expect(runner.jobs[0]).toMatchObject({
      rddId: 1,
      partitions: [0, 1],
      action: { kind: 'count' },
      name: 'count',
    });
  });

  test('carries the cell it was started from, across awaits', async () => {
    const { runner, sc } = contextAnswering(() => [[1]]);
    await runInScope({ cellId: 'c', runId: 'r' }, async () => {
      sc.setJobDescription('first');
      await Promise.all([
        sc.range(1).count(),
        sc.withJobDescription('second', async () => {
          await Promise.resolve();
          await sc.range(1).count();
        }),
      ]);
      await sc.range(1).count();
    });
    expect(runner.jobs.map(({ cellId, runId, description }) => [cellId, runId, description])).toEqual([
      ['c', 'r', 'first'],
      ['c', 'r', 'second'],
      ['c', 'r', 'first'],
    ]);
    expect(currentScope()).toBeUndefined();
  });

  test('starts when the action is called, not when it is awaited', async () => {
    const { runner, sc } = contextAnswering(() => [[1]]);
    const promise = sc.range(1).count();
    expect(runner.jobs).toHaveLength(1);
    await promise;
  });
});

describe('take', () => {
  test('looks at one partition first, then at four times as many until it has enough', async () => {
    const { runner, sc } = contextAnswering((job) => job.partitions.map((p) => (p < 50 ? [] : [p])));
    expect(await sc.parallelize<number>([], 100).take(3)).toEqual([50, 51, 52]);
    expect(runner.jobs.map((job) => job.partitions.length)).toEqual([1, 4, 20, 75]);
  });

  test('asks for about what is missing once it has seen rows', async () => {
    const { runner, sc } = contextAnswering((job) => job.partitions.map((p) => [p]));
    expect(await sc.parallelize<number>([], 100).take(4)).toEqual([0, 1, 2, 3]);
    expect(runner.jobs.map((job) => job.partitions)).toEqual([[0], [1, 2, 3, 4]]);
    expect(runner.jobs.map((job) => job.action)).toEqual([
      { kind: 'take', n: 4 },
      { kind: 'take', n: 3 },
    ]);
    expect(await sc.parallelize<number>([], 9).take(0)).toEqual([]);
    expect(runner.jobs).toHaveLength(2);
  });
});

describe('results are finished in the driver', () => {
  test('reduce and fold merge what the partitions found, empty ones aside', async () => {
    const { sc } = contextAnswering(() => [[2], [], [5]]);
    const rdd = sc.parallelize<number>([], 3);
    expect(await rdd.reduce((a, b) => a + b)).toBe(7);
    const { sc: other } = contextAnswering(() => [[[1]], [[2]]]);
    const lists = other.parallelize<number>([], 2);
    expect(
      await lists.aggregate<number[]>(
        [],
        (list) => list,
        (a, b) => [...a, ...b],
      ),
    ).toEqual([1, 2]);
  });

  test('takeOrdered, top, max and min merge partitions by the same order', async () => {
    const { sc } = contextAnswering(() => [[1, 9], [3, 4], []]);
    const rdd = sc.parallelize<number>([], 3);
    expect(await rdd.takeOrdered(3)).toEqual([1, 3, 4]);
    expect(await rdd.top(2)).toEqual([9, 4]);
    expect(await rdd.takeOrdered(2, (a, b) => b - a)).toEqual([9, 4]);
    expect([await rdd.max(), await rdd.min()]).toEqual([9, 1]);
  });

  test('an action that needs a row says which one found none', async () => {
    const { sc } = contextAnswering(() => [[], []]);
    const rdd = sc.parallelize<number>([], 2);
    for (const [name, action] of Object.entries({
      reduce: () => rdd.reduce((a, b) => a + b),
      first: () => rdd.first(),
      max: () => rdd.max(),
    })) {
      await expect(action()).rejects.toMatchObject({
        code: 'EMPTY_COLLECTION',
        message: `${name}: the RDD has no rows`,
      });
    }
    expect(await rdd.isEmpty()).toBe(true);
    expect(await sc.emptyRDD<number>().isEmpty()).toBe(true);
  });

  test('statistics of the parts are statistics of the whole', async () => {
    const numbers = fc.array(fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true })), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(numbers, async (parts) => {
        const { sc } = contextAnswering(() => parts.map((part) => [statsOf(part)]));
        const stats = await sc.parallelize<number>([], parts.length).stats();
        const [count, mean, m2, min, max, sum] = statsOf(parts.flat());
        expect([stats.count, stats.min, stats.max]).toEqual([count, min, max]);
        const scale = 1e-9 * Math.max(1, ...parts.flat().map(Math.abs));
        expect(Math.abs(stats.mean - mean)).toBeLessThanOrEqual(scale);
        expect(Math.abs(stats.sum - sum)).toBeLessThanOrEqual(scale * Math.max(1, count));
        if (count > 0)
          expect(Math.abs(stats.variance - m2 / count)).toBeLessThanOrEqual(1e-9 + 1e-9 * (m2 + 1));
      }),
    );
  });
});

function statsOf(values: number[]): [number, number, number, number, number, number] {
  const sum = values.reduce((a, b) => a + b, 0);
  const mean = values.length === 0 ? 0 : sum / values.length;
  const m2 = values.reduce((total, value) => total + (value - mean) ** 2, 0);
  return [values.length, mean, m2, Math.min(...values), Math.max(...values), sum];
}

describe('toLocalIterator', () => {
  test('runs one job per partition and at most one ahead', async () => {
    const { runner, sc } = contextAnswering((job) => [[`a${job.partitions[0]}`, `b${job.partitions[0]}`]]);
    const seen: [string, number][] = [];
    for await (const row of sc.parallelize<string>([], 3).toLocalIterator())
      seen.push([row, runner.jobs.length]);
    expect(seen).toEqual([
      ['a0', 2],
      ['b0', 2],
      ['a1', 3],
      ['b1', 3],
      ['a2', 3],
      ['b2', 3],
    ]);
  });

  test('cancels the job it no longer needs when the loop is left', async () => {
    const { runner, sc } = contextAnswering(() => [['row']]);
    for await (const _ of sc.parallelize<string>([], 9).toLocalIterator()) break;
    expect(runner.cancelled).toEqual([1]);
  });
});

describe('pairs', () => {
  test('countByValue and countByKey count in a shuffle', async () => {
    const { runner, sc } = contextAnswering(() => [[['a', 2]], [['b', 1]]]);
    const counts = new Map([
      ['a', 2],
      ['b', 1],
    ]);
    expect(await sc.parallelize<string>([]).countByValue()).toEqual(counts);
    expect(await sc.parallelize<[string, null]>([]).countByKey()).toEqual(counts);
    expect(runner.jobs.map((job) => [job.name, job.nodes.at(-1)!.op.kind])).toEqual([
      ['countByValue', 'shuffled'],
      ['countByKey', 'shuffled'],
    ]);
  });

  test('lookup reads one partition when the partitioner tells which', async () => {
    const { runner, sc } = contextAnswering((job) => job.partitions.map(() => [['k', 1]]));
    const rdd = sc.parallelize<[string, number]>([], 3);
    expect(await rdd.lookup('k')).toEqual([1, 1, 1]);
    expect(await rdd.partitionBy(5).lookup('k')).toEqual([1]);
    expect(await rdd.partitionBy(5, (key) => key.length).lookup('kkk')).toEqual([1]);
    expect(runner.jobs[2]!.partitions).toEqual([3]);
  });

  test('lookup of what can be no key is refused by name, before any job', async () => {
    const { runner, sc } = contextAnswering(() => []);
    const rdd = sc.parallelize<[unknown, number]>([], 3);
    class Point {}
    for (const key of [() => 1, Symbol('a'), new Map(), new Point(), [new Set()]])
      for (const each of [rdd, rdd.partitionBy(2)])
        await expect(each.lookup(key)).rejects.toMatchObject({
          code: 'KEY_NOT_HASHABLE',
          message: expect.stringMatching(/^lookup: a key cannot be a/),
          hint: expect.stringContaining('Use a string, number'),
        });
    expect(runner.jobs).toEqual([]);
  });
});

describe('persistence', () => {
  test('is part of the plan before the first job and a message after', async () => {
    const { runner, sc } = contextAnswering(() => [[1]]);
    const rdd = sc.range(3).cache().setName('numbers');
    await rdd.count();
    expect(runner.jobs[0]!.nodes[0]).toMatchObject({
      name: 'numbers',
      storageLevel: { name: 'MEMORY_ONLY' },
    });
    rdd.unpersist().setName('again');
    expect(runner.persisted).toMatchObject([{ rddId: 0, level: { name: 'NONE' } }]);
    expect(runner.named).toEqual([{ rddId: 0, name: 'again' }]);
  });
});
