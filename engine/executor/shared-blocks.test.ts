/** Cached datasets of rows that would be others if they were computed again, in several executor processes. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { importFrom, rememberExports } from '../closure/module-import.ts';
import type { Context } from '../context.ts';
import type { EngineEvent } from '../protocol.ts';
import type { RDD } from '../rdd/rdd.ts';
import { startContext, type TestContext } from '../testing.ts';
import { ExecutorPool } from './executor-pool.ts';

let context: TestContext;
afterEach(() => context.stop());

/** Both are there before the first job: each computes some of what it caches. */
async function processes(memory = 1 << 27): Promise<TestContext> {
  context = startContext({
    executors: 2,
    backend: (options) => {
      mkdirSync(options.blockDirectory, { recursive: true, mode: 0o700 });
      return new ExecutorPool({ ...options, memory });
    },
  });
  await context.until((all) => all.filter(({ type }) => type === 'executorAdded').length === 2 || undefined);
  return context;
}

const sorted = (rows: number[]): number[] => rows.toSorted((a, b) => a - b);

/** Executors that ran tasks since the given event. */
function workers(events: EngineEvent[], since: number): Set<string> {
  return new Set(
    events.slice(since).flatMap((event) => (event.type === 'taskEnd' ? [event.task.executorId] : [])),
  );
}

/** What tasks read of the cached dataset, where several of its partitions, of several executors, are needed by one task. */
const DERIVED: Record<string, (rdd: RDD<number>) => RDD<number>> = {
  'coalesce(1)': (rdd) => rdd.coalesce(1),
  'coalesce(3)': (rdd) => rdd.coalesce(3),
  zip: (rdd) =>
    rdd.zip(rdd.map((n) => n)).map(([a, b]) => {
      if (a !== b) throw new Error(`${a} is beside ${b}`);
      return a;
    }),
  'zip of coalesced': (rdd) =>
    rdd
      .coalesce(3)
      .zip(rdd.coalesce(3))
      .map(([a, b]) => {
        if (a !== b) throw new Error(`${a} is beside ${b}`);
        return b;
      }),
  'union and coalesce': (rdd) =>
    rdd
      .union(rdd)
      .coalesce(2)
      .map((n): [number, number] => [n, 1])
      .reduceByKey((a, b) => a + b)
      .map(([n, times]) => {
        if (times !== 2) throw new Error(`${n} is there ${times} times`);
        return n;
      }),
  'async after coalesce': (rdd) => rdd.coalesce(1).map(async (n) => n),
};

describe('a cached dataset of random numbers', () => {
  test('has the same rows for tasks that read partitions of several executors, at any level', async () => {
    const { sc, events } = await processes();
    for (const level of ['MEMORY_ONLY', 'MEMORY_ONLY_SER_2', 'DISK_ONLY'] as const) {
      const since = events.length;
      const drawn = sc
        .range(0, 120, 1, 8)
        .map(() => Math.random())
        .persist(level);
      expect(await drawn.count()).toBe(120);
      expect(workers(events, since).size).toBe(2);
      const rows = sorted(await drawn.collect());
      for (const [name, derive] of Object.entries(DERIVED))
        expect(sorted(await derive(drawn).collect()), `${name} of ${level}`).toEqual(rows);
      const pairs = await drawn.coalesce(4).cartesian(drawn.coalesce(2)).collect();
      expect(pairs).toHaveLength(120 * 120);
      expect(sorted([...new Set(pairs.map(([left]) => left))])).toEqual(rows);
      expect(sorted([...new Set(pairs.map(([, right]) => right))])).toEqual(rows);
    }
  });

  test('has the same rows for all, too, where the numbers come of a package that nobody looked into', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'stagelight-dice-'));
    try {
      const dice = join(folder, 'node_modules', 'dice');
      mkdirSync(dice, { recursive: true });
      writeFileSync(join(dice, 'package.json'), '{ "type": "module", "main": "index.js" }');
      const code =
        'export const roll = () => Math.random(); export const made = (n) => ({ n, next: () => n + 1 });';
      writeFileSync(join(dice, 'index.js'), code);
      const file = join(folder, 'job.ts');
      const module = (await importFrom(file, 'dice')) as {
        roll: () => number;
        made: (n: number) => { n: number; next: () => number };
      };
      rememberExports(module, 'dice', file);
      const { roll, made } = module;
      const { sc, events } = await processes();
      const rolled = sc
        .range(0, 120, 1, 8)
        .map(() => roll())
        .cache();
      expect(await rolled.count()).toBe(120);
      expect(workers(events, 0).size).toBe(2);
      const rows = sorted(await rolled.collect());
      for (const [name, derive] of Object.entries(DERIVED))
        expect(sorted(await derive(rolled).collect()), name).toEqual(rows);
      // What no file can hold is computed again where it is not, and compared as far as it can be seen.
      const whole = sc
        .range(0, 40, 1, 8)
        .map((n) => made(n))
        .cache();
      expect(await whole.map((row) => row.next()).max()).toBe(40);
      expect(
        await whole
          .coalesce(1)
          .map((row) => row.next())
          .sum(),
      ).toBe(820);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('is computed once by tasks that need the same partitions at the same time', async () => {
    const { sc } = await processes();
    const drawn = sc
      .range(0, 40, 1, 4)
      .map(() => Math.random())
      .cache();
    const [pairs, twice, rows] = await Promise.all([
      drawn.cartesian(drawn).collect(),
      drawn.union(drawn).collect(),
      drawn.collect(),
    ]);
    expect(new Set(pairs.flat())).toEqual(new Set(rows));
    expect(new Set(twice)).toEqual(new Set(rows));
    expect(new Set(rows).size).toBe(40);
  });

  test('of functions that return promises has the same rows too', async () => {
    const { sc } = await processes();
    const drawn = sc
      .range(0, 40, 1, 4)
      .map(async () => Math.random())
      .cache();
    const rows = new Set(await drawn.collect());
    expect(new Set(await drawn.coalesce(1).collect())).toEqual(rows);
    expect(new Set((await drawn.cartesian(drawn).collect()).flat())).toEqual(rows);
  });

  test('larger than the memory of its executors has, too', async () => {
    const { sc } = await processes(40 << 20);
    const drawn = sc
      .range(0, 400, 1, 4)
      .map((n) => `${Math.random()} ${String(n).repeat(40_000)}`)
      .cache();
    const heads = (rdd: RDD<string>) => rdd.map((text) => text.slice(0, 30)).collect();
    const rows = await heads(drawn);
    expect(new Set(rows).size).toBe(400);
    expect(await heads(drawn.coalesce(1))).toEqual(rows);
  });

  test('outlives the executors that computed it', async () => {
    const { sc, scheduler, until, events } = await processes();
    const drawn = sc
      .range(0, 400, 1, 8)
      .map(() => Math.random())
      .cache();
    const rows = await drawn.collect();
    const killed = [...workers(events, 0)];
    for (const executorId of killed) scheduler.killExecutor(executorId);
    await until(
      (all) => all.filter((event) => event.type === 'executorRemoved').length === killed.length || undefined,
    );
    const since = events.length;
    expect(await drawn.collect()).toEqual(rows);
    expect(await drawn.coalesce(1).collect()).toEqual(rows);
    const submitted = events.slice(since).filter((event) => event.type === 'stageSubmitted');
    expect(submitted.map(({ recomputes }) => recomputes)).toEqual([undefined, undefined]);
    // What is read from elsewhere is input.
    const ends = events.slice(since).filter((event) => event.type === 'taskEnd');
    expect(ends.reduce((sum, { metrics }) => sum + metrics.inputRecords, 0)).toBe(800);
    expect(ends.every(({ metrics }) => metrics.inputBytes > 0)).toBe(true);
  });

  test('has one set of rows when executors are killed while jobs read it', async () => {
    const { sc, folder } = await processes();
    const drawn = sc
      .range(0, 80, 1, 8)
      .map(() => Math.random())
      .cache();
    // Twice, after some of the partitions were computed and read, the executor goes that reads the next.
    const dies = join(folder, 'dies');
    const pairs = drawn.coalesce(4).cartesian(drawn.coalesce(4));
    const read = pairs.mapPartitionsWithIndex((index, rows) => {
      const { existsSync, writeFileSync } = process.getBuiltinModule('node:fs');
      const all = [...rows];
      if ((index === 3 || index === 9) && !existsSync(`${dies}${index}`)) {
        writeFileSync(`${dies}${index}`, '');
        process.kill(process.pid, 'SIGKILL');
      }
      return all;
    });
    const first = new Set((await read.collect()).flat());
    expect(first.size).toBe(80);
    expect(new Set(await drawn.collect())).toEqual(first);
  });

  test('is read by another executor while the one that computed it is busy', async () => {
    const { sc, folder, until, events } = await processes();
    const drawn = sc
      .range(0, 8, 1, 8)
      .map(() => Math.random())
      .cache();
    const rows = await drawn.collect();
    expect(workers(events, 0).size).toBe(2);
    const latch = join(folder, 'latch');
    const since = events.length;
    const held = sc
      .range(0, 1, 1, 1)
      .map(() => {
        const { existsSync } = process.getBuiltinModule('node:fs');
        const memory = new Int32Array(new SharedArrayBuffer(4));
        while (!existsSync(latch)) Atomics.wait(memory, 0, 0, 2);
        return 0;
      })
      .collect();
    try {
      await until((all) => all.slice(since).find((event) => event.type === 'taskStart'));
      expect(await drawn.collect()).toEqual(rows);
    } finally {
      writeFileSync(latch, '');
      await held;
    }
  });

  test('persisted again after unpersist() has other rows, the same for all', async () => {
    const { sc } = await processes();
    const drawn = sc.range(0, 40, 1, 4).map(() => Math.random());
    const rows = await drawn.cache().collect();
    drawn.unpersist();
    const again = await drawn.cache().coalesce(1).collect();
    expect(again).not.toEqual(rows);
    expect(await drawn.collect()).toEqual(again);
  });

  test('becomes a local checkpoint with the rows it had', async () => {
    const { sc } = await processes();
    const drawn = sc
      .range(0, 40, 1, 4)
      .map(() => Math.random())
      .cache();
    const rows = await drawn.collect();
    const one = drawn.coalesce(1);
    one.localCheckpoint();
    expect(await one.collect()).toEqual(rows);
    expect(await one.collect()).toEqual(rows);
    drawn.localCheckpoint();
    expect(await drawn.collect()).toEqual(rows);
    expect(await drawn.coalesce(1).collect()).toEqual(rows);
  });
});

describe('random rows that cannot be written', () => {
  const points = (sc: Context) => {
    class Point {
      readonly x = Math.random();
    }
    return sc
      .range(0, 8, 1, 8)
      .map(() => new Point())
      .cache();
  };

  test('are the same for all who run where they are; for others there is an error', async () => {
    const { sc } = await processes();
    const drawn = points(sc);
    const xs = (rdd: typeof drawn) => rdd.map(({ x }) => x).collect();
    const rows = await xs(drawn);
    expect(await xs(drawn)).toEqual(rows);
    await expect(xs(drawn.coalesce(1))).rejects.toMatchObject({
      code: 'TASK_FAILED',
      cause: { code: 'CACHED_ROWS_LOST' },
      message: expect.stringMatching(
        /partition \d of RDD \d+ \(map\) was cached and cannot be read: executor \d has it alone, because its rows cannot be written to a file/,
      ),
      hint: expect.stringContaining('Make rows of plain data'),
    });
    expect(await xs(drawn)).toEqual(rows);
  });

  test('are read where they are by tasks that begin elsewhere while they are computed', async () => {
    const { sc } = await processes();
    const drawn = points(sc);
    const twice = drawn.union(drawn).map(({ x }) => x);
    expect(new Set(await twice.collect()).size).toBe(8);
  });

  test('are computed anew when nobody has seen them: their task failed, or died', async () => {
    const { sc, folder } = await processes();
    const drawn = points(sc);
    const mark = join(folder, 'begun');
    const xs = drawn
      .mapPartitionsWithIndex((index, rows) => {
        const { existsSync, writeFileSync } = process.getBuiltinModule('node:fs');
        const all = [...rows];
        if (existsSync(`${mark}${index}`)) return all;
        writeFileSync(`${mark}${index}`, '');
        if (index === 0) process.kill(process.pid, 'SIGKILL');
        throw new Error('the first time');
      })
      .map(({ x }) => x);
    expect(new Set(await xs.collect()).size).toBe(8);
  });
});

test('cached rows of a shuffle are in one order for both sides of a zip, also where memory has no room for them', async () => {
  const { sc } = await processes(1 << 25);
  const rows = 60_000;
  const reduced = sc
    .range(0, 4 * rows, 1, 6)
    .map((n): [string, string] => [`key ${n % rows} ${'x'.repeat(40)}`, `${n}`])
    .reduceByKey((a, b) => (a < b ? a : b), 4)
    .cache();
  expect(await reduced.count()).toBe(rows);
  const beside = reduced.coalesce(1).zip(reduced.map((row) => row).coalesce(1));
  expect(await beside.filter(([[left], [right]]) => left !== right).count()).toBe(0);
});
