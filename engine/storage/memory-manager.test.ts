import { expect, test } from 'vitest';
import { MemoryManager, Reservation } from './memory-manager.ts';

/** A budget of 100, half of it protected for storage, and cached partitions of 10 each. */
function managed() {
  const memory = new MemoryManager(100);
  const evictions: number[] = [];
  memory.setEvictor((bytes) => {
    evictions.push(bytes);
    const freed = Math.ceil(bytes / 10) * 10;
    if (freed > memory.storageUsed) return 0;
    memory.releaseStorage(freed);
    return freed;
  });
  return { memory, evictions };
}

test('storage borrows what execution leaves, and gives it back down to its protected share', () => {
  const { memory, evictions } = managed();
  expect(memory.acquireStorage(100)).toBe(true);
  expect(memory.acquireExecution(35)).toBe(true);
  expect([evictions, memory.storageUsed]).toEqual([[35], 60]);
  expect(memory.acquireExecution(15)).toBe(true);
  expect(memory.storageUsed).toBe(50);
  expect(memory.acquireExecution(1)).toBe(false);
  expect([evictions, memory.storageUsed]).toEqual([[35, 10], 50]);
});

test('nothing is evicted where that would not be enough', () => {
  const { memory, evictions } = managed();
  memory.acquireStorage(60);
  expect(memory.acquireExecution(60)).toBe(false);
  expect(memory.acquireExecution(40)).toBe(true);
  expect(memory.acquireStorage(61)).toBe(false);
  expect([evictions, memory.storageUsed]).toEqual([[], 60]);
});

test('execution borrows what storage leaves, and is never evicted', () => {
  const { memory, evictions } = managed();
  expect(memory.acquireExecution(95)).toBe(true);
  expect(memory.acquireStorage(10)).toBe(false);
  expect(memory.acquireStorage(5)).toBe(true);
  expect(memory.executionUsed).toBe(95);
  expect(evictions).toEqual([]);
});

test('newer partitions push out older ones, not execution', () => {
  const { memory, evictions } = managed();
  memory.acquireExecution(40);
  memory.acquireStorage(60);
  expect(memory.acquireStorage(20)).toBe(true);
  expect([evictions, memory.storageUsed, memory.executionUsed]).toEqual([[20], 60, 40]);
});

test('what a holder has is accounted whether granted or not, and all of it comes back', () => {
  const { memory } = managed();
  const task = memory.forTask();
  const first = new Reservation(task);
  const second = new Reservation(task);
  expect(first.grow(98)).toBe(true);
  expect(second.grow(6)).toBe(true);
  expect(second.grow(6)).toBe(false);
  expect([second.held, memory.executionUsed, memory.peakExecution]).toEqual([12, 110, 110]);
  expect([second.insist(), first.insist()]).toEqual([true, false]);
  second.release();
  first.shrinkTo(40);
  expect(memory.executionUsed).toBe(40);
  task.close();
  expect(memory.executionUsed).toBe(0);
});
