import { describe, expect, test } from 'vitest';
import { seededRandom } from '../testing.ts';
import { estimateCount, estimateMean, estimateSum } from './bounded-double.ts';
import { StatCounter } from './stat-counter.ts';

function statsOf(numbers: number[]): StatCounter {
  const count = numbers.length;
  const sum = numbers.reduce((a, b) => a + b, 0);
  const mean = count === 0 ? 0 : sum / count;
  const m2 = numbers.reduce((total, n) => total + (n - mean) ** 2, 0);
  return new StatCounter().merge([count, mean, m2, Math.min(...numbers), Math.max(...numbers), sum]);
}

describe('estimates', () => {
  const half = { done: 5, total: 10 };

  test('are exact and certain when all partitions are done', () => {
    const all = { done: 3, total: 3 };
    const exact = (value: number) => ({ mean: value, confidence: 1, low: value, high: value });
    expect(estimateCount(7, all, 0.9)).toMatchObject(exact(7));
    expect(estimateMean(statsOf([1, 2, 6]), all, 0.9)).toMatchObject(exact(3));
    expect(estimateSum(statsOf([1, 2, 6]), all, 0.9)).toMatchObject(exact(9));
  });

  test('know nothing before the first row, and bound nothing by a single one', () => {
    const nothing = { mean: 0, confidence: 0, high: Number.POSITIVE_INFINITY };
    expect(estimateCount(0, half, 0.9)).toMatchObject({ ...nothing, low: 0 });
    const unbounded = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
    expect(estimateMean(statsOf([]), half, 0.9)).toMatchObject({ ...nothing, ...unbounded });
    expect(estimateSum(statsOf([]), { done: 0, total: 4 }, 0.9)).toMatchObject({ ...nothing, ...unbounded });
    expect(estimateMean(statsOf([4]), half, 0.9)).toMatchObject({ mean: 4, ...unbounded });
    expect(estimateSum(statsOf([4]), half, 0.9)).toMatchObject({ mean: 8, ...unbounded });
  });

  test('hold what they promise: the true value lies within the bounds about as often as the confidence says', () => {
    const random = seededRandom(11);
    const hits = { count: 0, mean: 0, sum: 0 };
    const trials = 1_000;
    for (let trial = 0; trial < trials; trial++) {
      const partitions = Array.from({ length: 10 }, () => {
        let rows = 0;
        for (let product = random(); product > Math.exp(-20); product *= random()) rows++;
        return Array.from({ length: rows }, () => random() * 10);
      });
      const seen = partitions.slice(0, 5).flat();
      const all = partitions.flat();
      const sum = all.reduce((a, b) => a + b, 0);
      const within = ({ low, high }: { low: number; high: number }, value: number) =>
        Number(low <= value && value <= high);
      hits.count += within(estimateCount(seen.length, half, 0.9), all.length);
      // The bounds are those of the mean and the sum that the rows are a sample of.
      hits.mean += within(estimateMean(statsOf(seen), half, 0.9), 5);
      hits.sum += within(estimateSum(statsOf(seen), half, 0.9), sum);
    }
    // The rate of the rows to come is itself estimated, which Spark's bounds do not count in.
    expect(hits.count / trials).toBeGreaterThan(0.7);
    expect(hits.mean / trials).toBeGreaterThan(0.87);
    expect(hits.mean / trials).toBeLessThan(0.93);
    expect(hits.sum / trials).toBeGreaterThan(0.85);
  });
});
