/** A task that was handed to an executor, and the events its start and end make. */
import { toMicros } from '../clock.ts';
import { zeroMetrics } from '../fold/progress.ts';
import type { EngineEvent, TaskEndReason, TaskInfo } from '../protocol.ts';
import type { TaskEnd } from './backend.ts';
import type { TaskPace } from './speculation.ts';
import type { TaskGroup } from './task-group.ts';
import type { TaskSetState } from './task-set.ts';

export interface RunningTask {
  set: TaskSetState;
  position: number;
  info: TaskInfo;
  /** The task of several partitions that it is part of. */
  group?: TaskGroup;
  /** It has reached the head of its executor's queue; only then do viewers hear of it. */
  started: boolean;
  /** Its executor has left it. */
  neverBegan?: true;
  /** Why it is a second copy of a task that runs elsewhere, if it is one. */
  copyReason?: string | undefined;
  /** The latest that its executor has told of it. */
  pace?: TaskPace;
}

/** The tasks of one executor: the head runs, the rest wait in its queue. */
export interface ExecutorTasks {
  queue: RunningTask[];
  /** The set of the task launched last. */
  lastSet?: TaskSetState;
  /** When it last told the end of a task, or got one while it had none. */
  heardAt?: number;
  /** The task that was known to take long when those behind it were taken back: while it runs, no other waits behind it. */
  heldBy?: number;
  /** It is being killed: its process may still live for a moment, but not for anything new. */
  ending?: boolean;
}

/** An end for a task whose executor can no longer tell of it. */
export function lostTaskEnd(taskId: number, reason: TaskEndReason, now: number): TaskEnd {
  return { taskId, reason, metrics: zeroMetrics(), startTime: now, endTime: now };
}

/**
 * Splits the time a task was out between the scheduler's delay and the way of the result back. A task with others
 * queued behind it ends when the executor says so, because then the next one begins: bars of one slot never overlap.
 */
export function taskEndEvent(info: TaskInfo, end: TaskEnd, now: number, hasNext: boolean): EngineEvent {
  const { metrics, reason } = end;
  const { launchTime } = info;
  const startTime = Math.min(Math.max(end.startTime, launchTime), now);
  const endTime = Math.min(Math.max(end.endTime, startTime), now);
  const finishTime = hasNext ? endTime : now;
  const way = finishTime - endTime;
  const brings = end.result !== undefined;
  metrics.gettingResultTime = brings ? toMicros(way) : 0;
  metrics.schedulerDelay = toMicros(startTime - launchTime + (brings ? 0 : way));
  const status = reason.kind === 'success' ? 'success' : reason.kind === 'killed' ? 'killed' : 'failed';
  const { rowsByRdd, operatorTimes } = end;
  return {
    type: 'taskEnd',
    task: info,
    finishTime,
    status,
    reason,
    metrics,
    rowsByRdd,
    ...(operatorTimes && { operatorTimes }),
  };
}
