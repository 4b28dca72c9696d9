/**
 * Cached rows that no file can hold, made by functions of which nobody knows whether they give the same again: here because they
 * ask for the TaskContext. Who does not have them computes them, and must come to the same ones.
 */
import { readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { RDD } from '../rdd/rdd.ts';
import { type TestContext, withContext } from '../testing.ts';
import { TaskContext as RunningTask } from './task-context.ts';

class Point {
  readonly x: number;
  constructor(x: number) {
    this.x = x;
  }
}

let printed: string[];
beforeEach(() => {
  vi.stubGlobal('TaskContext', RunningTask);
  printed = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => printed.push(String(text)) > 0);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const xs = (rdd: RDD<Point>) => rdd.map(({ x }) => x);
const warnings = () => printed.filter((text) => text.includes('cannot be compared'));

/** The same rows whenever they are computed. */
const same = ({ sc }: TestContext): RDD<Point> =>
  sc
    .range(0, 24, 1, 4)
    .map((n) => (TaskContext.get() ? new Point(n) : new Point(-1)))
    .cache();

/** Rows of their task. */
const other = ({ sc }: TestContext): RDD<Point> =>
  sc
    .range(0, 24, 1, 4)
    .map((n) => new Point(n + 100 * TaskContext.get()!.taskAttemptId()))
    .cache();

/** Both executors have some of them, by other tasks than all others that read them. */
async function spread(rdd: RDD<Point>, { events }: TestContext): Promise<number[]> {
  const rows = await xs(rdd).collect();
  const ends = events.flatMap((event) => (event.type === 'taskEnd' ? [event.task.executorId] : []));
  expect(new Set(ends).size).toBe(2);
  return rows;
}

const SEVERAL: Record<string, (rdd: RDD<Point>) => RDD<number>> = {
  coalesce: (rdd) => xs(rdd.coalesce(1)),
  'union and coalesce': (rdd) => xs(rdd.union(rdd).coalesce(1)),
  zip: (rdd) =>
    xs(
      rdd
        .coalesce(1)
        .zip(rdd.map((row) => row).coalesce(1))
        .keys(),
    ),
};

for (const [name, read] of Object.entries(SEVERAL)) {
  test(`are computed again where they come out the same: ${name}`, () =>
    withContext({ executors: 2 }, async (context) => {
      const points = same(context);
      const rows = await spread(points, context);
      expect(new Set(await read(points).collect())).toEqual(new Set(rows));
      expect(warnings()).toEqual([]);
    }));

  test(`are an error by name where they would be others: ${name}`, () =>
    withContext({ executors: 2 }, async (context) => {
      const points = other(context);
      const rows = await spread(points, context);
      await expect(read(points).collect()).rejects.toMatchObject({
        code: 'TASK_FAILED',
        cause: { code: 'CACHED_ROWS_DIFFER' },
        message: expect.stringMatching(/partition \d of RDD \d+ \(map\) was cached and could not be kept/),
        hint: expect.stringContaining('unpersist() it'),
      });
      // Who has them reads them, and a new life has others.
      expect(await xs(points).collect()).toEqual(rows);
      points.unpersist().persist();
      expect(await read(points).count()).toBeGreaterThan(0);
    }));
}

test('are told of where they have parts that cannot be compared, once, and differ where the rest does', () =>
  withContext({ executors: 2 }, async (context) => {
    const { sc } = context;
    const made = sc
      .range(0, 24, 1, 4)
      .map((n) => ({ n: TaskContext.get() ? n : -1, next: () => n + 1 }))
      .cache();
    expect(await made.map((row) => row.next()).sum()).toBe(300);
    for (let i = 0; i < 2; i++)
      expect(
        await made
          .coalesce(1)
          .map((row) => row.next())
          .sum(),
      ).toBe(300);
    expect(warnings()).toHaveLength(1);
    expect(warnings()[0]).toContain(`RDD ${made.id} (map)`);
  }));

test('are those of the tasks that came through: another attempt may have others', () =>
  withContext({ executors: 2 }, async (context) => {
    const points = other(context);
    const failing = points.mapPartitionsWithIndex((index, rows) => {
      const all = [...rows];
      if (index === 2 && TaskContext.get()!.attemptNumber() === 0) throw new Error('the first time');
      return all;
    });
    const rows = await xs(failing).collect();
    expect(rows).toHaveLength(24);
    expect(await xs(points).collect()).toEqual(rows);
  }));

test('leave the name of their executor and a checksum, until they are unpersisted', () =>
  withContext({ executors: 2 }, async (context) => {
    const points = same(context);
    await spread(points, context);
    const folder = join(context.folder, '.blocks', 'shared', String(points.id));
    const [generation] = readdirSync(folder);
    const names = readdirSync(join(folder, generation!)).map((name) =>
      readlinkSync(join(folder, generation!, name)),
    );
    expect(names).toHaveLength(4);
    for (const name of names) expect(name).toMatch(/^\S+ 6\.[\da-f]+\.[\da-f]+$/);
  }));

test('are read where they are by tasks that begin elsewhere while they are computed', () =>
  withContext({ executors: 2 }, async (context) => {
    const points = other(context);
    expect(new Set(await xs(points.union(points)).collect()).size).toBe(24);
  }));
