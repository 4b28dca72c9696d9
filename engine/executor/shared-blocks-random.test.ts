/**
 * Random lineages over a cached dataset of random numbers, on executors that die, fail and lose what they wrote: its rows are
 * the same for all, and what was added to accumulators while they were drawn counts once.
 */
import { expect, test } from 'vitest';
import { systemClock } from '../clock.ts';
import type { RDD } from '../rdd/rdd.ts';
import type { LongAccumulator } from '../rdd/sum-accumulator.ts';
import { forEachSeed } from '../scheduler/test-seeds.ts';
import { seededRandom, withContext } from '../testing.ts';
import { FaultyBackend } from './faulty-backend.ts';
import { InProcessBackend } from './in-process-backend.ts';

const LEVELS = ['MEMORY_ONLY', 'MEMORY_AND_DISK', 'MEMORY_ONLY_SER', 'DISK_ONLY', 'MEMORY_ONLY_2'] as const;

type Grow = (a: RDD<number>, b: RDD<number>, size: number) => RDD<number>;

/** Each keeps all numbers of its first parent; those that pair rows fail where a partition read twice differs. */
const STEPS: Grow[] = [
  (a) => a.map((n) => n),
  (a) => a.map(async (n) => n),
  (a, _, size) => a.coalesce(size),
  (a, b) => a.union(b),
  (a, _, size) => a.repartition(size),
  // These look ahead, at rows that are cached then.
  (a, _, size) => a.sortBy((n) => n, true, size),
  (a) => a.zipWithIndex().map(([n]) => n),
  (a) =>
    a.zip(a.map((n) => n)).map(([left, right]) => {
      if (left !== right) throw new Error(`${left} is beside ${right}`);
      return left;
    }),
  (a, b, size) =>
    a
      .coalesce(size)
      .cartesian(b.coalesce(1).filter((n) => n < 0.1))
      .flatMap(([left, right]) => [right, left])
      .union(a),
  (a, b, size) =>
    a
      .map((n): [number, number] => [n, 1])
      .join(b.map((n): [number, number] => [n, 1]))
      .map(([n]) => n)
      .distinct(size)
      .union(a),
];

async function run(seed: number, rate: number): Promise<void> {
  const random = seededRandom(seed);
  const below = (n: number) => Math.floor(random() * n);
  const level = LEVELS[below(LEVELS.length)]!;
  const options = {
    executors: 2 + below(2),
    backend: (of: ConstructorParameters<typeof InProcessBackend>[0]) =>
      new FaultyBackend(new InProcessBackend(of), { seed, rate }, systemClock),
  };
  await withContext(options, async ({ sc }) => {
    const draws = sc.longAccumulator();
    const numbers = sc.collectionAccumulator<number>();
    const drawn = sc
      .range(0, 24, 1, 2 + below(4))
      .map(() => {
        const n = Math.random();
        draws.add(1);
        numbers.add(n);
        return n;
      })
      .persist(level);
    const cached: { passed: LongAccumulator; rows: Promise<number> }[] = [];
    const all: RDD<number>[] = [drawn];
    const jobs: Promise<number[]>[] = [];
    for (let i = 0; i < 3; i++) {
      const grow = STEPS[below(STEPS.length)]!;
      const grown = grow(all[below(all.length)]!, all[below(all.length)]!, 1 + below(4));
      const passed = sc.longAccumulator();
      const keeps = random() < 0.3;
      const through = (n: number) => {
        passed.add(1);
        return n;
      };
      const made = keeps ? grown.map(through).cache() : grown;
      all.push(made);
      const rows = made.collect();
      jobs.push(rows);
      if (keeps) cached.push({ passed, rows: rows.then(({ length }) => length) });
      if (random() < 0.5) await jobs.at(-1);
    }
    const rows = new Set(await drawn.collect());
    expect(rows.size).toBe(24);
    for (const made of await Promise.all(jobs)) expect(new Set(made)).toEqual(rows);
    expect(draws.value).toBe(24);
    expect(new Set(numbers.value)).toEqual(rows);
    expect(numbers.value).toHaveLength(24);
    for (const made of cached) expect(made.passed.value).toBe(await made.rows);
  });
}

test('gives all jobs the same numbers without faults', () => forEachSeed(25, (seed) => run(seed, 0)));

test('gives all jobs the same numbers whatever becomes of executors, tasks and map outputs', () =>
  forEachSeed(25, (seed) => run(seed, 0.1)));
