import { expect, test } from 'vitest';
import { Context } from '../context.ts';
import { StorageLevel, withDisk } from '../storage/storage-level.ts';
import { RecordingRunner } from '../testing.ts';

const source = () => new Context(new RecordingRunner()).range(3);

test('a level that was assigned stays until unpersist', () => {
  const rdd = source().cache();
  expect(rdd.persist('MEMORY_ONLY').getStorageLevel().name).toBe('MEMORY_ONLY');
  expect(() => rdd.persist('DISK_ONLY')).toThrow(
    expect.objectContaining({
      code: 'STORAGE_LEVEL_ASSIGNED',
      message: expect.stringMatching(/is kept at MEMORY_ONLY already and cannot change to DISK_ONLY$/),
    }),
  );
  expect(rdd.unpersist().persist('DISK_ONLY_2').getStorageLevel()).toEqual({
    name: 'DISK_ONLY_2',
    useMemory: false,
    useDisk: true,
    deserialized: false,
    replication: 2,
  });
});

test('a name that is no level is refused with those that are', () => {
  expect(() => source().persist('MEMORY' as 'MEMORY_ONLY')).toThrow(
    expect.objectContaining({
      code: 'INVALID_ARGUMENT',
      message: 'persist: there is no storage level "MEMORY"',
    }),
  );
  expect(() => source().persist('NONE' as 'MEMORY_ONLY')).toThrow(
    expect.objectContaining({ hint: 'Call unpersist() to keep nothing any more.' }),
  );
});

test('every level has one with a copy on disk', () => {
  for (const level of Object.values(StorageLevel).slice(1)) {
    const disk = withDisk(level);
    expect(disk).toEqual({ ...level, name: disk.name, useDisk: true });
  }
});
