/** The task scheduler's side of barrier stages: executors for all tasks at once, their meetings, and the end of waiting. */
import type { ErrorData, TaskEndReason } from '../protocol.ts';
import { BarrierCoordinator } from './barrier-coordinator.ts';
import type { DagEvent, TaskCommand } from './events.ts';
import type { RunningTask } from './running-task.ts';
import type { BarrierOptions } from './scheduling-options.ts';
import type { TaskSetState } from './task-set.ts';

/** A longer wait than timers can be set for is looked at again then. */
const LONGEST_TIMER = 2 ** 31 - 1;

export class BarrierDesk {
  readonly coordinator: BarrierCoordinator;
  readonly #options: BarrierOptions;
  readonly #command: (command: TaskCommand) => void;
  /** Sets for which there are too few executors: when the next look is, and how many found it so. */
  readonly #waiting = new Map<TaskSetState, { at: number; failures: number }>();
  #wakeAt = Number.POSITIVE_INFINITY;

  constructor(options: BarrierOptions, command: (command: TaskCommand) => void) {
    this.#options = options;
    this.#command = command;
    this.coordinator = new BarrierCoordinator(options.syncTimeout, command);
  }

  /** Sets of which something is remembered. */
  get size(): number {
    return this.#waiting.size + this.coordinator.size;
  }

  /** There are executors enough, if perhaps busy ones. */
  enough(set: TaskSetState): void {
    this.#waiting.delete(set);
  }

  /** There are fewer executors than the set has tasks. */
  tooFew(set: TaskSetState, now: number): void {
    if (this.#waiting.has(set)) return;
    this.#waiting.set(set, { at: now + this.#options.slotCheckInterval, failures: 0 });
    this.arm(now);
  }

  ended(set: TaskSetState): void {
    this.#waiting.delete(set);
    this.coordinator.ended(set);
  }

  /** The timer has run off. Returns the sets to give up: there were too few executors each time. */
  wake(now: number): TaskSetState[] {
    this.#wakeAt = Number.POSITIVE_INFINITY;
    this.coordinator.wake(now);
    const over: TaskSetState[] = [];
    for (const [set, look] of this.#waiting) {
      if (look.at > now) continue;
      look.at = now + this.#options.slotCheckInterval;
      if (++look.failures >= this.#options.slotCheckMaxFailures) over.push(set);
    }
    for (const set of over) this.#waiting.delete(set);
    this.arm(now);
    return over;
  }

  arm(now: number): void {
    let at = this.coordinator.nextDeadline();
    for (const look of this.#waiting.values()) at = Math.min(at, look.at);
    if (at >= this.#wakeAt) return;
    const ms = Math.min(Math.max(0, at - now), LONGEST_TIMER);
    this.#wakeAt = now + ms;
    this.#command({ type: 'startTimer', timer: 'barrier', ms });
  }

  /** For the set that was given up: there have been so many executors. */
  slotsFailure(set: TaskSetState, executors: number): DagEvent {
    const { stageId, attempt, partitions } = set.taskSet;
    const tasks = partitions.length;
    const { slotCheckMaxFailures, slotCheckInterval } = this.#options;
    const there = executors === 1 ? 'is 1 executor' : `are ${executors} executors`;
    const message = `all ${tasks} tasks of a barrier stage run at once, and there ${there} for it`;
    return {
      type: 'taskSetFailed',
      stageId,
      attempt,
      failure: {
        partition: partitions[0]!,
        attempt: 0,
        executorId: '',
        times: `could not start in ${slotCheckMaxFailures} looks, one every ${slotCheckInterval} ms`,
        cause: { code: 'BARRIER_SLOTS', name: 'StagelightError', message },
        code: 'BARRIER_SLOTS',
        hint: `Start with --executors ${tasks} or more, or repartition(${Math.max(1, executors)}) before barrier().`,
      },
    };
  }
}

/** What a task that ended without success tells the others of its barrier stage. */
export function causeOf(reason: Exclude<TaskEndReason, { kind: 'success' }>): ErrorData {
  const named = (code: string, message: string): ErrorData => ({ code, name: 'StagelightError', message });
  switch (reason.kind) {
    case 'exception':
      return reason.error;
    case 'executorLost':
      return (
        reason.error ?? named('EXECUTOR_LOST', `executor ${reason.executorId} was lost: ${reason.reason}`)
      );
    case 'killed':
      return named('TASK_KILLED', `the task was stopped: ${reason.reason}`);
    case 'commitDenied':
      return named('COMMIT_DENIED', reason.message);
    case 'fetchFailed':
      return named('FETCH_FAILED', reason.message);
    default:
      return reason satisfies never;
  }
}

export function barrierFailure({ info }: RunningTask, cause: ErrorData): DagEvent {
  const { stageId, stageAttempt, partition, attempt, executorId } = info;
  const failure = { partition, attempt, executorId, times: 'failed', cause };
  return { type: 'barrierTaskFailed', stageId, attempt: stageAttempt, failure };
}
