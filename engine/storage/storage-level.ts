/** Where the partitions of a persisted RDD may be kept, by Spark's names. */
import type { StorageLevel as Level } from '../rdd/plan.ts';

export const StorageLevel = {
  NONE: { name: 'NONE', useMemory: false, useDisk: false },
  MEMORY_ONLY: { name: 'MEMORY_ONLY', useMemory: true, useDisk: false },
  MEMORY_AND_DISK: { name: 'MEMORY_AND_DISK', useMemory: true, useDisk: true },
  DISK_ONLY: { name: 'DISK_ONLY', useMemory: false, useDisk: true },
} as const satisfies Record<Level['name'], Level>;

export type StorageLevel = Level;
