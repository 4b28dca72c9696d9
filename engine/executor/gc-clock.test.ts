/** The time of collections, in turns that are short and in one that takes long. */
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { heapInUse } from '../storage/heap-in-use.ts';
import { GcClock } from './gc-clock.ts';

test('collections are told after the turn in which they were', async () => {
  const clock = new GcClock();
  const from = performance.now();
  clock.begin(from);
  heapInUse();
  clock.end();
  const to = performance.now();
  heapInUse();
  await setImmediate();
  await setImmediate();
  const found = clock.within(from, to);
  expect(found).toBeGreaterThan(0);
  expect(found).toBeLessThanOrEqual(to - from);
  expect(clock.within(from, to)).toBe(0);
});

test('in a turn that takes long they are counted as it goes, and none of them is kept', async () => {
  const clock = new GcClock();
  // Whole: sums of it are exact.
  const from = Math.floor(performance.now());
  clock.begin(from);
  heapInUse();
  // As if it were much later each time.
  clock.look(from + 1000);
  heapInUse();
  clock.look(from + 2000);
  heapInUse();
  clock.end();
  const took = performance.now() - from;
  await setImmediate();
  await setImmediate();
  // The first is told by the observer, begun before the turn was long; the others lie where they were asked for.
  const [first, second, last] = [0, 1000, 2000].map((at) => clock.within(from + at, from + at + 1000));
  expect([first! > 0, second! > 0, last! > 0]).toEqual([true, true, true]);
  expect(first! + second! + last!).toBeLessThanOrEqual(took);
});

test('looks of a short turn cost nothing', async () => {
  const clock = new GcClock();
  const from = performance.now();
  clock.begin(from);
  clock.look(from + 20);
  clock.look(from + 40);
  heapInUse();
  clock.end();
  await setImmediate();
  await setImmediate();
  expect(clock.within(from, performance.now())).toBeGreaterThan(0);
});
