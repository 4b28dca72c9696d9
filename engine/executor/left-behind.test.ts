/** Calls that functions start and do not wait for: what becomes of them ends no task, and keeps none waiting. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startContext, type TestContext } from '../testing.ts';
import { eventually } from '../testing-eventually.ts';
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

/** A map output is gone. */
function loseOne(): void {
  const blocks = join(context.folder, '.blocks');
  const lost = readdirSync(blocks).find((file) => /shuffle_.*\.data$/.test(file));
  rmSync(join(blocks, lost!));
}

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
  loseOne();
  const each = async (it: Iterable<number>) => [await hidden(it)];
  expect(await shuffled.mapPartitions((it) => each(it)).collect()).toEqual([1000]);
  expect(ends().map(([, reason]) => (reason as { kind: string }).kind)).toContain('fetchFailed');
});

/** What a function makes of rows that it cannot read to their end. */
const swallowing = (rows: Iterable<number>): number[] => {
  const read: number[] = [];
  try {
    for (const row of rows) read.push(row);
  } catch {}
  return read;
};

test('what functions make of rows that they could not read to the end is not kept', async () => {
  const { sc } = context;
  const later = (n: number) => Promise.resolve(n);
  const promised = () =>
    sc.range(0, 1000, 1, 1).map((n): number | Promise<number> => (n < 900 ? n : later(n)));
  const kept = () => promised().mapPartitions((it) => swallowing(it as Iterable<number>));
  for (const level of ['MEMORY_ONLY', 'MEMORY_ONLY_SER', 'DISK_ONLY'] as const) {
    const cached = kept().persist(level);
    expect([level, await cached.count(), await cached.count()]).toEqual([level, 1000, 1000]);
  }
  const checkpoint = kept();
  checkpoint.localCheckpoint();
  expect([await checkpoint.count(), await checkpoint.count()]).toEqual([1000, 1000]);
  const shuffled = sc.range(0, 1000, 1, 2).repartition(1);
  await shuffled.count();
  loseOne();
  const refetched = shuffled.mapPartitions((it) => swallowing(it)).cache();
  expect([await refetched.count(), await refetched.count()]).toEqual([1000, 1000]);
  // Cancelled while it reads: until then it comes to no end.
  const latch = join(context.folder, 'latch');
  const slow = sc.range(0, 1000, 1, 1).flatMap(function* (n) {
    const { existsSync } = process.getBuiltinModule('node:fs');
    do yield n;
    while (n === 500 && !existsSync(latch));
  });
  const stopped = slow.mapPartitions((it) => swallowing(it)).cache();
  const from = context.events.length;
  const counting = stopped.countAsync();
  await context.until((events) => events.slice(from).find(({ type }) => type === 'taskStart'));
  counting.cancel();
  await expect(counting).rejects.toMatchObject({ code: 'JOB_CANCELLED' });
  writeFileSync(latch, '');
  expect(await stopped.count()).toBe(1000);
});

test('functions that try again and again to read what they cannot come to an end', async () => {
  const later = (n: number) => Promise.resolve(n);
  const stubborn = (rows: Iterable<number>): number[] => {
    for (;;) {
      try {
        return [...rows];
      } catch {}
    }
  };
  const rows = context.sc.range(0, 1000, 1, 1);
  expect(
    await rows
      .map((n) => later(n))
      .mapPartitions((it) => stubborn(it))
      .count(),
  ).toBe(1000);
  const failing = rows.map((n) => {
    if (n === 0) throw new Error('of the user');
    return n;
  });
  // What comes behind it nobody knows: it would be left out.
  await expect(failing.mapPartitions((it) => stubborn(it)).collect()).rejects.toMatchObject({
    cause: { message: 'of the user' },
  });
  expect(await failing.mapPartitions((it) => swallowing(it)).collect()).toEqual([]);
});

test('a function that reads on behind an error in a pass that counts for nothing is called again', async () => {
  const later = (n: number) => Promise.resolve(n);
  const rows = context.sc.range(0, 20, 1, 1);
  const failing = rows.map((n) => {
    if (n === 0) throw new Error('bad row');
    return n;
  });
  const both = (rows: Iterable<number>, other: Iterable<number>) => {
    const one = rows[Symbol.iterator]();
    try {
      one.next();
    } catch {}
    try {
      return [[...other].length];
    } catch {
      return [one.next().value as number];
    }
  };
  const promised = rows.map((n) => later(n));
  expect(await failing.zipPartitions(promised, (one, other) => both(one, other)).collect()).toEqual([20]);
  expect(ends()).toEqual([['success', { kind: 'success' }]]);
});

test('a barrier is told once, by the pass that counts', async () => {
  const later = (n: number) => Promise.resolve(n);
  const gathering = async (rows: Iterable<number>) => {
    const mine = String(Math.random());
    const all = await BarrierTaskContext.get()!.allGather(mine);
    return [all.indexOf(mine), swallowing(rows).length];
  };
  const counting = async (rows: Iterable<number>) => [
    await BarrierTaskContext.get()!.allGather(String(swallowing(rows).length)),
  ];
  const rows = context.sc.range(0, 1000, 1, 2);
  const promised = rows.map((n) => later(n));
  const gathered = rows.barrier().mapPartitions(async (it) => gathering(it));
  expect(await gathered.collect()).toEqual([0, 500, 1, 500]);
  // Its text was heard before it was known to return a promise.
  await expect(
    rows
      .barrier()
      .mapPartitions((it) => gathering(it))
      .collect(),
  ).rejects.toMatchObject({
    cause: { code: 'BARRIER_BEGUN_AGAIN' },
  });
  const counted = promised.barrier().mapPartitions((it) => counting(it));
  expect(await counted.collect()).toEqual([0, 1].map(() => ['500', '500']));
});

test('what calls make of having been left behind fails nothing that runs after them', async () => {
  const { sc } = context;
  const wrapping = (rows: Iterable<number>) => {
    const read = async () => {
      try {
        for (const _ of rows) await new Promise(setImmediate);
      } catch (error) {
        await new Promise(setImmediate);
        throw new Error('could not read', { cause: error });
      }
    };
    void read();
    setTimeout(() => {
      try {
        for (const _ of rows);
      } catch (error) {
        throw new Error('could not read in a timer', { cause: error });
      }
    }, 20);
  };
  const leaving = async (rows: Iterable<number>) => {
    wrapping(rows);
    return [1];
  };
  const failing = async (rows: Iterable<number>): Promise<number[]> => {
    wrapping(rows);
    throw new Error('of the user');
  };
  const rows = sc.range(0, 5000, 1, 1).map((n) => n);
  // A barrier stage of results has one attempt.
  const patient = async (it: Iterable<number>) => {
    for (let until = performance.now() + 100; performance.now() < until; ) await new Promise(setImmediate);
    return [...it];
  };
  const next = async () =>
    expect(
      await sc
        .range(0, 2, 1, 2)
        .barrier()
        .mapPartitions((it) => patient(it))
        .collect(),
    ).toEqual([0, 1]);
  expect(await rows.mapPartitions((it) => leaving(it)).collect()).toEqual([1]);
  await next();
  await expect(rows.mapPartitions((it) => failing(it)).collect()).rejects.toMatchObject({
    cause: { message: 'of the user' },
  });
  await next();
});

test('what is thrown while listeners are awaited fails the task, and what those of an earlier pass add does not count', async () => {
  const { sc } = context;
  const throwing = sc.range(0, 2, 1, 1).map((n) => {
    if (n > 0) return n;
    TaskContext.get()!.addTaskCompletionListener(async () => {
      const thrown = new Promise((resolve) => process.once('uncaughtExceptionMonitor', resolve));
      setTimeout(() => {
        throw new Error('in the listener');
      });
      await thrown;
    });
    return n;
  });
  await expect(throwing.collect()).rejects.toMatchObject({ cause: { message: 'in the listener' } });
  const added = sc.longAccumulator('added');
  const listening = async (rows: Iterable<number>) => {
    TaskContext.get()!.addTaskCompletionListener(() => added.add(1));
    return [...rows];
  };
  expect(
    await sc
      .range(0, 2, 1, 1)
      .mapPartitions((it) => listening(it))
      .collect(),
  ).toEqual([0, 1]);
  expect(added.value).toBe(1);
});

test('a call that was left behind fails its own task by errors of the rows, not by those that end it', async () => {
  const { sc } = context;
  const forgetting = (rows: Iterable<number>) => {
    const read = async () => [...rows];
    void read();
  };
  const failing = sc.range(0, 10, 1, 1).map((n) => {
    if (n === 5) throw new Error('row 5');
    return n;
  });
  await expect(failing.foreachPartition((it) => forgetting(it))).rejects.toMatchObject({
    cause: { message: 'row 5' },
  });
  const leaving = async (rows: Iterable<number>) => {
    const read = async () => {
      try {
        for (const _ of rows) await new Promise(setImmediate);
      } catch (error) {
        throw new Error('gave up', { cause: error });
      }
    };
    void read();
    return [1, 2, 3];
  };
  const rows = sc.range(0, 5000, 1, 1).map((n) => n);
  const slowly = rows
    .mapPartitions((it) => leaving(it))
    .map(async (n) => {
      for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
      return n;
    });
  expect(await slowly.collect()).toEqual([1, 2, 3]);
});

test('what a pool throws that a pass before has made ends the task that waits for it', async () => {
  const { sc } = context;
  const later = (n: number) => Promise.resolve(n);
  const asking = (rows: Iterable<number>) => {
    const made = globalThis as { asks?: (() => void)[] };
    if (made.asks === undefined) {
      const asks: (() => void)[] = [];
      made.asks = asks;
      setInterval(() => asks.shift()?.(), 1).unref();
    }
    const { asks } = made;
    const read = [...rows];
    return new Promise<number[]>(() => {
      asks.push(() => {
        throw new Error(`of the pool, for ${read.length} rows`);
      });
    });
  };
  const rows = sc.range(0, 10, 1, 1).map((n) => later(n));
  await expect(rows.mapPartitions((it) => asking(it)).collect()).rejects.toMatchObject({
    cause: { message: 'of the pool, for 10 rows' },
  });
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

test('a call of a barrier that its task has left behind is ended, for nobody answers it', async () => {
  const said = join(context.folder, 'said');
  const leaving = async (rows: Iterable<number>, file: string) => {
    const { writeFileSync } = process.getBuiltinModule('node:fs');
    const task = BarrierTaskContext.get();
    setTimeout(() => task.barrier().catch(({ message }) => writeFileSync(file, message)), 20);
    return [...rows];
  };
  const rows = context.sc.range(0, 2, 1, 1).barrier();
  expect(await rows.mapPartitions((it) => leaving(it, said)).collect()).toEqual([0, 1]);
  await eventually(() => expect(readFileSync(said, 'utf8')).toMatch(/has ended/));
});
