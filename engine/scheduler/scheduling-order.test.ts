/** Which jobs get executors: in their order, or by the shares of their pools. */
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../clock.ts';
import type { EngineEvent } from '../protocol.ts';
import type { JobSubmission } from '../rdd/job-runner.ts';
import { Scheduler } from './scheduler.ts';
import {
  POOL_DEFAULTS,
  POOL_PROPERTY,
  SCHEDULING_DEFAULTS,
  type SchedulingOptions,
} from './scheduling-options.ts';
import { compareFair } from './scheduling-order.ts';
import { TestExecutors } from './test-executors.ts';
import { narrow, shuffled, source } from './test-lineage.ts';
import { SUCCESS, TaskHarness } from './test-task-harness.ts';

function open(scheduling: Partial<SchedulingOptions>, count: number) {
  const executors = new TestExecutors();
  executors.taskMs = 10;
  const events: EngineEvent[] = [];
  const scheduler = new Scheduler({
    backend: executors,
    clock: new ManualClock(),
    emit: (event) => events.push(event),
    finishPreparation: () => Uint8Array.of(1),
    scheduling,
  });
  for (let i = 0; i < count; i++) executors.add();
  let nextRdd = 0;
  const submit = (tasks: number, pool?: string) => {
    const rddId = nextRdd++;
    const job: JobSubmission = {
      nodes: [source(rddId, tasks)],
      closures: [],
      rddId,
      partitions: Array.from({ length: tasks }, (_, p) => p),
      action: { kind: 'collect' },
      name: 'collect',
      ...(pool === undefined ? {} : { properties: { [POOL_PROPERTY]: pool } }),
    };
    return scheduler.submitJob(job);
  };
  /** Running tasks by stage. */
  const running = () => {
    const counts: Record<number, number> = {};
    for (const { tasks } of executors.executors.values())
      for (const { plan } of tasks) counts[plan.stageId] = (counts[plan.stageId] ?? 0) + 1;
    return counts;
  };
  /** Ends a task of this stage. */
  const finish = (stageId: number) => {
    const [id] = [...executors.executors].find(([, { tasks }]) => tasks[0]?.plan.stageId === stageId)!;
    executors.finish(id);
  };
  const drain = () => {
    for (let busy = executors.busy(); busy.length > 0; busy = executors.busy()) executors.finish(busy[0]!);
  };
  return { executors, events, scheduler, submit, running, finish, drain };
}

const pool = (more: Partial<typeof POOL_DEFAULTS> = {}) => ({ ...POOL_DEFAULTS, ...more });

describe('the fair comparator', () => {
  const share = (running: number, minShare: number, weight: number) => ({ running, minShare, weight });

  it('is that of Spark: the needy first, then by minimum share, else by weight', () => {
    expect(compareFair(share(1, 2, 1), share(0, 0, 9))).toBeLessThan(0);
    expect(compareFair(share(2, 2, 1), share(1, 2, 1))).toBeGreaterThan(0);
    expect(compareFair(share(1, 4, 1), share(1, 2, 1))).toBeLessThan(0);
    expect(compareFair(share(3, 3, 1), share(2, 0, 1))).toBeGreaterThan(0);
    expect(compareFair(share(3, 0, 2), share(2, 0, 1))).toBeLessThan(0);
    expect(compareFair(share(4, 0, 2), share(2, 0, 1))).toBe(0);
  });
});

describe('pools', () => {
  it('in FIFO mode do not count: the first job gets all it can use', () => {
    const { submit, running, finish, events, drain } = open({ mode: 'FIFO' }, 4);
    submit(10, 'a');
    submit(4, 'b');
    expect(running()).toEqual({ 0: 4 });
    for (let i = 0; i < 6; i++) finish(0);
    expect(running()).toEqual({ 0: 4 });
    finish(0);
    expect(running()).toEqual({ 0: 3, 1: 1 });
    drain();
    expect(events.filter((event) => event.type === 'jobStart').map((event) => event.pool)).toEqual([
      undefined,
      undefined,
    ]);
  });

  it('of equal weight share evenly, whichever job came first, and say where a job runs', () => {
    const { submit, running, finish, events, drain, scheduler } = open({ mode: 'FAIR' }, 4);
    submit(100, 'etl');
    expect(running()).toEqual({ 0: 4 });
    submit(100);
    for (let i = 0; i < 2; i++) finish(0);
    expect(running()).toEqual({ 0: 2, 1: 2 });
    for (let i = 0; i < 5; i++) {
      finish(1);
      finish(0);
    }
    expect(running()).toEqual({ 0: 2, 1: 2 });
    const pools = events.flatMap((event) =>
      event.type === 'jobStart' || event.type === 'stageSubmitted' ? [`${event.type} ${event.pool}`] : [],
    );
    expect(pools).toEqual([
      'jobStart etl',
      'stageSubmitted etl',
      'jobStart default',
      'stageSubmitted default',
    ]);
    drain();
    expect(scheduler.idle).toBe(true);
  });

  it('get executors by their weights', () => {
    const pools = { heavy: pool({ weight: 3 }) };
    const { submit, running, finish } = open({ mode: 'FAIR', pools }, 4);
    submit(100, 'light');
    submit(100, 'heavy');
    for (let i = 0; i < 4; i++) if (running()[0]! > 1) finish(0);
    expect(running()).toEqual({ 0: 1, 1: 3 });
    finish(1);
    finish(0);
    expect(running()).toEqual({ 0: 1, 1: 3 });
  });

  it('get their minimum share before any weight counts', () => {
    const pools = { small: pool({ minShare: 2 }), heavy: pool({ weight: 1_000 }) };
    const { submit, running, finish } = open({ mode: 'FAIR', pools }, 3);
    submit(100, 'heavy');
    submit(100, 'small');
    finish(0);
    finish(0);
    expect(running()).toEqual({ 0: 1, 1: 2 });
    finish(1);
    expect(running()).toEqual({ 0: 1, 1: 2 });
  });

  it('run their own jobs in order or by even shares, as each says', () => {
    const pools = { fair: pool({ schedulingMode: 'FAIR' }), fifo: pool() };
    const { submit, running, finish } = open({ mode: 'FAIR', pools }, 4);
    submit(100, 'fair');
    submit(100, 'fair');
    submit(100, 'fifo');
    submit(100, 'fifo');
    for (let i = 0; i < 3; i++) finish(0);
    expect(running()).toEqual({ 0: 1, 1: 1, 2: 2 });
    finish(2);
    expect(running()).toEqual({ 0: 1, 1: 1, 2: 2 });
  });

  it('let a short job through while a long one runs: it starves under FIFO alone', async () => {
    for (const mode of ['FIFO', 'FAIR'] as const) {
      const { submit, running, executors } = open({ mode }, 2);
      submit(1_000, 'long');
      const short = submit(2, 'short');
      let ended = 0;
      void short.results.then(() => ended++);
      let finished = 0;
      for (; finished < 500 && ended === 0; finished++) {
        executors.finish(executors.busy()[finished % 2]!);
        await Promise.resolve();
      }
      if (mode === 'FIFO') expect([ended, running()]).toEqual([0, { 0: 2 }]);
      else expect(finished).toBeLessThan(10);
    }
  });

  it('of a stage that two jobs need is that of the first of them', () => {
    const { scheduler, events, drain } = open({ mode: 'FAIR' }, 1);
    const nodes = [source(0, 1), shuffled(1, 0, 0, 1), narrow(2, 1, 1)];
    const job = { closures: [], partitions: [0], action: { kind: 'collect' as const }, name: 'collect' };
    const inPool = (name: string) => ({ properties: { [POOL_PROPERTY]: name } });
    scheduler.submitJob({ ...job, nodes, rddId: 1, ...inPool('a') });
    scheduler.submitJob({ ...job, nodes: [], rddId: 2, ...inPool('b') });
    drain();
    const pools = events.flatMap((event) =>
      event.type === 'stageSubmitted' ? [`${event.stage.stageId} ${event.pool}`] : [],
    );
    expect(pools).toEqual(['0 a', '1 a', '2 b']);
  });

  it('keep the turn of a barrier stage that executors are saved up for, whatever the shares say', () => {
    const pools = { needy: { ...POOL_DEFAULTS, minShare: 1 } };
    const scheduling = { ...SCHEDULING_DEFAULTS, mode: 'FAIR' as const, pools };
    const h = new TaskHarness({ scheduling }).executors('a', 'b');
    h.submit(0, 9, { pool: 'needy' });
    h.submit(1, 2, { pool: 'other', barrier: true });
    expect(h.labels()).toEqual(['0/0@a', '0/1@b']);
    h.end(SUCCESS, 10, '0/0@a');
    // The pool has its minimum with one task: a is kept for the two of the barrier stage.
    expect(h.labels()).toEqual(['0/1@b']);
    // Now it has less, and would take b, and so on to its last task.
    h.end(SUCCESS, 10, '0/1@b');
    expect(h.labels()).toEqual(['1/0@a', '1/1@b']);
  });
});
