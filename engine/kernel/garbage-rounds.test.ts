import { expect, test } from 'vitest';
import { GarbageRounds } from './garbage-rounds.ts';

test('garbage is collected when a job ends a minute after the last time, or finds the disk full', () => {
  let now = 0;
  let used = 0;
  let rounds = 0;
  const garbage = new GarbageRounds(
    () => now,
    () => used,
    () => rounds++,
  );
  const error = (code: string) => ({ code, name: 'StagelightError', message: 'x' });
  garbage.jobEnded();
  now = 59_999;
  garbage.jobEnded(error('TASK_FAILED'));
  expect(rounds).toBe(0);
  now = 60_000;
  garbage.jobEnded();
  garbage.jobEnded();
  expect(rounds).toBe(1);
  now = 200_000;
  used = 1e9;
  garbage.jobEnded();
  expect(rounds).toBe(1);
  garbage.jobEnded({ ...error('TASK_FAILED'), cause: error('NO_SPACE') });
  expect(rounds).toBe(2);
});
