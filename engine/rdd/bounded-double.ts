/** Numbers estimated from the partitions done so far (Spark's CountEvaluator, MeanEvaluator and SumEvaluator). */
import { inspect } from 'node:util';
import { normalQuantile, poissonQuantile, studentQuantile } from './distributions.ts';
import type { StatCounter } from './stat-counter.ts';

/** An estimate: with the probability `confidence` the true value lies between `low` and `high`. */
export class BoundedDouble {
  readonly mean: number;
  readonly confidence: number;
  readonly low: number;
  readonly high: number;

  constructor(mean: number, confidence: number, low: number, high: number) {
    this.mean = mean;
    this.confidence = confidence;
    this.low = low;
    this.high = high;
  }

  toString(): string {
    return `${this.mean} (${this.low} to ${this.high} at ${this.confidence * 100} %)`;
  }

  [inspect.custom](): string {
    return `BoundedDouble ${this}`;
  }
}

/** How many of all partitions an estimate is made from. */
export interface Progress {
  done: number;
  total: number;
}

const certain = (value: number) => new BoundedDouble(value, 1, value, value);

/** Beyond this many rows Student's distribution is as good as the normal one. */
const MANY_ROWS = 100;

function deviations(confidence: number, rows: number): number {
  const probability = 1 - (1 - confidence) / 2;
  return rows > MANY_ROWS ? normalQuantile(probability) : studentQuantile(probability, rows - 1);
}

/** The whole count, when `count` rows were in the partitions done: the rows to come are Poisson by their rate so far. */
export function estimateCount(count: number, { done, total }: Progress, confidence: number): BoundedDouble {
  if (done === total) return certain(count);
  if (done === 0 || count === 0) return new BoundedDouble(0, 0, 0, Number.POSITIVE_INFINITY);
  const toCome = (count * (total - done)) / done;
  const low = poissonQuantile((1 - confidence) / 2, toCome);
  const high = poissonQuantile(1 - (1 - confidence) / 2, toCome);
  return new BoundedDouble(count + toCome, confidence, count + low, count + high);
}

/** The mean of all numbers, from those of the partitions done. */
export function estimateMean(
  stats: StatCounter,
  { done, total }: Progress,
  confidence: number,
): BoundedDouble {
  const { mean, count } = stats;
  if (done === total) return certain(mean);
  if (count === 0) return new BoundedDouble(0, 0, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
  if (count === 1)
    return new BoundedDouble(mean, confidence, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
  const margin = deviations(confidence, count) * Math.sqrt(stats.sampleVariance / count);
  return new BoundedDouble(mean, confidence, mean - margin, mean + margin);
}

/** The sum of all numbers: the estimated count times the estimated mean, with the variance of a product. */
export function estimateSum(
  stats: StatCounter,
  { done, total }: Progress,
  confidence: number,
): BoundedDouble {
  if (done === total) return certain(stats.sum);
  const { mean, count } = stats;
  if (count === 0) return new BoundedDouble(0, 0, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
  const rows = (count * total) / done;
  const sum = mean * rows;
  if (count === 1)
    return new BoundedDouble(sum, confidence, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
  const meanVariance = stats.sampleVariance / count;
  const rowsVariance = (count * (total - done)) / done;
  const variance = mean * mean * rowsVariance + rows * rows * meanVariance + meanVariance * rowsVariance;
  const margin = deviations(confidence, count) * Math.sqrt(variance);
  return new BoundedDouble(sum, confidence, sum - margin, sum + margin);
}
