/** Calls that functions start and do not wait for: what becomes of them ends no task. */
import { mkdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { startContext } from '../testing.ts';
import { ExecutorPool } from './executor-pool.ts';

test('a partition whose rows two calls read begins again in the awaiting kind, in one attempt of the task', async () => {
  const context = startContext({
    executors: 1,
    backend: (options) => {
      mkdirSync(options.blockDirectory, { recursive: true, mode: 0o700 });
      return new ExecutorPool({ ...options, memory: 1 << 27 });
    },
  });
  const readers = async (rows: Iterable<number>) => {
    const reader = async () => {
      let read = 0;
      for (const _ of rows) if (++read % 100 === 0) await new Promise(setImmediate);
      return read;
    };
    const [one, other] = [reader(), reader()];
    return [(await one) + (await other)];
  };
  const rows = context.sc.range(0, 20_000, 1, 1).map((n) => n);
  // Told to await by what it returns, not by its text. A barrier stage of results has one attempt.
  const counted = rows.barrier().mapPartitions((it) => readers(it));
  expect(await counted.collect()).toEqual([20_000]);
  expect(context.events.filter(({ type }) => type === 'taskEnd')).toMatchObject([{ status: 'success' }]);
  await context.stop();
});
