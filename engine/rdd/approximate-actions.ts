/**
 * Actions that answer after a given time with an estimate from the partitions done by then, while their job goes on
 * (Spark's runApproximateJob and its evaluators).
 */
import { StagelightError } from '../errors.ts';
import { keyToMapKey } from '../storage/key-encoding.ts';
import { ActionCall, type RunningJob } from './action-call.ts';
import {
  type BoundedDouble,
  estimateCount,
  estimateMean,
  estimateSum,
  type Progress,
} from './bounded-double.ts';
import { combineWithinPartitions } from './combine.ts';
import { narrow } from './narrow-operators.ts';
import { PartialResult } from './partial-result.ts';
import type { AnyRDD, RDD } from './rdd.ts';
import { StatCounter } from './stat-counter.ts';

type Evaluate<R> = (partials: unknown[][], progress: Progress, confidence: number) => R;

function requireTimes(action: string, timeout: number, confidence: number): void {
  if (typeof timeout !== 'number' || !(timeout >= 0)) {
    throw new StagelightError('INVALID_ARGUMENT', `${action}: timeout ${String(timeout)} is no time`, {
      hint: 'Give milliseconds, 0 or more.',
    });
  }
  if (typeof confidence !== 'number' || !(confidence > 0 && confidence < 1)) {
    throw new StagelightError(
      'INVALID_ARGUMENT',
      `${action}: confidence ${String(confidence)} is out of range`,
      {
        hint: 'A confidence lies between 0 and 1, for example 0.95.',
      },
    );
  }
}

/** Longest delay of a timer; what is longer waits for the end of the job. */
const LONGEST = 2 ** 31 - 1;

async function approximate<R>(
  job: RunningJob,
  timeout: number,
  confidence: number,
  evaluate: Evaluate<R>,
): Promise<PartialResult<R>> {
  const final = job.rows.then((partials) =>
    evaluate(partials, { done: partials.length, total: partials.length }, confidence),
  );
  final.catch(() => {});
  let timer: NodeJS.Timeout | undefined;
  const timeIsOver = new Promise<undefined>((resolve) => {
    if (timeout <= LONGEST) timer = setTimeout(resolve, timeout, undefined);
  });
  const partials = await Promise.race([job.rows, timeIsOver]).finally(() => clearTimeout(timer));
  if (partials) return new PartialResult(await final, undefined);
  // Where the job has just ended there are none, or their files are being removed.
  const soFar = await job.rowsSoFar().catch((): (unknown[] | undefined)[] => []);
  if (soFar.length === 0) return new PartialResult(await final, undefined);
  const done = soFar.filter((rows) => rows !== undefined);
  return new PartialResult(evaluate(done, { done: done.length, total: soFar.length }, confidence), final);
}

export function countApprox(
  rdd: AnyRDD,
  timeout: number,
  confidence: number,
): Promise<PartialResult<BoundedDouble>> {
  requireTimes('countApprox', timeout, confidence);
  const job = new ActionCall(rdd.lineage, 'countApprox').submit(rdd, { kind: 'count' });
  return approximate(job, timeout, confidence, (partials, ...rest) =>
    estimateCount(
      partials.reduce((sum, [rows]) => sum + (rows as number), 0),
      ...rest,
    ),
  );
}

function merged(partials: unknown[][]): StatCounter {
  const stats = new StatCounter();
  for (const [partial] of partials) stats.merge(partial as Parameters<StatCounter['merge']>[0]);
  return stats;
}

function numbersApprox(
  rdd: RDD<number>,
  name: 'meanApprox' | 'sumApprox',
  estimate: typeof estimateMean,
  timeout: number,
  confidence: number,
): Promise<PartialResult<BoundedDouble>> {
  requireTimes(name, timeout, confidence);
  const job = new ActionCall(rdd.lineage, name).submit(rdd, { kind: 'stats' });
  return approximate(job, timeout, confidence, (partials, ...rest) => estimate(merged(partials), ...rest));
}

export const meanApprox = (rdd: RDD<number>, timeout: number, confidence: number) =>
  numbersApprox(rdd, 'meanApprox', estimateMean, timeout, confidence);

export const sumApprox = (rdd: RDD<number>, timeout: number, confidence: number) =>
  numbersApprox(rdd, 'sumApprox', estimateSum, timeout, confidence);

/** Counts equal keys partition by partition, without a shuffle: a shuffle would have no result before all is read. */
function countKeysApprox<K>(
  rdd: AnyRDD,
  name: 'countByKeyApprox' | 'countByValueApprox',
  withOne: () => RDD<[K, number]>,
  timeout: number,
  confidence: number,
): Promise<PartialResult<Map<K, BoundedDouble>>> {
  requireTimes(name, timeout, confidence);
  const call = new ActionCall(rdd.lineage, name);
  const counts = rdd.lineage.operator(name, () =>
    combineWithinPartitions<[K, number]>(withOne(), 'builtin:add'),
  );
  const job = call.submit(counts, { kind: 'collect' });
  return approximate(job, timeout, confidence, (partials, progress) => {
    const totals = new Map<unknown, [K, number]>();
    for (const [key, count] of partials.flat() as [K, number][]) {
      const known = totals.get(keyToMapKey(key));
      if (known) known[1] += count;
      else totals.set(keyToMapKey(key), [key, count]);
    }
    return new Map(
      [...totals.values()].map(([key, count]) => [key, estimateCount(count, progress, confidence)]),
    );
  });
}

export function countByKeyApprox<K>(rdd: RDD<[K, unknown]>, timeout: number, confidence: number) {
  const withOne = () =>
    narrow<[K, number]>(rdd, 'mapValues', 'builtin:one', (fn) => ({ kind: 'mapValues', fn }));
  return countKeysApprox(rdd, 'countByKeyApprox', withOne, timeout, confidence);
}

export function countByValueApprox<T>(rdd: RDD<T>, timeout: number, confidence: number) {
  const withOne = () => narrow<[T, number]>(rdd, 'map', 'builtin:pairWithOne', (fn) => ({ kind: 'map', fn }));
  return countKeysApprox(rdd, 'countByValueApprox', withOne, timeout, confidence);
}
