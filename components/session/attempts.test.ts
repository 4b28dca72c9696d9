import { expect, test } from 'vitest';
import { Attempts } from './attempts.ts';

/** Timers by hand: what waits, and how long. */
function handTimers() {
  const waiting: { delay: number; run: () => void }[] = [];
  return {
    waiting,
    now: () => 0,
    after(delay: number, run: () => void) {
      const timer = { delay, run };
      waiting.push(timer);
      return () => {
        const at = waiting.indexOf(timer);
        if (at >= 0) waiting.splice(at, 1);
      };
    },
    async fire() {
      waiting.shift()!.run();
      await settled();
    },
  };
}

const settled = async () => {
  for (let i = 0; i < 5; i++) await Promise.resolve();
};

function failing(times: number) {
  const timers = handTimers();
  const errors: unknown[] = [];
  let tried = 0;
  const attempts = new Attempts(
    async () => {
      tried += 1;
      if (tried <= times) throw new Error(`no ${tried}`);
    },
    (error) => errors.push((error as Error).message),
    timers,
  );
  return { attempts, timers, errors, tried: () => tried };
}

test('what succeeds at once is done once', async () => {
  const { attempts, timers, errors, tried } = failing(0);
  await settled();
  attempts.hurry();
  expect([tried(), timers.waiting, errors]).toEqual([1, [], []]);
});

test('what fails is tried again, ever later, until it succeeds', async () => {
  const { timers, errors, tried } = failing(7);
  await settled();
  const waits: number[] = [];
  while (timers.waiting.length > 0) {
    waits.push(timers.waiting[0]!.delay);
    await timers.fire();
  }
  expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 20_000, 20_000]);
  expect(tried()).toBe(8);
  expect(errors).toHaveLength(7);
});

test('told to hurry, it tries at once, and not a second time for the wait it cut short', async () => {
  const { attempts, timers, tried } = failing(1);
  attempts.hurry();
  await settled();
  expect(tried()).toBe(1);
  attempts.hurry();
  await settled();
  expect([tried(), timers.waiting]).toEqual([2, []]);
});

test('stopped, it tries no more and says nothing', async () => {
  const waiting = failing(2);
  await settled();
  waiting.attempts.stop();
  waiting.attempts.hurry();
  expect([waiting.timers.waiting, waiting.tried()]).toEqual([[], 1]);
  const trying = failing(2);
  trying.attempts.stop();
  await settled();
  expect([trying.timers.waiting, trying.errors]).toEqual([[], []]);
});
