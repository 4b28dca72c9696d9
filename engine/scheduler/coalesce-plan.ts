/**
 * Which adjacent reduce partitions one task computes, one after the other, once it is known how large they are (after
 * Spark's ShufflePartitionsUtil.coalescePartitions). Partitions stay what they are: only the tasks become fewer.
 */
import type { AdaptiveOptions } from '../rdd/adaptive-options.ts';

/** Tasks per executor that "parallelism first" keeps: with one each, the slowest would decide. */
const TASKS_PER_EXECUTOR = 4;

export interface CoalesceInput {
  /** Bytes that each partition reads, in order. */
  sizes: Float64Array;
  /** True where a partition must not share a task with the one before it. */
  apart(position: number): boolean;
  /** Executors. */
  parallelism: number;
}

export interface Coalescing {
  /** Where each task begins, ascending from 0. */
  starts: number[];
  /** Bytes up to which partitions were put together. */
  targetSize: number;
  /** Partitions up to which they were; infinite when only their sizes decide. */
  mostPartitions: number;
}

/** Undefined when every partition keeps its own task. */
export function planCoalescing(
  { sizes, apart, parallelism }: CoalesceInput,
  options: AdaptiveOptions,
): Coalescing | undefined {
  const { advisoryPartitionSize, minPartitionSize, parallelismFirst } = options;
  const least = parallelismFirst ? TASKS_PER_EXECUTOR * Math.max(1, parallelism) : 1;
  if (sizes.length <= least) return undefined;
  let total = 0;
  for (const size of sizes) total += size;
  const share = parallelismFirst ? total / least : Number.POSITIVE_INFINITY;
  const targetSize = Math.max(minPartitionSize, Math.min(advisoryPartitionSize, share));
  const mostPartitions = parallelismFirst ? Math.ceil(sizes.length / least) : Number.POSITIVE_INFINITY;
  const starts = [0];
  let bytes = sizes[0]!;
  let count = 1;
  for (let position = 1; position < sizes.length; position++) {
    const size = sizes[position]!;
    if (apart(position) || count >= mostPartitions || bytes + size > targetSize) {
      starts.push(position);
      bytes = 0;
      count = 0;
    }
    bytes += size;
    count++;
  }
  return starts.length < sizes.length ? { starts, targetSize, mostPartitions } : undefined;
}
