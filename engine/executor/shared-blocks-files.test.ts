/** The files of cached partitions that all executors read: when they go, and what happens when they cannot be written or read. */
import fs, {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { RDD } from '../rdd/rdd.ts';
import { type TestContext, withContext } from '../testing.ts';

const draw = ({ sc }: TestContext): RDD<number> =>
  sc
    .range(0, 20, 1, 2)
    .map(() => Math.random())
    .cache();

const sharedFolder = ({ folder }: TestContext): string => join(folder, '.blocks', 'shared');

/** Files of an RDD, of whatever generation. */
function filesOf(context: TestContext, rdd: RDD<number>): string[] {
  const ofRdd = join(sharedFolder(context), String(rdd.id));
  return readdirSync(ofRdd).flatMap((generation) =>
    readdirSync(join(ofRdd, generation)).map((name) => join(ofRdd, generation, name)),
  );
}

/** Ends all executors that have run tasks, so that nobody has cached rows of its own. */
async function killHolders({ scheduler, until, events }: TestContext): Promise<void> {
  const ends = events.flatMap((event) => (event.type === 'taskEnd' ? [event.task.executorId] : []));
  const holders = new Set(ends);
  for (const executorId of holders) scheduler.killExecutor(executorId);
  await until(
    (all) => all.filter(({ type }) => type === 'executorRemoved').length === holders.size || undefined,
  );
}

test('there is one for each partition, until the dataset is unpersisted', () =>
  withContext({}, async (context) => {
    const drawn = draw(context);
    const determinate = context.sc.range(0, 20, 1, 2).cache();
    await Promise.all([drawn.count(), determinate.count()]);
    expect(readdirSync(sharedFolder(context))).toEqual([String(drawn.id)]);
    const files = filesOf(context, drawn);
    expect(files).toHaveLength(2);
    drawn.unpersist();
    while (files.some((file) => existsSync(file))) await setImmediate();
    await drawn.cache().count();
    const others = filesOf(context, drawn);
    expect(others).toHaveLength(2);
    expect(others).not.toEqual(files);
  }));

test.each([
  ['damaged', 'damaged', (file: string) => truncateSync(file, 20)],
  ['gone', 'gone', (file: string) => rmSync(file)],
  [
    "another partition's",
    'damaged',
    (file: string) => file.endsWith('0') && copyFileSync(file.replace(/0$/, '1'), file),
  ],
])('one that is %s is an error by name where no executor has the rows, never other rows', (_, what, harm) =>
  withContext({}, async (context) => {
    const drawn = draw(context);
    const rows = await drawn.collect();
    for (const file of filesOf(context, drawn)) harm(file);
    // Those who have them read their own.
    expect(await drawn.collect()).toEqual(rows);
    await killHolders(context);
    await expect(drawn.collect()).rejects.toMatchObject({
      code: 'TASK_FAILED',
      message: expect.stringContaining(`its file is ${what}`),
      cause: { code: 'CACHED_ROWS_LOST' },
      hint: expect.stringContaining('unpersist() it and persist it again'),
    });
    drawn.unpersist();
    expect(await drawn.cache().count()).toBe(20);
  }),
);

test('where none can be written, rows that must not be computed again are not cached: an error by name', () =>
  withContext({}, async (context) => {
    mkdirSync(join(context.folder, '.blocks'), { recursive: true });
    writeFileSync(sharedFolder(context), 'in the way');
    await expect(draw(context).count()).rejects.toMatchObject({
      code: 'TASK_FAILED',
      cause: { code: 'CACHED_ROWS_NOT_KEPT' },
      hint: expect.stringContaining('Free disk space'),
    });
    expect(await context.sc.range(0, 20, 1, 2).cache().count()).toBe(20);
  }));

test('when the disk is full, nobody takes the rows for some that no file can hold', () =>
  withContext({}, async (context) => {
    const { openSync, writeSync } = fs;
    const struck = new Set<number>();
    const full: Partial<typeof fs> = {
      openSync(path, flags, mode) {
        const fd = openSync(path, flags, mode);
        if (/shared_/.test(String(path))) struck.add(fd);
        else struck.delete(fd);
        return fd;
      },
      writeSync: ((fd: number, ...rest: [Uint8Array]) => {
        if (!struck.has(fd)) return writeSync(fd, ...rest);
        throw Object.assign(new Error('ENOSPC: injected'), { code: 'ENOSPC', syscall: 'write' });
      }) as typeof writeSync,
    };
    const drawn = draw(context);
    Object.assign(fs, full);
    syncBuiltinESMExports();
    try {
      await expect(drawn.count()).rejects.toMatchObject({
        code: 'TASK_FAILED',
        cause: { code: 'CACHED_ROWS_NOT_KEPT' },
        hint: expect.stringContaining('Free disk space'),
      });
    } finally {
      Object.assign(fs, { openSync, writeSync });
      syncBuiltinESMExports();
    }
    // With room again they are computed and shared.
    const rows = await drawn.collect();
    expect(filesOf(context, drawn)).toHaveLength(2);
    expect(await drawn.coalesce(1).collect()).toEqual(rows);
  }));

test('one that cannot be opened for want of file descriptors is read by another attempt', () =>
  withContext({ executors: 2 }, async (context) => {
    const { openSync } = fs;
    const drawn = draw(context);
    const rows = await drawn.collect();
    let refused = 0;
    const few = ((path: string, ...rest: [string]) => {
      if (!/\/shared\/\d+\/\d+\/\d+$/.test(path) || refused >= 2) return openSync(path, ...rest);
      refused++;
      throw Object.assign(new Error('EMFILE: too many open files, injected'), { code: 'EMFILE' });
    }) as typeof openSync;
    Object.assign(fs, { openSync: few });
    syncBuiltinESMExports();
    try {
      expect(await drawn.coalesce(1).collect()).toEqual(rows);
    } finally {
      Object.assign(fs, { openSync });
      syncBuiltinESMExports();
    }
    // It was tried to be read, and then why it could not.
    expect(refused).toBe(2);
    const errors = context.events.flatMap((event) =>
      event.type === 'taskEnd' && event.reason?.kind === 'exception' ? [event.reason.error] : [],
    );
    expect(errors).toMatchObject([
      { code: 'CACHED_ROWS_UNREADABLE', message: expect.stringContaining('EMFILE') },
    ]);
  }));

/** Calls to the file system for what all executors read, while `body` runs: paths looked at, and files left open. */
async function watched(body: () => Promise<void>): Promise<{ looked: string[]; open: string[] }> {
  const { openSync, closeSync, lstatSync } = fs;
  const looked: string[] = [];
  const open = new Map<number, string>();
  const isShared = (path: unknown) => /\/shared\/\d+\/\d+\//.test(String(path));
  Object.assign(fs, {
    openSync(...args: Parameters<typeof openSync>) {
      const fd = openSync(...args);
      if (isShared(args[0])) open.set(fd, String(args[0]));
      return fd;
    },
    closeSync(fd: number) {
      open.delete(fd);
      closeSync(fd);
    },
    lstatSync(...args: Parameters<typeof lstatSync>) {
      if (isShared(args[0])) looked.push(String(args[0]));
      return lstatSync(...args);
    },
  });
  syncBuiltinESMExports();
  try {
    await body();
  } finally {
    Object.assign(fs, { openSync, closeSync, lstatSync });
    syncBuiltinESMExports();
  }
  return { looked, open: [...open.values()] };
}

test('one is looked at once when it is read, and once for what was added with it', () =>
  withContext({}, async (context) => {
    const drawn = draw(context);
    const rows = await drawn.collect();
    const files = filesOf(context, drawn);
    await killHolders(context);
    const { looked, open } = await watched(async () => expect(await drawn.collect()).toEqual(rows));
    expect(looked.map((path) => path.replace(/\.added_\d+$/, '.added')).sort()).toEqual(
      files.flatMap((file) => [file, `${file}.added`]).sort(),
    );
    expect(open).toEqual([]);
  }));

test('what was added with one and is damaged is an error by name, and leaves nothing open', () =>
  withContext({}, async (context) => {
    const { sc } = context;
    const total = sc.longAccumulator();
    const drawn = sc
      .range(0, 20, 1, 2)
      .map(() => {
        total.add(1);
        return Math.random();
      })
      .cache();
    const failing = drawn.mapPartitions((rows) => {
      throw new Error(`after ${[...rows].length} rows`);
    });
    await expect(failing.count()).rejects.toThrow('after 10 rows');
    const notes = filesOf(context, drawn).filter((file) => file.includes('.added_'));
    expect(notes.length).toBeGreaterThan(0);
    for (const note of notes) truncateSync(note, 20);
    await killHolders(context);
    const { open } = await watched(() =>
      expect(drawn.count()).rejects.toMatchObject({
        code: 'TASK_FAILED',
        message: expect.stringContaining('its file is damaged'),
        cause: { code: 'CACHED_ROWS_LOST' },
      }),
    );
    expect(open).toEqual([]);
    expect(total.value).toBe(0);
  }));
