/**
 * The task scheduler: hands the tasks of submitted task sets to executors, first job first or by fair shares, near
 * their cached partitions when that costs no long wait, and tries failed ones again.
 *
 * `step(event, now)` is total and pure like the DAG scheduler's; each task costs constant time.
 */
import type { ErrorData, TaskEndReason, TaskInfo } from '../protocol.ts';
import type { TaskEnd, TaskLaunch } from './backend.ts';
import { BarrierDesk, barrierFailure, causeOf } from './barrier-desk.ts';
import { CommitAuthority } from './commit-authority.ts';
import type { TaskCommand, TaskEvent, TaskSet, TaskTimer } from './events.ts';
import { ExclusionDesk } from './exclusion-desk.ts';
import { RecentIds } from './recent-ids.ts';
import { adoptions, peersOf, withLiveReplicas } from './replication.ts';
import { type ExecutorTasks, lostTaskEnd, type RunningTask, taskEndEvent } from './running-task.ts';
import { SCHEDULING_DEFAULTS, type SchedulingOptions } from './scheduling-options.ts';
import { SchedulingOrder } from './scheduling-order.ts';
import { TaskGroup } from './task-group.ts';
import { DONE, TaskSetState } from './task-set.ts';

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

export class TaskScheduler {
  readonly #options: TaskSchedulerOptions;
  readonly #order: SchedulingOrder;
  readonly #executors = new Map<string, ExecutorTasks>();
  /** Tasks whose end was taken, the latest of them. */
  readonly #answered = new RecentIds(ANSWERS_REMEMBERED);
  readonly #tasks = new Map<number, RunningTask>();
  readonly #commits = new CommitAuthority();
  readonly #exclusion: ExclusionDesk | undefined;
  readonly #barriers: BarrierDesk;
  #slots: number;
  #nextTaskId = 0;
  #speculationTimerRunning = false;
  #timerRunning = false;
  #now = 0;
  #commands: TaskCommand[] = [];

  constructor(options: Partial<TaskSchedulerOptions> = {}) {
    this.#options = { ...TASK_DEFAULTS, ...options };
    const { scheduling, slots = 0 } = this.#options;
    this.#order = new SchedulingOrder(scheduling);
    this.#slots = slots;
    const command = (asked: TaskCommand) => this.#commands.push(asked);
    this.#barriers = new BarrierDesk(scheduling.barrier, command);
    this.#exclusion = scheduling.exclusion && new ExclusionDesk(scheduling.exclusion, command);
  }

  /** True when no task set and no task is left. */
  get empty(): boolean {
    const kept = [
      this.#order,
      this.#tasks,
      this.#commits,
      this.#barriers,
      ...(this.#exclusion ? [this.#exclusion] : []),
    ];
    return kept.every(({ size }) => size === 0);
  }

  /** The job of a task that has not ended, or else of the executor's latest task. */
  jobOf(executorId: string, taskId: number): number | undefined {
    return (this.#tasks.get(taskId)?.set ?? this.#executors.get(executorId)?.lastSet)?.taskSet.jobId;
  }

  step(event: TaskEvent, now: number): TaskCommand[] {
    this.#now = now;
    this.#commands = [];
    switch (event.type) {
      case 'taskSetSubmitted':
        this.#submit(event.taskSet);
        break;
      case 'taskSetRetired':
        for (const set of this.#order.all()) {
          const { stageId, attempt } = set.taskSet;
          if (stageId === event.stageId && attempt === event.attempt) this.#close(set, 'retired');
        }
        break;
      case 'tasksCancelled':
        this.#cancel(event.stageId, event.reason);
        break;
      case 'taskDone':
        for (const set of this.#order.all()) {
          if (set.taskSet.stageId !== event.stageId) continue;
          set.finishIndex(event.index, event.piece);
          this.#removeIfOver(set);
        }
        break;
      case 'executorAdded':
        this.#executors.set(event.executorId, { queue: [] });
        this.#slots = Math.max(this.#slots, this.#executors.size);
        if (this.#exclusion) this.#exclusion.changed = true;
        this.#offer(event.executorId);
        break;
      case 'executorRemoved':
        this.#executorRemoved(event);
        break;
      case 'taskEnded':
        this.#taskEnded(event.executorId, event.end);
        // What is tried again may have to run elsewhere.
        if (this.#exclusion && event.end.reason.kind !== 'success') this.#offerAll();
        else this.#offer(event.executorId);
        break;
      case 'commitRequested':
        this.#commitRequested(event.executorId, event.taskId);
        break;
      case 'barrierRequested': {
        const task = this.#tasks.get(event.taskId);
        const { epoch, method, message } = event;
        if (task) this.#barriers.coordinator.request(task, epoch, method, message, this.#now);
        this.#barriers.arm(this.#now);
        break;
      }
      case 'taskProgress': {
        const task = this.#tasks.get(event.taskId);
        if (task) task.pace = { recordsRead: event.recordsRead, runTime: event.runTime };
        break;
      }
      case 'localityTimer':
        this.#timerRunning = false;
        this.#offerAll();
        break;
      case 'timer':
        this.#timer(event.timer);
        break;
      default:
        event satisfies never;
    }
    if (this.#exclusion?.changed) this.#failStuck(this.#exclusion);
    return this.#commands;
  }

  #timer(timer: TaskTimer): void {
    switch (timer) {
      case 'speculation':
        this.#speculationTimerRunning = false;
        this.#speculate();
        break;
      case 'barrier':
        for (const set of this.#barriers.wake(this.#now)) {
          set.mode = 'retired';
          this.#commands.push({
            type: 'dag',
            event: this.#barriers.slotsFailure(set, this.#usable(set).length),
          });
          this.#removeIfOver(set);
        }
        break;
      case 'exclusion':
        this.#exclusion?.wake(this.#now);
        break;
      default:
        timer satisfies never;
    }
    this.#offerAll();
  }

  // ------------------------------------------------------------------ task sets

  readonly #isAlive = (executorId: string): boolean => this.#executors.has(executorId);

  #submit(taskSet: TaskSet): void {
    this.#order.add(new TaskSetState(taskSet, this.#isAlive, this.#options.scheduling));
    if (this.#exclusion) this.#exclusion.changed = true;
    this.#offerAll();
    this.#startSpeculationTimer();
  }

  #close(set: TaskSetState, mode: 'retired' | 'cancelled'): void {
    set.mode = mode;
    this.#removeIfOver(set);
  }

  #cancel(stageId: number, reason: string): void {
    for (const set of this.#order.all()) if (set.taskSet.stageId === stageId) this.#close(set, 'cancelled');
    for (const [executorId, { queue }] of this.#executors) {
      // Those not begun first: else the executor would go on to them.
      for (const task of queue.toReversed()) {
        if (task.info.stageId !== stageId) continue;
        this.#commands.push({ type: 'kill', executorId, taskId: task.info.taskId, reason });
      }
    }
  }

  #removeIfOver(set: TaskSetState): void {
    if (set.running > 0 || set.runnable) return;
    if (!this.#order.remove(set)) return;
    this.#exclusion?.ended(set, this.#now, this.#isAlive);
    this.#barriers.ended(set);
    const { stageId, attempt } = set.taskSet;
    this.#commands.push({ type: 'forgetStage', stageId, attempt });
    if (!this.#order.hasStage(stageId)) this.#commits.forget(stageId);
  }

  // ------------------------------------------------------------------ launching

  #offerAll(): void {
    for (const executorId of this.#executors.keys()) this.#offer(executorId);
  }

  /** Fills an executor's queue when it is at most half full, so that what is launched travels in batches. */
  #offer(executorId: string): void {
    const executor = this.#executors.get(executorId);
    // Where shares count, whoever got something stands further back.
    if (this.#exclusion?.excludes(executorId)) return;
    while (executor && this.#launchNext(executorId, executor) && this.#order.isFair);
  }

  /** In the order of task sets; of one alone where the order then changes. True when something was launched. */
  #launchNext(executorId: string, executor: ExecutorTasks): boolean {
    const { queue } = executor;
    let launched = false;
    for (const set of this.#order.served()) {
      if (!set.runnable) continue;
      if (set.taskSet.barrier) {
        const outcome = this.#launchTogether(set);
        launched ||= outcome === 'launched';
        // Executors that come free are saved up for it.
        if (outcome === 'waits') return launched;
        continue;
      }
      const window = Math.min(set.window, queue.length > 0 ? (executor.lastSet?.window ?? 1) : set.window);
      if (queue.length > window / 2) return false;
      // Towards the end of a set the batches shrink, so that no executor is left with a queue while others idle.
      const share = Math.ceil(set.pending / (2 * this.#executors.size));
      const launches = this.#take(executorId, set, Math.min(window - queue.length, share));
      if (launches.length === 0) continue;
      this.#commands.push({ type: 'launch', executorId, plan: set.taskSet.plan, tasks: launches });
      for (const { taskId } of launches) queue.push(this.#tasks.get(taskId)!);
      executor.lastSet = set;
      if (!queue[0]!.started) this.#start(queue[0]!, this.#now);
      launched = true;
      if (this.#order.isFair) break;
    }
    return launched;
  }

  #take(executorId: string, set: TaskSetState, count: number): TaskLaunch[] {
    const launches: TaskLaunch[] = [];
    const { localityWait } = this.#options;
    const idle = this.#executors.get(executorId)!.queue.length === 0;
    while (launches.length < count) {
      let position = set.take(executorId);
      if (position === undefined && set.pending > 0) {
        const left = set.waitingSince(executorId, this.#now) + localityWait - this.#now;
        if (left <= 0) position = set.takeFar(executorId);
        else this.#startTimer(left);
      }
      if (position === undefined) break;
      const positions = set.takeGroup(position);
      const shared = positions.length > 1 || set.rowsBefore.has(set.groupOf(position));
      if (shared) launches.push(...this.#launchGroup(executorId, set, positions));
      else launches.push(this.#launch(executorId, set, position));
    }
    // A copy is to be quick: it waits behind no other task.
    const copy = launches.length === 0 && idle ? set.takeCopy(executorId) : undefined;
    if (copy)
      launches.push(this.#launch(executorId, set, copy.position, `it is speculative: ${copy.reason}`));
    return launches;
  }

  /** The executors that may run tasks of this set. */
  #usable(set: TaskSetState): string[] {
    return [...this.#executors.keys()].filter(
      (id) => !this.#exclusion?.excludes(id) && !set.exclusion?.excludesExecutor(id),
    );
  }

  /** All tasks of a barrier stage, each on an idle executor of its own, or none. */
  #launchTogether(set: TaskSetState): 'launched' | 'waits' | 'cannot' {
    const usable = this.#usable(set);
    if (usable.length < set.pending) {
      this.#barriers.tooFew(set, this.#now);
      return 'cannot';
    }
    this.#barriers.enough(set);
    const idle = usable.filter((id) => this.#executors.get(id)!.queue.length === 0);
    if (idle.length < set.pending) return 'waits';
    const near = new Set(set.taskSet.preferred?.flatMap((ids) => ids ?? []));
    idle.sort((a, b) => Number(near.has(b)) - Number(near.has(a)));
    const launches: { executorId: string; launch: TaskLaunch }[] = [];
    for (const executorId of idle) {
      const position = set.take(executorId) ?? set.takeFar(executorId);
      if (position === undefined) break;
      launches.push({ executorId, launch: this.#launch(executorId, set, position) });
    }
    const addresses = launches
      .toSorted((a, b) => a.launch.partition - b.launch.partition)
      .map(({ executorId }) => `executor ${executorId}`);
    for (const { executorId, launch } of launches) {
      const executor = this.#executors.get(executorId)!;
      const tasks = [{ ...launch, barrier: { addresses } }];
      this.#commands.push({ type: 'launch', executorId, plan: set.taskSet.plan, tasks });
      executor.queue.push(this.#tasks.get(launch.taskId)!);
      executor.lastSet = set;
      this.#start(executor.queue[0]!, this.#now);
    }
    return 'launched';
  }

  #startTimer(ms: number): void {
    if (this.#timerRunning) return;
    this.#timerRunning = true;
    this.#commands.push({ type: 'startLocalityTimer', ms });
  }

  #launchGroup(executorId: string, set: TaskSetState, positions: number[]): TaskLaunch[] {
    const { partitions } = set.taskSet;
    const launches = positions.map((position) => this.#launch(executorId, set, position));
    const [first] = positions as [number];
    const { info } = this.#tasks.get(launches[0]!.taskId)!;
    const group = new TaskGroup(info, positions.length, set.rowsBefore.get(set.groupOf(first)));
    const range = { first: partitions[first]!, last: partitions[positions.at(-1)!]! };
    for (const launch of launches) {
      launch.group = range;
      this.#tasks.get(launch.taskId)!.group = group;
    }
    return launches;
  }

  #launch(executorId: string, set: TaskSetState, position: number, copyReason?: string): TaskLaunch {
    const { stageId, attempt: stageAttempt, indices, partitions } = set.taskSet;
    const taskId = this.#nextTaskId++;
    const attempt = set.attempts[position]!++;
    const index = indices[position]!;
    const partition = partitions[position]!;
    const launchTime = this.#now;
    const info: TaskInfo = {
      ...{ taskId, stageId, stageAttempt, index, partition, attempt, executorId, launchTime },
      ...(copyReason === undefined ? {} : { speculative: true }),
    };
    set.running++;
    set.copies[position]!++;
    this.#tasks.set(taskId, { set, position, info, started: false, copyReason });
    const { replicas } = set;
    const launch: TaskLaunch = { taskId, index, partition, attempt };
    const piece = set.taskSet.pieces?.[position];
    if (piece) launch.piece = piece;
    if (replicas > 0) launch.peers = peersOf(executorId, [...this.#executors.keys()], replicas, partition);
    return launch;
  }

  #start(task: RunningTask, time: number): void {
    task.started = true;
    task.set.executing++;
    const { group } = task;
    if (group?.started) return;
    if (group) group.started = true;
    const { info } = group ?? task;
    info.launchTime = Math.max(info.launchTime, time);
    const reason = task.copyReason ?? task.set.retryReasons.get(task.position);
    this.#commands.push({ type: 'emit', event: { type: 'taskStart', task: info, reason } });
  }

  // ------------------------------------------------------------------ ends

  #taskEnded(executorId: string, end: TaskEnd, isLost = false): void {
    const task = this.#tasks.get(end.taskId);
    const executor = this.#executors.get(executorId);
    if (!task || task.info.executorId !== executorId || !executor) {
      // An answer that was already taken speaks of files in use: only what nobody took is freed, and that once.
      if (!this.#answered.has(end.taskId)) this.#discard(executorId, end);
      this.#answered.add(end.taskId);
      return;
    }
    // Of a lost executor no answer came; one that was under way may still come.
    if (!isLost) this.#answered.add(end.taskId);
    const { queue } = executor;
    this.#tasks.delete(end.taskId);
    const at = queue.findIndex((queued) => queued.info.taskId === end.taskId);
    queue.splice(at, 1);
    const next = at === 0 ? queue[0] : undefined;
    // One that was dropped from the queue never was, as far as viewers know.
    const { group } = task;
    group?.ended(end, end.reason.kind === 'killed' && task.set.status[task.position] === DONE);
    const dropped = !task.started && !group?.started && end.reason.kind === 'killed';
    if (!dropped) {
      if (!task.started) this.#start(task, end.startTime);
      const { info } = group ?? task;
      const whole = group?.end() ?? end;
      if (!group || group.left === 0)
        this.#commands.push({
          type: 'emit',
          event: taskEndEvent(info, whole, this.#now, next !== undefined),
        });
    }
    if (next && !next.started) this.#start(next, Math.min(end.endTime, this.#now));
    if (end.cachedBlocks && end.cachedBlocks.length > 0) {
      const { stageId, attempt, plan } = task.set.taskSet;
      const blocks = withLiveReplicas(end.cachedBlocks, this.#isAlive);
      this.#commands.push({
        type: 'dag',
        event: { type: 'blocksCached', executorId, stageId, attempt, blocks },
      });
      for (const adoption of adoptions(plan, executorId, blocks))
        this.#commands.push({ type: 'adoptReplica', ...adoption });
    }
    task.set.running--;
    task.set.copies[task.position]!--;
    if (task.started) task.set.executing--;
    this.#judge(task, executorId, end);
    if (group?.left === 0) this.#groupEnded(task.set, task.position, group);
    this.#removeIfOver(task.set);
  }

  #groupEnded(set: TaskSetState, position: number, group: TaskGroup): void {
    if (!group.failed) return;
    if (group.rows) set.rowsBefore.set(set.groupOf(position), group.rows);
    for (const { position: again, reason, executorId } of group.again)
      set.requeue(again, reason, executorId, this.#isAlive);
  }

  /** What is left of a task of several partitions is tried again as one, when all of it has ended. */
  #again({ set, position, group, info: { executorId } }: RunningTask, reason: string): void {
    if (group) group.again.push({ position, reason, executorId });
    else set.requeue(position, reason, executorId, this.#isAlive);
  }

  /** What the end means for the task set: done, again, or given up. */
  #judge(task: RunningTask, executorId: string, end: TaskEnd): void {
    const { set, position } = task;
    const { stageId, attempt } = set.taskSet;
    const { index, partition, taskId } = task.info;
    const { reason } = end;
    // What a cancelled task brings is not taken, so another attempt must be able to commit.
    if (reason.kind !== 'success' || set.mode === 'cancelled') {
      this.#commits.release(stageId, partition, taskId);
    }
    if (set.taskSet.barrier && reason.kind !== 'success' && reason.kind !== 'fetchFailed') {
      this.#barrierTaskFailed(task, reason);
      return;
    }
    switch (reason.kind) {
      case 'success':
        set.took(end.endTime - end.startTime);
        if (set.finish(position)) this.#first(task, end);
        this.#deliver(stageId, attempt, index, executorId, end, set.taskSet.pieces?.[position]?.number);
        if (set.taskSet.barrier && set.mode === 'active') this.#barriers.coordinator.taskSucceeded(set);
        break;
      case 'fetchFailed':
        // Not queued again here: the stage is tried again as a whole when the lost output is back.
        set.mode = set.mode === 'active' ? 'retired' : set.mode;
        this.#commands.push({ type: 'dag', event: { type: 'fetchFailed', stageId, attempt, index, reason } });
        break;
      case 'exception':
        this.#countFailure(task, reason.error, reason.fatal ?? false);
        break;
      case 'executorLost':
        this.#countLoss(task, reason);
        break;
      case 'killed':
        this.#again(task, `killed: ${reason.reason}`);
        break;
      case 'commitDenied':
        this.#again(task, 'another attempt held the right to commit');
        break;
      default:
        reason satisfies never;
    }
  }

  /** Of the attempts of a task the first to end well: the others stop, and count neither as ended well nor as failed. */
  #first({ set, position, info }: RunningTask, end: TaskEnd): void {
    const { inputRecords, shuffleReadRecords, executorRunTime } = end.metrics;
    const pace = { recordsRead: inputRecords + shuffleReadRecords, runTime: executorRunTime };
    set.speculation?.succeeded(this.#now - info.launchTime, pace);
    if (set.copies[position] === 0) return;
    const reason = `attempt ${info.attempt} on executor ${info.executorId} ended first`;
    for (const other of this.#tasks.values()) {
      if (other.set !== set || other.position !== position) continue;
      const { taskId } = other.info;
      this.#commands.push({ type: 'kill', executorId: other.info.executorId, taskId, reason });
    }
  }

  #deliver(
    stageId: number,
    attempt: number,
    index: number,
    executorId: string,
    end: TaskEnd,
    piece?: number,
  ): void {
    const { result, mapStatus, accumulators } = end;
    const done = {
      ...{ stageId, attempt, index, executorId, result, mapStatus, accumulators },
      ...(piece === undefined ? {} : { piece }),
    };
    this.#commands.push({ type: 'dag', event: { type: 'taskSucceeded', ...done } });
  }

  /** The DAG scheduler frees what a task leaves that nobody knows any more. */
  #discard(executorId: string, end: TaskEnd): void {
    if (end.result || end.mapStatus || end.accumulators) this.#deliver(-1, -1, -1, executorId, end);
  }

  #countLoss(task: RunningTask, reason: Extract<TaskEndReason, { kind: 'executorLost' }>): void {
    const { set, position } = task;
    const error: ErrorData = reason.error ?? {
      code: 'EXECUTOR_LOST',
      name: 'StagelightError',
      message: `executor ${reason.executorId} was lost: ${reason.reason}`,
    };
    if (reason.causedByTask) {
      this.#countFailure(task, error, false);
      return;
    }
    if (set.status[position] === DONE) return;
    const losses = ++set.losses[position]!;
    if (losses >= this.#options.maxTaskLosses) this.#giveUp(task, `lost its executor ${losses} times`, error);
    else this.#again(task, error.message);
  }

  #countFailure(task: RunningTask, error: ErrorData, fatal: boolean): void {
    const { set, position } = task;
    if (set.mode !== 'active' || set.status[position] === DONE) return;
    const failures = ++set.failures[position]!;
    this.#exclusion?.failed(task, task.info.executorId, error, this.#now);
    if (fatal) this.#giveUp(task, 'failed in a way that trying again cannot mend', error);
    else if (failures >= this.#options.maxTaskFailures) this.#giveUp(task, `failed ${failures} times`, error);
    else this.#again(task, `failed: ${error.message}`);
  }

  // ------------------------------------------------------------------ slow tasks, tasks without a place

  #startSpeculationTimer(): void {
    const { speculation } = this.#options.scheduling;
    if (!speculation || this.#speculationTimerRunning || this.#order.size === 0) return;
    this.#speculationTimerRunning = true;
    this.#commands.push({ type: 'startTimer', timer: 'speculation', ms: speculation.interval });
  }

  /** Finds the tasks to run twice; free executors take them when they are offered next. */
  #speculate(): void {
    const running = new Map<TaskSetState, RunningTask[]>();
    for (const task of this.#tasks.values()) {
      if (task.set.mode !== 'active') continue;
      const tasks = running.get(task.set);
      if (tasks) tasks.push(task);
      else running.set(task.set, [task]);
    }
    for (const [set, tasks] of running) {
      const slow = set.speculation?.slow(tasks, this.#executors.size, this.#now) ?? [];
      for (const { task, reason } of set.speculate(slow)) {
        const { stageId, stageAttempt, index, partition, executorId } = task.info;
        const event = { stageId, stageAttempt, index, partition, executorId, time: this.#now, reason };
        this.#commands.push({ type: 'emit', event: { type: 'speculativeTaskSubmitted', ...event } });
      }
    }
    this.#startSpeculationTimer();
  }

  /** Gives up the sets of which a task may run on no executor. */
  #failStuck(exclusion: ExclusionDesk): void {
    exclusion.changed = false;
    const executors = [...this.#executors.keys()];
    for (const set of this.#order.all()) {
      const failure = exclusion.stuck(set, executors, Math.max(1, this.#slots), this.#now);
      if (!failure) continue;
      set.mode = 'retired';
      this.#commands.push(failure);
      this.#removeIfOver(set);
    }
  }

  /** None of its tasks is tried again alone. */
  #barrierTaskFailed(task: RunningTask, reason: Exclude<TaskEndReason, { kind: 'success' }>): void {
    const { set, info } = task;
    if (set.mode !== 'active') return;
    const cause = causeOf(reason);
    if (reason.kind === 'exception' || (reason.kind === 'executorLost' && reason.causedByTask))
      this.#exclusion?.failed(task, info.executorId, cause, this.#now);
    if (reason.kind === 'exception' && reason.fatal) {
      this.#giveUp(task, 'failed in a way that trying again cannot mend', cause);
      return;
    }
    set.mode = 'retired';
    this.#commands.push({ type: 'dag', event: barrierFailure(task, cause) });
  }

  #giveUp(task: RunningTask, times: string, cause: ErrorData): void {
    const { stageId, stageAttempt, partition, attempt, executorId } = task.info;
    if (task.set.mode !== 'active') return;
    task.set.mode = 'retired';
    const failure = { partition, attempt, executorId, times, cause };
    this.#commands.push({
      type: 'dag',
      event: { type: 'taskSetFailed', stageId, attempt: stageAttempt, failure },
    });
  }

  #executorRemoved(event: Extract<TaskEvent, { type: 'executorRemoved' }>): void {
    const { executorId, reason, error } = event;
    const executor = this.#executors.get(executorId);
    if (!executor) return;
    const blamed = event.runningTaskId ?? executor.queue[0]?.info.taskId;
    for (const task of [...executor.queue]) {
      const { taskId } = task.info;
      const lost: TaskEndReason =
        task.started || taskId === blamed
          ? {
              kind: 'executorLost',
              executorId,
              reason,
              causedByTask: event.causedByTask && taskId === blamed,
              error,
            }
          : { kind: 'killed', reason };
      // The rest of the queue must not count as started one after the other.
      executor.queue = [task];
      this.#taskEnded(executorId, lostTaskEnd(taskId, lost, this.#now), true);
    }
    this.#executors.delete(executorId);
    this.#exclusion?.executorRemoved(executorId);
    for (const set of this.#order.all()) set.executorLost(executorId, this.#isAlive);
    this.#commands.push({ type: 'dag', event: { type: 'executorLost', executorId, reason } });
    this.#offerAll();
  }

  #commitRequested(executorId: string, taskId: number): void {
    const task = this.#tasks.get(taskId);
    const entitled =
      task !== undefined && task.set.mode !== 'cancelled' && task.set.status[task.position] !== DONE;
    const allowed = entitled && this.#commits.ask(task.info.stageId, task.info.partition, taskId);
    this.#commands.push({ type: 'answerCommit', executorId, taskId, allowed });
  }
}
