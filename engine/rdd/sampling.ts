/** Random parts of datasets. A seed drawn once, at the call, makes every recomputation take the same rows. */
import { StagelightError } from '../errors.ts';
import { ActionCall } from './action-call.ts';
import { requireCount, requireKey, requireSeed } from './argument.ts';
import { narrow, narrowWithoutFunction } from './narrow-operators.ts';
import { groupByKey } from './pair-operators.ts';
import { builtinWith, rowsArgument } from './parametric-builtins.ts';
import { Partitioner } from './partitioner.ts';
import { partitionBy } from './partitioning.ts';
import { Random } from './random.ts';
import type { RDD } from './rdd.ts';
import { zipPartitions } from './zips.ts';

function someSeed(): number {
  return Math.floor(Math.random() * 2 ** 31);
}

function requireFraction(fraction: number, withReplacement: boolean, operator: string): void {
  if (fraction >= 0 && (withReplacement || fraction <= 1)) return;
  throw new StagelightError('INVALID_ARGUMENT', `${operator}: fraction ${String(fraction)} is out of range`, {
    hint: 'Without replacement a fraction lies between 0 and 1; with replacement it is 0 or more.',
  });
}

export function sample<T>(
  rdd: RDD<T>,
  withReplacement: boolean,
  fraction: number,
  seed = someSeed(),
): RDD<T> {
  requireFraction(fraction, withReplacement, 'sample');
  requireSeed(seed, 'sample');
  return narrowWithoutFunction(
    rdd,
    'sample',
    { kind: 'sample', withReplacement, fraction, seed },
    { keepsPartitioner: true, orderSensitive: true },
  );
}

function fractionsByKey<K>(
  fractions: Iterable<readonly [K, number]>,
  withReplacement: boolean,
  operator: string,
): [K, number][] {
  const pairs: unknown = typeof fractions?.[Symbol.iterator] === 'function' ? [...fractions] : undefined;
  if (!Array.isArray(pairs) || !pairs.every((pair) => Array.isArray(pair))) {
    throw new StagelightError('INVALID_ARGUMENT', `${operator}: fractions are neither a Map nor pairs`, {
      hint: `Pass the fraction of each key, for example new Map([['a', 0.1], ['b', 1]]).`,
    });
  }
  for (const [key, fraction] of pairs) {
    requireKey(key, `${operator}: fractions`);
    requireFraction(fraction, withReplacement, operator);
  }
  return pairs.map(([key, fraction]) => [key, fraction]);
}

export function sampleByKey<K, V>(
  rdd: RDD<[K, V]>,
  withReplacement: boolean,
  fractions: Iterable<readonly [K, number]>,
  seed = someSeed(),
): RDD<[K, V]> {
  const byKey = fractionsByKey(fractions, withReplacement, 'sampleByKey');
  requireSeed(seed, 'sampleByKey');
  return narrow(
    rdd,
    'sampleByKey',
    builtinWith('sampleByKey', withReplacement, seed, rowsArgument(byKey)),
    (fn) => ({ kind: 'mapPartitions', fn, withIndex: true }),
    { keepsPartitioner: true, orderSensitive: true },
  );
}

/**
 * Of each key exactly ceil(fraction × rows), after a pass that counts and a shuffle of one row per key and partition.
 * With other rows in a partition than were counted (a closure with Math.random before it), fewer or more.
 */
export function sampleByKeyExact<K, V>(
  rdd: RDD<[K, V]>,
  withReplacement: boolean,
  fractions: Iterable<readonly [K, number]>,
  seed = someSeed(),
): RDD<[K, V]> {
  const name = 'sampleByKeyExact';
  const byKey = fractionsByKey(fractions, withReplacement, name);
  requireSeed(seed, name);
  return rdd.lineage.operator(name, () => {
    const counts = narrow<[K, [number, number]]>(rdd, 'mapPartitions', builtinWith('countStrata'), (fn) => ({
      kind: 'mapPartitions',
      fn,
      withIndex: true,
    }));
    const split = builtinWith('splitQuotas', withReplacement, seed, rowsArgument(byKey));
    const quotas = narrow<[number, unknown]>(groupByKey(counts), 'mapPartitions', split, (fn) => ({
      kind: 'mapPartitions',
      fn,
      withIndex: false,
    }));
    return zipPartitions<[K, V]>(
      [rdd, partitionBy(quotas, placeByNumber(rdd.getNumPartitions()))],
      builtinWith('takeQuotas', withReplacement, seed),
      true,
    );
  });
}

/** Keys are the numbers of their partitions. */
function placeByNumber(numPartitions: number): Partitioner {
  const closure = 'builtin:itself';
  return new Partitioner({ kind: 'custom', numPartitions, closure }, { fn: (key) => key });
}

/** Every row is in exactly one of the parts: all draw the same random numbers and keep neighbouring ranges of them. */
export function randomSplit<T>(rdd: RDD<T>, weights: number[], seed = someSeed()): RDD<T>[] {
  requireSeed(seed, 'randomSplit');
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (!(total > 0 && Number.isFinite(total) && weights.every((weight) => weight >= 0))) {
    throw new StagelightError('INVALID_ARGUMENT', `randomSplit: ${JSON.stringify(weights)} are no weights`, {
      hint: 'Weights are 0 or more, and at least one is above 0; they need not sum up to 1.',
    });
  }
  let sum = 0;
  const edges = weights.map((weight) => (sum += weight) / total);
  // Rounding must not leave a gap below 1.
  edges[edges.length - 1] = 1;
  return edges.map((high, i) =>
    narrow<T>(
      rdd,
      'randomSplit',
      builtinWith('sampleBetween', seed, i === 0 ? 0 : edges[i - 1]!, high),
      (fn) => ({ kind: 'mapPartitions', fn, withIndex: true }),
      { keepsPartitioner: true, orderSensitive: true },
    ),
  );
}

/** Failing to get enough rows in one sample is made this improbable: 1e-4 (Spark's rule). */
const Z_WITH_REPLACEMENT = [9, 6] as const;
const MISS_PROBABILITY = 1e-4;

/** A fraction that yields at least `wanted` of `total` rows with probability above 0.9999. */
function sufficientFraction(wanted: number, total: number, withReplacement: boolean): number {
  const fraction = wanted / total;
  if (withReplacement) {
    const deviations = wanted < 12 ? Z_WITH_REPLACEMENT[0] : Z_WITH_REPLACEMENT[1];
    return Math.max(fraction + deviations * Math.sqrt(fraction / total), 1e-10);
  }
  const gamma = -Math.log(MISS_PROBABILITY) / total;
  return Math.min(1, Math.max(1e-10, fraction + gamma + Math.sqrt(gamma * gamma + 2 * gamma * fraction)));
}

/** V8's longest array of values. */
const MOST_SAMPLED = 2 ** 27 - 4;

function shuffled<T>(rows: T[], random: Random): T[] {
  for (let i = rows.length - 1; i > 0; i--) {
    const other = Math.floor(random.next() * (i + 1));
    [rows[i], rows[other]] = [rows[other]!, rows[i]!];
  }
  return rows;
}

/** Exactly `num` rows (fewer only when there are fewer), in random order: a job that counts, then one that samples. */
export async function takeSample<T>(
  rdd: RDD<T>,
  withReplacement: boolean,
  num: number,
  seed = someSeed(),
): Promise<T[]> {
  const call = new ActionCall(rdd.lineage, 'takeSample');
  requireCount(num, 'takeSample', 'num', 0);
  requireSeed(seed, 'takeSample');
  if (num > MOST_SAMPLED) {
    throw new StagelightError('INVALID_ARGUMENT', `takeSample: ${num} rows are more than an array can have`, {
      hint: `Ask for at most ${MOST_SAMPLED}, or use sample(), which stays in the executors.`,
    });
  }
  if (num === 0) return [];
  const total = (await call.run(rdd, { kind: 'count' })).reduce((sum, [rows]) => sum + (rows as number), 0);
  if (total === 0) return [];
  const random = new Random(seed, 0);
  if (!withReplacement && num >= total) {
    return shuffled((await call.run(rdd, { kind: 'collect' })).flat() as T[], random);
  }
  const fraction = sufficientFraction(num, total, withReplacement);
  for (let attempt = 0; ; attempt++) {
    const part = rdd.lineage.operator('takeSample', () =>
      sample(rdd, withReplacement, fraction, seed + attempt),
    );
    const rows = (await call.run(part, { kind: 'collect' })).flat() as T[];
    if (rows.length >= num) return shuffled(rows, random).slice(0, num);
  }
}
