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

test('a full disk is answered when what nobody can reach was told of', async () => {
  const told: string[] = [];
  const lifetimes = new FinalizationRegistry<string>((name) => told.push(name));
  const kept = { rows: 1 };
  lifetimes.register(kept, 'kept');
  (() => lifetimes.register({ rows: 2 }, 'lost'))();
  // What a turn of the event loop has touched lives as long as that.
  await new Promise(setImmediate);
  await new GarbageRounds().diskIsFull();
  expect(told).toEqual(['lost']);
  expect(kept.rows).toBe(1);
});
