/** Everything the task scheduler knows. One thread touches it: the step function owns and mutates it. */
import type { EngineEvent } from '../protocol.ts';
import { BarrierDesk } from './barrier-desk.ts';
import { CommitAuthority } from './commit-authority.ts';
import type { DagEvent, TaskCommand } from './events.ts';
import { ExclusionDesk } from './exclusion-desk.ts';
import { RecentIds } from './recent-ids.ts';
import { PeerRing } from './replication.ts';
import type { ExecutorTasks, RunningTask } from './running-task.ts';
import { SCHEDULING_DEFAULTS, type SchedulingOptions } from './scheduling-options.ts';
import { SchedulingOrder } from './scheduling-order.ts';
import type { TaskSetState } from './task-set.ts';

export interface TaskSchedulerOptions {
  /** Failures of one task that fail its job. */
  maxTaskFailures: number;
  /** How long a task waits for the executor that caches what it reads, in milliseconds. */
  localityWait: number;
  /** Innocent losses of one task's executor before the job is given up. */
  maxTaskLosses: number;
  /** Executors that there are when none is being replaced; absent: as many as there ever were at a time. */
  slots?: number;
  scheduling: SchedulingOptions;
}

const TASK_DEFAULTS: TaskSchedulerOptions = {
  maxTaskFailures: 4,
  localityWait: 300,
  maxTaskLosses: 20,
  scheduling: SCHEDULING_DEFAULTS,
};

/** Answers come once, or again soon after (a repeated message). */
const ANSWERS_REMEMBERED = 10_000;

export class TaskState {
  readonly options: TaskSchedulerOptions;
  readonly order: SchedulingOrder;
  readonly executors = new Map<string, ExecutorTasks>();
  readonly peers = new PeerRing();
  /** Tasks whose end was taken, the latest of them. */
  readonly answered = new RecentIds(ANSWERS_REMEMBERED);
  readonly tasks = new Map<number, RunningTask>();
  readonly commits = new CommitAuthority();
  readonly exclusion: ExclusionDesk | undefined;
  readonly barriers: BarrierDesk;
  /** See the option. */
  slots: number;
  nextTaskId = 0;
  speculationTimerRunning = false;
  localityTimerRunning = false;
  takeBackTimerRunning = false;
  /** Executors on which tasks wait behind another; some of them no longer. */
  readonly queued = new Set<string>();
  /** An executor was offered to all sets and got nothing. */
  foundIdle = false;
  /** Something has happened that concerns executors besides the one that an event comes from. */
  offersDue = false;
  /** Of the event being handled. */
  now = 0;
  commands: TaskCommand[] = [];

  constructor(options: Partial<TaskSchedulerOptions> = {}) {
    this.options = { ...TASK_DEFAULTS, ...options };
    const { scheduling, slots = 0 } = this.options;
    this.order = new SchedulingOrder(scheduling);
    this.slots = slots;
    const command = (asked: TaskCommand) => this.command(asked);
    this.barriers = new BarrierDesk(scheduling.barrier, command);
    this.exclusion = scheduling.exclusion && new ExclusionDesk(scheduling.exclusion, command);
  }

  /** True when no task set and no task is left. */
  get empty(): boolean {
    const { order, tasks, commits, barriers, exclusion } = this;
    const kept = [order, tasks, commits, barriers, ...(exclusion ? [exclusion] : [])];
    return kept.every(({ size }) => size === 0);
  }

  command(command: TaskCommand): void {
    this.commands.push(command);
  }

  emit(event: EngineEvent): void {
    this.command({ type: 'emit', event });
  }

  /** Tells the DAG scheduler. */
  dag(event: DagEvent): void {
    this.command({ type: 'dag', event });
  }

  readonly isAlive = (executorId: string): boolean => this.executors.has(executorId);

  /** The executors that may run tasks of this set. */
  usable(set: TaskSetState): string[] {
    return [...this.executors.keys()].filter((id) => this.isUsable(set, id));
  }

  isUsable(set: TaskSetState, executorId: string): boolean {
    if (this.executors.get(executorId)?.ending || this.exclusion?.excludes(executorId)) return false;
    return !set.exclusion?.excludesExecutor(executorId);
  }

  /** Nothing more of the set is launched. */
  close(set: TaskSetState, mode: 'retired' | 'cancelled'): void {
    set.mode = mode;
    this.removeIfOver(set);
  }

  /** Forgets a set that has nothing running and nothing to run. */
  removeIfOver(set: TaskSetState): void {
    if (set.running > 0 || set.runnable) return;
    if (!this.order.remove(set)) return;
    this.exclusion?.ended(set, this.now, this.isAlive);
    this.barriers.ended(set);
    // Executors may have been saved up for it.
    if (set.taskSet.barrier && set.pending > 0) this.offersDue = true;
    const { stageId, attempt } = set.taskSet;
    this.command({ type: 'forgetStage', stageId, attempt });
    if (!this.order.hasStage(stageId)) this.commits.forget(stageId);
  }
}
