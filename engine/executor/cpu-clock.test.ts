import { expect, test } from 'vitest';
import { CpuClock } from './cpu-clock.ts';

/** A thread whose CPU time is set by hand, in ms, and that counts how often it is asked. */
function thread() {
  const own = { used: 0, asked: 0 };
  const clock = new CpuClock(() => {
    own.asked++;
    return { user: own.used * 750, system: own.used * 250 };
  });
  return { own, clock };
}

test('a long task has used what its thread has, and never more than it took', () => {
  const { own, clock } = thread();
  own.used = 5;
  clock.begin();
  own.used = 25;
  expect(clock.end(100)).toBe(20);
  // Between the tasks the thread worked for nobody.
  own.used = 40;
  clock.begin();
  own.used = 52;
  expect(clock.end(10)).toBe(10);
});

test('short tasks count as computing, and after the first nobody is asked', () => {
  const { own, clock } = thread();
  for (let i = 0; i < 1000; i++) {
    clock.begin();
    expect(clock.end(0.25)).toBe(0.25);
  }
  expect(own.asked).toBe(2);
});

test('a long task among short ones has used no more than it took, and the next one is measured by itself', () => {
  const { own, clock } = thread();
  clock.begin();
  clock.end(0.5);
  own.used = 3;
  clock.begin();
  own.used = 33;
  expect(clock.end(31)).toBe(31);
  own.used = 40;
  clock.begin();
  own.used = 45;
  expect(clock.end(50)).toBe(5);
});
