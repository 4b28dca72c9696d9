/** Runs on disk, merged in levels: in order, and none written more often than there are levels. */
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import type { PairBatch } from '../shuffle/shuffle-reader.ts';
import { seededRandom } from '../testing.ts';
import { SortedRuns } from './external-sort.ts';
import { openSpills } from './test-spills.ts';
import { Lineage, TestExecutor } from './testing.ts';

const executor = new TestExecutor();
afterAll(() => executor.close());

function newTask() {
  const lineage = new Lineage();
  const root = lineage.data([[1]]);
  const plan = lineage.plan(root, { kind: 'result', action: { kind: 'collect' } });
  return executor.task(executor.stage(lineage, plan), 0);
}

/** Runs of `each` pairs of few keys; a value is the place of its pair among all. */
function runsOf(count: number, each: number, seed: number): PairBatch[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, run) => {
    const keys = Array.from({ length: each }, () => Math.floor(random() * 5)).sort((a, b) => a - b);
    return { keys, values: keys.map((_, i) => run * each + i) };
  });
}

const pairsOf = (batches: Iterable<PairBatch>) =>
  [...batches].flatMap(({ keys, values }) => keys.map((key, i) => [key, values[i]] as [number, number]));

test('any number of runs comes out in order, equal keys as they came', () => {
  // 32 are merged at once.
  const counts = fc.oneof(fc.constantFrom(0, 1, 31, 32, 33, 64, 65, 1024, 1025, 1056, 1057), fc.nat(200));
  fc.assert(
    fc.property(counts, fc.integer(), fc.boolean(), (count, seed, hasLast) => {
      const runs = runsOf(count, 2, seed);
      const last: PairBatch = { keys: [0, 4], values: [-1, -2] };
      const sorted = new SortedRuns(newTask(), 'ascending');
      for (const run of runs) sorted.add([run]);
      const lasts = hasLast ? [[last].values() as Generator<PairBatch, void>] : [];
      const merged = pairsOf(sorted.merged(...lasts));
      expect(openSpills().length).toBeLessThanOrEqual(3);
      sorted.close();
      expect(openSpills()).toEqual([]);
      // Array.sort is stable.
      expect(merged).toEqual(pairsOf(hasLast ? [...runs, last] : runs).sort(([a], [b]) => a - b));
    }),
    { numRuns: 12, examples: [[1057, 1, true]] },
  );
});

test('of 1,000 runs each pair is written twice, or three times', () => {
  const runs = runsOf(1000, 100, 3);
  const writtenBy = (all: PairBatch[]) => {
    const task = newTask();
    const sorted = new SortedRuns(task, 'ascending');
    for (const run of all) sorted.add([run]);
    expect(pairsOf(sorted.merged())).toHaveLength(100 * all.length);
    sorted.close();
    return task.spilled.diskBytesSpilled;
  };
  const once = runs.reduce((sum, run) => sum + writtenBy([run]), 0);
  expect(writtenBy(runs)).toBeLessThan(3 * once);
});
