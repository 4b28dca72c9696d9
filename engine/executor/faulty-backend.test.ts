import { expect, test } from 'vitest';
import { ManualClock } from '../clock.ts';
import { zeroMetrics } from '../fold/progress.ts';
import type { BackendEvent, SchedulerBackend, TaskEnd } from '../scheduler/backend.ts';
import { FAULTS, type Fault, FaultyBackend, faultOf } from './faulty-backend.ts';

const ids = Array.from({ length: 4000 }, (_, taskId) => taskId);

test('the seed and the rate alone decide which tasks are struck, and every kind of fault occurs', () => {
  const strikes = (seed: number, rate: number) => ids.map((taskId) => faultOf({ seed, rate }, taskId));
  const first = strikes(7, 0.1);
  expect(strikes(7, 0.1)).toEqual(first);
  expect(strikes(8, 0.1)).not.toEqual(first);
  const struck = first.filter((fault) => fault !== undefined);
  expect(struck.length / ids.length).toBeGreaterThan(0.07);
  expect(struck.length / ids.length).toBeLessThan(0.13);
  expect(new Set(struck)).toEqual(new Set(FAULTS));
  expect(strikes(7, 0).every((fault) => fault === undefined)).toBe(true);
});

/** A backend whose tasks all end well; what is asked of it is written down. */
function rig() {
  let listener: (event: BackendEvent) => void = () => {};
  const killed: string[] = [];
  const dropped: string[] = [];
  const inner: SchedulerBackend = {
    start: (listen) => {
      listener = listen;
    },
    launchTasks: (executorId, _plan, tasks) => {
      for (const { taskId } of tasks) {
        const end: TaskEnd = {
          taskId,
          reason: { kind: 'success' },
          metrics: zeroMetrics(),
          startTime: 0,
          endTime: 1,
          cachedBlocks: [{ rddId: 5, partition: 2, bytes: 10, onDisk: false }],
        };
        listener({ type: 'taskEnded', executorId, end });
      }
    },
    killExecutor: (executorId) => killed.push(executorId),
    killTask: () => {},
    takeBack: () => undefined,
    answerCommit: () => {},
    answerBarrier: () => {},
    makeReplica: () => {},
    adoptReplica: () => {},
    dropReplica: () => {},
    dropShared: () => {},
    forgetStage: () => {},
    forgetClosures: () => {},
    dropRdd: () => {},
    dropBlock: (executorId, rddId, partition) => dropped.push(`${rddId}_${partition}@${executorId}`),
    clearSlowness: () => {},
    dropBroadcast: () => {},
    stop: async () => {},
  };
  const clock = new ManualClock();
  const backend = new FaultyBackend(inner, { seed: 3, rate: 1 }, clock);
  const ends: string[] = [];
  backend.start((event) => {
    if (event.type === 'taskEnded') ends.push(event.end.reason.kind);
  });
  const run = (fault: Fault, attempt: number) => {
    const taskId = ids.find((id) => faultOf({ seed: 3, rate: 1 }, id) === fault)!;
    ends.length = 0;
    killed.length = 0;
    backend.launchTasks('e', {} as never, [{ taskId, index: 0, partition: 0, attempt }], undefined as never);
    return { ends: [...ends], killed: [...killed] };
  };
  return { run, clock, ends, dropped };
}

test('answers are lost with their executor, delayed, repeated, or turned into a throw of the first attempt', () => {
  const { run, clock, ends, dropped } = rig();
  expect(run('kill', 0)).toEqual({ ends: ['success'], killed: ['e'] });
  expect(run('loseAnswer', 0)).toEqual({ ends: [], killed: ['e'] });
  expect(dropped).toEqual([]);
  expect(run('throw', 0)).toEqual({ ends: ['exception'], killed: [] });
  expect(dropped).toEqual(['5_2@e']);
  expect(run('throw', 1)).toEqual({ ends: ['success'], killed: [] });
  expect(run('repeatAnswer', 0)).toEqual({ ends: ['success', 'success'], killed: [] });
  expect(run('delayAnswer', 0)).toEqual({ ends: [], killed: [] });
  clock.advance(100);
  expect(ends).toEqual(['success']);
});
