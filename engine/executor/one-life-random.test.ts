/** Random lineages over a cached dataset of random numbers that is unpersisted and persisted again while jobs read what was made of it. */
import { expect, test } from 'vitest';
import { systemClock } from '../clock.ts';
import { StagelightError } from '../errors.ts';
import type { RDD } from '../rdd/rdd.ts';
import { forEachSeed } from '../scheduler/test-seeds.ts';
import { seededRandom, withContext } from '../testing.ts';
import { FaultyBackend } from './faulty-backend.ts';
import { InProcessBackend } from './in-process-backend.ts';

const NUMBERS = 24;

/** Each has all numbers of its first parent and no others, where all it reads is of one life. */
const STEPS: ((a: RDD<number>, b: RDD<number>, size: number) => RDD<number>)[] = [
  (a, _, size) =>
    a
      .map((n): [number, number] => [n, 1])
      .reduceByKey((left, right) => left + right, size)
      .map(([n]) => n),
  (a) => a.map((n) => n),
  (a, _, size) => a.coalesce(size),
  (a, b) => a.union(b),
  (a, _, size) => a.repartition(size),
  (a) => a.zipWithIndex().map(([n]) => n),
  (a, _, size) => a.sortBy((n) => n, true, size),
];

/** Of faults, and of moments in which all jobs are cancelled. */
interface Rates {
  faults: number;
  cancels: number;
}

async function run(seed: number, rates: Rates): Promise<void> {
  const random = seededRandom(seed);
  const below = (n: number) => Math.floor(random() * n);
  const options = {
    executors: 2 + below(2),
    backend: (of: ConstructorParameters<typeof InProcessBackend>[0]) =>
      new FaultyBackend(new InProcessBackend(of), { seed, rate: rates.faults }, systemClock),
  };
  await withContext(options, async ({ sc }) => {
    const drawn = sc
      .range(0, NUMBERS, 1, 2 + below(4))
      .map(() => Math.random())
      .persist();
    const all: RDD<number>[] = [drawn];
    const kept = [drawn];
    const any = () => all[below(all.length)]!;
    const jobs: Promise<void>[] = [];
    for (let i = 0; i < 8; i++) {
      const made = STEPS[below(STEPS.length)]!(any(), any(), 1 + below(3));
      all.push(made);
      if (random() < 0.25) kept.push(made.cache());
      jobs.push(
        expectOneLife(
          any()
            .union(any())
            .coalesce(1 + below(3)),
          rates,
        ),
      );
      if (rates.cancels > 0 && random() < rates.cancels) {
        for (let turns = below(12); turns > 0; turns--) await new Promise(setImmediate);
        sc.cancelAllJobs();
      }
      if (random() < 0.5) await jobs.at(-1);
      if (random() < 0.4) kept[below(kept.length)]!.unpersist().persist();
    }
    await Promise.all(jobs);
  });
}

async function expectOneLife(both: RDD<number>, { faults, cancels }: Rates): Promise<void> {
  const rows = await both.collect().catch((error: unknown) => {
    const code = error instanceof StagelightError ? error.code : undefined;
    // Map outputs may be lost that were made of numbers given up since.
    if (faults > 0 && code === 'INDETERMINATE_RECOMPUTED') return;
    if (cancels === 0 || code !== 'JOB_CANCELLED') throw error;
  });
  if (rows) expect(new Set(rows).size).toBe(NUMBERS);
}

test('gives each job the numbers of one life without faults', () =>
  forEachSeed(8, (seed) => run(seed, { faults: 0, cancels: 0 })));

test('gives them whatever becomes of executors, tasks and map outputs, or fails loudly', () =>
  forEachSeed(8, (seed) => run(seed, { faults: 0.05, cancels: 0 })));

test('gives them whatever tasks of cancelled jobs still bring', () =>
  forEachSeed(8, (seed) => run(seed, { faults: 0.05, cancels: 0.3 })));
