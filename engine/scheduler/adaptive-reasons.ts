/** What adaptive execution decided, in words with the numbers it decided by. */
import type { AdaptiveOptions } from '../rdd/adaptive-options.ts';
import type { Coalescing } from './coalesce-plan.ts';

/** "812 B", "3.4 KB", "64 MB". */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  const digits = unit > 0 && value < 10 && value % 1 >= 0.05 ? value.toFixed(1) : String(Math.round(value));
  return `${digits} ${units[unit]}`;
}

export function median(sizes: Float64Array): number {
  const sorted = sizes.toSorted();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function coalesceReason(
  sizes: Float64Array,
  { starts, targetSize, mostPartitions }: Coalescing,
  { advisoryPartitionSize }: AdaptiveOptions,
  parallelism: number,
): string {
  const tasks = starts.length === 1 ? '1 task' : `${starts.length} tasks`;
  const executors = parallelism === 1 ? '1 executor' : `${parallelism} executors`;
  const why =
    targetSize >= advisoryPartitionSize && !Number.isFinite(mostPartitions)
      ? `the advisory size is ${bytesText(advisoryPartitionSize)}`
      : `up to ${bytesText(targetSize)} each (advisory size ${bytesText(advisoryPartitionSize)}), and work kept for ${executors}`;
  return `${sizes.length} partitions of ${bytesText(median(sizes))} median were put into ${tasks}: ${why}`;
}
