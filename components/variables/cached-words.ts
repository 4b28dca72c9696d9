/** Where the partitions of a cached dataset are, in words and as small shapes. Pure. */
import type { CachedPartitionView } from '../../engine/fold/state.ts';
import type { CachedPartitions } from '../session/published-view.ts';
import { formatBytes, formatCount, formatPlural } from '../ui/format.ts';

/** "2 of 4 partitions cached, 96 B (1 on disk, 2 copies in other executors)"; `of` absent: their number is unknown. */
export function cachedWords(cached: CachedPartitions, of: number | undefined): string {
  let [bytes, onDisk, copies] = [0, 0, 0];
  for (const block of cached.values()) {
    bytes += block.bytes;
    if (block.onDisk) onDisk += 1;
    for (const replica of block.replicas ?? []) {
      bytes += replica.bytes;
      copies += 1;
    }
  }
  const notes: string[] = [];
  if (onDisk > 0) notes.push(`${formatCount(onDisk)} on disk`);
  if (copies > 0) notes.push(`${formatCount(copies)} ${copies === 1 ? 'copy' : 'copies'} in other executors`);
  const count =
    of === undefined
      ? formatPlural(cached.size, 'partition')
      : `${formatCount(cached.size)} of ${formatPlural(of, 'partition')}`;
  return `${count} cached, ${formatBytes(bytes)}${notes.length > 0 ? ` (${notes.join(', ')})` : ''}`;
}

/** "partition 1: 48 B in executor 0, on disk; copied to executor 1" */
export function cachedPartitionWords(partition: number, block: CachedPartitionView | undefined): string {
  if (!block) return `partition ${partition}: not cached`;
  const held = `${formatBytes(block.bytes)} in executor ${block.executorId}${block.onDisk ? ', on disk' : ''}`;
  const { replicas = [] } = block;
  if (replicas.length === 0) return `partition ${partition}: ${held}`;
  const others = replicas.map(({ executorId, onDisk }) => `${executorId}${onDisk ? ' (on disk)' : ''}`);
  return `partition ${partition}: ${held}; copied to executor${others.length === 1 ? '' : 's'} ${others.join(', ')}`;
}

export type CachedShape = 'none' | 'memory' | 'disk';

export function cachedShape(block: CachedPartitionView | undefined): CachedShape {
  if (!block) return 'none';
  return block.onDisk ? 'disk' : 'memory';
}

/** Where a checkpoint keeps the rows. */
export function checkpointWords(kind: 'reliable' | 'local'): string {
  return kind === 'local' ? 'local checkpoint' : 'checkpoint';
}
