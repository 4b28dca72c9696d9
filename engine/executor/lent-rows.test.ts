/** Functions that stop before the end of their rows, or fail, leave no file open behind them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { StagelightError } from '../errors.ts';
import type { RDD } from '../rdd/rdd.ts';
import { type TestContext, withContext } from '../testing.ts';
import { Cancellation, TaskKilled } from './cancellation.ts';
import { closeAll, LeftBehind, LentRows } from './lent-rows.ts';
import { currentTask } from './task-scope.ts';
import { openFiles, spilled } from './test-spills.ts';
import { Lineage, TestExecutor } from './testing.ts';

const PARTITIONS = 6;
const later = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What this process has open in a folder, spill files without a name among it. */
function openIn(folder: string): string[] {
  return openFiles().filter((file) => file.startsWith(folder));
}

const texts = ({ sc }: TestContext, n: number, slices: number): RDD<string> =>
  sc.range(0, n, 1, slices).map((i) => `row ${(i * 7919) % n}`.padEnd(80, '.'));

/** Rows that are read from an open file, in several partitions. */
const SOURCES: Record<string, (context: TestContext) => Promise<RDD<string>>> = {
  'a text file': async ({ sc, folder }) => {
    writeFileSync(
      join(folder, 'lines.txt'),
      Array.from({ length: 200 * PARTITIONS }, (_, i) => `line ${i}\n`).join(''),
    );
    return sc.textFile(join(folder, 'lines.txt'), PARTITIONS);
  },
  'a shuffle': async (context) => texts(context, 600, 3).repartition(PARTITIONS),
  'a sort that spills': async (context) => {
    const sorted = texts(context, 1600, 2).sortBy((row) => row, true, 2);
    await sorted.count();
    expect(spilled(context)).toBeGreaterThan(50_000);
    return sorted;
  },
  'blocks on disk': async (context) => {
    const rows = texts(context, 1600, 2).persist('DISK_ONLY');
    await rows.count();
    return rows;
  },
};

type Ends = (context: TestContext, rows: RDD<string>) => Promise<unknown>;

const fails = (job: Promise<unknown>) => expect(job).rejects.toMatchObject({ cause: { message: 'enough' } });

/** Ways to leave rows unread. */
const ENDS: Record<string, Ends> = {
  runJob: ({ sc }, rows) => sc.runJob(rows, (it) => it[Symbol.iterator]().next().value),
  'runJob, awaiting': ({ sc }, rows) =>
    sc.runJob(rows, async (it) => {
      await later();
      return it[Symbol.iterator]().next().value;
    }),
  'runJob of awaited rows': ({ sc }, rows) =>
    sc.runJob(
      rows.map(async (row) => row),
      (it) => it[Symbol.iterator]().next().value,
    ),
  foreachPartition: (_, rows) => rows.foreachPartition((it) => void it[Symbol.iterator]().next()),
  'foreachPartition that fails': (_, rows) =>
    fails(
      rows.foreachPartition((it) => {
        it[Symbol.iterator]().next();
        throw new Error('enough');
      }),
    ),
  'foreachPartition that fails later': (_, rows) =>
    fails(
      rows.foreachPartition(async (it) => {
        it[Symbol.iterator]().next();
        await later();
        throw new Error('enough');
      }),
    ),
  mapPartitions: (_, rows) => rows.mapPartitions((it) => [it[Symbol.iterator]().next().value]).collect(),
  'mapPartitions that fails': (_, rows) =>
    fails(
      rows
        .mapPartitions((it): string[] => {
          it[Symbol.iterator]().next();
          throw new Error('enough');
        })
        .count(),
    ),
  'mapPartitions that fails, coalesced and pulled': (_, rows) =>
    fails(
      rows
        .mapPartitions((it): string[] => {
          it[Symbol.iterator]().next();
          throw new Error('enough');
        })
        .coalesce(2)
        .mapPartitions((it) => it)
        .count(),
    ),
  'mapPartitions that turns out to await': (_, rows) => {
    const first = async (it: Iterable<string>) => [it[Symbol.iterator]().next().value];
    // Told by what it returns, not by its text.
    return rows.mapPartitions((it) => first(it)).collect();
  },
  'mapPartitions that fails later': (_, rows) =>
    fails(
      rows
        .mapPartitions(async (it): Promise<string[]> => {
          it[Symbol.iterator]().next();
          await later();
          throw new Error('enough');
        })
        .count(),
    ),
  'an async generator, stopped': (_, rows) =>
    rows
      .mapPartitions(async function* (it) {
        for (const row of it) {
          await later();
          yield row;
        }
      })
      .take(2),
  'an async generator that fails': (_, rows) =>
    fails(
      rows
        .mapPartitions(async function* (it) {
          for (const row of it) {
            yield row;
            throw new Error('enough');
          }
        })
        .count(),
    ),
  'zipPartitions that fails': (_, rows) =>
    fails(
      rows
        .zipPartitions(rows, (a, b): string[] => {
          a[Symbol.iterator]().next();
          b[Symbol.iterator]().next();
          throw new Error('enough');
        })
        .count(),
    ),
  'zipPartitions of its first rows': (_, rows) =>
    rows
      .zipPartitions(rows, (a, b) => [a[Symbol.iterator]().next().value, b[Symbol.iterator]().next().value])
      .collect(),
  'zip with a shorter side': (_, rows) =>
    expect(rows.zip(rows.mapPartitions((it) => [...it].slice(1))).count()).rejects.toMatchObject({
      cause: { code: 'ZIP_UNEQUAL' },
    }),
  take: (_, rows) => rows.mapPartitions((it) => it).take(2),
  toLocalIterator: async (_, rows) => {
    for await (const row of rows.mapPartitions((it) => it).toLocalIterator()) return row;
  },
  'one side of a cogroup that fails': (_, rows) => {
    const pairs = rows.mapPartitions((it): Iterable<[string, string]> => {
      const row = it[Symbol.iterator]().next().value as string;
      if (row !== undefined) throw new Error('enough');
      return [];
    });
    return fails(pairs.cogroup(pairs, 2).count());
  },
};

for (const [source, open] of Object.entries(SOURCES)) {
  test(`nothing of ${source} stays open behind who does not read it all`, async () => {
    await withContext({ memory: 50_000 }, async (context) => {
      const rows = await open(context);
      /** Files that each has left open. */
      const left: Record<string, number> = {};
      for (const [name, end] of Object.entries(ENDS)) {
        const before = openIn(context.folder).length;
        await end(context, rows);
        const more = openIn(context.folder).length - before;
        if (more > 0) left[name] = more;
      }
      expect(left).toEqual({});
    });
  });
}

test('what a function that is called again left behind never takes fewer rows for all there are', async () => {
  const executor = new TestExecutor();
  const lineage = new Lineage();
  const counts: number[] = [];
  const errors: unknown[] = [];
  const counted = async (it: Iterable<number>): Promise<number[]> => {
    let count = 0;
    try {
      for (const _ of it) {
        if (count++ % 100 === 0) await later();
      }
    } catch (error) {
      errors.push(error);
      throw error;
    }
    counts.push(count);
    return [count];
  };
  const range = lineage.node({ kind: 'range', start: 0, end: 5000, step: 1 }, 1);
  // Told to await by what it returns, not by its text.
  const fn = lineage.fn((it) => counted(it));
  const rows = lineage.over(range, { kind: 'mapPartitions', withIndex: false, fn });
  expect(await executor.act(lineage, rows)).toEqual([[5000]]);
  expect(counts).toEqual([5000]);
  expect(errors).toEqual([expect.any(LeftBehind)]);
  executor.close();
});

test('all are closed once, whatever closing one of them throws', () => {
  const closed: string[] = [];
  const input = (name: string, error?: Error) => ({
    next: () => undefined,
    close() {
      closed.push(name);
      if (error) throw error;
    },
  });
  const first = new Error('a');
  expect(() => closeAll([input('a', first), input('b', new Error('b')), input('c')])).toThrow(first);
  expect(closed.splice(0)).toEqual(['a', 'b', 'c']);

  const cancellation = new Cancellation(0, undefined, () => {});
  const lent = new LentRows([input('a', first), input('b')], cancellation);
  const failure = new Error('of the function');
  expect(() => lent.takeBack(failure)).toThrow(failure);
  lent.close();
  expect(closed).toEqual(['a', 'b']);
  expect(() => lent.rows[1]!.next()).toThrow(LeftBehind);
});

test('rows that the engine has lost end the task, whatever the function makes of that; errors of the rows do not', () => {
  const reading = (error: Error) => {
    const cancellation = new Cancellation(0, undefined, () => {});
    const next = () => {
      throw error;
    };
    const [rows] = new LentRows([{ next, close: () => {} }], cancellation).rows;
    expect(() => rows!.next()).toThrow(error);
    return cancellation;
  };
  const lost = new StagelightError('CACHED_ROWS_LOST', 'gone');
  expect(() => reading(lost).throwIfStopped()).toThrow(lost);
  expect(() => reading(new Error('of the user')).throwIfStopped()).not.toThrow();
});

test('what is waited for when the task is over already is heard all the same, and fails nothing else', async () => {
  const cancellation = new Cancellation(0, undefined, () => {});
  cancellation.kill('enough');
  const unheard: unknown[] = [];
  const hear = (error: unknown) => void unheard.push(error);
  process.on('unhandledRejection', hear);
  try {
    const { promise, reject } = Promise.withResolvers<number>();
    expect(() => cancellation.wait(promise)).toThrow(TaskKilled);
    reject(new Error('later'));
    await later();
  } finally {
    process.off('unhandledRejection', hear);
  }
  expect(unheard).toEqual([]);
});

test('generators run in the scope of their function: what one is told the task is not', async () => {
  const executor = new TestExecutor();
  const lineage = new Lineage();
  const own = new Set<unknown>();
  const others = new Set<unknown>();
  const fn = lineage.fn(function* (it: Iterable<number>) {
    own.add(currentTask());
    for (const row of it) {
      own.add(currentTask());
      yield row;
    }
  });
  const range = lineage.node({ kind: 'range', start: 0, end: 3, step: 1 }, 1);
  const rows = lineage.over(range, { kind: 'mapPartitions', withIndex: false, fn });
  const inTask = lineage.fn((n: number) => {
    others.add(currentTask());
    return n;
  });
  await executor.act(lineage, lineage.over(rows, { kind: 'map', fn: inTask }));
  expect([own.size, others.size]).toEqual([1, 1]);
  expect([...own][0]).not.toBe([...others][0]);
  executor.close();
});
