/** Where the partitions of a persisted RDD may be kept, by Spark's names. */
import { StagelightError } from '../errors.ts';
import type { StorageLevel as Level, StorageLevelName } from '../rdd/plan.ts';

function level(
  name: StorageLevelName,
  where: { memory?: boolean; disk?: boolean; serialized?: boolean },
  replication = 1,
): Level {
  const { memory = false, disk = false, serialized = false } = where;
  return { name, useMemory: memory, useDisk: disk, deserialized: memory && !serialized, replication };
}

const memory = { memory: true };
const both = { memory: true, disk: true };
const disk = { disk: true };
const serialized = { serialized: true };

export const StorageLevel: Readonly<Record<StorageLevelName, Level>> = {
  NONE: level('NONE', {}),
  DISK_ONLY: level('DISK_ONLY', disk),
  DISK_ONLY_2: level('DISK_ONLY_2', disk, 2),
  DISK_ONLY_3: level('DISK_ONLY_3', disk, 3),
  MEMORY_ONLY: level('MEMORY_ONLY', memory),
  MEMORY_ONLY_2: level('MEMORY_ONLY_2', memory, 2),
  MEMORY_ONLY_SER: level('MEMORY_ONLY_SER', { ...memory, ...serialized }),
  MEMORY_ONLY_SER_2: level('MEMORY_ONLY_SER_2', { ...memory, ...serialized }, 2),
  MEMORY_AND_DISK: level('MEMORY_AND_DISK', both),
  MEMORY_AND_DISK_2: level('MEMORY_AND_DISK_2', both, 2),
  MEMORY_AND_DISK_SER: level('MEMORY_AND_DISK_SER', { ...both, ...serialized }),
  MEMORY_AND_DISK_SER_2: level('MEMORY_AND_DISK_SER_2', { ...both, ...serialized }, 2),
  // Encoded rows are in buffers, which are outside the heap of JavaScript anyway.
  OFF_HEAP: level('OFF_HEAP', { ...both, ...serialized }),
};

export type StorageLevel = Level;

/** The level of a name that a program passed to `persist`. */
export function storageLevelOf(name: string): Level {
  if (name !== 'NONE' && Object.hasOwn(StorageLevel, name)) return StorageLevel[name as StorageLevelName];
  throw new StagelightError('INVALID_ARGUMENT', `persist: there is no storage level "${String(name)}"`, {
    hint:
      name === 'NONE'
        ? 'Call unpersist() to keep nothing any more.'
        : `Levels are ${Object.keys(StorageLevel).slice(1).join(', ')}.`,
  });
}

/** The same place with a copy on disk besides: what a dataset that is its own only copy needs. */
export function withDisk(of: Level): Level {
  if (of.useDisk) return of;
  return StorageLevel[of.name.replace('MEMORY_ONLY', 'MEMORY_AND_DISK') as StorageLevelName];
}
