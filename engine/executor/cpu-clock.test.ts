import { expect, test } from 'vitest';
import { CpuClock } from './cpu-clock.ts';

/** A thread whose times are set by hand, in ms, and that counts how often its CPU time is asked. */
function thread() {
  const own = { now: 1000, used: 0, asked: 0 };
  const clock = new CpuClock(() => {
    own.asked++;
    return { user: own.used * 750, system: own.used * 250 };
  });
  const pass = (ms: number, used: number) => {
    own.now += ms;
    own.used += used;
  };
  /** What is said of a task that takes so long and computes so much of it. */
  const run = (ms: number, used: number): number => {
    clock.begin(own.now);
    pass(ms, used);
    return clock.end(own.now);
  };
  return { own, pass, run };
}

test('a long task has used what its thread has, and never more than it took', () => {
  const { pass, run } = thread();
  pass(5, 5);
  expect(run(100, 20)).toBe(20);
  // Between the tasks the thread worked for nobody.
  pass(15, 15);
  expect(run(10, 12)).toBe(10);
});

test('short tasks count as computing, and the thread is asked every 10 ms', () => {
  const { own, run } = thread();
  for (let i = 0; i < 1000; i++) expect(run(0.25, 0.25)).toBe(0.25);
  expect(own.asked).toBeLessThanOrEqual(25);
});

test('a long task after short ones has used no more than it took, and the next one is measured by itself', () => {
  const { pass, run } = thread();
  run(0.5, 0.5);
  pass(3, 3);
  expect(run(31, 30)).toBe(31);
  pass(7, 7);
  expect(run(50, 5)).toBe(5);
});

test('a task that waits after many short ones is not charged with theirs', () => {
  const { run } = thread();
  for (let i = 0; i < 10_000; i++) run(0.75, 0.75);
  expect(run(5000, 1)).toBeLessThanOrEqual(1 + 10);
});
