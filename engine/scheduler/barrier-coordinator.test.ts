/** The meetings of the tasks of a barrier stage, without a scheduler. */
import { expect, test } from 'vitest';
import { BarrierCoordinator } from './barrier-coordinator.ts';
import type { TaskCommand, TaskSet } from './events.ts';
import type { RunningTask } from './running-task.ts';
import { DONE, TaskSetState } from './task-set.ts';

function meeting(tasks: number, timeout = 1_000) {
  const commands: TaskCommand[] = [];
  const indices = Array.from({ length: tasks }, (_, i) => i);
  const taskSet = {
    stageId: 0,
    attempt: 0,
    indices,
    partitions: indices,
    barrier: true,
    plan: { nodes: [] },
  };
  const set = new TaskSetState(taskSet as unknown as TaskSet, () => true);
  const running = indices.map(
    (partition) =>
      ({
        set,
        position: partition,
        info: { taskId: 10 + partition, partition, executorId: `e${partition}` },
      }) as RunningTask,
  );
  const coordinator = new BarrierCoordinator(timeout, (command) => commands.push(command));
  const answers = () =>
    commands.splice(0).map((command) => {
      if (command.type !== 'answerBarrier') return command;
      const { taskId, answer } = command;
      return [taskId, 'error' in answer ? answer.error.code : answer.messages.join('')];
    });
  return { set, running, coordinator, answers };
}

test('answers when all have come, in the order of partitions, again and again', () => {
  const { running, coordinator, answers } = meeting(3);
  for (const epoch of [0, 1]) {
    for (const at of [2, 0]) coordinator.request(running[at]!, epoch, 'allGather', `m${at}`, 0);
    expect(answers()).toEqual([]);
    coordinator.request(running[1]!, epoch, 'allGather', 'm1', 0);
    expect(answers()).toEqual([
      [10, 'm0m1m2'],
      [11, 'm0m1m2'],
      [12, 'm0m1m2'],
    ]);
  }
  coordinator.request(running[0]!, 0, 'barrier', '', 0);
  expect(answers()).toEqual([[10, 'BARRIER_SYNC_OVER']]);
});

test('refuses calls that differ, and calls that one who has ended cannot make any more', () => {
  const { set, running, coordinator, answers } = meeting(2);
  coordinator.request(running[0]!, 0, 'barrier', '', 0);
  coordinator.request(running[1]!, 0, 'allGather', '', 0);
  expect(answers()).toEqual([
    [10, 'BARRIER_METHODS_DIFFER'],
    [11, 'BARRIER_METHODS_DIFFER'],
  ]);
  coordinator.request(running[0]!, 0, 'barrier', '', 0);
  set.status[1] = DONE;
  coordinator.taskSucceeded(set);
  expect(answers()).toEqual([[10, 'BARRIER_TASK_ENDED']]);
  coordinator.request(running[0]!, 0, 'barrier', '', 0);
  expect(answers()).toEqual([[10, 'BARRIER_TASK_ENDED']]);
  coordinator.ended(set);
  expect(coordinator.size).toBe(0);
});

test('refuses those that have waited too long', () => {
  const { running, coordinator, answers } = meeting(3);
  coordinator.request(running[1]!, 0, 'barrier', '', 50);
  coordinator.request(running[2]!, 0, 'barrier', '', 500);
  expect(coordinator.nextDeadline()).toBe(1_050);
  coordinator.wake(1_049);
  expect(answers()).toEqual([]);
  coordinator.wake(1_050);
  expect(answers()).toEqual([
    [11, 'BARRIER_SYNC_TIMEOUT'],
    [12, 'BARRIER_SYNC_TIMEOUT'],
  ]);
  expect(coordinator.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
});
