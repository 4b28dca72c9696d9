/** Real executors: one task holds its executor until the test lets it go, with others queued behind it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startContext, type TestContext } from '../testing.ts';
import { ExecutorPool } from './executor-pool.ts';

const TASKS = 200;

interface Batch {
  executorId: string;
  pid: number;
  /** Partitions, in the order in which they are to run. */
  first: number;
  behind: number[];
}

/** Two executors; `onBatch` is told of the first batch just before it is sent to an executor that has nothing to do. */
function withBatches(onBatch: (batch: Batch) => void): TestContext {
  return startContext({
    executors: 2,
    backend: (options) => {
      mkdirSync(options.blockDirectory, { recursive: true, mode: 0o700 });
      const pool = new ExecutorPool({ ...options, memory: 1 << 27 });
      const pids = new Map<string, number>();
      const tasksOf = new Map<string, number>();
      const count = (executorId: string, more: number) =>
        tasksOf.set(executorId, (tasksOf.get(executorId) ?? 0) + more);
      const start = pool.start.bind(pool);
      pool.start = (listener) =>
        start((event) => {
          if (event.type === 'executorAdded') pids.set(event.executorId, event.pid);
          if (event.type === 'taskEnded') count(event.executorId, -1);
          listener(event);
        });
      const launchTasks = pool.launchTasks.bind(pool);
      let told = false;
      pool.launchTasks = (executorId, plan, tasks, closures) => {
        if (!told && tasks.length > 3 && !tasksOf.get(executorId)) {
          told = true;
          const [first, ...behind] = tasks.map(({ partition }) => partition);
          onBatch({ executorId, pid: pids.get(executorId)!, first: first!, behind });
        }
        count(executorId, tasks.length);
        launchTasks(executorId, plan, tasks, closures);
      };
      return pool;
    },
  });
}

test('the idle executor runs what waits behind a task that takes long', async () => {
  let behind: number[] | undefined;
  let held = '';
  // The first task of the batch is the one that is held: the file says so before the batch is sent.
  const context = withBatches((batch) => {
    behind = batch.behind;
    writeFileSync(held, String(batch.first));
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

test('the idle executor runs what waits for one that has not begun the first of its tasks', async () => {
  let batch: Batch | undefined;
  // As while it loads what they need, however long that takes.
  const { sc, events, until, stop } = withBatches((first) => {
    batch = first;
    process.kill(first.pid, 'SIGSTOP');
  });
  try {
    const sum = sc
      .range(0, TASKS, 1, TASKS)
      .map((n) => n)
      .sum();
    const ended = () => events.flatMap((event) => (event.type === 'taskEnd' ? [event] : []));
    await until(() => ended().length === TASKS - 1 || undefined);
    process.kill(batch!.pid, 'SIGCONT');
    expect(await sum).toBe((TASKS * (TASKS - 1)) / 2);
    // Viewers have seen one attempt of each, and none that was killed.
    expect(ended().map(({ status, task }) => [status, task.attempt])).toEqual(
      Array(TASKS).fill(['success', 0]),
    );
    const { partition, executorId } = ended().at(-1)!.task;
    expect([partition, executorId]).toEqual([batch!.first, batch!.executorId]);
    for (const { task } of ended())
      if (batch!.behind.includes(task.partition)) expect(task.executorId).not.toBe(batch!.executorId);
  } finally {
    await stop();
  }
});
