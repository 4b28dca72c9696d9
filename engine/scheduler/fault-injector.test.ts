/** Faults injected on purpose, on real files and executors in this process: what is lost comes back, and nothing else runs. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fault, Recomputation } from '../fault-protocol.ts';
import type { EngineEvent } from '../protocol.ts';
import { type TestContext, withContext } from '../testing.ts';

type Submitted = Extract<EngineEvent, { type: 'stageSubmitted' }>;

const sums = ({ sc }: TestContext) =>
  sc
    .range(0, 80, 1, 8)
    .map((n): [number, number] => [n % 10, n])
    .reduceByKey((a, b) => a + b, 4);

const EXPECTED = Array.from({ length: 10 }, (_, key) => [key, 280 + 8 * key]);

const sorted = (rows: [number, number][]) => rows.sort(([a], [b]) => a - b);

/** The stage attempts since an event, each with its number of tasks and its causes. */
function attempts(events: EngineEvent[], from: number) {
  return events
    .slice(from)
    .filter((event): event is Submitted => event.type === 'stageSubmitted')
    .map(({ stage, recomputes }) => ({
      key: `${stage.stageId}.${stage.attempt}`,
      tasks: stage.numTasks,
      recomputes,
    }));
}

const codesOf = (recomputes: Recomputation[] | undefined) =>
  recomputes?.map(({ partitions, cause }) => `${cause.code} ${partitions}`) ?? [];

function refusal(context: TestContext, fault: Fault): string {
  try {
    context.scheduler.injectFault(fault);
    return 'done';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

describe('a block', () => {
  it.each(['dropBlock', 'corruptBlock'] as const)(
    '%s: the next action finds it out, recomputes that partition alone, and says why',
    (kind) =>
      withContext({}, async (context) => {
        const { scheduler, events } = context;
        const rdd = sums(context);
        expect(sorted(await rdd.collect())).toEqual(EXPECTED);
        const from = events.length;
        scheduler.injectFault({ kind, stageId: 0, partition: 3 }, 'Ada');
        expect(events[from]).toMatchObject({
          type: 'faultInjected',
          faultId: 1,
          fault: { kind, stageId: 0, partition: 3 },
          by: 'Ada',
          blocks: 1,
        });
        expect(sorted(await rdd.collect())).toEqual(EXPECTED);
        const made = attempts(events, from);
        expect(made.map(({ key, tasks }) => `${key}: ${tasks}`)).toEqual([
          '2.0: 4',
          '0.1: 1',
          expect.stringMatching(/^2\.1: [1-4]$/),
        ]);
        expect(made[0]!.recomputes).toBeUndefined();
        expect(made[1]!.recomputes).toEqual([
          {
            partitions: [3],
            cause: {
              code: 'MAP_OUTPUT_LOST',
              executorId: expect.any(String),
              reader: { stageId: 2, stageAttempt: 0, partition: expect.any(Number) },
              message: expect.stringMatching(
                `^map output 3 of stage 0 \\(map\\) for partition \\d: .*${kind === 'dropBlock' ? 'missing' : 'damaged'}`,
              ),
              faultId: 1,
            },
          },
        ]);
        const [again] = made[2]!.recomputes!;
        expect(again!.partitions).toHaveLength(made[2]!.tasks);
        expect(again!.cause).toMatchObject({
          code: 'INPUT_LOST',
          sourceStageId: 0,
          mapPartition: 3,
          faultId: 1,
        });
        await rdd.count();
        expect(attempts(events, from)).toHaveLength(4);
      }),
  );

  it('is found damaged also by a reducer that has no rows in it', () =>
    withContext({}, async (context) => {
      const { sc, scheduler, events } = context;
      const rdd = sc
        .parallelize([1, 2], 2)
        .map((n): [number, number] => [0, n])
        .reduceByKey((a, b) => a + b, 4);
      const before = await rdd.collect();
      const from = events.length;
      scheduler.injectFault({ kind: 'corruptBlock', stageId: 0, partition: 1 });
      const empty = (await rdd.glom().collect()).findIndex((rows) => rows.length === 0);
      expect(empty).toBeGreaterThanOrEqual(0);
      expect(attempts(events, from).map(({ key }) => key)).toContain('0.1');
      expect(await rdd.collect()).toEqual(before);
    }));

  it('of every map task of one executor comes back, and the causes name the fault', () =>
    withContext({ executors: 2 }, async (context) => {
      const { scheduler, events } = context;
      const rdd = sums(context);
      await rdd.collect();
      const from = events.length;
      scheduler.injectFault({ kind: 'dropExecutorBlocks', executorId: '1' });
      const injected = events[from] as Extract<EngineEvent, { type: 'faultInjected' }>;
      expect(injected.executorId).toBe('1');
      expect(sorted(await rdd.collect())).toEqual(EXPECTED);
      const recomputed = attempts(events, from)
        .filter(({ key }) => key.startsWith('0.'))
        .flatMap(({ recomputes }) => recomputes ?? []);
      expect(recomputed.flatMap(({ partitions }) => partitions)).toHaveLength(injected.blocks!);
      expect(new Set(recomputed.map(({ cause }) => 'faultId' in cause && cause.faultId))).toEqual(
        new Set([1]),
      );
    }));

  it('that cannot be broken is refused by name, and nothing happens', () =>
    withContext({}, async (context) => {
      const { scheduler, events } = context;
      const rdd = sums(context);
      await rdd.collect();
      const from = events.length;
      const drop = (stageId: number, partition: number) =>
        refusal(context, { kind: 'dropBlock', stageId, partition });
      expect(drop(7, 0)).toBe('FAULT_STAGE_UNKNOWN');
      expect(drop(0, 8)).toBe('FAULT_PARTITION_UNKNOWN');
      expect(refusal(context, { kind: 'killExecutor', executorId: '9' })).toBe('FAULT_EXECUTOR_GONE');
      expect(refusal(context, { kind: 'dropExecutorBlocks', executorId: '9' })).toBe('FAULT_NO_BLOCKS');
      expect(refusal(context, { kind: 'dropCached', rddId: 0, partition: 0 })).toBe('FAULT_BLOCK_GONE');
      const slow = { kind: 'slowPartition', stageId: 0, partition: 0 } as const;
      expect(refusal(context, { ...slow, slowness: { factor: 1e6 } })).toBe('FAULT_OUT_OF_RANGE');
      expect(refusal(context, { ...slow, stageId: 9, slowness: { factor: 2 } })).toBe('FAULT_STAGE_UNKNOWN');
      expect(() => scheduler.clearFaults()).toThrow('is not slowed any more');
      expect(events).toHaveLength(from);
      expect(drop(0, 1)).toBe('done');
      expect(drop(0, 1)).toBe('FAULT_BLOCK_GONE');
      expect(refusal(context, { kind: 'corruptBlock', stageId: 0, partition: 1 })).toBe('FAULT_BLOCK_GONE');
    }));

  it('of a task that still runs is refused: it is not there yet', () =>
    withContext({}, async (context) => {
      const rdd = sums(context);
      await rdd.collect();
      context.scheduler.injectFault({
        kind: 'slowPartition',
        stageId: 0,
        partition: 2,
        slowness: { delay: 60_000 },
      });
      context.scheduler.injectFault({ kind: 'dropBlock', stageId: 0, partition: 2 });
      const again = rdd.collect();
      await until(() => context.events.some((event) => event.type === 'stageSubmitted' && event.recomputes));
      expect(refusal(context, { kind: 'dropBlock', stageId: 0, partition: 2 })).toBe('FAULT_NOT_FINISHED');
      context.scheduler.clearFaults();
      expect(sorted(await again)).toEqual(EXPECTED);
    }));
});

describe('a cached partition', () => {
  it('that was dropped is computed again by the task that needs it, and no other', () =>
    withContext({}, async (context) => {
      const { scheduler, events } = context;
      const rdd = sums(context).cache();
      await rdd.collect();
      const cached = events.find((event) => event.type === 'blockCached');
      if (cached?.type !== 'blockCached') throw new Error('nothing is cached');
      const from = events.length;
      scheduler.injectFault({ kind: 'dropCached', rddId: cached.rddId, partition: 2 });
      expect(sorted(await rdd.collect())).toEqual(EXPECTED);
      const made = attempts(events, from);
      expect(made.map(({ key, recomputes }) => [key, ...codesOf(recomputes)])).toEqual([
        ['2.0', 'CACHED_BLOCK_LOST 2'],
      ]);
      const anew = events.slice(from).filter((event) => event.type === 'blockCached');
      expect(anew).toEqual([expect.objectContaining({ rddId: cached.rddId, partition: 2 })]);
      const last = events.length;
      await rdd.collect();
      expect(attempts(events, last)[0]!.recomputes).toBeUndefined();
    }));

  it('is computed again after its executor was killed, and the words have an executor to name', () =>
    withContext({ executors: 2 }, async (context) => {
      const { scheduler, events } = context;
      const rdd = sums(context).cache();
      await rdd.collect();
      const held = events.flatMap((event) =>
        event.type === 'blockCached' && event.executorId === '1' ? [event.partition] : [],
      );
      const from = events.length;
      scheduler.injectFault({ kind: 'killExecutor', executorId: '1' });
      await until(() => events.slice(from).some((event) => event.type === 'executorRemoved'));
      expect(events.slice(from).find((event) => event.type === 'executorRemoved')).toMatchObject({
        executorId: '1',
        code: 'killed',
        reason: 'killed from the page',
      });
      expect(sorted(await rdd.collect())).toEqual(EXPECTED);
      const [made] = attempts(events, from);
      expect((made!.recomputes ?? []).flatMap(({ partitions }) => partitions).sort()).toEqual(held.sort());
    }));

  it('is told of a stage that runs, too, when its executor is killed before it was read', () =>
    withContext({ executors: 1 }, async (context) => {
      const { scheduler, events } = context;
      const rdd = sums(context).cache().setName('kept');
      await rdd.collect();
      const slowness = { delay: 60_000 };
      const next = () => rdd.map((row) => row).collect();
      await next();
      const stageId = events.filter((event) => event.type === 'stageSubmitted').at(-1)!.stage.stageId;
      for (const partition of [2, 3])
        scheduler.injectFault({ kind: 'slowPartition', stageId, partition, slowness });
      const from = events.length;
      const since = () => events.slice(from);
      const again = next();
      await until(() => since().filter((event) => event.type === 'taskEnd').length === 2);
      scheduler.injectFault({ kind: 'killExecutor', executorId: '0' });
      await until(() => since().some((event) => event.type === 'partitionsLost'));
      scheduler.clearFaults();
      expect(sorted(await again)).toEqual(EXPECTED);
      const told = since().flatMap((event) => (event.type === 'partitionsLost' ? event.recomputes : []));
      expect(codesOf(told)).toEqual(['CACHED_BLOCK_LOST 2', 'CACHED_BLOCK_LOST 3']);
      const anew = since().flatMap((event) => (event.type === 'blockCached' ? [event.partition] : []));
      expect(anew.sort()).toEqual([2, 3]);
    }));
});

describe('a slowed partition', () => {
  it('holds its stage until it is cleared, in later jobs of the same call too', () =>
    withContext({}, async (context) => {
      const { scheduler, events } = context;
      const rdd = sums(context);
      const run = () => rdd.collect();
      await run();
      const slowness = { delay: 600_000 };
      scheduler.injectFault({ kind: 'slowPartition', stageId: 1, partition: 2, slowness });
      const from = events.length;
      const again = run();
      const ended = () => events.slice(from).filter((event) => event.type === 'taskEnd').length;
      await until(() => ended() === 3);
      const running = events
        .slice(from)
        .filter((event) => event.type === 'taskStart')
        .map((event) => event.task.partition);
      expect(running).toContain(2);
      scheduler.clearFaults(1, 'Ada');
      expect(sorted(await again)).toEqual(EXPECTED);
      expect(events.slice(from).find((event) => event.type === 'faultsCleared')).toMatchObject({
        faultIds: [1],
        by: 'Ada',
      });
    }));

  it('keeps no other task of its stage waiting behind it, however tiny they are', () =>
    withContext({ executors: 2 }, async (context) => {
      const { sc, scheduler, events } = context;
      const run = () => sc.range(0, 64, 1, 64).count();
      await run();
      scheduler.injectFault({
        kind: 'slowPartition',
        stageId: 0,
        partition: 5,
        slowness: { delay: 600_000 },
      });
      const from = events.length;
      const again = run();
      const ended = () => events.slice(from).filter((event) => event.type === 'taskEnd').length;
      await until(() => ended() === 63);
      scheduler.clearFaults();
      expect(await again).toBe(64);
    }));

  it('takes a multiple of its time, with the same rows', () =>
    withContext({}, async (context) => {
      const { scheduler, events } = context;
      const run = () =>
        context.sc
          .range(0, 4, 1, 4)
          .map((n) => {
            const started = performance.now();
            let sum = 0;
            for (let i = 0; i < 500_000; i++) sum += i % 3;
            return { n, sum, took: performance.now() - started };
          })
          .collect();
      const before = await run();
      scheduler.injectFault({ kind: 'slowPartition', stageId: 0, partition: 1, slowness: { factor: 20 } });
      const from = events.length;
      // Another dataset of the same lines: the call is what is slowed.
      const after = await run();
      expect(after.map(({ n, sum }) => [n, sum])).toEqual(before.map(({ n, sum }) => [n, sum]));
      const ends = events.slice(from).filter((event) => event.type === 'taskEnd');
      const slow = ends.find((event) => event.task.partition === 1)!;
      expect(slow.metrics.executorRunTime).toBeGreaterThan(19 * after[1]!.took);
    }));

  it('ends at once when its job is cancelled', () =>
    withContext({}, async (context) => {
      const { scheduler, events } = context;
      const rdd = sums(context);
      const run = () => rdd.collect();
      await run();
      scheduler.injectFault({
        kind: 'slowPartition',
        stageId: 1,
        partition: 0,
        slowness: { delay: 600_000 },
      });
      const from = events.length;
      const again = run();
      await until(() => events.slice(from).filter((event) => event.type === 'taskEnd').length === 3);
      const job = events.slice(from).find((event) => event.type === 'jobStart');
      if (job?.type !== 'jobStart') throw new Error('no job');
      scheduler.cancelJob(job.jobId, 'not wanted');
      await expect(again).rejects.toThrow('not wanted');
      await until(() => scheduler.idle);
    }));
});

it('whatever is broken between actions, their results are the same', async () => {
  const number = (max: number) => fc.integer({ min: 0, max });
  const place = { stageId: number(2), partition: number(8) };
  const fault: fc.Arbitrary<Fault> = fc.oneof(
    fc.record({ kind: fc.constant('dropBlock' as const), ...place }),
    fc.record({ kind: fc.constant('corruptBlock' as const), ...place }),
    fc.record({ kind: fc.constant('killExecutor' as const), executorId: number(3).map(String) }),
    fc.record({ kind: fc.constant('dropExecutorBlocks' as const), executorId: number(3).map(String) }),
    fc.record({ kind: fc.constant('dropCached' as const), rddId: number(4), partition: number(4) }),
    fc.record({
      kind: fc.constant('slowPartition' as const),
      ...place,
      slowness: fc.constant({ delay: 1 }),
    }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(fault, { maxLength: 4 }), { maxLength: 4 }), (rounds) =>
      withContext({ executors: 3 }, async (context) => {
        const rdd = sums(context).cache();
        for (const faults of [[], ...rounds]) {
          for (const each of faults) refusal(context, each);
          expect(sorted(await rdd.mapValues((sum) => sum).collect())).toEqual(EXPECTED);
        }
      }),
    ),
    { numRuns: 15 },
  );
});
