/** Executors on which tasks fail get no more of them: of the task, of the stage, of the application. */
import { describe, expect, it } from 'vitest';
import type { TaskEndReason } from '../protocol.ts';
import { EXCLUSION_DEFAULTS, type ExclusionOptions, SCHEDULING_DEFAULTS } from './scheduling-options.ts';
import { BOOM, SUCCESS, TaskHarness } from './test-task-harness.ts';

function harness(more: Partial<ExclusionOptions>, slots: number, ...executors: string[]): TaskHarness {
  const exclusion = { ...EXCLUSION_DEFAULTS, ...more };
  return new TaskHarness({ scheduling: { ...SCHEDULING_DEFAULTS, exclusion }, slots }).executors(
    ...executors,
  );
}

const failures = (h: TaskHarness) => h.dag().filter((event) => event.type === 'taskSetFailed');

/** The executor that was killed for the set is not replaced in time. */
function giveUp(h: TaskHarness): void {
  expect(h.commands.filter(({ type }) => type === 'killExecutor')).toHaveLength(1);
  expect(failures(h)).toEqual([]);
  h.now += EXCLUSION_DEFAULTS.unschedulableTaskSetTimeout;
  h.post({ type: 'timer', timer: 'exclusion' });
}

/** A stage of three tasks of which two fail on `bad` and end well elsewhere. */
function failTwiceOn(h: TaskHarness, stageId: number, bad: string): void {
  h.submit(stageId, 3);
  let failed = 0;
  while (h.running.length > 0) {
    const onBad = h.labels().find((label) => label.endsWith(`@${bad}`));
    if (onBad && failed < 2) {
      failed++;
      h.end(BOOM, 10, onBad);
    } else h.end(SUCCESS, 10);
  }
}

describe('exclusion', () => {
  it('is off unless asked for', () => {
    const h = new TaskHarness().executors('a');
    h.submit(0, 1);
    for (let i = 0; i < 3; i++) h.end(BOOM);
    expect(h.labels()).toEqual(['0/0@a']);
  });

  it('takes a task elsewhere after it failed on an executor, which goes on with others', () => {
    const h = harness({}, 2, 'a', 'b');
    h.submit(0, 3);
    h.end(BOOM, 10, '0/0@a');
    expect(h.labels()).toEqual(['0/1@b', '0/2@a']);
    h.end(SUCCESS, 10, '0/2@a');
    expect(h.labels()).toEqual(['0/1@b']);
    h.end(SUCCESS, 10, '0/1@b');
    expect(h.labels()).toEqual(['0/0@b']);
    expect(h.told('executorExcluded')).toEqual([]);
    h.end(SUCCESS);
    expect(h.scheduler.empty).toBe(true);
  });

  it('takes what is left of a task of several partitions elsewhere as a whole', () => {
    const h = harness({}, 2, 'a', 'b');
    h.submit(0, 4, { groupStarts: [0, 3] });
    expect(h.labels()).toEqual(['0/0@a', '0/1@a', '0/2@a', '0/3@b']);
    h.end(SUCCESS, 10, '0/0@a');
    h.end(BOOM, 10, '0/1@a');
    h.end({ kind: 'killed', reason: 'preempted' }, 10, '0/2@a');
    // Partition 2 did not fail there, and is not torn from the task that did.
    expect(h.labels()).toEqual(['0/3@b']);
    h.end(SUCCESS, 10, '0/3@b');
    expect(h.labels()).toEqual(['0/1@b', '0/2@b']);
    h.end(SUCCESS);
    h.end(SUCCESS);
    expect(h.scheduler.empty).toBe(true);
  });

  it('gives up a set of which a task of several partitions can run nowhere, though its first has come through', () => {
    const h = harness({}, 1, 'a');
    h.submit(0, 2, { groupStarts: [0] });
    h.end(SUCCESS, 10, '0/0@a');
    h.end(BOOM, 10, '0/1@a');
    giveUp(h);
    expect(failures(h)).toMatchObject([{ failure: { partition: 1, code: 'TASK_EXCLUDED_EVERYWHERE' } }]);
    expect(h.scheduler.empty).toBe(true);
  });

  it('takes all tasks of the stage elsewhere after two of them failed on an executor, and says so', () => {
    const h = harness({}, 2, 'a', 'b');
    h.submit(0, 6);
    h.end(BOOM, 10, '0/0@a');
    h.end(BOOM, 10, '0/2@a');
    expect(h.labels()).toEqual(['0/1@b']);
    expect(h.told('executorExcluded')).toEqual([
      {
        type: 'executorExcluded',
        executorId: 'a',
        time: 20,
        failedTasks: 2,
        stageId: 0,
        stageAttempt: 0,
        reason: '2 tasks of stage 0 failed on it',
      },
    ]);
    h.submit(1, 1);
    expect(h.labels()).toEqual(['0/1@b', '1/0@a']);
    while (h.running.length > 0) h.end(SUCCESS);
    expect(h.scheduler.empty).toBe(true);
  });

  it('counts failures of tasks, not kills, losses on purpose and denied commits', () => {
    const h = harness({}, 1, 'a');
    h.submit(0, 1);
    const innocent: TaskEndReason[] = [
      { kind: 'killed', reason: 'preempted' },
      { kind: 'commitDenied', message: 'another attempt' },
    ];
    for (const reason of innocent) h.end(reason);
    expect(h.labels()).toEqual(['0/0@a']);
  });

  it('takes an executor out of the application for a time when stages succeed in spite of it', () => {
    const h = harness({ timeout: 1_000 }, 2, 'a', 'b');
    failTwiceOn(h, 0, 'a');
    const [stage, application] = h.told('executorExcluded');
    expect(stage).toMatchObject({ executorId: 'a', stageId: 0 });
    expect(application).toEqual({
      type: 'executorExcluded',
      executorId: 'a',
      time: h.now,
      failedTasks: 2,
      until: h.now + 1_000,
      reason: '2 tasks failed on it, of stages that others brought to their end',
    });
    expect(h.commands).toContainEqual({ type: 'startTimer', timer: 'exclusion', ms: 1_000 });
    h.submit(1, 2);
    expect(h.labels()).toEqual(['1/0@b']);
    h.now += 1_000;
    h.post({ type: 'timer', timer: 'exclusion' });
    expect(h.told('executorUnexcluded')).toEqual([
      {
        type: 'executorUnexcluded',
        executorId: 'a',
        time: h.now,
        reason: '1000 ms have passed since it was excluded',
      },
    ]);
    expect(h.labels()).toEqual(['1/0@b', '1/1@a']);
  });

  it('forgets failures after the time, and those of stages that failed', () => {
    const h = harness({ timeout: 1_000, maxFailedTasksPerExecutorStage: 9 }, 2, 'a', 'b');
    h.submit(0, 1);
    h.end(BOOM, 10, '0/0@a');
    h.end(SUCCESS);
    h.now += 2_000;
    h.submit(1, 1);
    h.end(BOOM, 10, '1/0@a');
    h.end(SUCCESS);
    expect(h.told('executorExcluded')).toEqual([]);
    h.submit(2, 1);
    h.end(BOOM, 10, '2/0@a');
    h.end({ ...BOOM, fatal: true } as TaskEndReason);
    expect(failures(h)).toHaveLength(1);
    expect(h.told('executorExcluded')).toEqual([]);
    h.submit(3, 1);
    h.end(BOOM, 10, '3/0@a');
    h.end(SUCCESS);
    expect(h.told('executorExcluded')).toMatchObject([{ executorId: 'a', failedTasks: 2 }]);
  });

  it('replaces the executor when asked to', () => {
    const h = harness({ killExcludedExecutors: true }, 2, 'a', 'b');
    failTwiceOn(h, 0, 'a');
    expect(h.commands).toContainEqual({
      type: 'killExecutor',
      executorId: 'a',
      reason: 'it was excluded: 2 tasks failed on it, of stages that others brought to their end',
    });
    h.post({ type: 'executorRemoved', executorId: 'a', reason: 'killed', causedByTask: false });
    h.executors('c');
    h.submit(1, 2);
    expect(h.labels()).toEqual(['1/0@b', '1/1@c']);
  });

  it('gives a stage up by name when one of its tasks can run nowhere', () => {
    const h = harness({}, 2, 'a', 'b');
    h.submit(0, 1);
    h.end(BOOM, 10, '0/0@a');
    h.end(BOOM, 10, '0/0@b');
    giveUp(h);
    expect(failures(h)).toMatchObject([
      {
        failure: {
          partition: 0,
          attempt: 1,
          executorId: 'b',
          times: 'can run on no executor (it failed on executor a, it failed on executor b)',
          code: 'TASK_EXCLUDED_EVERYWHERE',
          cause: { message: 'boom' },
          hint: expect.stringContaining('maxTaskAttemptsPerExecutor'),
        },
      },
    ]);
    expect(h.scheduler.empty).toBe(true);
  });

  it('replaces an idle executor when a task can run nowhere, once the others have no task for it', () => {
    const h = harness({}, 2, 'a', 'b');
    h.submit(0, 3);
    h.end(BOOM, 10, '0/0@a');
    h.end(SUCCESS, 10, '0/1@b');
    // While a is at work and b has just failed, b is the one that is idle.
    expect(h.labels()).toEqual(['0/2@a', '0/0@b']);
    h.end(BOOM, 10, '0/0@b');
    expect(h.commands).toContainEqual({
      type: 'killExecutor',
      executorId: 'b',
      reason: expect.stringContaining('partition 0 of stage 0 may run on no executor'),
    });
    h.end(SUCCESS, 10, '0/2@a');
    expect(h.commands.filter(({ type }) => type === 'killExecutor')).toEqual([]);
    h.post({ type: 'executorRemoved', executorId: 'b', reason: 'killed', causedByTask: false });
    h.executors('c');
    expect(h.labels()).toEqual(['0/0@c']);
    h.end(BOOM);
    // Its limit on failures ends it: four in all.
    expect(h.commands).toContainEqual(expect.objectContaining({ type: 'killExecutor', executorId: 'a' }));
    h.post({ type: 'executorRemoved', executorId: 'a', reason: 'killed', causedByTask: false });
    h.executors('d');
    h.end(BOOM);
    expect(failures(h)).toMatchObject([{ failure: { times: 'failed 4 times' } }]);
    expect(h.scheduler.empty).toBe(true);
  });

  it('replaces as many excluded executors as a barrier stage lacks, one after the other', () => {
    const h = harness({ maxFailedTasksPerExecutorApplication: 1 }, 3, 'a', 'b', 'c');
    failTwiceOn(h, 0, 'a');
    failTwiceOn(h, 1, 'b');
    const killed = () =>
      h.commands.flatMap((command) => (command.type === 'killExecutor' ? [command.executorId] : []));
    const replace = (executorId: string, by: string) => {
      h.post({ type: 'executorRemoved', executorId, reason: 'killed', causedByTask: false });
      expect(killed()).toEqual([]);
      h.executors(by);
    };
    h.submit(2, 2, { barrier: true });
    expect(killed()).toEqual(['a']);
    replace('a', 'd');
    expect(killed()).toEqual([]);
    expect(h.labels()).toEqual(['2/0@c', '2/1@d']);
    h.submit(3, 3, { barrier: true });
    expect(killed()).toEqual(['b']);
    replace('b', 'e');
    h.end(SUCCESS);
    h.end(SUCCESS);
    expect(h.labels()).toEqual(['3/0@c', '3/1@d', '3/2@e']);
  });

  it('hands nothing to the executor that is being replaced, though its process may still live', () => {
    const h = harness({}, 2, 'a', 'b');
    h.submit(0, 1);
    h.end(BOOM, 10, '0/0@a');
    h.end(BOOM, 10, '0/0@b');
    expect(h.commands).toContainEqual(expect.objectContaining({ type: 'killExecutor', executorId: 'a' }));
    h.submit(1, 2);
    expect(h.labels()).toEqual(['1/0@b']);
    h.submit(2, 2, { barrier: true });
    h.end(SUCCESS);
    h.end(SUCCESS);
    expect(h.labels()).toEqual([]);
    h.post({ type: 'executorRemoved', executorId: 'a', reason: 'killed', causedByTask: false });
    h.executors('c');
    expect(h.labels()).toEqual(['0/0@c']);
    h.end(SUCCESS);
    expect(h.labels()).toEqual(['2/0@b', '2/1@c']);
  });

  it('waits for the first executor to be idle when all are at work', () => {
    const h = harness({}, 1, 'a');
    h.submit(0, 1);
    h.submit(1, 1);
    h.end(BOOM, 10, '0/0@a');
    expect(h.labels()).toEqual(['1/0@a']);
    expect(h.commands.filter(({ type }) => type === 'killExecutor')).toEqual([]);
    h.end(SUCCESS);
    expect(h.commands).toContainEqual(expect.objectContaining({ type: 'killExecutor', executorId: 'a' }));
  });

  it('ends no more executors than a barrier stage lacks, whatever happens before they are gone', () => {
    const h = harness({ maxFailedTasksPerExecutorApplication: 1 }, 4, 'a', 'b', 'c', 'd');
    failTwiceOn(h, 0, 'a');
    failTwiceOn(h, 1, 'b');
    h.submit(2, 3, { barrier: true });
    expect(h.killed).toEqual(['a']);
    h.submit(9, 1);
    h.post({ type: 'timer', timer: 'takeBack' });
    expect(h.killed).toEqual(['a']);
  });

  it('waits for an executor that is being replaced, but not without end', () => {
    const died: TaskEndReason = { kind: 'executorLost', executorId: 'b', reason: 'exit', causedByTask: true };
    const start = () => {
      const h = harness({ unschedulableTaskSetTimeout: 500 }, 2, 'a', 'b');
      h.submit(0, 1);
      h.end(BOOM, 10, '0/0@a');
      expect(h.labels()).toEqual(['0/0@b']);
      h.running.length = 0;
      h.post({ type: 'executorRemoved', executorId: 'b', reason: died.kind, causedByTask: true });
      expect(failures(h)).toEqual([]);
      return h;
    };
    const replaced = start().executors('c');
    expect(replaced.labels()).toEqual(['0/0@c']);
    const given = start();
    expect(given.commands).toContainEqual({ type: 'startTimer', timer: 'exclusion', ms: 500 });
    given.now += 500;
    given.post({ type: 'timer', timer: 'exclusion' });
    expect(failures(given)).toMatchObject([{ failure: { code: 'TASK_EXCLUDED_EVERYWHERE' } }]);
  });

  it('waits for the first executors of all', () => {
    const h = harness({}, 2);
    h.submit(0, 1);
    expect(failures(h)).toEqual([]);
    h.executors('a');
    expect(h.labels()).toEqual(['0/0@a']);
  });
});
