/** Takes in the ends of tasks, and the loss of executors: what viewers and the DAG scheduler are told, and what begins next. */
import type { TaskEndReason } from '../protocol.ts';
import type { TaskEnd } from './backend.ts';
import type { TaskEvent } from './events.ts';
import { startTask } from './launch-task.ts';
import { withLiveReplicas } from './replication.ts';
import { lostTaskEnd, type RunningTask, taskEndEvent } from './running-task.ts';
import { type TaskGroup, TOO_LATE } from './task-group.ts';
import { DONE } from './task-set.ts';
import type { TaskState } from './task-state.ts';
import { deliver, judge } from './task-verdict.ts';

/** `isLost`: nobody answered, the executor is gone. */
export function taskEnded(state: TaskState, executorId: string, end: TaskEnd, isLost = false): void {
  const task = state.tasks.get(end.taskId);
  const executor = state.executors.get(executorId);
  if (!task || task.info.executorId !== executorId || !executor) {
    // An answer that was already taken speaks of files in use: only what nobody took is freed, and that once.
    if (!state.answered.has(end.taskId)) discard(state, executorId, end);
    state.answered.add(end.taskId);
    return;
  }
  // Of a lost executor no answer came; one that was under way may still come.
  if (!isLost) state.answered.add(end.taskId);
  const { queue } = executor;
  executor.heardAt = state.now;
  state.tasks.delete(end.taskId);
  const at = queue.findIndex((queued) => queued.info.taskId === end.taskId);
  queue.splice(at, 1);
  const next = at === 0 ? queue[0] : undefined;
  const { set, position, group } = task;
  // After another copy of it, or one in another attempt of the stage.
  const isLate = end.reason.kind === 'success' && set.status[position] === DONE;
  group?.ended(end, isLate || (end.reason.kind === 'killed' && set.status[position] === DONE));
  tellViewers(state, task, isLate ? { ...end, reason: TOO_LATE } : end, next !== undefined);
  if (next && !next.started) startTask(state, next, Math.min(end.endTime, state.now));
  tellBlocks(state, task, end);
  set.running--;
  set.copies[position]!--;
  if (task.started) set.executing--;
  judge(state, task, end);
  if (group?.left === 0 && set.groupEnded(group, state.isAlive)) state.offersDue = true;
  state.removeIfOver(set);
}

/** Of a task of several partitions once all have ended. */
function tellViewers(state: TaskState, task: RunningTask, end: TaskEnd, hasNext: boolean): void {
  const { group } = task;
  // One that was dropped from the queue never was, as far as viewers know.
  if (!task.started && !group?.started && end.reason.kind === 'killed') return;
  // The executor's clock may be ahead.
  if (!task.started) startTask(state, task, Math.min(end.startTime, state.now));
  if (!group) state.emit(taskEndEvent(task.info, end, state.now, hasNext));
  else if (group.left === 0) groupEnded(state, task, group, end.reason.kind === 'success', hasNext);
}

function groupEnded(
  state: TaskState,
  { set, position }: RunningTask,
  group: TaskGroup,
  isDone: boolean,
  hasNext: boolean,
): void {
  const end = group.end(set.isGroupDone(position, isDone));
  const { inputRecords, shuffleReadRecords, executorRunTime } = end.metrics;
  const pace = { recordsRead: inputRecords + shuffleReadRecords, runTime: executorRunTime };
  if (end.reason.kind === 'success') set.speculation?.succeeded(state.now - group.info.launchTime, pace);
  state.emit(taskEndEvent(group.info, end, state.now, hasNext));
}

/** What the task cached, and the copies it made for others. */
function tellBlocks(state: TaskState, task: RunningTask, { cachedBlocks = [] }: TaskEnd): void {
  if (cachedBlocks.length === 0) return;
  const { epoch } = task.set.taskSet;
  const { executorId } = task.info;
  state.dag({
    type: 'blocksCached',
    executorId,
    epoch,
    blocks: withLiveReplicas(cachedBlocks, state.isAlive),
  });
}

/** The DAG scheduler frees what a task leaves that nobody knows any more. */
function discard(state: TaskState, executorId: string, end: TaskEnd): void {
  if (end.result || end.mapStatus || end.accumulators) deliver(state, -1, -1, -1, executorId, end);
}

/** Its tasks end with it; the one that ran may be to blame. */
export function executorRemoved(
  state: TaskState,
  event: Extract<TaskEvent, { type: 'executorRemoved' }>,
): void {
  const { executorId, reason, error } = event;
  const executor = state.executors.get(executorId);
  if (!executor) return;
  const { runningTaskId = executor.queue[0]?.info.taskId } = event;
  for (const task of [...executor.queue]) {
    const { taskId } = task.info;
    const ran = taskId === runningTaskId;
    const causedByTask = event.causedByTask && ran;
    const stopped = ran ? event.stopped : reason;
    const lost: TaskEndReason =
      stopped !== undefined && (ran || !task.started)
        ? { kind: 'killed', reason: stopped }
        : { kind: 'executorLost', executorId, reason, causedByTask, error };
    // The rest of the queue must not count as started one after the other.
    executor.queue = [task];
    taskEnded(state, executorId, lostTaskEnd(taskId, lost, state.now), true);
  }
  state.executors.delete(executorId);
  state.peers.remove(executorId);
  state.exclusion?.executorRemoved(executorId);
  for (const set of state.order.all()) set.executorLost(executorId, state.isAlive);
  state.dag({ type: 'executorLost', executorId, reason });
}
