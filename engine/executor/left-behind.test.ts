/** Calls that functions start and do not wait for: what becomes of them ends no task, and keeps none waiting. */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startContext, type TestContext } from '../testing.ts';
import { ExecutorPool } from './executor-pool.ts';

let context: TestContext;
beforeEach(() => {
  context = startContext({
    executors: 2,
    backend: (options) => {
      mkdirSync(options.blockDirectory, { recursive: true, mode: 0o700 });
      return new ExecutorPool({ ...options, memory: 1 << 27 });
    },
  });
});
afterEach(() => context.stop());

const ends = () =>
  context.events.flatMap((event) => (event.type === 'taskEnd' ? [[event.status, event.reason]] : []));

test('a partition whose rows two calls read begins again in the awaiting kind, in one attempt of the task', async () => {
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
  expect(ends()).toEqual([['success', { kind: 'success' }]]);
});

test('so does one whose rows are to be awaited, and are read where nobody sees it', async () => {
  const later = (n: number) => Promise.resolve(n + 1);
  const inTimer = (rows: Iterable<number>) =>
    new Promise<number>((resolve) => {
      setTimeout(() => resolve([...rows].length));
    });
  const detached = (rows: Iterable<number>) =>
    new Promise<number[]>((resolve) => {
      void (async () => {
        await 0;
        resolve([[...rows].length]);
      })();
    });
  const rows = () => context.sc.range(0, 1000, 1, 1).map((n) => later(n));
  const inBarrier = async (it: Iterable<number>) => {
    const read = inTimer(it);
    await BarrierTaskContext.get()!.barrier();
    return [await read];
  };
  const both = (one: Iterable<number>, other: Iterable<number>) =>
    new Promise<number[]>((resolve) => {
      const read = async (it: Iterable<number>) => [...it].length;
      void (async () => resolve(await Promise.all([read(one), read(other)])))();
    });
  expect(await context.sc.runJob(rows(), (it) => inTimer(it))).toEqual([1000]);
  expect(
    await rows()
      .barrier()
      .mapPartitions((it) => inBarrier(it))
      .collect(),
  ).toEqual([1000]);
  expect(
    await rows()
      .zipPartitions(rows(), (one, other) => both(one, other))
      .collect(),
  ).toEqual([1000, 1000]);
  expect(
    await rows()
      .mapPartitions((it) => detached(it))
      .collect(),
  ).toEqual([1000]);
  expect(ends()).toEqual(Array.from({ length: 4 }, () => ['success', { kind: 'success' }]));
});

/** Reads in a call that keeps what it is thrown to itself: what this returns is then settled by nobody. */
const hidden = (rows: Iterable<number>) =>
  new Promise<number>((resolve) => {
    const read = async () => {
      await 0;
      resolve([...rows].length);
    };
    read().catch(() => {});
  });

test('so does one whose functions hide it', async () => {
  const later = (n: number) => Promise.resolve(n + 1);
  const rows = context.sc.range(0, 1000, 1, 1).map((n) => later(n));
  const each = async (it: Iterable<number>) => [await hidden(it)];
  expect(await context.sc.runJob(rows, (it) => hidden(it))).toEqual([1000]);
  expect(await rows.mapPartitions((it) => each(it)).collect()).toEqual([1000]);
  expect(ends()).toEqual(Array.from({ length: 2 }, () => ['success', { kind: 'success' }]));
});

test('calls of a barrier that the pass before has left behind are not those of the present one', async () => {
  const later = (n: number) => Promise.resolve(n + 1);
  // The first partition alone begins again.
  const rows = context.sc.range(0, 1000, 1, 2).map((n) => (n < 500 ? later(n) : n));
  const inBarrier = async (it: Iterable<number>) => {
    const read = hidden(it);
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
    const parts = await BarrierTaskContext.get()!.allGather(`part ${TaskContext.getPartitionId()}`);
    return [[await read, ...parts]];
  };
  const gathered = rows.barrier().mapPartitions((it) => inBarrier(it));
  expect(await gathered.collect()).toEqual([0, 1].map(() => [500, 'part 0', 'part 1']));
  expect(ends()).toEqual([0, 1].map(() => ['success', { kind: 'success' }]));
});

test('a task whose input is gone ends, also when its functions hide it', async () => {
  const shuffled = context.sc.range(0, 1000, 1, 2).repartition(1);
  await shuffled.count();
  const blocks = join(context.folder, '.blocks');
  const lost = readdirSync(blocks, { recursive: true, encoding: 'utf8' }).find((file) =>
    /shuffle_.*\.data$/.test(file),
  );
  rmSync(join(blocks, lost!));
  const each = async (it: Iterable<number>) => [await hidden(it)];
  expect(await shuffled.mapPartitions((it) => each(it)).collect()).toEqual([1000]);
  expect(ends().map(([, reason]) => (reason as { kind: string }).kind)).toContain('fetchFailed');
});

test('what a function throws where nobody sees it fails its task, whatever it is', async () => {
  const failing = context.sc.range(0, 10, 1, 1).map((n) => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    setTimeout(() => {
      throw n === 0 ? proxy : new Error('seen by nobody');
    });
    return new Promise<number>(() => {});
  });
  await expect(failing.collect()).rejects.toMatchObject({ code: 'TASK_FAILED' });
  expect(ends()).toHaveLength(4);
  expect(context.events.filter(({ type }) => type === 'executorRemoved')).toEqual([]);
});
