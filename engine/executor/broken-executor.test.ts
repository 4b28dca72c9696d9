/** Executor processes that user code has broken from inside. */
import { mkdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { withContext } from '../testing.ts';
import { ExecutorPool } from './executor-pool.ts';

const backend = (options: ConstructorParameters<typeof ExecutorPool>[0]) => {
  mkdirSync(options.blockDirectory, { recursive: true, mode: 0o700 });
  return new ExecutorPool({ ...options, memory: 1 << 27 });
};

test('an executor that can no longer tell how its task ended is replaced, and the task is run elsewhere', async () => {
  await withContext({ executors: 1, backend: backend as never }, async ({ sc, events }) => {
    const count = await sc
      .range(0, 3, 1, 1)
      .map((n) => {
        // The methods that the executor itself uses once the task is done.
        if (TaskContext.get()!.attemptNumber() === 0) Array.prototype.map = undefined as never;
        return n;
      })
      .count();
    expect(count).toBe(3);
    const removed = events.flatMap((event) => (event.type === 'executorRemoved' ? [event.code] : []));
    expect(removed).toHaveLength(1);
  });
});

test('an executor that fails at a message is replaced, and the task that waits for it is run elsewhere', async () => {
  await withContext({ executors: 1, backend: backend as never }, async ({ sc, events }) => {
    const spoil = sc.range(0, 1, 1, 1).filter(() => {
      // What the executor itself uses when it is sent a stage, and not while it runs one.
      String.prototype.startsWith = undefined as never;
      return true;
    });
    expect(await spoil.count()).toBe(1);
    expect(
      await sc
        .range(0, 3, 1, 1)
        .map((n) => n * 2)
        .collect(),
    ).toEqual([0, 2, 4]);
    const removed = events.flatMap((event) => (event.type === 'executorRemoved' ? [event.reason] : []));
    expect(removed).toEqual([
      expect.stringMatching(/^exited with code 70: the executor cannot go on: TypeError: .*startsWith/),
    ]);
  });
});
