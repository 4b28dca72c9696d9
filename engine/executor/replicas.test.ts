/** Copies of cached partitions, in processes that are killed. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { EngineEvent } from '../protocol.ts';
import type { StorageLevelName } from '../rdd/plan.ts';
import { executorDirectory } from '../shuffle/block-directory.ts';
import { rddBlockId } from '../storage/block-id.ts';
import { BlockManager } from '../storage/block-manager.ts';
import { MemoryManager } from '../storage/memory-manager.ts';
import { StorageLevel } from '../storage/storage-level.ts';
import { startContext, type TestContext, withContext } from '../testing.ts';
import { ExecutorPool } from './executor-pool.ts';
import type { ExecutorConfig } from './messages.ts';
import { adopt, dropReplica, dropReplicasOf, makeReplica } from './replicas.ts';

type Level = Exclude<StorageLevelName, 'NONE'>;

const processes = (memory = 1 << 27) => ({
  backend: (options: { executors: number; blockDirectory: string; workingDirectory: string }) => {
    mkdirSync(options.blockDirectory, { recursive: true, mode: 0o700 });
    return new ExecutorPool({ ...options, memory });
  },
});

/** Who holds which partition of an RDD, by the events: executors by partition. */
function holders(events: EngineEvent[], rddId: number): Map<number, Set<string>> {
  const held = new Map<number, Set<string>>();
  for (const event of events) {
    if (event.type === 'executorRemoved') for (const each of held.values()) each.delete(event.executorId);
    if (!('rddId' in event) || event.rddId !== rddId || !('partition' in event)) continue;
    const at = held.get(event.partition) ?? new Set<string>();
    if (event.type === 'blockCached') at.add(event.executorId);
    if (event.type === 'blockEvicted') at.delete(event.executorId);
    held.set(event.partition, at);
  }
  return held;
}

const inAll = (count: number, partitions: number, rddId: number) => (events: EngineEvent[]) => {
  const held = holders(events, rddId);
  return held.size === partitions && [...held.values()].every((at) => at.size === count) ? held : undefined;
};

/** Rows of the source that tasks computed since the given event. */
function computedRows(events: EngineEvent[], since: number): number {
  return events
    .slice(since)
    .reduce((sum, event) => sum + (event.type === 'taskEnd' ? (event.rowsByRdd?.[0] ?? 0) : 0), 0);
}

let context: TestContext | undefined;
afterEach(async () => {
  await context?.stop();
  context = undefined;
});

describe('an executor that is killed', () => {
  for (const level of ['MEMORY_ONLY_2', 'DISK_ONLY_2', 'MEMORY_AND_DISK_SER_2'] as const) {
    test(`leaves its partitions of ${level} in another one: nothing is computed again`, async () => {
      context = startContext({ executors: 2, ...processes() });
      const { sc, until, events, scheduler } = context;
      const rdd = sc
        .range(0, 1000, 1, 4)
        .map((n) => n * 2)
        .persist(level);
      expect(await rdd.count()).toBe(1000);
      const held = await until(inAll(2, 4, rdd.id));
      const onDisk = events.flatMap((event) => (event.type === 'blockCached' ? [event.onDisk] : []));
      expect(new Set(onDisk)).toEqual(new Set([level === 'DISK_ONLY_2']));
      const [victim] = [...held.get(0)!];
      scheduler.killExecutor(victim!);
      await until((all) => all.find((event) => event.type === 'executorRemoved'));
      const since = events.length;
      // One that is idle takes what is not near to it after a while: all wait for the holder.
      expect((await rdd.collect()).toSorted((a, b) => a - b)).toEqual(
        Array.from({ length: 1000 }, (_, i) => i * 2),
      );
      expect(computedRows(events, since)).toBe(0);
    });
  }
});

test('DISK_ONLY_3 with two executors makes as many copies as there are others', async () => {
  await withContext({ executors: 2 }, async ({ sc, until }) => {
    const rdd = sc.range(0, 10, 1, 3).persist('DISK_ONLY_3');
    await rdd.count();
    const held = await until(inAll(2, 3, rdd.id));
    expect([...held.keys()].sort()).toEqual([0, 1, 2]);
    const other = sc.range(0, 10, 1, 3).persist('DISK_ONLY_3');
    await other.count();
    rdd.unpersist();
    expect(await rdd.count()).toBe(10);
  });
});

test('a copy that does not fit is refused by the one it was made for, and the first stays', async () => {
  await withContext({ executors: 2, memory: 60_000 }, async ({ sc, until, events }) => {
    const text = 'x'.repeat(200);
    const rows = (n: number) => sc.range(0, n, 1, 2).map((i) => `${i} ${text}`);
    const first = rows(100).persist('MEMORY_ONLY_2');
    expect(await first.count()).toBe(100);
    await until(
      (all) =>
        all.filter((e) => e.type === 'blockCached' || e.type === 'blockEvicted').length >= 4 || undefined,
    );
    expect(events.some((event) => event.type === 'blockCached')).toBe(true);
    expect(await first.collect()).toHaveLength(100);
  });
});

test('a partition that leaves memory for the disk is told, and one that the same task stored is told as it ended', async () => {
  await withContext({ executors: 1, memory: 60_000 }, async ({ sc, events }) => {
    const text = 'y'.repeat(100);
    const make = (level: Level) =>
      sc
        .range(0, 150, 1, 1)
        .map((i) => `${i} ${text}`)
        .persist(level);
    const [a, b] = [make('MEMORY_AND_DISK'), make('MEMORY_AND_DISK')];
    expect(await a.count()).toBe(150);
    expect(await b.count()).toBe(150);
    const c = make('MEMORY_AND_DISK');
    const d = make('MEMORY_AND_DISK');
    // One task fills both: the second pushes out the first.
    expect(await c.zip(d).count()).toBe(150);
    const told = events.flatMap((e) => (e.type === 'blockCached' ? [{ id: e.rddId, disk: e.onDisk }] : []));
    expect(told.find(({ id, disk }) => id === a.id && disk)).toBeDefined();
    for (const each of [a, b, c, d]) {
      const last = told.findLast(({ id }) => id === each.id)!;
      const before = events.length;
      await each.count();
      // Reading moves nothing: what was told last is how it is kept.
      expect(events.slice(before).filter((e) => e.type === 'blockCached')).toEqual([]);
      expect(typeof last.disk).toBe('boolean');
    }
  });
});

test('a copy of a local checkpoint is put on disk where it is taken in, one that nobody wants is removed', () => {
  const blockDirectory = mkdtempSync(path.join(tmpdir(), 'stagelight-replicas-'));
  try {
    const place = (executorId: string) => {
      const directory = executorDirectory(blockDirectory, executorId);
      const blocks = new BlockManager(
        new MemoryManager(1 << 20),
        directory,
        () => {},
        () => {},
      );
      return { blocks, config: { blockDirectory, executorId } as ExecutorConfig };
    };
    const [giver, taker] = [place('a'), place('b')];
    const level = StorageLevel.MEMORY_ONLY_2;
    const fill = giver.blocks.fill(0, 0, level);
    fill.add([1, 2]);
    fill.finish();
    fill.close();
    const block = { rddId: 0, partition: 0 };
    const files = () => readdirSync(executorDirectory(blockDirectory, 'b'));
    const give = () => makeReplica(giver, { ...block, to: 'b' });
    expect(give()).toMatchObject({ type: 'replicaMade', to: 'b' });
    dropReplica(taker, { ...block, from: 'a' });
    expect(files()).toEqual([]);
    give();
    expect(adopt(taker, { ...block, level, from: 'a' })).toMatchObject({
      type: 'blockStored',
      onDisk: false,
    });
    expect(files()).toEqual([]);
    give();
    expect(adopt(taker, { ...block, level, from: 'a', onDisk: true })).toBeUndefined();
    expect(files()).toEqual([rddBlockId(0, 0)]);
    expect([...taker.blocks.read(0, 0)!].flat()).toEqual([1, 2]);
    give();
    dropReplicasOf(taker, 'b');
    expect(files()).toHaveLength(2);
    // The giver has died before it told of it.
    dropReplicasOf(taker, 'a');
    expect(files()).toEqual([rddBlockId(0, 0)]);
    // No folder yet, no copies.
    dropReplicasOf({ ...taker, config: { ...taker.config, executorId: 'c' } }, 'a');
  } finally {
    rmSync(blockDirectory, { recursive: true });
  }
});
