/** Skewed partitions of joins, computed in pieces: nobody sees it but by the time. */
import { readdirSync, rmSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../clock.ts';
import type { Context } from '../context.ts';
import type { EngineEvent } from '../protocol.ts';
import { ActionCall } from '../rdd/action-call.ts';
import type { AdaptiveOptions } from '../rdd/adaptive-options.ts';
import type { RDD } from '../rdd/rdd.ts';
import { withContext } from '../testing.ts';
import { FaultyBackend } from './faulty-backend.ts';
import { InProcessBackend } from './in-process-backend.ts';

const CUT: Partial<AdaptiveOptions> = {
  skewedPartitionThreshold: 200,
  skewedPartitionFactor: 1,
  advisoryPartitionSize: 100,
  minPartitionSize: 0,
  autoBroadcastJoinThreshold: 0,
};

type Joined = RDD<[number, [number | undefined, number | undefined]]>;

/** Key 0 is hot on both sides; some keys are on one side only. */
function joined(sc: Context, type: 'inner' | 'left' | 'right' | 'full'): Joined {
  const left = sc.range(0, 300, 1, 6).map((i): [number, number] => [i % 3 === 0 ? 0 : i % 40, i]);
  const right = sc.range(0, 200, 1, 5).map((i): [number, number] => [i % 4 === 0 ? 0 : (i % 40) + 10, -i]);
  if (type === 'inner') return left.join(right, 6);
  if (type === 'left') return left.leftOuterJoin(right, 6);
  return type === 'right' ? left.rightOuterJoin(right, 6) : left.fullOuterJoin(right, 6);
}

const sorted = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).sort();

/** What the driver sees of each kind of join: rows by partition, their number, and what a shuffle behind it makes. */
async function seen(sc: Context, type: 'inner' | 'left' | 'right' | 'full') {
  const rows = joined(sc, type);
  const counted = sc.longAccumulator();
  const flat = joined(sc, type).map(([key, [a = 7, b = 9]]): [number, number] => {
    counted.add(1);
    return [key, a + b];
  });
  const partitions = await new ActionCall(rows.lineage, 'collect').run(rows, { kind: 'collect' });
  const some = rows.filter(([key]) => key !== 5);
  const counts = await new ActionCall(some.lineage, 'count').run(some, { kind: 'count' });
  const sums = await flat.reduceByKey((a, b) => a + b, 3).collect();
  return { partitions: partitions.map(sorted), counts, sums: sorted(sums), counted: counted.value };
}

const cuts = (events: EngineEvent[]) =>
  events.filter((event) => event.type === 'adaptivePlan' && event.kind === 'skew');

test.each(['inner', 'left', 'right', 'full'] as const)(
  'a join of the kind %s in pieces is the join',
  async (type) => {
    const whole = await withContext({ adaptive: { enabled: false } }, ({ sc }) => seen(sc, type));
    await withContext({ adaptive: CUT }, async ({ sc, events }) => {
      expect(await seen(sc, type)).toEqual(whole);
      expect(cuts(events).length).toBe(type === 'full' ? 0 : 3);
      for (const event of cuts(events)) {
        if (event.type !== 'adaptivePlan') continue;
        const ends = events.filter((end) => end.type === 'taskEnd' && end.task.stageId === event.stageId);
        const info = events.find(
          (each) => each.type === 'stageSubmitted' && each.stage.stageId === event.stageId,
        );
        expect(info?.type === 'stageSubmitted' && info.stage.numTasks).toBe(ends.length);
        expect(ends.length).toBeGreaterThan(6);
      }
    });
  },
);

test('what sees whole partitions gets them whole', async () => {
  await withContext({ adaptive: CUT }, async ({ sc, events }) => {
    const rows = joined(sc, 'inner');
    await rows.glom().collect();
    await rows.zipWithIndex().count();
    await rows.sample(false, 0.5, 1).collect();
    await rows.reduce((a) => a);
    await joined(sc, 'inner').cache().count();
    await rows.repartition(3).count();
    await rows.take(2);
    expect(cuts(events)).toEqual([]);
  });
});

test('a lost output of a piece, or of a side, is made again with the same result', async () => {
  const whole = await withContext({ adaptive: { enabled: false } }, ({ sc }) => seen(sc, 'inner'));
  await withContext({ adaptive: CUT }, async ({ sc, folder, events }) => {
    const sums = joined(sc, 'inner').map(([key, [a = 7, b = 9]]): [number, number] => [key, a + b]);
    const placed = sums.partitionBy(4);
    await placed.count();
    expect(cuts(events)).toHaveLength(1);
    // Everything that was written is lost: of both sides, and of whole partitions and pieces of the join.
    for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
      if (file.endsWith('.data')) rmSync(joinPath(folder, file));
    expect(sorted(await placed.reduceByKey((a, b) => a + b, 3).collect())).toEqual(whole.sums);
  });
});

test('random faults change nothing', async () => {
  const whole = await withContext({ adaptive: { enabled: false } }, ({ sc }) => seen(sc, 'inner'));
  for (let seed = 0; seed < 6; seed++) {
    const backend = (options: { executors: number; blockDirectory: string; workingDirectory: string }) =>
      new FaultyBackend(new InProcessBackend(options), { seed, rate: 0.15 }, systemClock);
    await withContext({ adaptive: CUT, backend }, async ({ sc, events }) => {
      expect(await seen(sc, 'inner'), `seed ${seed}`).toEqual(whole);
      expect(cuts(events).length).toBeGreaterThan(0);
    });
  }
});
