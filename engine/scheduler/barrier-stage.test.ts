/** Barrier stages: refused, started together, met, failed together. */
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../clock.ts';
import type { EngineEvent, TaskEndReason } from '../protocol.ts';
import type { RddNode } from '../rdd/plan.ts';
import { StorageLevel } from '../storage/storage-level.ts';
import { Scheduler, type SchedulerOptions } from './scheduler.ts';
import { SCHEDULING_DEFAULTS } from './scheduling-options.ts';
import { TestExecutors } from './test-executors.ts';
import { barrier, cached, join, narrow, shuffled, source, union } from './test-lineage.ts';

const BOOM: TaskEndReason = { kind: 'exception', error: { code: 'USER', name: 'Error', message: 'boom' } };

function open(executorCount: number, options: Partial<SchedulerOptions> = {}) {
  const executors = new TestExecutors();
  executors.taskMs = 10;
  const clock = new ManualClock();
  const events: EngineEvent[] = [];
  const scheduler = new Scheduler({
    backend: executors,
    clock,
    emit: (event) => events.push(event),
    finishPreparation: () => Uint8Array.of(1),
    removeFile: (path) => executors.disk.removeFile(path),
    ...options,
  });
  for (let i = 0; i < executorCount; i++) executors.add();
  const submit = (nodes: RddNode[], rddId: number, partitions?: number[]) => {
    const all = Array.from(
      { length: nodes.find((node) => node.rddId === rddId)?.numPartitions ?? 0 },
      (_, p) => p,
    );
    const outcome: { code?: string; message?: string; hint?: string; ok?: boolean } = {};
    const job = { closures: [], action: { kind: 'collect' as const }, name: 'collect' };
    scheduler.submitJob({ ...job, nodes, rddId, partitions: partitions ?? all }).results.then(
      () => {
        outcome.ok = true;
      },
      ({ code, message, hint }) => Object.assign(outcome, { code, message, hint }),
    );
    return outcome;
  };
  const drain = () => {
    for (let busy = executors.busy(); busy.length > 0; busy = executors.busy()) executors.finish(busy[0]!);
  };
  const settled = async () => {
    for (let i = 0; i < 5; i++) await Promise.resolve();
  };
  return { executors, clock, events, scheduler, submit, drain, settled };
}

/** 0: source, 1: barrier map, shuffle 0, 2: reduce. */
const mapStage = (partitions = 2): RddNode[] => [
  source(0, partitions),
  barrier(narrow(1, 0, partitions, 'mapPartitions')),
  shuffled(2, 1, 0, 2),
];
const resultStage = (partitions = 2): RddNode[] => mapStage(partitions).slice(0, 2);

describe('a barrier stage', () => {
  it('starts when there are executors for all of its tasks, and not before', async () => {
    const { executors, submit, drain, settled, scheduler, events } = open(3);
    submit([source(9, 2)], 9);
    expect(executors.launched).toEqual(['0.0/0@e0', '0.0/1@e1']);
    const outcome = submit(resultStage(), 1);
    // The third executor is saved up for it: a later job must not take it.
    submit([source(8, 2)], 8);
    expect(executors.launched).toHaveLength(2);
    executors.finish('e0');
    expect(executors.launched.slice(2)).toEqual(['1.0/0@e0', '1.0/1@e2']);
    const infos = [...executors.executors.values()].flatMap(({ tasks }) =>
      tasks.map(({ barrier }) => barrier),
    );
    expect(infos.filter(Boolean)).toEqual([
      { addresses: ['executor e0', 'executor e2'] },
      { addresses: ['executor e0', 'executor e2'] },
    ]);
    drain();
    await settled();
    expect(outcome.ok).toBe(true);
    expect(scheduler.idle).toBe(true);
    expect(events.find((event) => event.type === 'stageSubmitted' && event.stage.barrier)).toBeDefined();
  });

  it('does not hold others back while executors are missing, and takes its turn when they are there', async () => {
    const { executors, submit, drain, settled } = open(1);
    const outcome = submit(resultStage(), 1);
    const other = submit([source(9, 1)], 9);
    expect(executors.launched).toEqual(['1.0/0@e0']);
    executors.finish('e0');
    executors.add();
    drain();
    await settled();
    expect([outcome.ok, other.ok]).toEqual([true, true]);
  });

  it('that needs more executors than there are is refused by name', async () => {
    const { submit, settled, executors, scheduler } = open(2, { slots: 2 });
    const outcome = submit(resultStage(3), 1);
    await settled();
    expect(outcome).toEqual({
      code: 'BARRIER_SLOTS',
      message:
        'Stage 0 (collect) failed: all 3 tasks of a barrier stage run at once, and there are 2 executors',
      hint: 'Start with --executors 3, or repartition(2) before barrier().',
    });
    expect(executors.launched).toEqual([]);
    scheduler.forget([0, 1]);
    expect(scheduler.empty).toBe(true);
  });

  it('is given up after so many looks when the executors do not come', async () => {
    const barriers = { ...SCHEDULING_DEFAULTS.barrier, slotCheckInterval: 1_000, slotCheckMaxFailures: 3 };
    const { submit, settled, clock, executors, scheduler } = open(1, {
      slots: 2,
      scheduling: { barrier: barriers },
    });
    const outcome = submit(resultStage(), 1);
    clock.advance(2_999);
    await settled();
    expect(outcome).toEqual({});
    clock.advance(1);
    await settled();
    expect(outcome).toMatchObject({
      code: 'BARRIER_SLOTS',
      message: expect.stringContaining('could not start in 3 looks, one every 1000 ms'),
      hint: 'Start with --executors 2 or more, or repartition(1) before barrier().',
    });
    expect(executors.launched).toEqual([]);
    expect(scheduler.idle).toBe(true);
  });

  it('refuses the patterns that Spark refuses', async () => {
    const { submit, settled } = open(4);
    const chain = (nodes: RddNode[], rddId: number, partitions?: number[]) =>
      submit(nodes, rddId, partitions);
    const outcomes = [
      // first() and take() compute some of the partitions.
      chain(resultStage(), 1, [0]),
      // union: other partitions in the same stage.
      chain(
        [
          source(10, 2),
          barrier(narrow(11, 10, 2)),
          source(12, 1),
          union(13, [
            { rddId: 11, numPartitions: 2 },
            { rddId: 12, numPartitions: 1 },
          ]),
        ],
        13,
      ),
      // zip of two barrier datasets.
      chain(
        [
          source(20, 2),
          barrier(narrow(21, 20, 2)),
          barrier(narrow(22, 20, 2)),
          {
            ...narrow(23, 21, 2, 'zip'),
            dependencies: [
              { kind: 'oneToOne', rddId: 21 },
              { kind: 'oneToOne', rddId: 22 },
            ],
          },
        ],
        23,
      ),
    ];
    // Two behind shuffles are two stages.
    const allowed = chain(
      [
        source(30, 2),
        barrier(narrow(31, 30, 2)),
        barrier(narrow(32, 30, 2)),
        join(
          33,
          [
            { rddId: 31, shuffleId: 30 },
            { rddId: 32, shuffleId: 31 },
          ],
          3,
        ),
      ],
      33,
    );
    await settled();
    expect(outcomes.map(({ code }) => code)).toEqual(Array(3).fill('BARRIER_UNSUPPORTED_RDD_CHAIN'));
    expect(outcomes.map(({ message }) => message!.replace(/^.*stage: /, ''))).toEqual([
      'it computes 1 partition and RDD 0 (textFile) in it has 2',
      'it computes 3 partitions and RDD 10 (textFile) in it has 2',
      'RDD 23 (zip) depends on more than one barrier dataset',
    ]);
    expect(allowed).toEqual({});
  });

  it('drops all of its map outputs when one task fails, and runs all again', async () => {
    const { executors, submit, drain, settled, clock, events, scheduler } = open(2);
    executors.computation.accumulates = true;
    const outcome = submit(mapStage(), 2);
    executors.finish('e0');
    executors.finish('e1');
    executors.finish('e0');
    expect(executors.disk.files.size).toBe(1);
    executors.finish('e1', BOOM);
    expect(executors.disk.files.size).toBe(1);
    clock.advance(200);
    expect(executors.disk.files.size).toBe(0);
    expect(executors.launched).toEqual(['0.0/0@e0', '0.0/1@e1', '0.1/0@e0', '0.1/1@e1']);
    const again = events.filter((event) => event.type === 'stageSubmitted')[1]!;
    expect(again.reason).toBe('barrier task of partition 1 failed on executor e1: boom');
    drain();
    await settled();
    expect(outcome.ok).toBe(true);
    scheduler.forget([0, 1, 2]);
    expect(scheduler.empty).toBe(true);
  });

  it('kills the others when one fails or is lost, and takes nothing they still bring', async () => {
    const { executors, submit, drain, settled, clock, scheduler } = open(2);
    const outcome = submit(mapStage(), 2);
    executors.finish('e0');
    executors.remove('e1', 'killed', false);
    // The other waits at its barrier, is told to stop, and is free again.
    expect(executors.busy()).toEqual(['e0']);
    executors.finish('e0');
    executors.add();
    clock.advance(200);
    drain();
    await settled();
    expect(outcome.ok).toBe(true);
    expect(executors.launched.filter((label) => label.startsWith('0.1'))).toHaveLength(2);
    scheduler.forget([0, 1, 2]);
    expect(scheduler.empty).toBe(true);
    expect(executors.disk.files.size).toBe(0);
  });

  it('takes nothing of an attempt that was cancelled once another job needs it again', async () => {
    const { executors, scheduler, submit, drain, settled } = open(4);
    submit(mapStage(), 2);
    expect(executors.launched).toEqual(['0.0/0@e0', '0.0/1@e1']);
    scheduler.cancelJob(0, 'by the test');
    const second = submit(mapStage(), 2);
    expect(executors.launched.slice(2)).toEqual(['0.1/0@e2', '0.1/1@e3']);
    // Asked to stop, it has come through all the same.
    executors.executors.get('e0')!.tasks[0]!.sync = 'met';
    executors.finish('e0');
    executors.finish('e1', { kind: 'killed', reason: 'by the test' });
    executors.finish('e2');
    drain();
    await settled();
    expect(second).toEqual({ ok: true });
    scheduler.forget([0, 1, 2]);
    expect(scheduler.empty).toBe(true);
    expect([...executors.disk.files.keys()]).toEqual([]);
  });

  it('fails its job after four attempts, at once when it computes results', async () => {
    for (const [nodes, attempts, code] of [
      [mapStage(), 4, 'BARRIER_STAGE_FAILED'],
      [resultStage(), 1, 'BARRIER_RESULT_STAGE_FAILED'],
    ] as const) {
      const { executors, submit, settled, clock, scheduler, drain } = open(2);
      const outcome = submit([...nodes], nodes.length - 1);
      for (let attempt = 0; attempt < attempts; attempt++) {
        executors.finish('e0', BOOM);
        drain();
        clock.advance(200);
      }
      await settled();
      expect(outcome.code).toBe(code);
      expect(outcome.message).toContain('barrier task of partition 0 failed on executor e0: boom');
      expect(executors.launched).toHaveLength(2 * attempts);
      expect(scheduler.idle).toBe(true);
    }
  });

  it('that has one attempt takes care in that', () => {
    for (const [nodes, cares] of [
      [mapStage(), [undefined, undefined]],
      [resultStage(), [true, true]],
    ] as const) {
      const { executors, submit } = open(2);
      submit([...nodes], nodes.length - 1);
      const launches = [...executors.executors.values()].flatMap(({ tasks }) => tasks);
      expect(launches.map(({ careful }) => careful)).toEqual(cares);
    }
  });

  it('runs again as a whole when one of its outputs is lost, or one of its cached partitions', async () => {
    const { executors, submit, drain, settled, clock } = open(2);
    const first = submit(mapStage(), 2);
    drain();
    await settled();
    expect(first.ok).toBe(true);
    executors.disk.damage([...executors.disk.files.keys()][0]!);
    const second = submit([], 2, [0, 1]);
    drain();
    clock.advance(200);
    drain();
    await settled();
    expect(second.ok).toBe(true);
    expect(executors.launched.filter((label) => label.startsWith('0.1'))).toHaveLength(2);

    const h = open(2);
    const nodes = [source(0, 2), cached(barrier(narrow(1, 0, 2)))];
    h.submit(nodes, 1);
    h.drain();
    h.executors.evict('e0');
    const dropped: number[] = [];
    const drop = h.executors.dropRdd.bind(h.executors);
    h.executors.dropRdd = (rddId) => {
      dropped.push(rddId);
      drop(rddId);
    };
    const again = h.submit([], 1, [0, 1]);
    expect(dropped).toEqual([1]);
    h.drain();
    await h.settled();
    expect(again.ok).toBe(true);
  });

  it('runs again as a whole when a dataset made of the barrier is cached in part', () => {
    const { executors, submit, clock, events } = open(2);
    const nodes = [source(0, 2), barrier(narrow(1, 0, 2)), cached(narrow(2, 1, 2)), shuffled(3, 2, 0, 2)];
    const dropped: number[] = [];
    executors.dropRdd = (rddId) => dropped.push(rddId);
    submit(nodes, 3);
    for (const executorId of ['e0', 'e1', 'e0']) executors.finish(executorId);
    expect(events.filter(({ type }) => type === 'blockCached')).toHaveLength(1);
    executors.finish('e1', BOOM);
    clock.advance(200);
    expect(dropped).toEqual([2]);
    expect(executors.launched.filter((label) => label.startsWith('0.1'))).toHaveLength(2);
  });

  it.each([
    ['left for all and could not tell of', false, 2],
    ['left for all before the dataset was unpersisted', true, undefined],
  ])('reads no rows that a task of its last attempt %s', (_, unpersists, next) => {
    const { executors, submit, clock, scheduler } = open(2);
    const plans: (number | undefined)[] = [];
    const launch = executors.launchTasks.bind(executors);
    executors.launchTasks = (executorId, plan, tasks) => {
      plans.push(plan.nodes.find(({ rddId }) => rddId === 1)?.shared);
      launch(executorId, plan, tasks);
    };
    const chance = { ...cached(barrier(narrow(1, 0, 2))), determinism: 'INDETERMINATE' as const };
    submit([source(0, 2), chance, shuffled(2, 1, 0, 2)], 2);
    // It dies when its partition has its file, before its end.
    executors.finish('e0', BOOM);
    executors.finish('e1', { kind: 'killed', reason: 'the other failed' });
    if (unpersists) scheduler.persist(1, StorageLevel.NONE);
    clock.advance(200);
    // Each attempt as a whole has rows of its own.
    expect(plans).toEqual([1, 1, next, next]);
  });

  it('is not run twice when it is slow', () => {
    const speculation = {
      interval: 100,
      multiplier: 1,
      quantile: 0,
      minTaskRuntime: 0,
      taskDurationThreshold: 0,
    };
    const { executors, submit, clock } = open(4, { scheduling: { speculation } });
    submit(resultStage(), 1);
    executors.finish('e0');
    executors.finish('e1');
    executors.finish('e0');
    clock.advance(10_000);
    expect(executors.launched).toHaveLength(2);
  });
});
