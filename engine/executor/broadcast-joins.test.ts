/** Joins that do not shuffle their larger side once the smaller one was measured: nobody sees it but by the stages. */
import { readdirSync, rmSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { systemClock } from '../clock.ts';
import type { Context } from '../context.ts';
import type { EngineEvent } from '../protocol.ts';
import type { RDD } from '../rdd/rdd.ts';
import { seededRandom, withContext } from '../testing.ts';
import { FaultyBackend } from './faulty-backend.ts';
import { InProcessBackend } from './in-process-backend.ts';
import { TaskContext as RunningTask } from './task-context.ts';

type Pair = [number, number];
type Joined = RDD<[number, [number | undefined, number | undefined]]>;
const TYPES = ['inner', 'left', 'right', 'full'] as const;
type JoinType = (typeof TYPES)[number];

const OFF = { autoBroadcastJoinThreshold: 0 };
const sorted = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).sort();

function joinOf(type: JoinType, left: RDD<Pair>, right: RDD<Pair>, partitions: number): Joined {
  if (type === 'inner') return left.join(right, partitions);
  if (type === 'left') return left.leftOuterJoin(right, partitions);
  return type === 'right' ? left.rightOuterJoin(right, partitions) : left.fullOuterJoin(right, partitions);
}

const large = (sc: Context, partitions = 4) => sc.range(0, 400, 1, partitions).map((i): Pair => [i % 50, i]);
/** Keys 40 to 49 of the large side are missing, 60 to 69 are on this side only, 10 to 19 are there twice. */
const small = (sc: Context, partitions = 3) =>
  sc
    .range(0, 70, 1, partitions)
    .filter((i) => i < 40 || i >= 60)
    .flatMap((i): Pair[] =>
      i >= 10 && i < 20
        ? [
            [i, -i],
            [i, -2 * i],
          ]
        : [[i, -i]],
    );

afterEach(() => vi.unstubAllGlobals());

const plans = (events: EngineEvent[]) =>
  events.flatMap((event) => (event.type === 'adaptivePlan' && event.kind === 'broadcastJoin' ? [event] : []));

function shuffledRecords(events: EngineEvent[]): number {
  return events.reduce(
    (sum, event) => sum + (event.type === 'taskEnd' ? event.metrics.shuffleWriteRecords : 0),
    0,
  );
}

/** What can be had of a join: how many rows, what each row does, what a shuffle behind it makes. */
async function seen(sc: Context, rows: Joined) {
  const added = sc.longAccumulator();
  const each = sc.collectionAccumulator<string>();
  const flat = rows.map(([key, [a = 7, b = 9]]): Pair => {
    added.add(1);
    return [key, a + b];
  });
  const sums = await flat.reduceByKey((a, b) => a + b, 3).collect();
  const count = await rows.filter(([key]) => key !== 5).count();
  await rows.foreach((row) => each.add(JSON.stringify(row)));
  return { sums: sorted(sums), count, rows: sorted([...each.value]), added: added.value };
}

test.each(TYPES.flatMap((type) => (['left', 'right'] as const).map((side) => [type, side] as const)))(
  'a join of the kind %s with a small %s side gives the same',
  async (type, side) => {
    const rows = (sc: Context) =>
      side === 'left' ? joinOf(type, small(sc), large(sc), 6) : joinOf(type, large(sc), small(sc), 6);
    const off = await withContext({ adaptive: OFF }, async ({ sc, events }) => {
      const all = await seen(sc, rows(sc));
      expect(plans(events)).toEqual([]);
      return all;
    });
    const isSendable =
      type === 'inner' || (type === 'left' ? side === 'right' : type === 'right' && side === 'left');
    await withContext({}, async ({ sc, events }) => {
      expect(await seen(sc, rows(sc))).toEqual(off);
      expect(plans(events).length).toBe(isSendable ? 3 : 0);
    });
  },
);

test('the larger side is not shuffled, and the stage and the job say so', async () => {
  await withContext({ executors: 2 }, async ({ sc, events }) => {
    expect(await large(sc).join(small(sc), 9).count()).toBe(400);
    expect(shuffledRecords(events)).toBe(60);
    const [plan] = plans(events);
    expect(plan).toMatchObject({ partitions: 9, tasks: 5 });
    expect(plan!.reason).toMatch(
      /^the right side is [\d.]+ (B|KB): it was sent to every executor instead of shuffling the left side of 4 partitions$/,
    );
    const skipped = events.flatMap((event) => (event.type === 'stageSkipped' ? [event] : []));
    expect(skipped.map(({ reason }) => reason)).toEqual([`not needed: ${plan!.reason}`]);
    const submitted = events.flatMap((event) => (event.type === 'stageSubmitted' ? [event.stage] : []));
    expect(submitted).toHaveLength(2);
    const last = submitted.at(-1)!;
    expect(last).toMatchObject({ stageId: plan!.stageId, numTasks: 5, parentIds: [submitted[0]!.stageId] });
    expect(last.rdds.map(({ name }) => name)).toEqual(['range', 'map', 'join']);
    const ends = events.filter((event) => event.type === 'taskEnd' && event.task.stageId === plan!.stageId);
    expect(ends).toHaveLength(5);
    // Each executor reads the small side once, not each task.
    const read = ends.reduce(
      (sum, end) => sum + (end.type === 'taskEnd' ? end.metrics.shuffleReadRecords : 0),
      0,
    );
    expect([60, 120]).toContain(read);
  });
});

test('what sees partitions gets those that were promised', async () => {
  vi.stubGlobal('TaskContext', RunningTask);
  await withContext({}, async ({ sc, events }) => {
    const rows = () => large(sc).join(small(sc), 6);
    await rows().collect();
    await rows().glom().count();
    await rows().take(3);
    await rows().zipWithIndex().count();
    await rows().cache().count();
    await rows().repartition(3).count();
    await rows().sample(false, 0.5, 1).count();
    await rows().reduce((a) => a);
    await rows()
      .mapPartitions((some) => some)
      .count();
    await rows().foreachPartition(() => {});
    await rows().countApprox(60_000);
    expect((await sc.runJob(rows(), (some) => [...some].length)).length).toBe(6);
    await rows()
      .filter(() => TaskContext.get()!.partitionId() >= 0)
      .count();
    await rows().foreach(() => TaskContext.get());
    await large(sc)
      .filter(() => TaskContext.get() !== undefined)
      .join(small(sc), 6)
      .count();
    // Fewer partitions than the larger side has, the user's own placement, rows that are other ones each time.
    await large(sc, 4).join(small(sc), 3).count();
    await large(sc)
      .map(([key]): Pair => [key, Math.random()])
      .join(small(sc), 6)
      .count();
    expect(plans(events)).toEqual([]);
  });
});

test('what adds to accumulators before the join counts once, whatever is asked of the join', async () => {
  await withContext({}, async ({ sc, events }) => {
    const added = sc.longAccumulator();
    const counted = large(sc).map((pair) => {
      added.add(1);
      return pair;
    });
    const rows = counted.join(small(sc), 6);
    await rows.count();
    await rows.count();
    expect(added.value).toBe(400);
    expect(plans(events)).toEqual([]);
  });
});

test('what is shuffled already, or for two readers at once, is not computed again', async () => {
  await withContext({}, async ({ sc, events }) => {
    const rows = large(sc).join(small(sc), 6);
    await rows.collect();
    expect(await rows.count()).toBe(400);
    const twice = large(sc)
      .join(small(sc), 6)
      .mapValues(([a, b]) => a + b);
    const sums = twice.reduceByKey((a, b) => a + b, 3);
    const most = twice.reduceByKey((a, b) => Math.max(a, b), 2);
    expect(await sums.join(most, 2).count()).toBe(40);
    expect(plans(events).filter(({ reason }) => reason.includes('of 4 partitions'))).toEqual([]);
  });
});

test('several small sides of one large one: the large one is never shuffled', async () => {
  const rows = (sc: Context) =>
    large(sc)
      .join(small(sc), 5)
      .mapValues(([a, b]) => a + b)
      .filter(([key]) => key % 3 > 0)
      .leftOuterJoin(small(sc, 2), 7)
      .map(([key, [a, b = 1]]): Pair => [key % 4, a * b]);
  const [sums, count] = await withContext({ adaptive: OFF }, async ({ sc }) => [
    sorted(
      await rows(sc)
        .reduceByKey((a, b) => a + b, 3)
        .collect(),
    ),
    await rows(sc).count(),
  ]);
  await withContext({}, async ({ sc, events }) => {
    expect(
      sorted(
        await rows(sc)
          .reduceByKey((a, b) => a + b, 3)
          .collect(),
      ),
    ).toEqual(sums);
    expect(plans(events)).toHaveLength(2);
    expect(new Set(plans(events).map(({ stageId }) => stageId)).size).toBe(1);
    expect(await rows(sc).count()).toBe(count);
    expect(shuffledRecords(events)).toBeLessThan(400);
  });
});

test('functions that return promises join as they come', async () => {
  await withContext({}, async ({ sc, events }) => {
    const later = large(sc).map(async (pair) => pair);
    expect(await later.join(small(sc), 6).count()).toBe(400);
    expect(await later.leftOuterJoin(small(sc), 6).count()).toBe(480);
    const eventually = large(sc)
      .join(small(sc), 6)
      .map(async ([, [a, b]]) => [1, a + b] as Pair);
    expect(await eventually.reduceByKey((a, b) => a + b).count()).toBe(1);
    expect(plans(events)).toHaveLength(3);
  });
});

test('a small side that no executor has room for is joined all the same', async () => {
  const words = (sc: Context) =>
    sc.range(0, 900, 1, 3).map((i): [number, string] => [i % 300, 'x'.repeat(4_000) + i]);
  await withContext({ memory: 1 << 20, executors: 1 }, async ({ sc, events }) => {
    const rows = sc
      .range(0, 1200, 1, 4)
      .map((i): Pair => [i % 600, i])
      .leftOuterJoin(words(sc), 4);
    expect(await rows.count()).toBe(2400);
    expect(plans(events)).toHaveLength(1);
    expect(plans(events)[0]!.reason).toMatch(/^the right side/);
    const read = events.reduce(
      (sum, event) => sum + (event.type === 'taskEnd' ? event.metrics.shuffleReadRecords : 0),
      0,
    );
    // Held once it would have been read once.
    expect(read).toBeGreaterThanOrEqual(4 * 900);
  });
});

test('lost outputs of the small side, and of the joining stage, are made again in their places', async () => {
  await withContext({}, async ({ sc, folder, events }) => {
    const sums = large(sc)
      .join(small(sc), 6)
      .map(([key, [a, b]]): Pair => [key, a + b])
      .partitionBy(4);
    const expected = sorted(
      await withContext({ adaptive: OFF }, ({ sc: other }) =>
        large(other)
          .join(small(other), 6)
          .map(([key, [a, b]]): Pair => [key, a + b])
          .collect(),
      ),
    );
    const lose = (keep: number) => {
      const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
        file.endsWith('.data'),
      );
      for (const [at, file] of files.sort().entries())
        if (keep === 0 || at % keep > 0) rmSync(joinPath(folder, file));
    };
    await sums.count();
    expect(plans(events)).toHaveLength(1);
    lose(0);
    expect(sorted(await sums.collect())).toEqual(expected);
    lose(2);
    // A later job decides for itself, and the stage as it did before.
    sc.setAdaptive({ enabled: false });
    expect(sorted(await sums.collect())).toEqual(expected);
    expect(new Set(plans(events).map(({ stageId }) => stageId)).size).toBe(1);
  });
});

test('a checkpoint of the join, or a cache of it, takes over from then on', async () => {
  await withContext({}, async ({ sc, folder, events }) => {
    sc.setCheckpointDir(joinPath(folder, 'kept'));
    const rows = large(sc).join(small(sc), 6);
    const flat = rows.map(([key, [a, b]]): Pair => [key, a + b]);
    const placed = flat.partitionBy(4);
    const expected = sorted(await placed.collect());
    expect(plans(events)).toHaveLength(1);
    rows.checkpoint();
    await rows.count();
    flat.cache();
    expect(await flat.count()).toBe(400);
    for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
      if (file.endsWith('.data')) rmSync(joinPath(folder, file));
    expect(sorted(await placed.collect())).toEqual(expected);
    expect(sorted(await flat.partitionBy(3).collect())).toEqual(expected);
  });
});

/** A random chain of joins, with something row by row between, ending in a shuffle by key. */
function program(sc: Context, seed: number): RDD<Pair> {
  const random = seededRandom(seed);
  const below = (n: number) => Math.floor(random() * n);
  const source = (rows: number) => {
    const salt = below(1000);
    return sc.range(0, rows, 1, 1 + below(5)).map((i): Pair => [(i * 7919 + salt) % 40, i]);
  };
  let rdd = source(300);
  for (let step = 1 + below(3); step > 0; step--) {
    const other = below(3) === 0 ? source(200).reduceByKey((a, b) => a + b, 1 + below(4)) : source(below(60));
    const type = TYPES[below(4)]!;
    const joined =
      below(2) === 0 ? joinOf(type, rdd, other, 4 + below(6)) : joinOf(type, other, rdd, 4 + below(6));
    rdd = joined.map(([key, [a = 3, b = 5]]): Pair => [key, (a * 31 + b) % 1009]);
    if (below(3) === 0) rdd = rdd.filter(([, value]) => value % 5 > 0);
    if (below(4) === 0) rdd = rdd.reduceByKey((a, b) => Math.max(a, b), 1 + below(4));
    if (below(5) === 0) rdd = rdd.union(source(20));
  }
  return rdd;
}

async function outcome(sc: Context, seed: number) {
  const rows = program(sc, seed);
  const count = await rows.count();
  const counts = await rows
    .map(([key, value]): [string, number] => [`${key} ${value}`, 1])
    .reduceByKey((a, b) => a + b, 3)
    .collect();
  return { count, counts: sorted(counts) };
}

test('any program gives the same rows, with any number of executors', async () => {
  let made = 0;
  for (let seed = 0; seed < 24; seed++) {
    const off = await withContext({ adaptive: OFF }, ({ sc }) => outcome(sc, seed));
    await withContext({ executors: 1 + (seed % 3) }, async ({ sc, events }) => {
      expect(await outcome(sc, seed), `seed ${seed}`).toEqual(off);
      made += plans(events).length;
    });
  }
  expect(made).toBeGreaterThan(16);
});

test('random faults change nothing', async () => {
  const off = await withContext({ adaptive: OFF }, async ({ sc }) => seen(sc, large(sc).join(small(sc), 6)));
  for (let seed = 0; seed < 6; seed++) {
    const backend = (options: { executors: number; blockDirectory: string; workingDirectory: string }) =>
      new FaultyBackend(new InProcessBackend(options), { seed, rate: 0.2 }, systemClock);
    await withContext({ backend }, async ({ sc, events }) => {
      expect(await seen(sc, large(sc).join(small(sc), 6)), `seed ${seed}`).toEqual(off);
      expect(new Set(plans(events).map(({ stageId }) => stageId)).size).toBe(3);
    });
  }
});

test('it can be turned off, for the application, for a cell, and by its threshold', async () => {
  const job = (sc: Context) => large(sc).join(small(sc), 6).count();
  await withContext({ adaptive: { enabled: false } }, async ({ sc, events }) => {
    await job(sc);
    sc.setAdaptive({ enabled: true, autoBroadcastJoinThreshold: 50 });
    await job(sc);
    sc.setAdaptive({ enabled: true, autoBroadcastJoinThreshold: -1 });
    await job(sc);
    expect(plans(events)).toEqual([]);
    sc.setAdaptive({ enabled: true });
    await job(sc);
    expect(plans(events)).toHaveLength(1);
    expect(() => sc.setAdaptive({ autoBroadcastJoinThreshold: -2 })).toThrow(
      'autoBroadcastJoinThreshold is -2',
    );
  });
});
