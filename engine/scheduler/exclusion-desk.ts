/**
 * The task scheduler's side of exclusion: counts failures, says who is excluded and until when, and finds the task
 * that can run nowhere.
 */
import type { ErrorData } from '../protocol.ts';
import type { TaskCommand } from './events.ts';
import { type Excluded, HealthTracker } from './exclusion.ts';
import type { RunningTask } from './running-task.ts';
import type { ExclusionOptions } from './scheduling-options.ts';
import { PENDING, type TaskSetState } from './task-set.ts';

const tasks = (count: number) => `${count} task${count === 1 ? '' : 's'}`;

export class ExclusionDesk {
  readonly #options: ExclusionOptions;
  readonly #health: HealthTracker;
  readonly #command: (command: TaskCommand) => void;
  /** Sets that have a task which can run nowhere: since when, and whether an executor was replaced for it. */
  readonly #stuck = new Map<TaskSetState, { since: number; replaces: boolean }>();
  /** The last failure of a set, for the error that ends it. */
  readonly #lastFailure = new Map<TaskSetState, { task: RunningTask; error: ErrorData }>();
  #wakeAt = Number.POSITIVE_INFINITY;
  /** Something has happened since that may leave a task without a place. */
  changed = false;

  constructor(options: ExclusionOptions, command: (command: TaskCommand) => void) {
    this.#options = options;
    this.#health = new HealthTracker(options);
    this.#command = command;
  }

  /** Sets of which something is remembered. */
  get size(): number {
    return this.#stuck.size + this.#lastFailure.size;
  }

  /** Whether sets are to be looked at that may have a task which can run nowhere. */
  get isDue(): boolean {
    return this.changed || this.#stuck.size > 0;
  }

  /** From all stages. */
  excludes(executorId: string): boolean {
    return this.#health.excludes(executorId);
  }

  /** A task failed by its own doing, or its executor's. */
  failed(task: RunningTask, executorId: string, error: ErrorData, now: number): void {
    const { set, position, info } = task;
    this.changed = true;
    this.#lastFailure.set(set, { task, error });
    if (!set.exclusion?.failed(set.groupOf(position), executorId)) return;
    const failedTasks = set.exclusion.failedTasks(executorId);
    this.#command({
      type: 'emit',
      event: {
        type: 'executorExcluded',
        executorId,
        time: now,
        failedTasks,
        stageId: info.stageId,
        stageAttempt: info.stageAttempt,
        reason: `${tasks(failedTasks)} of stage ${info.stageId} failed on it`,
      },
    });
  }

  /** The set is over. */
  ended(set: TaskSetState, now: number, isAlive: (executorId: string) => boolean): void {
    this.#stuck.delete(set);
    if (!this.#lastFailure.delete(set) || !set.exclusion || !set.succeeded) return;
    const { stageId, attempt } = set.taskSet;
    const excluded = this.#health.stageSucceeded(`${stageId}.${attempt}`, set.exclusion, now, isAlive);
    for (const each of excluded) this.#exclude(each, now);
    this.#arm(this.#health.nextExpiry(), now);
  }

  #exclude({ executorId, failedTasks, until }: Excluded, now: number): void {
    this.changed = true;
    const reason = `${tasks(failedTasks)} failed on it, of stages that others brought to their end`;
    this.#command({
      type: 'emit',
      event: { type: 'executorExcluded', executorId, time: now, failedTasks, until, reason },
    });
    if (this.#options.killExcludedExecutors)
      this.#command({ type: 'killExecutor', executorId, reason: `it was excluded: ${reason}` });
  }

  executorRemoved(executorId: string): void {
    this.changed = true;
    this.#health.executorRemoved(executorId);
  }

  /** The timer has run off. */
  wake(now: number): void {
    this.changed = true;
    this.#wakeAt = Number.POSITIVE_INFINITY;
    for (const executorId of this.#health.expire(now)) {
      const reason = `${this.#options.timeout} ms have passed since it was excluded`;
      this.#command({ type: 'emit', event: { type: 'executorUnexcluded', executorId, time: now, reason } });
    }
    this.#arm(this.#health.nextExpiry(), now);
  }

  #arm(at: number | undefined, now: number): void {
    if (at === undefined || at >= this.#wakeAt) return;
    this.#wakeAt = at;
    this.#command({ type: 'startTimer', timer: 'exclusion', ms: Math.max(0, at - now) });
  }

  /**
   * What becomes of a set that has a task which may run on none of these executors (Spark's
   * `getCompletelyExcludedTaskIfAny` in `resourceOffers`): an idle one is replaced, for a new one has a clean record, and
   * that is waited for, but not without end. So is one that has just died. Where all are at work Spark gives the set up at
   * once; here the first to be idle is replaced. For a barrier stage, of which all tasks run at once, as many as it lacks are
   * replaced, one after the other; how long it waits is its own affair.
   */
  rescue(
    set: TaskSetState,
    executors: string[],
    idle: string[],
    expected: number,
    now: number,
  ): TaskCommand | undefined {
    const position = this.#unplaceable(set, executors);
    if (position === undefined) {
      this.#stuck.delete(set);
      return undefined;
    }
    const stuck = this.#stuck.get(set) ?? { since: now, replaces: false };
    this.#stuck.set(set, stuck);
    if (set.taskSet.barrier) return this.#replaceExcluded(set, executors, idle, expected);
    const deadline = stuck.since + this.#options.unschedulableTaskSetTimeout;
    if (now >= deadline) return { type: 'dag', event: this.#failure(set, position, executors) };
    this.#arm(deadline, now);
    const executorId = idle.find((id) => this.excludes(id)) ?? idle[0];
    if (executorId === undefined || stuck.replaces || executors.length < expected) return undefined;
    stuck.replaces = true;
    const { stageId, partitions } = set.taskSet;
    const reason = `it was idle, and partition ${partitions[position]} of stage ${stageId} may run on no executor: a new one has a clean record`;
    return { type: 'killExecutor', executorId, reason };
  }

  #replaceExcluded(
    { taskSet, pending }: TaskSetState,
    executors: string[],
    idle: string[],
    expected: number,
  ): TaskCommand | undefined {
    const executorId = idle.find((id) => this.excludes(id));
    if (executorId === undefined || executors.length < expected) return undefined;
    const reason = `it was excluded from all stages, and stage ${taskSet.stageId} needs ${pending} executors at once: a new one has a clean record`;
    return { type: 'killExecutor', executorId, reason };
  }

  #unplaceable(set: TaskSetState, executors: string[]): number | undefined {
    if (set.mode !== 'active' || set.pending === 0 || !set.exclusion) return undefined;
    const { exclusion } = set;
    const open = executors.filter((id) => !this.excludes(id) && !exclusion.excludesExecutor(id));
    if (open.length < (set.taskSet.barrier ? set.pending : 1)) return set.status.indexOf(PENDING);
    for (const failed of exclusion.positions()) {
      const position = set.pendingIn(failed);
      if (position !== undefined && open.every((id) => exclusion.excludes(failed, id))) return position;
    }
    return undefined;
  }

  #failure(set: TaskSetState, position: number, executors: string[]) {
    const { stageId, attempt, partitions } = set.taskSet;
    const why = (executorId: string): string => {
      if (this.excludes(executorId)) return `executor ${executorId} is excluded from all stages`;
      if (set.exclusion!.excludesExecutor(executorId))
        return `executor ${executorId} is excluded from the stage`;
      return `it failed on executor ${executorId}`;
    };
    const last = this.#lastFailure.get(set);
    const places = executors.length === 0 ? 'there is no executor' : executors.map(why).join(', ');
    return {
      type: 'taskSetFailed' as const,
      stageId,
      attempt,
      failure: {
        partition: partitions[position]!,
        attempt: Math.max(0, set.attempts[position]! - 1),
        executorId: last?.task.info.executorId ?? executors[0] ?? '',
        times: `can run on no executor (${places})`,
        cause: last?.error ?? {
          code: 'EXECUTORS_EXCLUDED',
          name: 'StagelightError',
          message: 'tasks of earlier stages had failed on all executors',
        },
        code: 'TASK_EXCLUDED_EVERYWHERE',
        hint:
          'Mend what fails; or allow a task more attempts on one executor ' +
          '(--conf stagelight.excludeOnFailure.task.maxTaskAttemptsPerExecutor=2), use more executors, or turn stagelight.excludeOnFailure.enabled off.',
      },
    };
  }
}
