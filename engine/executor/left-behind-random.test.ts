/**
 * Random chains of functions that keep to themselves what the engine throws into them, leave calls behind and cache what
 * came of it, over rows that turn out to be promises and map outputs that are gone: the rows are those of the chain, no
 * attempt fails, and what was added to accumulators counts once.
 */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RDD } from '../rdd/rdd.ts';
import { forEachSeed } from '../scheduler/test-seeds.ts';
import { seededRandom, startContext, type TestContext } from '../testing.ts';
import { ExecutorPool } from './executor-pool.ts';

type Rows = Iterable<number>;

const later = (n: number) => Promise.resolve(n);
const turn = () => new Promise((resolve) => setImmediate(resolve));

const swallowing = (rows: Rows): number[] => {
  try {
    return [...rows];
  } catch {
    return [];
  }
};
const swallowingLater = async (rows: Rows): Promise<number[]> => {
  const read: number[] = [];
  try {
    for (const row of rows) if (read.push(row) % 100 === 0) await turn();
  } catch {
    await turn();
  }
  return read;
};
const hiding = (rows: Rows) =>
  new Promise<number[]>((resolve) => {
    const read = async () => {
      await turn();
      resolve([...rows]);
    };
    read().catch(() => {});
  });
const hidingInTimer = (rows: Rows) =>
  new Promise<number[]>((resolve) => {
    setTimeout(() => {
      try {
        resolve([...rows]);
      } catch {}
    });
  });
const wrapping = (rows: Rows) =>
  new Promise<number[]>((resolve) => {
    const read = async () => {
      try {
        await turn();
        resolve([...rows]);
      } catch (error) {
        await turn();
        throw new Error('seen by nobody', { cause: error });
      }
    };
    void read();
  });
const twoReaders = async (rows: Rows): Promise<number[]> => {
  const read: number[] = [];
  const reader = async () => {
    for (const row of rows) if (read.push(row) % 10 === 0) await turn();
  };
  await Promise.all([reader(), reader()]);
  return read;
};
const gathering = async (rows: Rows): Promise<number[]> => {
  const read = [...rows];
  const mine = `${read.length} rows of ${TaskContext.getPartitionId()}`;
  const all = await BarrierTaskContext.get()!.allGather(mine);
  if (all[TaskContext.getPartitionId()] !== mine) throw new Error('the others were told something else');
  return read;
};

/** None changes which rows there are. That they return promises is not seen in the text of the closures. */
const STEPS: Record<string, (rdd: RDD<number>) => RDD<number>> = {
  promises: (rdd) => rdd.map((n) => later(n)),
  'promises of some': (rdd) =>
    rdd.map((n): number | Promise<number> => (n % 7 === 3 ? later(n) : n)) as RDD<number>,
  awaited: (rdd) => rdd.map(async (n) => n),
  swallowing: (rdd) => rdd.mapPartitions((it) => swallowing(it)),
  'swallowing generator': (rdd) =>
    rdd.mapPartitions(function* (it) {
      try {
        yield* it;
      } catch {}
    }),
  'swallowing later': (rdd) => rdd.mapPartitions((it) => swallowingLater(it)),
  hiding: (rdd) => rdd.mapPartitions((it) => hiding(it)),
  'hiding in a timer': (rdd) => rdd.mapPartitions((it) => hidingInTimer(it)),
  wrapping: (rdd) => rdd.mapPartitions((it) => wrapping(it)),
  'two readers': (rdd) => rdd.mapPartitions((it) => twoReaders(it)),
  cached: (rdd) => rdd.map((n) => n).cache(),
  'swallowing, cached': (rdd) => rdd.mapPartitions((it) => swallowing(it)).persist('DISK_ONLY'),
  'swallowing later, cached': (rdd) => rdd.mapPartitions((it) => swallowingLater(it)).cache(),
  shuffled: (rdd) => rdd.repartition(2),
  'combined by promises': (rdd) =>
    rdd
      .map((n): [number, number] => [n, 1])
      .reduceByKey((a, b) => later(a + b), 2)
      .keys(),
};

const ACTIONS: ((rdd: RDD<number>, context: TestContext) => Promise<number[]>)[] = [
  (rdd) => rdd.collect(),
  async (rdd, { sc }) => (await sc.runJob(rdd, (it) => hiding(it))).flat(),
  async (rdd) => (await rdd.mapPartitions((it) => wrapping(it)).collect()) as number[],
  (rdd) =>
    rdd.aggregate(
      [] as number[],
      (all, n) => (n % 5 === 0 ? Promise.resolve([...all, n]) : [...all, n]),
      (a, b) => [...a, ...b],
    ),
];

const inOrder = (rows: number[]) => rows.toSorted((a, b) => a - b);

function loseSome({ folder }: TestContext, random: () => number): void {
  const blocks = join(folder, '.blocks');
  const files = readdirSync(blocks);
  const outputs = files.filter((file) => /shuffle_.*\.data$/.test(file));
  if (outputs.length > 0)
    rmSync(join(blocks, outputs[Math.floor(random() * outputs.length)]!), { force: true });
}

async function run(context: TestContext, seed: number): Promise<void> {
  const random = seededRandom(seed);
  const below = (n: number) => Math.floor(random() * n);
  const { sc, events } = context;
  const from = events.length;
  const count = 200 + below(600);
  const added = sc.longAccumulator();
  let rdd: RDD<number> = sc.range(0, count, 1, 1 + below(2)).map((n) => {
    added.add(1);
    return n;
  });
  const names: string[] = [];
  let hasBarrier = false;
  for (let i = 1 + below(4); i > 0; i--) {
    const step = Object.entries(STEPS)[below(Object.keys(STEPS).length)]!;
    names.push(step[0]);
    rdd = step[1](rdd);
  }
  if (random() < 0.2) {
    hasBarrier = true;
    names.push('barrier');
    rdd = rdd.barrier().mapPartitions(async (it) => gathering(it));
  }
  const action = below(ACTIONS.length);
  const act = () => ACTIONS[action]!(rdd, context);
  const chain = `seed ${seed}: ${names.join(', ')}, action ${action}`;
  const rows = Array.from({ length: count }, (_, n) => n);
  expect(inOrder(await act()), chain).toEqual(rows);
  expect(added.value, chain).toBe(count);
  // A barrier stage of results is not run again.
  if (!hasBarrier) loseSome(context, random);
  expect(inOrder(await act()), `${chain}, again`).toEqual(rows);
  const failures = events
    .slice(from)
    .flatMap((event) =>
      event.type === 'taskEnd' && event.reason.kind === 'exception' ? [event.reason] : [],
    );
  expect(failures, chain).toEqual([]);
}

test('what functions hide from the engine changes no rows', async () => {
  const context = startContext({
    executors: 2,
    backend: (options) => {
      mkdirSync(options.blockDirectory, { recursive: true, mode: 0o700 });
      return new ExecutorPool({ ...options, memory: 1 << 27 });
    },
  });
  try {
    await forEachSeed(40, (seed) => run(context, seed));
  } finally {
    await context.stop();
  }
});
