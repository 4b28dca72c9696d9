/** Speculation, exclusion and barriers with real executor processes. "Slow" is a promise that only a kill settles. */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import {
  EXCLUSION_DEFAULTS,
  SCHEDULING_DEFAULTS,
  type SchedulingOptions,
} from '../scheduler/scheduling-options.ts';
import { startContext, type TestContext, withContext } from '../testing.ts';
import { BarrierTaskContext as OfExecutors } from './barrier-task-context.ts';
import { ExecutorPool } from './executor-pool.ts';

let context: TestContext | undefined;
afterEach(async () => {
  await context?.stop();
  context = undefined;
});

function processes(scheduling: Partial<SchedulingOptions>): TestContext {
  context = startContext({
    executors: 2,
    scheduling,
    backend: (options) => {
      mkdirSync(options.blockDirectory, { recursive: true, mode: 0o700 });
      return new ExecutorPool({ ...options, memory: 1 << 27 });
    },
  });
  return context;
}

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'ok',
    (error) => error.code,
  );

test('a task that hangs on one executor is run on the other: one commit, accumulators exact', async () => {
  const speculation = { interval: 20, multiplier: 2, quantile: 0.5, minTaskRuntime: 0 };
  const { sc, events, folder, until } = processes({ speculation });
  const rows = sc.longAccumulator();
  const begun = join(folder, 'begun');
  await sc
    .range(0, 10, 1, 10)
    .map(async (n) => {
      const { existsSync, writeFileSync } = process.getBuiltinModule('node:fs');
      rows.add(1);
      if (n === 0 && TaskContext.get()!.attemptNumber() === 0) {
        writeFileSync(begun, '');
        await new Promise<void>(() => {});
      }
      // It is not to be run elsewhere before it has begun; it is the first of its executor.
      while (!existsSync(begun)) await sleep(1);
      return n * 2;
    })
    .saveAsTextFile('out');
  expect(rows.value).toBe(10);
  const parts = readdirSync(join(folder, 'out')).filter((name) => name.startsWith('part-'));
  expect(parts).toHaveLength(10);
  const lines = parts.flatMap((name) =>
    readFileSync(join(folder, 'out', name), 'utf8')
      .trim()
      .split('\n'),
  );
  expect(lines.map(Number).sort((a, b) => a - b)).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18]);
  const attempts = events.flatMap((event) =>
    event.type === 'taskStart' && event.task.partition === 0 ? [event] : [],
  );
  // Executors each tell in their own time.
  const [first, copy] = attempts.toSorted((a, b) => a.task.attempt - b.task.attempt);
  expect(first!.task.speculative).toBeUndefined();
  expect(copy!.task.speculative).toBe(true);
  expect(copy!.task.executorId).not.toBe(first!.task.executorId);
  expect(copy!.reason).toMatch(/^it is speculative: attempt 0 has run for \d+ ms on executor \d, more than /);
  // Its promise is never settled: it is the kill that ends it.
  const end = await until((all) =>
    all.find((event) => event.type === 'taskEnd' && event.task.taskId === first!.task.taskId),
  );
  expect(end).toMatchObject({ status: 'killed', reason: { kind: 'killed' } });
});

test('an executor on which tasks fail gets no more of the stage', async () => {
  const { sc, events } = processes({
    exclusion: { ...EXCLUSION_DEFAULTS, maxFailedTasksPerExecutorStage: 1 },
  });
  const bad = await sc
    .range(0, 2, 1, 2)
    .map(() => process.pid)
    .collect();
  const [badPid] = bad;
  const pids = await sc
    .range(0, 8, 1, 8)
    .map((n) => {
      if (process.pid === badPid) throw new Error(`no disk on ${n}`);
      return process.pid;
    })
    .collect();
  expect(new Set(pids).has(badPid!)).toBe(false);
  expect(events.filter((event) => event.type === 'executorExcluded')).toMatchObject([{ failedTasks: 1 }]);
});

describe('barrier()', () => {
  test('lets tasks meet and exchange texts, in processes', async () => {
    const { sc } = processes({});
    const rows = await sc
      .range(0, 4, 1, 2)
      .barrier()
      .mapPartitionsWithIndex(async (index, rows) => {
        const task = BarrierTaskContext.get();
        const sums = await task.allGather(String([...rows].reduce((sum, n) => sum + n, 0)));
        await task.barrier();
        const infos = task.getTaskInfos().map(({ address }) => address);
        const second = await task.allGather(`second of ${index}`);
        return [[sums.join(), second.join(), new Set(infos).size, task.partitionId()] as const];
      })
      .collect();
    expect(rows).toEqual([
      ['1,5', 'second of 0,second of 1', 2, 0],
      ['1,5', 'second of 0,second of 1', 2, 1],
    ]);
  });

  test('runs the whole stage again when a task fails, or dies with its executor', async () => {
    const { sc, events } = processes({});
    const sums = await sc
      .range(0, 4, 1, 2)
      .barrier()
      .mapPartitions(async (rows) => {
        const task = BarrierTaskContext.get();
        const attempt = task.stageAttemptNumber();
        if (attempt === 0 && task.partitionId() === 1) throw new Error('once');
        if (attempt === 1 && task.partitionId() === 0) process.kill(process.pid, 'SIGKILL');
        const all = await task.allGather(`${attempt}`);
        return [...rows].map((n): [string, number] => [all.join(), n]);
      })
      .reduceByKey((a, b) => a + b)
      .collect();
    expect(sums).toEqual([['2,2', 6]]);
    const reasons = events.flatMap((event) =>
      event.type === 'stageCompleted' && event.status === 'failed' ? [event.failureReason] : [],
    );
    expect(reasons[0]).toMatch(/^barrier task of partition 1 failed on executor \d: once$/);
    expect(reasons[1]).toMatch(/^barrier task of partition 0 failed on executor \d: /);
  });
});

describe('a barrier context', () => {
  Object.assign(globalThis, { BarrierTaskContext: OfExecutors });
  const barrier = (more: Partial<(typeof SCHEDULING_DEFAULTS)['barrier']>) => ({
    scheduling: { barrier: { ...SCHEDULING_DEFAULTS.barrier, ...more } },
  });

  test('is only found in tasks of a barrier stage', () =>
    withContext({}, async ({ sc }) => {
      expect(() => OfExecutors.get()).toThrow(
        expect.objectContaining({
          code: 'NOT_IN_BARRIER_STAGE',
          message: expect.stringContaining('no task'),
        }),
      );
      const failed = sc.range(0, 2, 1, 2).foreach(() => void BarrierTaskContext.get());
      await expect(failed).rejects.toThrow('this task is not one of a barrier stage');
    }));

  test('answers the same to a function that turns out to return a promise, and so is called twice', () =>
    withContext({}, async ({ sc }) => {
      const gathered = await sc
        .range(0, 2, 1, 2)
        .barrier()
        .mapPartitions(() =>
          BarrierTaskContext.get()
            .allGather('x')
            .then((all) => [all.join('')]),
        )
        .collect();
      expect(gathered).toEqual(['xx', 'xx']);
    }));

  const run = ({ sc }: TestContext, body: () => Promise<number[]>) =>
    sc
      .range(0, 2, 1, 2)
      .barrier()
      .mapPartitions(body)
      .collect()
      .then(
        () => 'ok',
        (error) => error.cause.code,
      );

  test('refuses what can never be answered, by name', () =>
    withContext({}, async (context) => {
      expect(
        await run(context, async () => {
          if (BarrierTaskContext.get().partitionId() === 0) await BarrierTaskContext.get().barrier();
          return [];
        }),
      ).toBe('BARRIER_TASK_ENDED');
      expect(
        await run(context, async () => {
          const task = BarrierTaskContext.get();
          if (task.partitionId() === 0) await task.barrier();
          else await task.allGather();
          return [];
        }),
      ).toBe('BARRIER_METHODS_DIFFER');
    }));

  test('refuses what takes too long, by name', () =>
    withContext({ ...barrier({ syncTimeout: 50 }) }, async (context) => {
      expect(
        await run(context, async () => {
          const task = BarrierTaskContext.get();
          if (task.partitionId() === 0) await task.barrier();
          else await new Promise(() => {});
          return [];
        }),
      ).toBe('BARRIER_SYNC_TIMEOUT');
    }));

  test('refuses first() and too many partitions before anything runs', () =>
    withContext({}, async ({ sc }) => {
      const two = sc.range(0, 2, 1, 2).barrier();
      expect(await codeOf(two.mapPartitions((rows) => rows).first())).toBe('BARRIER_UNSUPPORTED_RDD_CHAIN');
      const three = sc.range(0, 3, 1, 3).barrier();
      expect(await codeOf(three.mapPartitions((rows) => rows).collect())).toBe('BARRIER_SLOTS');
      expect(await two.mapPartitions((rows) => rows).collect()).toEqual([0, 1]);
    }));
});
