import { afterEach, expect, test } from 'vitest';
import { care } from './care.ts';
import { MemoryManager, Reservation } from './memory-manager.ts';

afterEach(() => {
  care.isTaken = false;
});

/** A budget of 100, half of it protected for storage, and cached partitions of 10 each. */
function managed() {
  const heap = { short: false, held: 1000 };
  const memory = new MemoryManager(100, 0.5, { isShort: () => heap.short, mostHeld: () => heap.held });
  const evictions: number[] = [];
  memory.setEvictor((bytes) => {
    evictions.push(bytes);
    const freed = Math.ceil(bytes / 10) * 10;
    if (freed > memory.storageUsed) return 0;
    memory.releaseStorage(freed);
    return freed;
  });
  return { memory, evictions, heap };
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

test('where the heap is short whoever grows is to give up what it holds, and some of what is cached goes, whatever was estimated', () => {
  const { memory, evictions, heap } = managed();
  memory.acquireStorage(40);
  const holder = new Reservation(memory.forTask());
  expect(holder.grow(1)).toBe(true);
  heap.short = true;
  expect(holder.grow(1)).toBe(false);
  expect([evictions, memory.storageUsed, holder.isHeapShort]).toEqual([[10], 30, true]);
  expect(memory.acquireStorage(1)).toBe(false);
  heap.short = false;
  expect([holder.grow(1), holder.isHeapShort, holder.held]).toEqual([true, false, 3]);
});

test('nobody is refused for an estimate that is more than there is on the heap', () => {
  const { memory, heap } = managed();
  const holder = new Reservation(memory.forTask());
  expect(holder.grow(90)).toBe(true);
  expect(holder.grow(30)).toBe(false);
  expect(holder.insist()).toBe(false);
  expect(holder.held).toBe(120);
  heap.held = 20;
  expect([holder.insistAhead(), holder.held]).toEqual([false, 120]);
  expect([holder.insist(), holder.held, memory.executionUsed]).toEqual([true, 20, 20]);
});

test('with care nobody holds more than a third, except what cannot be divided', () => {
  const { memory, heap } = managed();
  care.isTaken = true;
  const holder = new Reservation(memory.forTask());
  expect([holder.grow(30), holder.grow(10), holder.insist()]).toEqual([true, false, true]);
  expect([holder.grow(50), holder.insist()]).toEqual([false, true]);
  heap.short = true;
  expect([holder.grow(1), holder.insist()]).toEqual([false, false]);
});
