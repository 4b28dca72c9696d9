/** Disks that are full or may not be written to, at every place where a job writes: a named error, and nothing half-written left. */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { StagelightError } from '../errors.ts';
import { startContext, type TestContext, withContext } from '../testing.ts';

const real = { writeSync: fs.writeSync, writeFileSync: fs.writeFileSync, openSync: fs.openSync };
let context: TestContext;

beforeEach(() => {
  context = startContext({ executors: 2, memory: 200_000 });
});
afterEach(async () => {
  mend();
  await context.stop();
});

function mend(): void {
  Object.assign(fs, real);
  syncBuiltinESMExports();
}

/** From now on writing fails with `code`, opening for it too when it is about rights, for files that `strikes` names. */
function breakWrites(code: string, strikes: (path: string) => boolean): void {
  const struck = new Set<number>();
  const failure = () => Object.assign(new Error(`${code}: injected`), { code });
  const openSync: typeof fs.openSync = (path, flags, mode) => {
    const isStruck = flags !== 'r' && typeof flags === 'string' && strikes(String(path));
    if (isStruck && code !== 'ENOSPC') throw failure();
    const fd = real.openSync(path, flags, mode);
    if (isStruck) struck.add(fd);
    else struck.delete(fd);
    return fd;
  };
  // Half of it fits, as on a disk that fills up.
  const writeSync = ((fd: number, bytes: Uint8Array, offset: number, length: number, position?: number) => {
    if (!struck.has(fd)) return real.writeSync(fd, bytes, offset, length, position);
    if (length > 1) real.writeSync(fd, bytes, offset, length >> 1, position);
    throw failure();
  }) as typeof fs.writeSync;
  const writeFileSync: typeof fs.writeFileSync = (path, bytes, options) => {
    if (typeof path === 'number' || !strikes(String(path))) return real.writeFileSync(path, bytes, options);
    if (code === 'ENOSPC') real.writeFileSync(path, (bytes as Uint8Array).subarray(0, 1), options);
    throw failure();
  };
  Object.assign(fs, { openSync, writeSync, writeFileSync });
  syncBuiltinESMExports();
}

async function errorOf(run: () => unknown): Promise<StagelightError> {
  try {
    await run();
  } catch (error) {
    const failed = error as StagelightError;
    return failed.code === 'TASK_FAILED' ? (failed.cause as StagelightError) : failed;
  }
  throw new Error('nothing was thrown');
}

/** What is in the block directory and the working directory, but for what belongs to them. */
function left(): string[] {
  return fs
    .readdirSync(context.folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name !== '.blocks' && !/^\.blocks\/(executor_\d+|owner\.json)$/.test(name));
}

const big = () =>
  context.sc.range(0, 40_000, 1, 2).map((n) => [n % 997, `row ${n} of some length`] as [number, string]);

const places: Record<string, { strikes: RegExp; what: string; run: () => unknown }> = {
  'the output of a shuffle': {
    strikes: /shuffle_.*\.data/,
    what: 'the output of a shuffle',
    run: () => big().repartition(2).count(),
  },
  'its index': {
    strikes: /shuffle_.*\.index/,
    what: 'the output of a shuffle',
    run: () => big().repartition(2).count(),
  },
  'the spill of a shuffle output': {
    strikes: /spill_/,
    what: 'the part of a shuffle output that does not fit into memory',
    run: () => big().repartition(2).count(),
  },
  'the spill of a sort': {
    strikes: /spill_/,
    what: 'what does not fit into memory',
    // The outputs of 40 maps fit, what one reducer sorts does not.
    run: () => {
      const pairs = context.sc
        .range(0, 40_000, 1, 40)
        .map((n) => [(n * 7919) % 40_000, n] as [number, number]);
      return pairs.sortByKey(true, 1).count();
    },
  },
  'a large result': { strikes: /taskresult_/, what: 'the result of a task', run: () => big().collect() },
  'a local checkpoint': {
    strikes: /rdd_/,
    what: 'a partition for its local checkpoint',
    run: () => context.sc.range(0, 100, 1, 2).localCheckpoint().count(),
  },
  'the rows of parallelize': {
    strikes: /parallelize-/,
    what: 'the rows given to parallelize',
    run: () => context.sc.parallelize(Array.from({ length: 100_000 }, (_, n) => n + 0.5)).count(),
  },
};

for (const [place, { strikes, what, run }] of Object.entries(places)) {
  for (const [code, name] of [
    ['ENOSPC', 'NO_SPACE'],
    ['EACCES', 'BLOCKS_UNWRITABLE'],
  ] as const) {
    test(`${place}: ${name}`, async () => {
      breakWrites(code, (path) => strikes.test(path));
      const error = await errorOf(run);
      expect(error).toMatchObject({ code: name });
      const folder = join(context.folder, '.blocks');
      expect(error.message).toMatch(folder);
      expect(error.message).toMatch(what);
      expect(error.hint).toMatch(/TMPDIR/);
      mend();
      expect(left().filter((name) => strikes.test(name))).toEqual([]);
      // The place is usable again: the next job runs.
      expect(await context.sc.range(0, 10).repartition(2).count()).toBe(10);
    });
  }
}

test('a cache on disk that is full costs the cached partition, not the job', async () => {
  breakWrites('ENOSPC', (path) => /rdd_/.test(path));
  const rows = big().persist('DISK_ONLY');
  expect(await rows.count()).toBe(40_000);
  expect(await rows.count()).toBe(40_000);
  expect(left().filter((name) => /rdd_/.test(name))).toEqual([]);
});

test('a broadcast that cannot be written is refused, with its size and the folder', async () => {
  breakWrites('ENOSPC', (path) => /broadcast_/.test(path));
  const error = await errorOf(() => context.sc.broadcast(Array.from({ length: 1000 }, (_, n) => n)));
  expect(error).toMatchObject({ code: 'BROADCAST_NOT_WRITTEN' });
  expect(error.hint).toMatch(`bytes in ${context.folder}`);
  expect(left().filter((name) => /broadcast_/.test(name))).toEqual([]);
});

test('a save on a full disk is refused and leaves nothing', async () => {
  breakWrites('ENOSPC', (path) => /part-/.test(path));
  expect(await errorOf(() => big().saveAsTextFile('out'))).toMatchObject({ code: 'NO_SPACE' });
  expect(left().filter((name) => /out/.test(name))).toEqual([]);
});

test('a task that finds the disk full is tried again once room was made, and not before', async () => {
  let asked = 0;
  const makeRoom = async (): Promise<void> => {
    asked++;
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    mend();
  };
  await withContext({ executors: 1, makeRoom }, async ({ sc, events }) => {
    breakWrites('ENOSPC', (path) => /shuffle_/.test(path));
    expect(await sc.range(0, 10, 1, 2).repartition(2).count()).toBe(10);
    const ends = events.flatMap((event) => (event.type === 'taskEnd' ? [event] : []));
    const failed = ends.filter(({ status }) => status === 'failed');
    expect(failed.map(({ task }) => task.attempt)).toEqual(failed.map(() => 0));
    expect(asked).toBe(failed.length);
    expect(asked).toBeGreaterThan(0);
  });
});
