/**
 * The cases of Apache Spark's FailureSuite (4.x), on real executor processes. Theirs count tasks in an object that all
 * tasks of a JVM share; ours fail by the number of their attempt, and the events tell what ran.
 *
 * Covered elsewhere, and not again here: fetch failures (`scheduler/spark-fetch-failures.test.ts`, which Spark's suite only
 * plans); anything at all that is thrown (`executor.test.ts`), with line, partition and element as a cell sees it
 * (`kernel/kernel.test.ts`); every kind of row that cannot travel (`rdd/bad-rows.test.ts`) and of capture that is refused
 * (`closure/capture.test.ts`); memory that is free again after a failure, which is Spark's check for leaks
 * (`held-rows.test.ts`, `hot-join.test.ts`); accumulators of failed attempts (`rdd/accumulator.test.ts`).
 *
 * Left out: submitMapStage, which users of RDDs cannot call, so that map tasks that fail are those of a job; the
 * exception for memory that a task did not give back, because a task's memory is released with it whatever it did.
 */
import { mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { StagelightError } from '../errors.ts';
import type { EngineEvent } from '../protocol.ts';
import type { RDD } from '../rdd/rdd.ts';
import { startContext, type TestContext } from '../testing.ts';
import { ExecutorPool } from './executor-pool.ts';

let context: TestContext;
let before = 0;

beforeAll(() => {
  context = startContext({
    executors: 2,
    backend: (options) => {
      mkdirSync(options.blockDirectory, { recursive: true, mode: 0o700 });
      return new ExecutorPool({ ...options, memory: 1 << 27 });
    },
  });
});
beforeEach(() => {
  before = context.events.length;
});
afterAll(() => context.stop());

type EventOf<T extends EngineEvent['type']> = Extract<EngineEvent, { type: T }>;

/** Of the test that runs. */
function told<T extends EngineEvent['type']>(type: T): EventOf<T>[] {
  return context.events.slice(before).filter((event): event is EventOf<T> => event.type === type);
}

/** Partition, attempt and end of each task, by stage in the order of their submission. */
function ends(): string[][] {
  const stages = told('stageSubmitted').map(({ stage }) => `${stage.stageId}.${stage.attempt}`);
  const tasks = told('taskEnd').map(({ task, status }) => ({
    stage: `${task.stageId}.${task.stageAttempt}`,
    text: `${task.partition}#${task.attempt} ${status}`,
  }));
  return stages.map((stage) =>
    tasks
      .filter((task) => task.stage === stage)
      .map(({ text }) => text)
      .sort(),
  );
}

const failure = (action: Promise<unknown>): Promise<StagelightError & { cause: Error & { cause: Error } }> =>
  action.then(
    () => {
      throw new Error('the job did not fail');
    },
    (error) => error,
  );

const WELL = ['0#0 success', '1#0 success', '2#0 success'];
const FIRST_AGAIN = ['0#0 failed', '0#1 success', '1#0 success', '2#0 success'];

describe('a task that fails once', () => {
  test('in a single-stage job is run again alone, and viewers hear why', async () => {
    const squares = await context.sc
      .range(1, 4, 1, 3)
      .map((n) => {
        if (n === 1 && TaskContext.get()!.attemptNumber() === 0) throw new Error('Intentional task failure');
        return n * n;
      })
      .collect();
    expect(squares).toEqual([1, 4, 9]);
    expect(ends()).toEqual([FIRST_AGAIN]);
    const again = told('taskStart').find(({ task }) => task.attempt === 1);
    expect(again?.reason).toBe('attempt 0 failed: Intentional task failure');
  });

  test('in a two-stage job, reducing, leaves the map tasks alone', async () => {
    const squares = await context.sc
      .range(0, 3, 1, 3)
      .map((n): [number, number] => [n, n])
      .groupByKey(3)
      .mapPartitions(function* (pairs) {
        const task = TaskContext.get()!;
        if (task.partitionId() === 0 && task.attemptNumber() === 0)
          throw new Error('Intentional task failure');
        for (const [key, values] of pairs) yield [key, [...values][0]! ** 2];
      })
      .collect();
    expect(squares.toSorted()).toEqual([
      [0, 0],
      [1, 1],
      [2, 4],
    ]);
    expect(ends()).toEqual([WELL, FIRST_AGAIN]);
  });

  test('in a map stage holds the reducing back, not more', async () => {
    const sums = await context.sc
      .range(0, 3, 1, 3)
      .map((n): [number, number] => {
        if (n === 0 && TaskContext.get()!.attemptNumber() === 0) throw new Error('Intentional task failure');
        return [n % 2, n];
      })
      .reduceByKey((a, b) => a + b, 3)
      .collect();
    expect(sums.toSorted()).toEqual([
      [0, 2],
      [1, 1],
    ]);
    expect(ends()).toEqual([FIRST_AGAIN, WELL]);
  });

  test('has metrics and rows of what it did until then', async () => {
    const file = join(context.folder, 'lines.txt');
    writeFileSync(file, 'a\nb\nc\nd\n');
    const count = await context.sc
      .textFile('lines.txt', 1)
      .map((line) => {
        if (line === 'c' && TaskContext.get()!.attemptNumber() === 0)
          throw new Error('Intentional task failure');
        return line;
      })
      .count();
    expect(count).toBe(4);
    const [failed, well] = told('taskEnd');
    expect(failed!.status).toBe('failed');
    expect(failed!.metrics.executorRunTime).toBeGreaterThan(0);
    expect(failed!.metrics.inputBytes).toBeGreaterThan(0);
    expect(failed!.metrics.resultSize).toBe(0);
    // The row that failed is one that came.
    expect(failed!.rowsByRdd?.at(-1)).toBe(3);
    expect(well!.rowsByRdd?.at(-1)).toBe(4);
  });
});

test('a map stage that always fails does so for each job that needs it', async () => {
  const groups: RDD<[number, Iterable<number>]> = context.sc
    .range(0, 3, 1, 3)
    .map((n): [number, number] => {
      if (n >= 0) throw new Error('never');
      return [n, n];
    })
    .groupByKey(3);
  for (const stageAttempt of [0, 1]) {
    before = context.events.length;
    const error = await failure(groups.collect());
    expect(error).toMatchObject({ code: 'TASK_FAILED', cause: { message: 'never' } });
    const map = told('stageSubmitted').map(({ stage }) => stage);
    expect(map).toMatchObject([{ attempt: stageAttempt }]);
    expect(told('jobEnd')).toMatchObject([{ status: 'failed' }]);
  }
});

describe('what cannot travel', () => {
  test('as a result fails the task for good, and names the class', async () => {
    const error = await failure(
      context.sc
        .range(0, 3, 1, 1)
        .map(() => {
          class Connection {}
          return new Connection();
        })
        .collect(),
    );
    expect(error.cause).toMatchObject({ code: 'ROW_NOT_SERIALIZABLE' });
    expect(error.message).toContain('Connection');
    expect(ends()).toEqual([['0#0 failed']]);
  });

  test('with a closure is refused where the operator is called, in any stage, before a job starts', async () => {
    const { sc } = context;
    class Connection {}
    const connection = new Connection();
    const refusal = expect.objectContaining({
      code: 'CLOSURE_CAPTURE',
      message: expect.stringContaining('connection'),
    });
    expect(() => sc.range(0, 10, 1, 2).map(() => connection)).toThrow(refusal);
    expect(() =>
      sc
        .range(0, 10, 1, 2)
        .map((n) => [n, connection])
        .groupByKey(3),
    ).toThrow(refusal);
    await expect(sc.range(0, 10, 1, 2).foreach(() => console.log(connection))).rejects.toThrow(refusal);
    expect(told('jobStart')).toEqual([]);
  });
});

describe('the driver gets', () => {
  test('the last failure of four, with its class, its cause, its stack and its place', async () => {
    // As many partitions as executors: one that waits behind another could be taken back, which is an attempt, too.
    const error = await failure(
      context.sc
        .range(1, 3, 1, 2)
        .map((n) => {
          class UserException extends Error {}
          if (n < 2) return n;
          const cause = new RangeError(`failed=${TaskContext.get()!.attemptNumber()}`);
          throw new UserException('oops', { cause });
        })
        .collect(),
    );
    expect(error).toMatchObject({ code: 'TASK_FAILED', name: 'StagelightError' });
    expect(error.message).toMatch(
      /^Stage \d+ \(collect\) failed: partition 1 failed 4 times; last failure on executor \d+: UserException: oops$/,
    );
    expect(error.cause).toMatchObject({ name: 'UserException', message: 'oops' });
    expect(error.cause.cause).toMatchObject({ name: 'RangeError', message: 'failed=3' });
    const [frame] = error.frames!;
    expect(frame!.file).toBe(import.meta.filename);
    expect(error.cause.stack).toBe(
      `UserException: oops\n    at ${frame!.file}:${frame!.line}:${frame!.column}`,
    );
    // The others may run still: nobody waits for them.
    expect(ends()[0]!.filter((end) => end.startsWith('1#'))).toEqual(
      [0, 1, 2, 3].map((attempt) => `1#${attempt} failed`),
    );
  });

  test.each([
    ['without a message', () => new Error(), { name: 'Error', message: '' }],
    [
      'that holds what cannot travel',
      () => Object.assign(new TypeError('held'), { open: () => 1, socket: new WeakMap() }),
      { name: 'TypeError', message: 'held' },
    ],
    [
      'that cannot be made again from its fields',
      () => {
        class NeedsMore extends Error {
          readonly at: number;
          constructor(more: { at: number }) {
            super(`at ${more.at}`);
            this.at = more.at;
          }
        }
        return new NeedsMore({ at: 7 });
      },
      { name: 'NeedsMore', message: 'at 7' },
    ],
    [
      'whose fields throw when they are read',
      () =>
        Object.defineProperty(new Error('kept'), 'message', {
          get() {
            throw new Error('not for you');
          },
        }),
      { name: 'Error', message: 'an error that cannot be read was thrown' },
    ],
    [
      'whose cause throws when it is read',
      () =>
        Object.defineProperty(new Error('kept'), 'cause', {
          get() {
            throw new Error('not for you');
          },
        }),
      { name: 'Error', message: 'kept' },
    ],
    [
      'whose cause is itself',
      () => {
        const error = new Error('round');
        error.cause = error;
        return error;
      },
      { name: 'Error', message: 'round' },
    ],
    [
      'that only V8 can throw',
      () => new WebAssembly.LinkError('no import'),
      { name: 'LinkError', message: 'no import' },
    ],
  ])('an error %s', async (_, make, expected) => {
    const error = await failure(
      context.sc.range(0, 1, 1, 1).foreach(() => {
        throw make();
      }),
    );
    expect(error.code).toBe('TASK_FAILED');
    expect(error.cause).toMatchObject(expected);
    expect(told('executorRemoved')).toEqual([]);
  });

  test('the error of the task, not that of the listener which runs because of it', async () => {
    const error = await failure(
      context.sc.range(0, 1, 1, 1).foreach(() => {
        TaskContext.get()!.addTaskCompletionListener(() => {
          throw new Error('in the listener');
        });
        throw new Error('in the task');
      }),
    );
    expect(error.cause.message).toBe('in the task');
    const other = await failure(
      context.sc.range(0, 1, 1, 1).foreach(() => {
        TaskContext.get()!.addTaskCompletionListener(() => {
          throw new Error('in the listener');
        });
      }),
    );
    expect(other.cause.message).toBe('in the listener');
  });
});

test('an endless recursion and a library that does not link fail their tasks, not the executor', async () => {
  const error = await failure(
    context.sc.range(0, 1, 1, 1).foreach(() => {
      const deeper = (n: number): number => deeper(n + 1) + 1;
      deeper(0);
    }),
  );
  expect(error.cause).toMatchObject({ code: 'STACK_OVERFLOW' });
  expect(error.message).toMatch('failed in a way that trying again cannot mend');
  const missing = await failure(
    context.sc.range(0, 1, 1, 1).foreach(async () => {
      await import(`node:nothing-of-${'this'}-name`);
    }),
  );
  expect(missing.code).toBe('TASK_FAILED');
  expect(told('executorRemoved')).toEqual([]);
});

test('a task that outgrows the memory of its executor costs that executor, and is run again on another', async () => {
  const rows = await context.sc
    .range(0, 2, 1, 2)
    .map((n) => {
      const held: number[][] = [];
      while (n === 1 && TaskContext.get()!.attemptNumber() === 0) held.push(new Array(10_000).fill(1.5));
      return n;
    })
    .collect();
  expect(rows).toEqual([0, 1]);
  const [removed] = told('executorRemoved');
  expect(removed).toMatchObject({ code: 'oom' });
  const [failed] = told('taskEnd').filter(({ status }) => status === 'failed');
  expect(failed!.reason).toMatchObject({
    kind: 'executorLost',
    causedByTask: true,
    error: { code: 'EXECUTOR_OUT_OF_MEMORY' },
  });
  const again = told('taskStart').find(({ task }) => task.attempt === 1);
  expect(again!.task.executorId).not.toBe(removed!.executorId);
});

describe('a cached partition whose file', () => {
  const broken: [string, (file: string) => void][] = [
    ['is deleted', (file) => rmSync(file)],
    ['is cut short', (file) => truncateSync(file, 20)],
  ];
  // Spark fails the task that finds it so, and computes the partition in the next attempt.
  test.each(broken)('%s is computed again, by the same task', async (_, damage) => {
    const { sc, folder } = context;
    const kept = sc
      .range(0, 10, 1, 1)
      .map((n) => n + 1)
      .persist('DISK_ONLY');
    expect(await kept.count()).toBe(10);
    const [file] = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith(`rdd_${kept.id}_0`),
    );
    damage(join(folder, file!));
    const lost = ['the block on disk was missing or damaged'];
    for (const reasons of [lost, []]) {
      before = context.events.length;
      expect(await kept.reduce((a, b) => a + b)).toBe(55);
      expect(ends()).toEqual([['0#0 success']]);
      expect(told('blockEvicted').map(({ reason }) => reason)).toEqual(reasons);
    }
    kept.unpersist();
  });
});

test('a job that is cancelled between two attempts ends as cancelled, and its task is not run a third time', async () => {
  const { sc, scheduler, until } = context;
  const job = failure(
    sc.range(0, 1, 1, 1).foreach(async () => {
      if (TaskContext.get()!.attemptNumber() === 0) throw new Error('Intentional task failure');
      await new Promise<void>(() => {});
    }),
  );
  const second = await until(() => told('taskStart').find(({ task }) => task.attempt === 1));
  scheduler.cancelJob(told('jobStart')[0]!.jobId, 'by the test');
  expect(await job).toMatchObject({ code: 'JOB_CANCELLED' });
  await until(() => told('taskEnd').find(({ task }) => task.taskId === second.task.taskId));
  expect(ends()).toEqual([['0#0 failed', '0#1 killed']]);
  expect(told('jobEnd')).toMatchObject([{ status: 'cancelled' }]);
  expect(await sc.range(0, 10).count()).toBe(10);
  expect(told('taskStart').filter(({ task }) => task.stageId === second.task.stageId)).toHaveLength(2);
});
