/** Real executors: one task holds its executor until the test lets it go, with others queued behind it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startContext } from '../testing.ts';
import { ExecutorPool } from './executor-pool.ts';

const TASKS = 200;

test('the idle executor runs what waits behind a task that takes long', { timeout: 30_000 }, async () => {
  let behind: number[] | undefined;
  let held = '';
  const context = startContext({
    executors: 2,
    backend: (options) => {
      mkdirSync(options.blockDirectory, { recursive: true, mode: 0o700 });
      const pool = new ExecutorPool({ ...options, memory: 1 << 27 });
      const launchTasks = pool.launchTasks.bind(pool);
      // The first task of the first batch is the one that is held: the file says so before the batch is sent.
      pool.launchTasks = (executorId, plan, tasks, closures) => {
        if (behind === undefined && tasks.length > 3) {
          behind = tasks.slice(1).map(({ partition }) => partition);
          writeFileSync(held, String(tasks[0]!.partition));
        }
        launchTasks(executorId, plan, tasks, closures);
      };
      return pool;
    },
  });
  held = join(context.folder, 'held');
  const latch = join(context.folder, 'latch');
  try {
    const { sc, events, until } = context;
    const ran = sc.longAccumulator();
    const sum = sc
      .range(0, TASKS, 1, TASKS)
      .map((n) => {
        const { existsSync, readFileSync } = process.getBuiltinModule('node:fs');
        ran.add(1);
        const isHeld = existsSync(held) && readFileSync(held, 'utf8') === String(n);
        // In one row, so that the executor neither sends nor hears anything meanwhile.
        const memory = new Int32Array(new SharedArrayBuffer(4));
        while (isHeld && !existsSync(latch)) Atomics.wait(memory, 0, 0, 2);
        return n;
      })
      .sum();
    const ended = () => events.flatMap((event) => (event.type === 'taskEnd' ? [event] : []));
    await until(() => ended().length === TASKS - 1 || undefined);
    writeFileSync(latch, '');
    expect(await sum).toBe((TASKS * (TASKS - 1)) / 2);
    expect(ran.value).toBe(TASKS);
    expect(ended().map(({ status }) => status)).toEqual(Array(TASKS).fill('success'));
    const long = ended().at(-1)!.task;
    const starts = events.flatMap((event) => (event.type === 'taskStart' ? [event] : []));
    for (const partition of behind!) {
      const last = starts.findLast(({ task }) => task.partition === partition)!;
      expect(last.reason).toContain('it waited behind another task');
      expect(last.task.executorId).not.toBe(long.executorId);
    }
  } finally {
    writeFileSync(latch, '');
    await context.stop();
  }
});
