/** Hands tasks to an executor: alone, or adjacent partitions as one. Viewers hear of a task when its executor comes to it. */
import type { TaskInfo } from '../protocol.ts';
import type { TaskLaunch } from './backend.ts';
import type { RunningTask } from './running-task.ts';
import { TaskGroup } from './task-group.ts';
import type { TaskSetState } from './task-set.ts';
import type { TaskState } from './task-state.ts';

/** `copyReason`: why it is a second copy, if it is one. */
export function launchTask(
  state: TaskState,
  executorId: string,
  set: TaskSetState,
  position: number,
  copyReason?: string,
): TaskLaunch {
  const { stageId, attempt: stageAttempt, indices, partitions } = set.taskSet;
  const taskId = state.nextTaskId++;
  const attempt = set.attempts[position]!++;
  const index = indices[position]!;
  const partition = partitions[position]!;
  const launchTime = state.now;
  const info: TaskInfo = {
    ...{ taskId, stageId, stageAttempt, index, partition, attempt, executorId, launchTime },
    ...(copyReason === undefined ? {} : { speculative: true }),
  };
  set.running++;
  set.copies[position]!++;
  state.tasks.set(taskId, { set, position, info, started: false, copyReason });
  const { replicas } = set;
  const launch: TaskLaunch = { taskId, index, partition, attempt };
  const piece = set.taskSet.pieces?.[position];
  if (piece) launch.piece = piece;
  if (set.careful) launch.careful = true;
  if (replicas > 0) launch.peers = state.peers.peersOf(executorId, replicas, partition);
  return launch;
}

/**
 * A position that was taken, with what is left of its group: what was one task stays one. With `copyReason` a second copy of
 * what runs of it.
 */
export function launchGroup(
  state: TaskState,
  executorId: string,
  set: TaskSetState,
  position: number,
  copyReason?: string,
): TaskLaunch[] {
  const progress = set.groupProgress(position);
  if (!progress) return [launchTask(state, executorId, set, position, copyReason)];
  const positions = copyReason === undefined ? set.takeGroup(position) : set.copyGroup(position);
  const launches = positions.map((each) => launchTask(state, executorId, set, each, copyReason));
  const { partitions } = set.taskSet;
  const { info } = state.tasks.get(launches[0]!.taskId)!;
  const group = new TaskGroup(info, positions.length, progress);
  const range = { first: partitions[positions[0]!]!, last: partitions[positions.at(-1)!]! };
  for (const launch of launches) {
    launch.group = range;
    state.tasks.get(launch.taskId)!.group = group;
  }
  return launches;
}

/** Sends tasks that were launched; the first begins at once on an idle executor, the others wait in its queue. */
export function handOver(
  state: TaskState,
  executorId: string,
  set: TaskSetState,
  launches: TaskLaunch[],
): void {
  const executor = state.executors.get(executorId)!;
  const { queue } = executor;
  if (queue.length === 0) executor.heardAt = state.now;
  state.command({ type: 'launch', executorId, plan: set.taskSet.plan, tasks: launches });
  for (const { taskId } of launches) queue.push(state.tasks.get(taskId)!);
  executor.lastSet = set;
  if (queue.length > 1) state.queued.add(executorId);
  if (!queue[0]!.started) startTask(state, queue[0]!, state.now);
}

/** It is at the head of its executor's queue. */
export function startTask(state: TaskState, task: RunningTask, time: number): void {
  task.started = true;
  task.set.executing++;
  const { group } = task;
  if (group?.started) return;
  if (group) group.started = true;
  const { info } = group ?? task;
  info.launchTime = Math.max(info.launchTime, time);
  const reason = task.copyReason ?? task.set.retryReasons.get(task.position);
  state.emit({ type: 'taskStart', task: info, reason });
}
