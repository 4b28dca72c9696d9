import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { StorageLevel as Level } from '../rdd/plan.ts';
import { BlockManager } from './block-manager.ts';
import { MemoryManager } from './memory-manager.ts';
import { estimateRowsSize } from './size-estimate.ts';
import { StorageLevel } from './storage-level.ts';

let directory: string;
let evicted: string[];
const rowsOf = (seed: number) => Array.from({ length: 100 }, (_, i) => [`key ${seed}`, i]);
const ROWS_SIZE = estimateRowsSize(rowsOf(1));

function blocksWithin(budget: number) {
  const memory = new MemoryManager(budget);
  const blocks = new BlockManager(memory, path.join(directory, 'blocks'), (rddId, partition, reason) => {
    evicted.push(`${rddId}_${partition}: ${reason}`);
  });
  return { memory, blocks };
}

function put(blocks: BlockManager, rddId: number, partition: number, rows: unknown[], level: Level) {
  const fill = blocks.fill(rddId, partition, level);
  try {
    fill.add(rows);
    return fill.finish();
  } finally {
    fill.close();
  }
}

function get(blocks: BlockManager, rddId: number, partition: number): unknown[] | undefined {
  const batches = blocks.read(rddId, partition);
  return batches === undefined ? undefined : [...batches].flat();
}

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'stagelight-test-'));
  evicted = [];
});
afterEach(() => rmSync(directory, { recursive: true }));

describe('block manager', () => {
  test('keeps rows in memory and gives the accounted memory back', () => {
    const { memory, blocks } = blocksWithin(ROWS_SIZE * 4);
    const rows = rowsOf(1);
    expect(put(blocks, 1, 0, rows, StorageLevel.MEMORY_ONLY)).toEqual({
      bytes: ROWS_SIZE,
      onDisk: false,
    });
    expect(get(blocks, 1, 0)).toEqual(rows);
    expect(get(blocks, 1, 1)).toBeUndefined();
    put(blocks, 1, 0, rows, StorageLevel.MEMORY_ONLY);
    expect(memory.storageUsed).toBe(ROWS_SIZE);
    blocks.dropRdd(1);
    expect(get(blocks, 1, 0)).toBeUndefined();
    expect(memory.storageUsed).toBe(0);
    expect(evicted).toEqual([]);
  });

  test('the least recently used partition goes first, never one of the RDD being stored', () => {
    const { blocks } = blocksWithin(ROWS_SIZE * 2.5);
    put(blocks, 1, 0, rowsOf(1), StorageLevel.MEMORY_ONLY);
    put(blocks, 2, 0, rowsOf(2), StorageLevel.MEMORY_ONLY);
    get(blocks, 1, 0);
    put(blocks, 3, 0, rowsOf(3), StorageLevel.MEMORY_ONLY);
    expect(evicted).toEqual(['2_0: newer cached partitions needed the memory']);
    put(blocks, 3, 1, rowsOf(3), StorageLevel.MEMORY_ONLY);
    expect(put(blocks, 3, 2, rowsOf(3), StorageLevel.MEMORY_ONLY)).toBeUndefined();
    expect([0, 1, 2].map((p) => get(blocks, 3, p) !== undefined)).toEqual([true, true, false]);
    expect(evicted).toHaveLength(2);
  });

  test('with disk allowed, what leaves memory is still there', () => {
    const { memory, blocks } = blocksWithin(ROWS_SIZE * 1.5);
    put(blocks, 1, 0, rowsOf(1), StorageLevel.MEMORY_AND_DISK);
    put(blocks, 2, 0, rowsOf(2), StorageLevel.MEMORY_AND_DISK);
    expect(put(blocks, 2, 1, rowsOf(3), StorageLevel.MEMORY_AND_DISK)?.onDisk).toBe(true);
    expect(put(blocks, 4, 0, rowsOf(4), StorageLevel.DISK_ONLY)?.onDisk).toBe(true);
    expect(get(blocks, 1, 0)).toEqual(rowsOf(1));
    expect(get(blocks, 2, 1)).toEqual(rowsOf(3));
    expect(get(blocks, 4, 0)).toEqual(rowsOf(4));
    expect(memory.storageUsed).toBe(ROWS_SIZE);
    expect(evicted).toEqual([]);
    for (const rddId of [1, 2, 4]) blocks.dropRdd(rddId);
    expect(readdirSync(path.join(directory, 'blocks'))).toEqual([]);
  });

  test('a damaged, shortened or deleted block on disk is missing, never wrong', () => {
    const { blocks } = blocksWithin(0);
    const file = path.join(directory, 'blocks', 'rdd_1_0');
    const damages: ((bytes: Buffer) => void)[] = [
      (bytes) => {
        bytes[bytes.length - 5]! ^= 1;
        writeFileSync(file, bytes);
      },
      (bytes) => writeFileSync(file, bytes.subarray(0, bytes.length - 8)),
      () => writeFileSync(file, ''),
      () => rmSync(file),
    ];
    for (const damage of damages) {
      put(blocks, 1, 0, rowsOf(1), StorageLevel.DISK_ONLY);
      expect(get(blocks, 1, 0)).toEqual(rowsOf(1));
      damage(readFileSync(file));
      expect(get(blocks, 1, 0)).toBeUndefined();
      expect(get(blocks, 1, 0)).toBeUndefined();
    }
    expect(evicted).toEqual(damages.map(() => '1_0: the block on disk was missing or damaged'));
  });

  test('the file of another partition in its place is missing, too, also for whom it was copied', () => {
    const { blocks } = blocksWithin(0);
    const fileOf = (name: string) => path.join(directory, 'blocks', name);
    for (const p of [0, 1]) put(blocks, 1, p, rowsOf(p), StorageLevel.DISK_ONLY);
    put(blocks, 2, 0, rowsOf(2), StorageLevel.DISK_ONLY);
    for (const name of ['copy', 'copy for memory']) copyFileSync(fileOf('rdd_1_1'), fileOf(name));
    copyFileSync(fileOf('rdd_1_1'), fileOf('rdd_1_0'));
    copyFileSync(fileOf('rdd_1_1'), fileOf('rdd_2_0'));
    expect([get(blocks, 1, 0), get(blocks, 2, 0)]).toEqual([undefined, undefined]);
    expect(get(blocks, 1, 1)).toEqual(rowsOf(1));
    expect(blocks.adopt(1, 5, StorageLevel.DISK_ONLY, fileOf('copy'))).toBeUndefined();
    expect(blocks.adopt(1, 5, StorageLevel.MEMORY_AND_DISK, fileOf('copy for memory'))).toBeUndefined();
  });

  test('execution takes storage down to its share, and storage never takes execution', () => {
    const { memory, blocks } = blocksWithin(ROWS_SIZE * 4);
    for (let p = 0; p < 4; p++) put(blocks, 1, p, rowsOf(p), StorageLevel.MEMORY_ONLY);
    const task = memory.forTask();
    expect(task.acquire(ROWS_SIZE)).toBe(true);
    expect(task.acquire(ROWS_SIZE)).toBe(true);
    expect(task.acquire(ROWS_SIZE)).toBe(false);
    expect(evicted).toEqual([0, 1].map((p) => `1_${p}: execution needed the memory`));
    expect(put(blocks, 2, 0, rowsOf(0), StorageLevel.MEMORY_ONLY)?.onDisk).toBe(false);
    expect(memory.executionUsed).toBe(ROWS_SIZE * 2);
    expect(memory.peakExecution).toBe(ROWS_SIZE * 2);
    task.close();
    expect(memory.executionUsed).toBe(0);
  });

  test.skipIf(!existsSync('/dev/full'))('a full disk costs the cached partition, not the task', () => {
    const { blocks } = blocksWithin(0);
    const file = path.join(directory, 'blocks', 'rdd_1_0');
    mkdirSync(path.dirname(file));
    symlinkSync('/dev/full', file);
    expect(put(blocks, 1, 0, rowsOf(1), StorageLevel.MEMORY_AND_DISK)).toBeUndefined();
    expect(get(blocks, 1, 0)).toBeUndefined();
    expect(readdirSync(path.dirname(file))).toEqual([]);
  });

  test('rows of MEMORY_AND_DISK that cannot be written are given up when memory is needed', () => {
    class Point {}
    const { blocks } = blocksWithin(ROWS_SIZE * 1.2);
    put(blocks, 1, 0, [new Point(), ...rowsOf(1).slice(1)], StorageLevel.MEMORY_AND_DISK);
    expect(put(blocks, 2, 0, rowsOf(2), StorageLevel.MEMORY_ONLY)?.onDisk).toBe(false);
    expect(get(blocks, 1, 0)).toBeUndefined();
    expect(evicted[0]).toContain('could not be moved to disk: row 0 cannot travel');
  });
});
