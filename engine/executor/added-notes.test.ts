/** Accumulators that functions add to whose rows are cached by an attempt that does not come through. */
import { mkdirSync, readdirSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { startContext, type TestContext } from '../testing.ts';
import { eventually } from '../testing-eventually.ts';
import { ExecutorPool } from './executor-pool.ts';

let context: TestContext;
let blockDirectory: string;
afterEach(() => context.stop());

async function processes(): Promise<TestContext> {
  context = startContext({
    executors: 2,
    backend: (options) => {
      ({ blockDirectory } = options);
      mkdirSync(options.blockDirectory, { recursive: true, mode: 0o700 });
      return new ExecutorPool({ ...options, memory: 1 << 27 });
    },
  });
  await context.until((all) => all.filter(({ type }) => type === 'executorAdded').length === 2 || undefined);
  return context;
}

function notes(): string[] {
  return readdirSync(blockDirectory, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.includes('.added_'),
  );
}

const ENDS: Record<string, () => void> = {
  throws: () => {
    throw new Error('once');
  },
  dies: () => void process.kill(process.pid, 'SIGKILL'),
};
const ROWS: Record<string, (n: number) => number> = {
  'the same rows': (n) => n,
  'rows of chance': (n) => n + Math.random(),
};
const LEVELS = ['MEMORY_ONLY', 'DISK_ONLY', 'MEMORY_ONLY_2'] as const;

const CASES = Object.keys(ENDS).flatMap((end) =>
  Object.keys(ROWS).flatMap((rows) => LEVELS.map((level) => ({ end, rows, level }))),
);

test.each(CASES)('count once when the task $end: $rows at $level', async ({ end, rows, level }) => {
  const { sc } = await processes();
  const total = sc.longAccumulator();
  const texts = sc.collectionAccumulator<string>();
  const longest = sc.accumulator({
    zero: '',
    add: (best, text: string) => (text.length > best.length ? text : best),
    merge: (a, b) => (b.length > a.length ? b : a),
  });
  const [fail, row] = [ENDS[end]!, ROWS[rows]!];
  const cached = sc
    .range(0, 100, 1, 2)
    .map((n) => {
      total.add(n);
      if (n % 10 === 0) texts.add(String(n));
      longest.add('x'.repeat(n));
      return row(n);
    })
    .persist(level);
  const failsOnce = cached.mapPartitions((partition) => {
    const all = [...partition];
    const task = TaskContext.get()!;
    if (task.partitionId() === 1 && task.attemptNumber() === 0) fail();
    return all;
  });
  expect(await failsOnce.count()).toBe(100);
  const expected = { total: 4950, texts: 10, longest: 99 };
  const values = () => ({
    total: total.value,
    texts: texts.value.length,
    longest: longest.value.length,
  });
  expect(values()).toEqual(expected);
  // Those that a dead executor alone had are computed again.
  if (end === 'dies' && rows === 'the same rows') return;
  expect(await cached.count()).toBe(100);
  expect(values()).toEqual(expected);
});

test('count with a later job when the job fails that has cached the rows, and not again after that', async () => {
  const { sc } = await processes();
  const [outer, inner] = [sc.longAccumulator(), sc.longAccumulator()];
  const drawn = sc
    .range(0, 100, 1, 2)
    .map((n) => {
      inner.add(1);
      return n + Math.random();
    })
    .cache();
  const twice = drawn
    .map((n) => {
      outer.add(1);
      return n + Math.random();
    })
    .cache();
  const failing = twice.mapPartitions((rows) => {
    throw new Error(`after ${[...rows].length} rows`);
  });
  await expect(failing.count()).rejects.toThrow('after 50 rows');
  expect([outer.value, inner.value]).toEqual([0, 0]);
  // Of the other partition there are as many as it came to before the job failed.
  expect(notes().length).toBeGreaterThanOrEqual(2);
  expect(await twice.coalesce(1).count()).toBe(100);
  // A task of the job that failed may have been in the middle of one.
  await eventually(() => expect(notes()).toEqual([]));
  expect([outer.value, inner.value]).toEqual([100, 100]);
  await Promise.all([drawn.count(), twice.count()]);
  expect([outer.value, inner.value]).toEqual([100, 100]);
});

test('are gone with the rows when nobody has read them since', async () => {
  const { sc } = await processes();
  const total = sc.longAccumulator();
  const drawn = sc
    .range(0, 100, 1, 2)
    .map((n) => {
      total.add(1);
      return n + Math.random();
    })
    .cache();
  const failing = drawn.mapPartitions((rows) => {
    throw new Error(`after ${[...rows].length} rows`);
  });
  await expect(failing.count()).rejects.toThrow('after 50 rows');
  expect(notes().length).toBeGreaterThan(0);
  drawn.unpersist();
  drawn.cache();
  expect(await drawn.count()).toBe(100);
  expect(total.value).toBe(100);
  // They are removed beside the work.
  await eventually(() => expect(notes()).toEqual([]));
});
