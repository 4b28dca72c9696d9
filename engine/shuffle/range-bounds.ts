/** The bounds of a range partitioner, from samples of the keys (Spark's RangePartitioner.determineBounds). */
import { compareKeys } from '../storage/compare-keys.ts';

/** A sample of one partition's keys and how many rows the partition has. */
export interface KeySample {
  count: number;
  keys: readonly unknown[];
}

/**
 * At most `numPartitions − 1` ascending bounds that cut the sampled weight evenly. Equal keys are never cut apart, so
 * there may be fewer bounds; the partitions behind them stay empty.
 */
export function boundsFromSamples(samples: readonly KeySample[], numPartitions: number): unknown[] {
  const candidates: { key: unknown; weight: number }[] = [];
  let total = 0;
  for (const { count, keys } of samples) {
    // A key of a small sample of a large partition stands for many rows.
    const weight = keys.length === 0 ? 0 : count / keys.length;
    for (const key of keys) candidates.push({ key, weight });
    total += weight * keys.length;
  }
  candidates.sort((a, b) => compareKeys(a.key, b.key));
  const step = total / numPartitions;
  const bounds: unknown[] = [];
  let weightSoFar = 0;
  let target = step;
  for (const { key, weight } of candidates) {
    if (bounds.length === numPartitions - 1) break;
    weightSoFar += weight;
    if (weightSoFar < target) continue;
    if (bounds.length > 0 && compareKeys(key, bounds.at(-1)) <= 0) continue;
    bounds.push(key);
    target += step;
  }
  return bounds;
}
