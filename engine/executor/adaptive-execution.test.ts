/** Adaptive execution changes what tasks there are, and nothing that a program can see. */
import { readdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Context } from '../context.ts';
import type { EngineEvent } from '../protocol.ts';
import type { AdaptiveOptions } from '../rdd/adaptive-options.ts';
import type { RDD } from '../rdd/rdd.ts';
import { seededRandom, withContext } from '../testing.ts';

type Pair = [number, number];

/** Coalesces whatever it can. */
const EAGER: Partial<AdaptiveOptions> = {
  parallelismFirst: false,
  minPartitionSize: 0,
  advisoryPartitionSize: 600,
};
const OFF: Partial<AdaptiveOptions> = { enabled: false };

/** A random program over pairs, ending in something that sees partitions. */
function program(sc: Context, seed: number): RDD<unknown> {
  const random = seededRandom(seed);
  const below = (n: number) => Math.floor(random() * n);
  const source = () => {
    const salt = below(1000);
    return sc.range(0, 400, 1, 1 + below(5)).map((i): Pair => [(i * 7919 + salt) % 60, i]);
  };
  let rdd: RDD<Pair> = source();
  for (let step = 1 + below(4); step > 0; step--) {
    const partitions = 1 + below(20);
    switch (below(8)) {
      case 0:
        rdd = rdd.reduceByKey((a, b) => a + b, partitions);
        break;
      case 1:
        rdd = rdd.groupByKey(partitions).mapValues((values) => values.length);
        break;
      case 2:
        rdd = rdd
          .join(source(), partitions)
          .mapValues(([a, b]) => a + b)
          .reduceByKey((a, b) => a + b, partitions);
        break;
      case 3:
        rdd = rdd.union(source().reduceByKey((a, b) => Math.max(a, b), partitions));
        break;
      case 4:
        rdd = rdd.sortByKey(true, partitions);
        break;
      case 5:
        rdd = rdd.partitionBy(partitions).mapPartitionsWithIndex((index, rows) => {
          const seen: Pair[] = [];
          for (const [key, value] of rows) seen.push([key, value + index]);
          return seen;
        });
        break;
      case 6:
        rdd = rdd.coalesce(1 + below(6));
        break;
      default:
        rdd = rdd
          .subtractByKey(
            source().filter(([key]) => key % 7 === 0),
            partitions,
          )
          .cache();
    }
  }
  return below(2) === 0 ? rdd.zipWithIndex() : rdd.sample(false, 0.7, seed);
}

/** What each partition holds; within one, rows of a shuffle come in any order. */
async function contents(sc: Context, seed: number): Promise<string[][]> {
  const parts = await program(sc, seed)
    .mapPartitionsWithIndex((index, rows) => [
      [index, ...[...rows].map((row) => JSON.stringify(row)).sort()] as string[],
    ])
    .collect();
  return parts.map((part) => part.map(String));
}

function plans(events: EngineEvent[]) {
  return events.flatMap((event) => (event.type === 'adaptivePlan' ? [event] : []));
}

test('any program gives every partition the same rows, coalesced or not', async () => {
  await withContext({ adaptive: EAGER }, async (on) => {
    await withContext({ adaptive: OFF }, async (off) => {
      for (let seed = 0; seed < 12; seed++) {
        expect(await contents(on.sc, seed), `seed ${seed}`).toEqual(await contents(off.sc, seed));
      }
      expect(plans(on.events).length).toBeGreaterThan(6);
      expect(plans(off.events)).toEqual([]);
    });
  });
});

test('an accumulator counts each partition once, a task of several names them, and progress comes to its end', async () => {
  await withContext({ adaptive: EAGER }, async ({ sc, events }) => {
    const seen = sc.longAccumulator('rows');
    const partitions = sc.collectionAccumulator<number>('partitions');
    const counts = sc
      .range(0, 300, 1, 3)
      .map((i): Pair => [i, 1])
      .reduceByKey((a, b) => a + b, 30);
    const marked = counts.mapPartitionsWithIndex((index, rows) => {
      partitions.add(index);
      return rows;
    });
    await marked.foreach(() => seen.add(1));
    expect(seen.value).toBe(300);
    expect([...partitions.value].sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, p) => p));
    const [plan] = plans(events);
    expect(plan).toMatchObject({ kind: 'coalesce', partitions: 30 });
    const { stageId, tasks } = plan!;
    const submitted = events.find(
      (event) => event.type === 'stageSubmitted' && event.stage.stageId === stageId,
    );
    expect(submitted).toMatchObject({ stage: { numTasks: tasks } });
    const ends = events.flatMap((event) =>
      event.type === 'taskEnd' && event.task.stageId === stageId ? [event] : [],
    );
    expect(ends).toHaveLength(tasks);
    expect(ends.reduce((sum, { task }) => sum + (task.numPartitions ?? 1), 0)).toBe(30);
    expect(ends.reduce((sum, { metrics }) => sum + metrics.shuffleReadRecords, 0)).toBe(300);
  });
});

test('a lost map output is made again, and a partition that came through is not computed again', async () => {
  await withContext({ adaptive: EAGER, executors: 1 }, async ({ sc, events, folder }) => {
    const computed = sc.collectionAccumulator<number>('computed');
    const base = sc
      .range(0, 200, 1, 2)
      .map((i): Pair => [i, 1])
      .partitionBy(10);
    await base.count();
    const outputs = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.data'),
    );
    expect(outputs).toHaveLength(2);
    truncateSync(join(folder, outputs[1]!), 300);
    const rows = await base
      .mapPartitionsWithIndex((index, pairs) => {
        const all = [...pairs];
        computed.add(index);
        return all;
      })
      .collect();
    expect(rows.map(([key]) => key).sort((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, i) => i));
    expect([...computed.value].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const failed = events.flatMap((event) =>
      event.type === 'taskEnd' && event.status === 'failed' ? [event] : [],
    );
    expect(failed.map(({ reason }) => reason.kind)).toContain('fetchFailed');
    const again = plans(events).filter(({ attempt }) => attempt === 1);
    expect(again.every(({ partitions }) => partitions < 10)).toBe(true);
  });
});

test('a cell may turn it off, or give it other sizes', async () => {
  await withContext({}, async ({ sc, events }) => {
    const job = () =>
      sc
        .range(0, 100, 1, 2)
        .map((i): Pair => [i, 1])
        .reduceByKey((a, b) => a + b, 50)
        .count();
    await job();
    expect(plans(events).map(({ tasks }) => tasks)).toEqual([8]);
    sc.setAdaptive({ enabled: false });
    await job();
    expect(plans(events)).toHaveLength(1);
    sc.setAdaptive({ parallelismFirst: false });
    await job();
    expect(plans(events).map(({ tasks }) => tasks)).toEqual([8, 1]);
    sc.setAdaptive(undefined);
    await job();
    expect(plans(events)).toHaveLength(3);
    expect(() => sc.setAdaptive({ advisoryPartitionSize: 0 })).toThrow(
      'setAdaptive: advisoryPartitionSize is 0',
    );
    expect(() => sc.setAdaptive({ size: 1 } as object)).toThrow('there is no option size');
  });
});

test('rows of files and checkpoints are of unknown size: they are not taken for empty ones', async () => {
  await withContext({ adaptive: EAGER }, async ({ sc, folder, events }) => {
    const sums = () =>
      sc
        .range(0, 40, 1, 2)
        .map((i): Pair => [i % 20, i])
        .reduceByKey((a, b) => a + b, 8);
    const rows = sc.range(0, 4_000, 1, 8).map((i): Pair => [i, i]);
    await rows.saveAsObjectFile(join(folder, 'rows'));
    const kept = rows.map((pair) => pair);
    kept.localCheckpoint();
    await kept.count();
    const plans = async (rdd: RDD<unknown>): Promise<number> => {
      events.length = 0;
      await rdd.count();
      return events.filter((event) => event.type === 'adaptivePlan').length;
    };
    expect(await plans(sums())).toBe(1);
    expect(await plans(sums().union(sc.objectFile<Pair>(join(folder, 'rows'))))).toBe(0);
    expect(await plans(sums().union(kept))).toBe(0);
  });
});
