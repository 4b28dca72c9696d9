/** The task scheduler by itself: what it launches where and when, what it counts as a failure. */
import { describe, expect, it } from 'vitest';
import { TASK_METRICS, type TaskEndReason, type TaskMetrics } from '../protocol.ts';
import { BOOM, SUCCESS, TaskHarness } from './test-task-harness.ts';

describe('TaskScheduler', () => {
  it('serves task sets in the order of their jobs, several at once', () => {
    const h = new TaskHarness().executors('a', 'b', 'c');
    h.submit(5, 2);
    h.submit(3, 2);
    expect(h.labels()).toEqual(['5/0@a', '5/1@b', '3/0@c']);
    h.end(SUCCESS);
    expect(h.labels()).toEqual(['5/1@b', '3/0@c', '3/1@a']);
  });

  it('waits for the executor that caches a partition, but not for long', () => {
    const h = new TaskHarness().executors('a', 'b');
    h.submit(0, 2, { preferred: [['b'], ['b']] });
    expect(h.labels()).toEqual(['0/0@b']);
    expect(h.commands).toContainEqual({ type: 'startLocalityTimer', ms: 300 });
    h.now = 300;
    h.post({ type: 'localityTimer' });
    expect(h.labels()).toEqual(['0/0@b', '0/1@a']);
  });

  it('lets an executor wait once for all, however often the others find what is near them', () => {
    const h = new TaskHarness().executors('a', 'b');
    h.submit(0, 6, { preferred: Array.from({ length: 6 }, () => ['b']) });
    h.now = 200;
    h.end(SUCCESS, 200, '0/0@b');
    h.now = 299;
    h.end(SUCCESS, 99, '0/1@b');
    expect(h.labels()).toEqual(['0/2@b']);
    h.now = 300;
    h.post({ type: 'localityTimer' });
    expect(h.labels()).toEqual(['0/2@b', '0/3@a']);
    h.end(SUCCESS, 100, '0/3@a');
    expect(h.labels()).toEqual(['0/2@b', '0/4@a']);
  });

  it('hands nothing to an executor that goes with a task which would not stop', () => {
    const h = new TaskHarness({ slots: 2 }).executors('a', 'b');
    h.submit(0, 1);
    h.submit(1, 2, { barrier: true });
    h.post({ type: 'tasksCancelled', stageId: 0, reason: 'cancelled' });
    const { taskId } = h.running.shift()!;
    const gone = { executorId: 'a', reason: 'it did not stop', causedByTask: false };
    h.post({ type: 'executorRemoved', ...gone, runningTaskId: taskId, stopped: 'cancelled' });
    expect(h.told('taskEnd')).toMatchObject([{ status: 'killed', reason: { reason: 'cancelled' } }]);
    expect(h.dag()).toEqual([{ type: 'executorLost', executorId: 'a', reason: 'it did not stop' }]);
    expect(h.labels()).toEqual([]);
    h.executors('c');
    expect(h.labels()).toEqual(['1/0@b', '1/1@c']);
  });

  it('does not wait for an executor that is gone', () => {
    const h = new TaskHarness().executors('a', 'b');
    h.submit(0, 3, { preferred: [['b'], ['b'], ['gone']] });
    expect(h.labels()).toEqual(['0/2@a', '0/0@b']);
    h.post({ type: 'executorRemoved', executorId: 'b', reason: 'exit', causedByTask: false });
    h.end(SUCCESS, 10, '0/2@a');
    expect(h.labels().at(-1)).toMatch(/@a$/);
  });

  it('hands out tiny tasks in batches, smaller ones towards the end', () => {
    const h = new TaskHarness().executors('a', 'b');
    h.submit(0, 100);
    h.end(SUCCESS, 1, '0/0@a');
    const batch = h.commands.find((command) => command.type === 'launch');
    expect(batch?.type === 'launch' && batch.tasks.length).toBe(16);
    let launched = 0;
    while (h.running.length > 0) {
      h.end(SUCCESS, 1);
      for (const command of h.commands) if (command.type === 'launch') launched = command.tasks.length;
    }
    expect(launched).toBe(1);
    expect(h.scheduler.empty).toBe(true);
  });

  it('spreads adjacent tiny tasks over the executors: the work may lie in a few of them', () => {
    const h = new TaskHarness().executors('a', 'b', 'c', 'd');
    h.submit(0, 2_000);
    for (const executorId of 'abcd') h.end(SUCCESS, 0.1, `0/${'abcd'.indexOf(executorId)}@${executorId}`);
    const on = (executorId: string) =>
      h.running.flatMap(({ executorId: id, label }) =>
        id === executorId ? [Number.parseInt(label.slice(2), 10)] : [],
      );
    for (const executorId of 'abcd') {
      const tasks = on(executorId);
      expect(tasks).toHaveLength(100);
      expect(tasks.filter((task) => tasks.includes(task + 1))).toEqual([]);
    }
    // Those at the end have their turn there.
    expect(Math.max(...h.running.map(({ label }) => Number.parseInt(label.slice(2), 10)))).toBeLessThan(800);
    while (h.running.length > 0) h.end(SUCCESS, 0.1);
    expect(h.scheduler.empty).toBe(true);
  });

  it('tells of a queued task only when it begins, so that bars of one executor do not overlap', () => {
    const h = new TaskHarness().executors('a');
    h.submit(0, 10);
    h.end(SUCCESS, 1);
    const started = () => h.commands.flatMap((c) => (c.type === 'emit' ? [`${c.event.type}`] : []));
    expect(started()).toEqual(['taskEnd', 'taskStart']);
    h.end(SUCCESS, 1);
    expect(started()).toEqual(['taskEnd', 'taskStart']);
    const [end, next] = h.commands.flatMap((c) => (c.type === 'emit' ? [c.event] : []));
    expect(end?.type === 'taskEnd' && end.finishTime).toBe(2);
    expect(next?.type === 'taskStart' && next.task.launchTime).toBe(2);
  });

  it('tells of no task that begins after now, whatever the clock of its executor says', () => {
    const h = new TaskHarness().executors('a');
    h.submit(1, 20);
    for (let i = 0; i < 2; i++) h.end(SUCCESS, 1);
    const { taskId } = h.running[1]!;
    const { metrics } = h.told('taskEnd')[0]!;
    const end = { taskId, reason: SUCCESS, metrics: { ...metrics }, startTime: 5, endTime: 6 };
    h.post({ type: 'taskEnded', executorId: 'a', end });
    const told = h.told('taskEnd').at(-1)!;
    expect(told.task.taskId).toBe(taskId);
    expect([told.task.launchTime, told.finishTime, told.metrics.schedulerDelay]).toEqual([2, 2, 0]);
  });

  it('gives up after four failures; losses, kills, fetch failures and denied commits do not count', () => {
    const h = new TaskHarness().executors('a');
    h.submit(0, 1);
    h.end(BOOM);
    h.end({ kind: 'killed', reason: 'preempted' });
    h.end({ kind: 'commitDenied', message: 'another attempt' });
    h.end({ kind: 'executorLost', executorId: 'a', reason: 'killed', causedByTask: false });
    h.end(BOOM);
    h.end({ kind: 'executorLost', executorId: 'a', reason: 'oom', causedByTask: true });
    expect(h.dag()).toEqual([]);
    h.end(BOOM);
    expect(h.dag()).toMatchObject([
      {
        type: 'taskSetFailed',
        failure: { partition: 0, attempt: 6, times: 'failed 4 times', cause: { message: 'boom' } },
      },
    ]);
    expect(h.scheduler.empty).toBe(true);
  });

  it('takes care in all that follows when an executor ran out of memory, and says so', () => {
    const error = { code: 'EXECUTOR_OUT_OF_MEMORY', name: 'StagelightError', message: 'a ran out of memory' };
    const launched = (h: TaskHarness) =>
      h.commands.flatMap((command) => (command.type === 'launch' ? command.tasks : []));
    const h = new TaskHarness().executors('a', 'b');
    h.submit(0, 4);
    expect(launched(h).map(({ careful }) => careful)).toEqual([undefined, undefined]);
    h.end({ kind: 'executorLost', executorId: 'a', reason: 'oom', causedByTask: true, error }, 10, '0/0@a');
    expect(h.dag()).toContainEqual({ type: 'memoryRanOut', stageId: 0 });
    h.end(SUCCESS, 10, '0/1@b');
    expect(launched(h).filter(({ attempt, careful }) => attempt === 1 || careful)).not.toEqual([]);
    for (const { attempt, careful } of launched(h)) if (attempt === 1) expect(careful).toBe(true);
    expect(h.told('taskStart').map(({ reason }) => reason)).toContain(
      'attempt 0 failed: a ran out of memory; from now on the stage takes in one row at a time',
    );
    h.end(BOOM, 10, '0/0@b');
    expect(h.told('taskStart').at(-1)!.reason).toBe('attempt 0 failed: boom');
    const other = new TaskHarness().executors('a');
    other.submit(0, 1, { careful: true });
    expect(launched(other).map(({ careful }) => careful)).toEqual([true]);
  });

  it('tries a task again only on the executor that alone has what it needs, as long as that lives', () => {
    const heldBy = (executorId: string) => ({ ...BOOM, fatal: true, heldBy: executorId }) as TaskEndReason;
    const h = new TaskHarness().executors('a', 'b');
    h.submit(0, 3);
    expect(h.labels()).toEqual(['0/0@a', '0/1@b']);
    h.end(heldBy('b'), 10, '0/0@a');
    expect(h.labels()).toEqual(['0/1@b', '0/2@a']);
    h.end(SUCCESS, 10, '0/2@a');
    h.now = 10_000;
    h.post({ type: 'localityTimer' });
    expect(h.labels()).toEqual(['0/1@b']);
    h.end(SUCCESS, 10, '0/1@b');
    expect(h.labels()).toEqual(['0/0@b']);
    h.post({ type: 'executorRemoved', executorId: 'b', reason: 'killed', causedByTask: false });
    expect(h.labels().at(-1)).toBe('0/0@a');
    // It is gone with what it had: nothing is mended any more.
    h.end(heldBy('b'), 10, '0/0@a');
    expect(h.dag()).toMatchObject([{ type: 'taskSetFailed' }]);
  });

  it('does not try again what cannot be mended, nor lose executors without end', () => {
    const h = new TaskHarness().executors('a');
    h.submit(0, 1);
    h.end({ ...BOOM, fatal: true } as TaskEndReason);
    expect(h.dag()).toMatchObject([{ type: 'taskSetFailed' }]);
    h.submit(1, 1);
    for (let i = 0; i < 20; i++)
      h.end({ kind: 'executorLost', executorId: 'a', reason: 'killed', causedByTask: false });
    expect(h.dag()).toMatchObject([
      { type: 'taskSetFailed', failure: { times: 'lost its executor 20 times' } },
    ]);
  });

  it('counts as many failures and losses as it is told to allow', () => {
    const h = new TaskHarness({ maxTaskFailures: 300, maxTaskLosses: 300 }).executors('a');
    h.submit(0, 1);
    for (let i = 0; i < 299; i++)
      h.end({ kind: 'executorLost', executorId: 'a', reason: 'x', causedByTask: false });
    for (let i = 0; i < 299; i++) h.end(BOOM);
    expect(h.labels()).toEqual(['0/0@a']);
    h.end(BOOM);
    expect(h.dag()).toMatchObject([{ type: 'taskSetFailed', failure: { times: 'failed 300 times' } }]);
    h.submit(1, 1);
    for (let i = 0; i < 300; i++)
      h.end({ kind: 'executorLost', executorId: 'a', reason: 'x', causedByTask: false });
    expect(h.dag()).toMatchObject([{ failure: { times: 'lost its executor 300 times' } }]);
    expect(h.scheduler.empty).toBe(true);
  });

  it('blames only the running task for the death of its executor', () => {
    const h = new TaskHarness().executors('a');
    h.submit(0, 20);
    h.end(SUCCESS, 1);
    h.post({ type: 'executorRemoved', executorId: 'a', reason: 'exited with code 3', causedByTask: true });
    const ends = h.commands.flatMap((c) =>
      c.type === 'emit' && c.event.type === 'taskEnd' ? [c.event] : [],
    );
    expect(ends).toMatchObject([
      { task: { index: 1 }, reason: { kind: 'executorLost', causedByTask: true } },
    ]);
    h.running.length = 0;
    h.executors('b');
    while (h.running.length > 0) h.end(SUCCESS, 1);
    expect(h.scheduler.empty).toBe(true);
  });

  it('blames no task for the death of an executor that was at none', () => {
    const h = new TaskHarness().executors('a');
    h.submit(0, 20);
    h.end(SUCCESS, 1);
    const lost = { executorId: 'a', reason: 'exited with code 3', runningTaskId: null, causedByTask: true };
    h.post({ type: 'executorRemoved', ...lost });
    const ends = h.commands.flatMap((c) =>
      c.type === 'emit' && c.event.type === 'taskEnd' ? [c.event] : [],
    );
    expect(ends).toMatchObject([
      { task: { index: 1 }, reason: { kind: 'executorLost', causedByTask: false } },
    ]);
  });

  it('lets one attempt of a partition commit, and the next only when that one fails', () => {
    const h = new TaskHarness().executors('a', 'b');
    h.submit(0, 1);
    h.post({ type: 'taskSetRetired', stageId: 0, attempt: 0 });
    h.submit(0, 1, { attempt: 1 });
    const [old, fresh] = h.running.map(({ taskId, executorId }) => ({ taskId, executorId }));
    const ask = (task: { taskId: number; executorId: string }) => {
      h.post({ type: 'commitRequested', ...task });
      return h.commands.some((command) => command.type === 'answerCommit' && command.allowed);
    };
    expect([ask(old!), ask(fresh!), ask(old!)]).toEqual([true, false, true]);
    h.end(BOOM, 1, '0/0@a');
    expect(ask(fresh!)).toBe(true);
    h.end(SUCCESS, 1, '0/0@b');
    expect(h.scheduler.empty).toBe(true);
  });

  it('lets the next attempt commit when a cancelled one ends well: its result is not taken', () => {
    const h = new TaskHarness().executors('a', 'b');
    const commits = (at: number) => {
      const { taskId, executorId } = h.running[at]!;
      h.post({ type: 'commitRequested', taskId, executorId });
      return h.commands.some((command) => command.type === 'answerCommit' && command.allowed);
    };
    h.submit(0, 1);
    expect(commits(0)).toBe(true);
    h.post({ type: 'tasksCancelled', stageId: 0, reason: 'rolled back' });
    h.submit(0, 1, { attempt: 1 });
    h.end(SUCCESS, 1, '0/0@a');
    expect(commits(0)).toBe(true);
  });

  it('frees what an unknown task brings, but nothing when an answer comes again', () => {
    const h = new TaskHarness().executors('a');
    h.submit(0, 1);
    const { taskId } = h.running[0]!;
    const metrics = Object.fromEntries(TASK_METRICS.map((name) => [name, 0])) as unknown as TaskMetrics;
    const answer = (id: number) =>
      h.post({
        type: 'taskEnded',
        executorId: 'a',
        end: {
          taskId: id,
          reason: SUCCESS,
          metrics,
          startTime: 0,
          endTime: 1,
          result: { file: 'f', length: 1, crc: 0 },
        },
      });
    answer(taskId);
    expect(h.dag()).toMatchObject([{ type: 'taskSucceeded', stageId: 0 }]);
    answer(taskId);
    expect(h.dag()).toEqual([]);
    answer(taskId + 1);
    expect(h.dag()).toMatchObject([{ type: 'taskSucceeded', stageId: -1 }]);
  });

  it('kills what runs of a cancelled stage, the queued ones first, and launches no more', () => {
    const h = new TaskHarness().executors('a');
    h.submit(0, 50);
    h.end(SUCCESS, 1);
    h.post({ type: 'tasksCancelled', stageId: 0, reason: 'job cancelled' });
    const killed = h.commands.flatMap((command) => (command.type === 'kill' ? [command.taskId] : []));
    expect(killed).toEqual(h.running.map((task) => task.taskId).reverse());
    while (h.running.length > 0) h.end({ kind: 'killed', reason: 'job cancelled' });
    expect(h.scheduler.empty).toBe(true);
  });
});
