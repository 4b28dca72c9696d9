import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { ExecutorPool } from '../executor/executor-pool.ts';
import { startContext, type TestContext, withContext } from '../testing.ts';

const jobs = ({ events }: TestContext) => events.flatMap((e) => (e.type === 'jobStart' ? [e.name] : []));

describe('checkpoint', () => {
  test('is written by a job of its own after the first action, and cuts the lineage', async () => {
    await withContext({}, async (context) => {
      const { sc, folder, scheduler } = context;
      sc.setCheckpointDir('checkpoints');
      const pairs = sc.range(0, 100, 1, 4).map((n): [number, number] => [n % 10, n]);
      const sums = pairs.reduceByKey((a, b) => a + b, 3);
      sums.checkpoint();
      const above = sums.filter(([key]) => key < 5);
      expect([sums.isCheckpointed(), sums.getCheckpointFile()]).toEqual([false, undefined]);
      const before = await above.sortByKey().collect();
      expect(jobs(context).filter((name) => name === 'checkpoint')).toHaveLength(1);
      expect([sums.isCheckpointed(), sums.isLocallyCheckpointed()]).toEqual([true, false]);
      expect(sums.parents).toEqual([]);
      const file = sums.getCheckpointFile()!;
      expect(file).toBe(join(sc.getCheckpointDir()!, `rdd-${sums.id}`));
      expect(file.startsWith(join(folder, 'checkpoints'))).toBe(true);
      expect(readdirSync(file).filter((name) => !name.startsWith('.'))).toEqual([
        '_SUCCESS',
        'part-00000',
        'part-00001',
        'part-00002',
      ]);
      expect(sums.toDebugString()).toMatch(
        /^\(3\) reduceByKey ReliableCheckpointRDD\[\d+\] at reduceByKey .*\[\]$/,
      );
      expect(above.toDebugString().split('\n')).toHaveLength(2);
      const since = context.events.length;
      expect(await above.sortByKey().collect()).toEqual(before);
      // Nothing above the checkpoint runs: no stage has the source.
      const stages = context.events
        .slice(since)
        .flatMap((e) => (e.type === 'stageSubmitted' ? [e.stage] : []));
      expect(stages.flatMap(({ rdds }) => rdds.map(({ rddId }) => rddId))).not.toContain(pairs.id);
      // What only it read is freed.
      expect(readdirSync(join(folder, '.blocks')).filter((name) => name.startsWith('shuffle_0'))).toEqual([]);
      expect(jobs(context).filter((name) => name === 'checkpoint')).toHaveLength(1);
      expect(scheduler.idle).toBe(true);
      // The same partitioner: no shuffle.
      expect(await sums.reduceByKey((a, b) => a + b).count()).toBe(10);
    });
  });

  test('needs a directory', async () => {
    await withContext({}, async ({ sc }) => {
      expect(() => sc.range(3).checkpoint()).toThrow(
        expect.objectContaining({ code: 'CHECKPOINT_DIR_UNSET' }),
      );
      expect(() => sc.setCheckpointDir('')).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    });
  });

  test('of an indeterminate dataset makes what follows determinate', async () => {
    await withContext({}, async ({ sc }) => {
      sc.setCheckpointDir('c');
      const drawn = sc.range(0, 50, 1, 2).map((n) => [n, Math.random()] as [number, number]);
      drawn.checkpoint();
      expect(drawn.node().determinism).toBe('INDETERMINATE');
      await drawn.count();
      expect(drawn.node().determinism).toBe('DETERMINATE');
      expect(await drawn.collect()).toEqual(await drawn.collect());
      expect(drawn.repartition(4).node().determinism).toBe('UNORDERED');
    });
  });

  test('of a barrier dataset is read without a barrier', async () => {
    await withContext({}, async ({ sc }) => {
      sc.setCheckpointDir('c');
      const met = sc
        .range(0, 8, 1, 2)
        .barrier()
        .mapPartitions((rows) => [...rows].map((n) => n * 2));
      met.checkpoint();
      await met.count();
      expect(await met.first()).toBe(0);
      expect(await met.union(sc.range(2)).coalesce(1).count()).toBe(10);
    });
  });

  test('a file that is missing, damaged or another partition is a named error, never other rows', async () => {
    await withContext({}, async ({ sc }) => {
      sc.setCheckpointDir('c');
      const rdd = sc.range(0, 1000, 1, 2).map((n) => n * 3);
      rdd.checkpoint();
      await rdd.count();
      const [first, second] = ['part-00000', 'part-00001'].map((name) =>
        join(rdd.getCheckpointFile()!, name),
      );
      truncateSync(first!, 300);
      const failure = (code: string) => ({ code: 'TASK_FAILED', cause: expect.objectContaining({ code }) });
      await expect(rdd.collect()).rejects.toMatchObject(failure('CHECKPOINT_CORRUPT'));
      rmSync(first!);
      await expect(rdd.collect()).rejects.toMatchObject(failure('CHECKPOINT_MISSING'));
      copyFileSync(second!, first!);
      await expect(rdd.collect()).rejects.toMatchObject({
        cause: { message: expect.stringMatching(/it is partition 1 of 2, not 0 of 2/) },
      });
    });
  });

  test('that cannot be written fails the action, and is tried again after the next', async () => {
    await withContext({}, async ({ sc }) => {
      sc.setCheckpointDir('c');
      const rdd = sc.range(0, 10, 1, 2);
      rdd.checkpoint();
      const directory = sc.getCheckpointDir()!;
      rmSync(directory, { recursive: true });
      await expect(rdd.count()).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE' });
      expect(rdd.isCheckpointed()).toBe(false);
      mkdirSync(directory);
      expect(await rdd.count()).toBe(10);
      expect(rdd.isCheckpointed()).toBe(true);
      expect(existsSync(rdd.getCheckpointFile()!)).toBe(true);
    });
  });

  test('of a sorted dataset and of one with indices reads what was written; joins keep its bounds', async () => {
    await withContext({}, async ({ sc }) => {
      sc.setCheckpointDir('c');
      const sorted = sc
        .parallelize(
          [5, 3, 9, 1].map((n): [number, string] => [n, `v${n}`]),
          3,
        )
        .sortByKey(true, 2);
      const indexed = sorted.zipWithIndex();
      sorted.checkpoint();
      indexed.checkpoint();
      expect((await indexed.collect()).map(([[key], index]) => [key, index])).toEqual([
        [1, 0],
        [3, 1],
        [5, 2],
        [9, 3],
      ]);
      // The nearest is written; the one behind it is out of its reach and waits for an action of its own.
      expect([sorted.isCheckpointed(), indexed.isCheckpointed()]).toEqual([false, true]);
      await sorted.count();
      expect(sorted.isCheckpointed()).toBe(true);
      const other = sc.parallelize([[9, 'x'] as [number, string]], 1);
      expect(await sorted.join(other, sorted.partitioner).collect()).toEqual([[9, ['v9', 'x']]]);
      expect((await indexed.collect()).length).toBe(4);
    });
  });

  test('two actions at once write it once', async () => {
    await withContext({}, async (context) => {
      const { sc } = context;
      sc.setCheckpointDir('c');
      const rdd = sc.range(0, 10, 1, 2).map((n) => n + 1);
      rdd.checkpoint();
      expect(await Promise.all([rdd.count(), rdd.sum(), rdd.collect()])).toHaveLength(3);
      expect(jobs(context).filter((name) => name === 'checkpoint')).toHaveLength(1);
      expect(await rdd.sum()).toBe(55);
    });
  });
});

describe('localCheckpoint', () => {
  test('keeps the rows in the executors and cuts the lineage', async () => {
    await withContext({ executors: 2 }, async (context) => {
      const { sc } = context;
      const source = sc.range(0, 40, 1, 4).map((n) => n * 2);
      const rdd = source
        .cache()
        .map((n) => n + 1)
        .localCheckpoint();
      expect(rdd.isLocallyCheckpointed()).toBe(true);
      expect(rdd.getStorageLevel().name).toBe('MEMORY_AND_DISK');
      expect(source.localCheckpoint().getStorageLevel().name).toBe('MEMORY_AND_DISK');
      const rows = await rdd.collect();
      expect(rdd.isCheckpointed()).toBe(true);
      expect(rdd.getCheckpointFile()).toBeUndefined();
      expect(rdd.toDebugString()).toMatch(/^\(4\) map LocalCheckpointRDD/);
      expect(await rdd.collect()).toEqual(rows);
      // A partition of each is read by whichever task needs both, wherever they are.
      const other = sc.range(0, 40, 1, 4).localCheckpoint();
      await other.count();
      expect(await rdd.zip(other).count()).toBe(40);
      expect(await rdd.union(other).coalesce(1).count()).toBe(80);
      rdd.unpersist();
      await expect(rdd.count()).rejects.toMatchObject({ cause: { code: 'LOCAL_CHECKPOINT_LOST' } });
    });
  });
});

describe('in processes', () => {
  let context: TestContext | undefined;
  afterEach(() => context?.stop());
  const start = (executors = 2) =>
    startContext({
      executors,
      backend: (options) => {
        mkdirSync(options.blockDirectory, { recursive: true, mode: 0o700 });
        return new ExecutorPool({ ...options, memory: 1 << 27 });
      },
    });

  test('reliable checkpoints outlive executors, local ones are lost by name', async () => {
    context = start();
    const { sc, scheduler, until } = context;
    sc.setCheckpointDir('c');
    const base = sc.range(0, 100, 1, 4);
    const reliable = base.map((n) => n * 2);
    const local = base.map((n) => n * 3).localCheckpoint();
    reliable.checkpoint();
    const rows = await reliable.collect();
    await local.count();
    const holders = new Set(
      context.events.flatMap((e) => (e.type === 'blockCached' && e.rddId === local.id ? [e.executorId] : [])),
    );
    for (const executorId of holders) scheduler.killExecutor(executorId);
    await until((all) => all.filter((e) => e.type === 'executorRemoved').length >= holders.size || undefined);
    expect(await reliable.collect()).toEqual(rows);
    await expect(local.count()).rejects.toMatchObject({
      code: 'TASK_FAILED',
      cause: {
        code: 'LOCAL_CHECKPOINT_LOST',
        hint: expect.stringContaining('checkpoint() survives executors'),
      },
    });
  });

  test('copies of local ones are read by every executor, those made since too', async () => {
    context = start(3);
    const { sc, scheduler, until, events } = context;
    // A partition in each executor, so that whoever reads all has to read some of others.
    const local = sc
      .range(0, 60, 1, 3)
      .barrier()
      .mapPartitions((rows) => rows)
      .persist('MEMORY_ONLY_2')
      .localCheckpoint();
    await local.count();
    /** Partitions, and copies of them, that executors have told of. */
    const held = () => events.filter((e) => e.type === 'blockCached' && e.rddId === local.id).length;
    await until(() => held() >= 6 || undefined);
    // One after the other, each when what the one before had held is in two executors again.
    for (let i = 0; i < 2; i++) {
      const before = held();
      const [victim] = events.flatMap((e) => (e.type === 'executorAdded' ? [e.executorId] : [])).slice(i);
      const lost = new Set<number>();
      for (const e of events)
        if (e.type === 'blockCached' && e.rddId === local.id && e.executorId === victim)
          lost.add(e.partition);
      scheduler.killExecutor(victim!);
      await until(() => held() >= before + lost.size || undefined);
    }
    expect(await local.coalesce(1).collect()).toEqual(Array.from({ length: 60 }, (_, i) => i));
  });
});
