/** Spark's rule for slow tasks, by the clock of the test; then what becomes of the two copies. */
import { describe, expect, it } from 'vitest';
import type { TaskEndReason } from '../protocol.ts';
import { SCHEDULING_DEFAULTS, SPECULATION_DEFAULTS, type SpeculationOptions } from './scheduling-options.ts';
import { SUCCESS, TaskHarness } from './test-task-harness.ts';

const { efficiency: _, ...PLAIN } = SPECULATION_DEFAULTS;
const KILLED: TaskEndReason = { kind: 'killed', reason: 'the other attempt ended first' };

function harness(speculation: SpeculationOptions, ...executors: string[]): TaskHarness {
  return new TaskHarness({ scheduling: { ...SCHEDULING_DEFAULTS, speculation } }).executors(...executors);
}

/** The clock goes on to `now`, and the scheduler looks at its tasks. */
function lookAt(h: TaskHarness, now: number): void {
  h.now = now;
  h.post({ type: 'timer', timer: 'speculation' });
}

/** Ten tasks on two executors of which nine have ended in 50 ms each; the tenth has run on b since 0. */
function oneLeft(speculation: SpeculationOptions): TaskHarness {
  const h = harness(speculation, 'a', 'b');
  h.submit(0, 10);
  expect(h.labels()).toEqual(['0/0@a', '0/1@b']);
  for (let i = 0; i < 9; i++) h.end(SUCCESS, 50, h.labels().find((label) => label.endsWith('@a'))!);
  expect(h.labels()).toEqual(['0/1@b']);
  expect(h.now).toBe(450);
  return h;
}

const copies = (h: TaskHarness) => h.labels().filter((label) => label.endsWith('@a'));

describe('speculation', () => {
  it('is off unless asked for', () => {
    const h = new TaskHarness().executors('a', 'b');
    h.submit(0, 4);
    expect(h.commands.some((command) => command.type === 'startTimer')).toBe(false);
  });

  it('looks every interval while there are task sets, and not longer', () => {
    const h = harness({ ...PLAIN, interval: 70 }, 'a');
    const timers = () => h.commands.filter((command) => command.type === 'startTimer');
    h.submit(0, 1);
    expect(timers()).toEqual([{ type: 'startTimer', timer: 'speculation', ms: 70 }]);
    h.submit(1, 1);
    expect(timers()).toEqual([]);
    lookAt(h, 70);
    expect(timers()).toHaveLength(1);
    h.end(SUCCESS);
    h.end(SUCCESS);
    lookAt(h, 140);
    expect(timers()).toEqual([]);
  });

  it('waits for the quantile of tasks to end well', () => {
    const h = harness(PLAIN, 'a', 'b');
    h.submit(0, 10);
    for (let i = 0; i < 8; i++) h.end(SUCCESS, 50, h.labels().find((label) => label.endsWith('@a'))!);
    lookAt(h, 10_000);
    expect(h.told('speculativeTaskSubmitted')).toEqual([]);
    h.end(SUCCESS, 50, h.labels().find((label) => label.endsWith('@a'))!);
    lookAt(h, 10_100);
    expect(h.told('speculativeTaskSubmitted')).toHaveLength(1);
  });

  it('reaches the quantile although tasks wait behind one that hangs', () => {
    const h = harness({ ...PLAIN, quantile: 0.5 }, 'a');
    h.submit(0, 10);
    // Alone, a gets tiny tasks in batches; then its fourth task hangs, and b comes.
    for (const partition of [0, 1, 2]) h.end(SUCCESS, 1, `0/${partition}@a`);
    h.executors('b');
    for (;;) {
      const next = h.labels().find((label) => label.endsWith('@b'));
      if (next === undefined) break;
      h.end(SUCCESS, 1, next);
      lookAt(h, h.now + 1000);
    }
    const done = h
      .told('taskEnd')
      .flatMap(({ status, task }) => (status === 'success' ? [task.partition] : []));
    expect(done.sort((x, y) => x - y)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('runs a task twice that is slower than the multiple of the median, and says why', () => {
    const h = oneLeft({ ...PLAIN, multiplier: 10 });
    lookAt(h, 500);
    expect(copies(h)).toEqual([]);
    lookAt(h, 501);
    expect(copies(h)).toEqual(['0/1@a']);
    const reason =
      'attempt 0 has run for 501 ms on executor b, more than 500 ms: the median of 9 finished tasks is 50 ms';
    expect(h.told('speculativeTaskSubmitted')).toEqual([
      {
        type: 'speculativeTaskSubmitted',
        stageId: 0,
        stageAttempt: 0,
        index: 1,
        partition: 1,
        executorId: 'b',
        time: 501,
        reason,
      },
    ]);
    const started = h.told('taskStart').at(-1)!;
    expect(started).toMatchObject({
      task: { attempt: 1, speculative: true },
      reason: `it is speculative: ${reason}`,
    });
    expect(h.told('taskStart').filter(({ task }) => task.speculative)).toHaveLength(1);
  });

  it('runs a task of several partitions twice as the one task that it is, and tells of one success', () => {
    const h = harness(PLAIN, 'a', 'b');
    h.submit(0, 9, { groupStarts: [0, 2, 5, 7] });
    expect(h.labels()).toEqual(['0/0@a', '0/1@a', '0/2@b', '0/3@b', '0/4@b']);
    for (let i = 0; i < 6; i++) h.end(SUCCESS, 50, h.labels().find((label) => label.endsWith('@a'))!);
    h.end(SUCCESS, 0, '0/2@b');
    expect(h.labels()).toEqual(['0/3@b', '0/4@b']);
    lookAt(h, 5_000);
    expect(h.labels()).toEqual(['0/3@b', '0/4@b', '0/3@a', '0/4@a']);
    // Since its first partition began, and told once.
    expect(h.told('speculativeTaskSubmitted')).toMatchObject([
      {
        index: 2,
        reason:
          'attempt 0 has run for 5000 ms on executor b, more than 300 ms: the median of 3 finished tasks is 100 ms',
      },
    ]);
    // Each computes one of the two that were left.
    h.end(SUCCESS, 10, '0/3@a');
    h.end(KILLED, 0, '0/3@b');
    h.end(SUCCESS, 10, '0/4@b');
    h.end(KILLED, 0, '0/4@a');
    expect(h.told('taskEnd').map(({ status, task }) => `${status} ${task.partition}`)).toEqual([
      'success 0',
      'success 5',
      'success 7',
      'success 2',
      'killed 3',
    ]);
    expect(h.scheduler.empty).toBe(true);
  });

  it('runs none twice before the least runtime', () => {
    const h = oneLeft({ ...PLAIN, minTaskRuntime: 600 });
    lookAt(h, 600);
    expect(copies(h)).toEqual([]);
    lookAt(h, 601);
    expect(copies(h)).toEqual(['0/1@a']);
  });

  it('starts one copy only, never on the executor of the first', () => {
    const h = harness(PLAIN, 'a', 'b', 'c');
    h.submit(0, 2);
    h.end(SUCCESS, 50, '0/0@a');
    h.post({ type: 'executorRemoved', executorId: 'a', reason: 'exit', causedByTask: false });
    h.post({ type: 'executorRemoved', executorId: 'c', reason: 'exit', causedByTask: false });
    lookAt(h, 5_000);
    expect(h.labels()).toEqual(['0/1@b']);
    h.executors('d', 'e');
    expect(h.labels()).toEqual(['0/1@b', '0/1@d']);
    lookAt(h, 9_000);
    expect(h.labels()).toEqual(['0/1@b', '0/1@d']);
    expect(h.told('speculativeTaskSubmitted')).toHaveLength(1);
  });

  it('tells viewers of a copy that ended well all the same as of one that was killed', () => {
    const h = oneLeft(PLAIN);
    lookAt(h, 501);
    for (const label of ['0/1@b', '0/1@a']) h.end(SUCCESS, 50, label);
    const ends = h.told('taskEnd').filter(({ task }) => task.index === 1);
    expect(ends.map(({ status, task }) => `${status} ${task.attempt}`)).toEqual(['success 0', 'killed 1']);
    // What it brings is freed by the DAG scheduler.
    expect(h.dag()).toMatchObject([{ type: 'taskSucceeded', index: 1, executorId: 'a' }]);
    expect(h.scheduler.empty).toBe(true);
  });

  it('takes the first to end well and kills the other, which counts as nothing', () => {
    for (const winner of ['0/1@a', '0/1@b']) {
      const loser = winner === '0/1@a' ? 'b' : 'a';
      const h = oneLeft(PLAIN);
      lookAt(h, 5_000);
      h.end(SUCCESS, 10, winner);
      const kills = h.commands.filter((command) => command.type === 'kill');
      expect(kills).toMatchObject([
        {
          executorId: loser,
          reason: `attempt ${loser === 'b' ? 1 : 0} on executor ${winner.at(-1)} ended first`,
        },
      ]);
      expect(h.dag()).toMatchObject([{ type: 'taskSucceeded', index: 1 }]);
      h.end(KILLED);
      expect(h.dag()).toEqual([]);
      expect(h.scheduler.empty).toBe(true);
    }
  });

  it('does not start the task again while one of its copies runs, and does when both are gone', () => {
    const h = oneLeft(PLAIN);
    lookAt(h, 5_000);
    h.end({ kind: 'exception', error: { code: 'USER', name: 'Error', message: 'boom' } }, 10, '0/1@a');
    expect(h.labels()).toEqual(['0/1@b']);
    h.end(KILLED, 10, '0/1@b');
    expect(h.labels()).toHaveLength(1);
    h.end(SUCCESS);
    expect(h.scheduler.empty).toBe(true);
  });

  it('lets one of two copies commit, and the other when the first fails', () => {
    const h = oneLeft(PLAIN);
    lookAt(h, 5_000);
    const commits = (label: string) => {
      const { taskId, executorId } = h.running.find((task) => task.label === label)!;
      h.post({ type: 'commitRequested', taskId, executorId });
      return h.commands.some((command) => command.type === 'answerCommit' && command.allowed);
    };
    expect([commits('0/1@b'), commits('0/1@a')]).toEqual([true, false]);
    h.end(KILLED, 10, '0/1@b');
    expect(commits('0/1@a')).toBe(true);
    h.end(SUCCESS, 10, '0/1@a');
    expect(h.scheduler.empty).toBe(true);
  });

  it('leaves stages of one task alone, unless there is a threshold for stages of few tasks', () => {
    const alone = harness(PLAIN, 'a', 'b');
    alone.submit(0, 1);
    lookAt(alone, 60_000);
    expect(alone.labels()).toEqual(['0/0@a']);
    const h = harness({ ...PLAIN, taskDurationThreshold: 1_000 }, 'a', 'b');
    h.submit(0, 1);
    lookAt(h, 1_000);
    expect(h.labels()).toEqual(['0/0@a']);
    lookAt(h, 1_001);
    expect(h.labels()).toEqual(['0/0@a', '0/0@b']);
    expect(h.told('speculativeTaskSubmitted')[0]?.reason).toMatch(/the threshold for stages of few tasks$/);
    const many = harness({ ...PLAIN, taskDurationThreshold: 1_000 }, 'a', 'b');
    many.submit(0, 3);
    lookAt(many, 60_000);
    expect(many.told('speculativeTaskSubmitted')).toEqual([]);
  });

  it('finds tasks that wait behind a slow one in the queue of their executor', () => {
    const h = harness({ ...PLAIN, quantile: 0.5 }, 'a', 'b');
    h.submit(0, 100);
    // Tiny tasks travel in batches: b is given one, and stays with its first.
    h.end(SUCCESS, 1, '0/0@a');
    h.end(SUCCESS, 1, '0/1@b');
    const on = (executorId: string) => h.labels().filter((label) => label.endsWith(`@${executorId}`));
    const held = on('b').map((label) => label.slice(0, -1));
    expect(held.length).toBeGreaterThan(1);
    while (on('a').length > 0) h.end(SUCCESS, 1, on('a')[0]!);
    lookAt(h, 5_000);
    const does = h.told('speculativeTaskSubmitted').map(({ reason }) => reason.split(' for ')[0]);
    expect(does).toEqual([
      'attempt 0 has run',
      ...held.slice(1).map(() => 'attempt 0 has waited behind another task'),
    ]);
    const copied = new Set<string>();
    while (on('a').length > 0) {
      for (const label of on('a')) copied.add(label.slice(0, -1));
      h.end(SUCCESS, 1, on('a')[0]!);
    }
    expect([...copied].sort()).toEqual(held.sort());
    while (h.running.length > 0) h.end(KILLED);
    expect(h.scheduler.empty).toBe(true);
  });
});

describe('the rule of efficiency', () => {
  const rows = (n: number) => ({ inputRecords: n, executorRunTime: 50 });

  function halfWay(recordsRead: number, runTime: number): TaskHarness {
    const h = harness(SPECULATION_DEFAULTS, 'a', 'b');
    h.submit(0, 10);
    // 100 rows in 50 ms each.
    for (let i = 0; i < 9; i++)
      h.end(SUCCESS, 50, h.labels().find((label) => label.endsWith('@a'))!, rows(100));
    const { taskId } = h.running[0]!;
    h.post({ type: 'taskProgress', executorId: 'b', taskId, recordsRead, runTime });
    return h;
  }

  it('spares a task that only has more to do, until it takes twice the threshold', () => {
    // 0.75 of the average are 1.5 rows per ms.
    const h = halfWay(600, 400);
    h.now = 200;
    lookAt(h, 250);
    expect(copies(h)).toEqual([]);
    lookAt(h, 300);
    expect(copies(h)).toEqual([]);
    lookAt(h, 301);
    expect(copies(h)).toEqual(['0/1@a']);
  });

  it('spares none that gets through fewer rows, or of which nothing is known', () => {
    for (const [recordsRead, runTime] of [
      [599, 400],
      [0, 0],
    ] as const) {
      const h = halfWay(recordsRead, runTime);
      lookAt(h, 151);
      expect(copies(h)).toEqual(['0/1@a']);
    }
  });
});
