/**
 * Cached rows that functions make of the places of rows: those that a shuffle hands out come in another order when there is
 * less memory to read it, so that rows computed again would be others. So would those that name the task that made them.
 */
import { afterEach, expect, test, vi } from 'vitest';
import type { RDD } from '../rdd/rdd.ts';
import { withContext } from '../testing.ts';
import { TaskContext as RunningTask } from './task-context.ts';

afterEach(() => vi.unstubAllGlobals());

type Counting = typeof globalThis & { computations?: number };

const pairs = (rdd: RDD<number>): RDD<[number, number]> => rdd.map((n): [number, number] => [n % 40, n]);

/** What is computed again has another number in it, as it would have other places. */
const numbered = (rdd: RDD<[number, number]>): RDD<string> =>
  rdd.mapPartitionsWithIndex((index, rows) => {
    const all = globalThis as Counting;
    all.computations = (all.computations ?? 0) + 1;
    return Array.from(rows, ([key], place) => `${key} ${index} ${place} ${all.computations}`);
  });

const DATASETS: Record<string, (rdd: RDD<number>) => RDD<string>> = {
  'after a shuffle': (rdd) => numbered(pairs(rdd).reduceByKey((a, b) => a + b, 4)),
  'through narrow operators': (rdd) =>
    numbered(
      pairs(rdd)
        .groupByKey(4)
        .mapValues((values) => values.length),
    )
      .filter(() => true)
      .map((text) => `${text} `),
};

for (const [name, make] of Object.entries(DATASETS)) {
  test(`are the same for tasks that read partitions of several executors: ${name}`, () =>
    withContext({ executors: 2 }, async ({ sc, events }) => {
      const ids = make(sc.range(0, 400, 1, 4)).cache();
      const rows = await ids.collect();
      expect(rows).toHaveLength(40);
      const ends = events.flatMap((event) => (event.type === 'taskEnd' ? [event.task.executorId] : []));
      expect(new Set(ends).size).toBe(2);
      expect(await ids.coalesce(1).collect()).toEqual(rows);
      expect((await ids.union(ids).coalesce(2).collect()).toSorted()).toEqual([...rows, ...rows].toSorted());
    }));
}

test('are known by their plan: neither rows in another order only, nor those of other shuffles or sources', () =>
  withContext({}, ({ sc }) => {
    const source = sc.range(0, 400, 1, 4);
    const reduced = pairs(source).reduceByKey((a, b) => a + b, 4);
    const ids = numbered(reduced);
    const isByPlace = (rdd: RDD<unknown>) => rdd.node().unproven ?? false;
    expect(
      [ids, ids.map((text) => text), reduced.glom(), ids.coalesce(2), ids.union(ids)].map(isByPlace),
    ).toEqual([true, true, true, true, true]);
    const others = [
      reduced,
      reduced.mapValues((n) => n),
      numbered(pairs(source)),
      ids.keyBy((t) => t).distinct(),
    ];
    expect(others.map(isByPlace)).toEqual([false, false, false, false]);
  }));

test('rows that name their attempt are those of the first for all who read them', () => {
  vi.stubGlobal('TaskContext', RunningTask);
  return withContext({ executors: 2 }, async ({ sc }) => {
    const named = sc
      .range(0, 8, 1, 4)
      .map((n) => `${n} ${TaskContext.get()!.taskAttemptId()}`)
      .cache();
    const rows = await named.collect();
    expect(await named.coalesce(1).collect()).toEqual(rows);
  });
});
