/** What the end of a task means for its task set: done, again, or given up. */
import type { ErrorData, TaskEndReason } from '../protocol.ts';
import type { TaskEnd } from './backend.ts';
import { barrierFailure, causeOf } from './barrier-desk.ts';
import type { RunningTask } from './running-task.ts';
import { DONE, type TaskSetState } from './task-set.ts';
import type { TaskState } from './task-state.ts';

const OUT_OF_MEMORY = 'EXECUTOR_OUT_OF_MEMORY';

export function judge(state: TaskState, task: RunningTask, end: TaskEnd): void {
  const { set, position } = task;
  const { stageId, attempt } = set.taskSet;
  const { index, partition, taskId, executorId } = task.info;
  const { reason } = end;
  // What a cancelled task brings is not taken, so another attempt must be able to commit.
  if (reason.kind !== 'success' || set.mode === 'cancelled') {
    state.commits.release(stageId, partition, taskId);
  }
  if (reason.kind === 'executorLost') takeCareAfter(state, task, reason);
  if (set.taskSet.barrier && reason.kind !== 'success' && reason.kind !== 'fetchFailed') {
    barrierTaskFailed(state, task, reason);
    return;
  }
  switch (reason.kind) {
    case 'success': {
      set.took(end.endTime - end.startTime);
      const isFirst = set.finish(position);
      if (isFirst) endedFirst(state, task, end);
      const piece = set.taskSet.pieces?.[position]?.number;
      if (attempt > 0 || set.mode !== 'active') doneInFormer(state, set, index, piece);
      deliver(state, stageId, attempt, index, executorId, end, piece, isFirst);
      if (set.taskSet.barrier && set.mode === 'active') state.barriers.coordinator.taskSucceeded(set);
      break;
    }
    case 'fetchFailed':
      // Not queued again here: the stage is tried again as a whole when the lost output is back.
      set.mode = set.mode === 'active' ? 'retired' : set.mode;
      state.dag({ type: 'fetchFailed', stageId, attempt, index, reason });
      break;
    case 'exception':
      if (goesElsewhere(state, task, reason)) tryAgain(state, task, reason.error);
      else countFailure(state, task, reason.error, reason.fatal ?? false);
      break;
    case 'executorLost':
      countLoss(state, task, reason);
      break;
    case 'killed':
      again(
        state,
        task,
        task.neverBegan ? reason.reason : `attempt ${task.info.attempt} was killed: ${reason.reason}`,
      );
      break;
    case 'commitDenied':
      again(state, task, 'another attempt held the right to commit');
      break;
    default:
      reason satisfies never;
  }
}

/** Of the attempts of a task the first to end well: the others stop, and count neither as ended well nor as failed. */
function endedFirst(state: TaskState, { set, position, info, group }: RunningTask, end: TaskEnd): void {
  const { inputRecords, shuffleReadRecords, executorRunTime } = end.metrics;
  const pace = { recordsRead: inputRecords + shuffleReadRecords, runTime: executorRunTime };
  if (!group) set.speculation?.succeeded(state.now - info.launchTime, pace);
  if (set.copies[position] === 0) return;
  const reason = `attempt ${info.attempt} on executor ${info.executorId} ended first`;
  for (const other of state.tasks.values()) {
    if (other.set !== set || other.position !== position) continue;
    const { taskId } = other.info;
    state.command({ type: 'kill', executorId: other.info.executorId, taskId, reason });
  }
}

/** Attempts of the stage that are over may still run the same: it will not be the first to end well. */
function doneInFormer(state: TaskState, set: TaskSetState, index: number, piece?: number): void {
  for (const other of state.order.all())
    if (other !== set && other.mode !== 'active' && other.taskSet.stageId === set.taskSet.stageId)
      other.finishIndex(index, piece);
}

/** Hands what a task brings to the DAG scheduler; of no stage, when nobody waits for it and it is only to be freed. */
export function deliver(
  state: TaskState,
  stageId: number,
  attempt: number,
  index: number,
  executorId: string,
  { result, mapStatus, accumulators }: TaskEnd,
  piece?: number,
  isFirst = false,
): void {
  const brought = { stageId, attempt, index, executorId, result, mapStatus, accumulators, isFirst };
  state.dag({ type: 'taskSucceeded', ...brought, ...(piece === undefined ? {} : { piece }) });
}

/**
 * It may have to run elsewhere than where it ran, and a free executor may be nearer. What is left of a task of several
 * partitions is tried again as one, when all of it has ended.
 */
function again(state: TaskState, { set, position, group, neverBegan, info }: RunningTask, reason: string) {
  const executorId = neverBegan ? undefined : info.executorId;
  if (group) group.again.push({ position, reason, executorId });
  else if (set.requeue(position, reason, executorId, state.isAlive)) state.offersDue = true;
}

/** What is tried again, and what follows, estimates no sizes from samples. */
function takeCareAfter(
  state: TaskState,
  { set, info }: RunningTask,
  { error }: Extract<TaskEndReason, { kind: 'executorLost' }>,
): void {
  if (error?.code !== OUT_OF_MEMORY || set.careful) return;
  set.careful = true;
  // It may be an earlier attempt that still ran.
  for (const other of state.order.all()) if (other.taskSet.stageId === info.stageId) other.careful = true;
  state.dag({ type: 'memoryRanOut', stageId: info.stageId });
}

function countLoss(
  state: TaskState,
  task: RunningTask,
  reason: Extract<TaskEndReason, { kind: 'executorLost' }>,
): void {
  const { set, position } = task;
  const error: ErrorData = reason.error ?? {
    code: 'EXECUTOR_LOST',
    name: 'StagelightError',
    message: `executor ${reason.executorId} was lost: ${reason.reason}`,
  };
  if (reason.causedByTask) {
    countFailure(state, task, error, false);
    return;
  }
  if (set.status[position] === DONE) return;
  const losses = set.lostExecutor(position);
  if (losses >= state.options.maxTaskLosses) giveUp(state, task, `lost its executor ${losses} times`, error);
  else again(state, task, `${error.message}${withCare(error)}`);
}

/** What it needs is on one executor only: another attempt is made there. */
function goesElsewhere(
  state: TaskState,
  { set, position }: RunningTask,
  { heldBy }: Extract<TaskEndReason, { kind: 'exception' }>,
): boolean {
  if (heldBy === undefined || set.mode !== 'active' || set.status[position] === DONE) return false;
  return set.bind(position, heldBy, state.isAlive);
}

function countFailure(state: TaskState, task: RunningTask, error: ErrorData, fatal: boolean): void {
  const { set, position } = task;
  if (set.mode !== 'active' || set.status[position] === DONE) return;
  state.exclusion?.failed(task, task.info.executorId, error, state.now);
  if (fatal) giveUp(state, task, 'failed in a way that trying again cannot mend', error);
  else tryAgain(state, task, error);
}

function withCare({ code }: ErrorData): string {
  return code === OUT_OF_MEMORY ? '; from now on the stage takes in one row at a time' : '';
}

/** Unless it has failed too often. */
function tryAgain(state: TaskState, task: RunningTask, error: ErrorData): void {
  const failures = task.set.failed(task.position);
  if (failures >= state.options.maxTaskFailures) giveUp(state, task, `failed ${failures} times`, error);
  else {
    again(state, task, `attempt ${task.info.attempt} failed: ${error.message}${withCare(error)}`);
  }
}

/** None of the tasks of a barrier stage is tried again alone. */
function barrierTaskFailed(
  state: TaskState,
  task: RunningTask,
  reason: Exclude<TaskEndReason, { kind: 'success' }>,
): void {
  const { set, info } = task;
  if (set.mode !== 'active') return;
  const cause = causeOf(reason);
  if (reason.kind === 'exception' || (reason.kind === 'executorLost' && reason.causedByTask))
    state.exclusion?.failed(task, info.executorId, cause, state.now);
  if (reason.kind === 'exception' && reason.fatal) {
    giveUp(state, task, 'failed in a way that trying again cannot mend', cause);
    return;
  }
  set.mode = 'retired';
  state.dag(barrierFailure(task, cause));
}

function giveUp(state: TaskState, task: RunningTask, times: string, cause: ErrorData): void {
  const { stageId, stageAttempt, partition, attempt, executorId } = task.info;
  if (task.set.mode !== 'active') return;
  task.set.mode = 'retired';
  const failure = { partition, attempt, executorId, times, cause };
  state.dag({ type: 'taskSetFailed', stageId, attempt: stageAttempt, failure });
}
