/**
 * The shell around the two pure schedulers: it owns the clock, the backend and the files, carries out commands in
 * order, and decides nothing itself.
 */
import type { Clock } from '../clock.ts';
import { errorFromData, errorToData, StagelightError } from '../errors.ts';
import type { Fault } from '../fault-protocol.ts';
import type { AccumulableInfo, EngineEvent } from '../protocol.ts';
import type { StageAccumulation } from '../rdd/accumulation.ts';
import { ADAPTIVE_DEFAULTS, type AdaptiveOptions } from '../rdd/adaptive-options.ts';
import type { JobHandle, JobSubmission } from '../rdd/job-runner.ts';
import type { ClosureId, RddNode, StorageLevel, TaskResult } from '../rdd/plan.ts';
import type { StatusAnswer, StatusQuestion } from '../rdd/status-tracker.ts';
import type { BackendEvent, SchedulerBackend } from './backend.ts';
import { type CommandEffects, carryOut } from './carry-out.ts';
import { ClosureStore } from './closure-store.ts';
import { DagScheduler } from './dag-scheduler.ts';
import type { DagCommand, DagEvent, FinishPreparation, TaskCommand, TaskEvent } from './events.ts';
import { FaultInjector } from './fault-injector.ts';
import { HeldEnds } from './held-ends.ts';
import { SCHEDULING_DEFAULTS, type SchedulingOptions } from './scheduling-options.ts';
import { StatusStore } from './status-store.ts';
import { TaskScheduler } from './task-scheduler.ts';

/** Console output of a task, with where it belongs. Without a job: the executor said it outside any task. */
export interface TaskOutput {
  jobId?: number;
  cellId?: string;
  runId?: string;
  executorId: string;
  stream: 'stdout' | 'stderr';
  text: string;
  dropped: number;
}

export interface SchedulerOptions {
  backend: SchedulerBackend;
  clock: Clock;
  emit: (event: EngineEvent) => void;
  finishPreparation: FinishPreparation;
  onTaskOutput?: (output: TaskOutput) => void;
  /** What a stage that is over added to accumulators; before the promises of its jobs settle. */
  onAccumulated?: (added: StageAccumulation) => void;
  /** Draws the ids of preparation jobs, and of jobs submitted without one. */
  nextJobId?: () => number;
  /** Bytes of all results of one job; 1 GB. */
  maxResultSize?: number;
  /** Failures of one task that fail its job; 4. */
  maxTaskFailures?: number;
  /** How long a task waits for the executor that caches what it reads; 300 ms. */
  localityWait?: number;
  /** Executors, which plans are made for; 1. */
  parallelism?: number;
  /** What stages may make of the sizes of their inputs; ADAPTIVE_DEFAULTS. */
  adaptive?: Partial<AdaptiveOptions>;
  /** How long a cancelled task may take to stop before its executor is killed; 1,000 ms. */
  killGraceMs?: number;
  /** Pools, speculation, exclusion, barriers; Spark's defaults. */
  scheduling?: Partial<SchedulingOptions>;
  /** Frees what nobody needs any more; awaited before a task that found the disk full is taken for failed. */
  makeRoom?: () => Promise<void>;
  /** Frees a file that a task left. */
  removeFile?: (path: string) => void;
  /** Executors that there are when none is being replaced. */
  slots?: number;
}

interface WaitingJob {
  resolve(results: TaskResult[]): void;
  reject(error: unknown): void;
}

/** Ended jobs whose cell is still remembered: their last output may come late. */
const REMEMBERED_JOBS = 1_000;

export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #backend: SchedulerBackend;
  readonly #clock: Clock;
  readonly #dag: DagScheduler;
  readonly #tasks: TaskScheduler;
  readonly #faults: FaultInjector;
  readonly #effects: CommandEffects;
  readonly #closures = new ClosureStore();
  readonly #status = new StatusStore();
  readonly #waiting = new Map<number, WaitingJob>();
  readonly #origins = new Map<number, { jobId: number; cellId?: string; runId?: string }>();
  readonly #nextJobId: () => number;
  readonly #timers = new Set<() => void>();
  /** Commands not yet carried out: those of one step come before those of the steps they lead to. */
  readonly #queue: (DagCommand | TaskCommand)[] = [];
  /** Of the queue the first that is not carried out. */
  #next = 0;
  #draining = false;
  readonly #held: HeldEnds;
  #stopped = false;

  constructor(options: SchedulerOptions) {
    const { maxResultSize, maxTaskFailures, localityWait, parallelism } = options;
    this.#options = options;
    this.#backend = options.backend;
    this.#clock = options.clock;
    const scheduling: SchedulingOptions = { ...SCHEDULING_DEFAULTS, ...options.scheduling };
    this.#dag = new DagScheduler({
      ...(maxResultSize === undefined ? {} : { maxResultSize }),
      ...(parallelism === undefined ? {} : { parallelism }),
      adaptive: { ...ADAPTIVE_DEFAULTS, ...options.adaptive },
      schedulingMode: scheduling.mode,
      ...(options.slots === undefined ? {} : { slots: options.slots }),
    });
    this.#tasks = new TaskScheduler({
      scheduling,
      ...(options.slots === undefined ? {} : { slots: options.slots }),
      ...(maxTaskFailures === undefined ? {} : { maxTaskFailures }),
      ...(localityWait === undefined ? {} : { localityWait }),
    });
    this.#faults = new FaultInjector({
      dag: this.#dag.state,
      backend: this.#backend,
      clock: this.#clock,
      emit: (event) => this.#emit(event),
      dagEvent: (event) => this.#dagEvent(event),
    });
    this.#effects = {
      ...options,
      closures: this.#closures,
      faults: this.#faults,
      emit: (event) => this.#emit(event),
      dagEvent: (event) => this.#dagEvent(event),
      taskEvent: (event) => this.#taskEvent(event),
      after: (ms, callback) => this.#after(ms, callback),
      submitPreparation: (rddId, job) => this.#submit(this.#nextJobId(), job, rddId),
      forgetClosures: (ids) => this.#forgetClosures(ids),
      settle: (command) => this.#settle(command),
    };
    this.#held = new HeldEnds({
      makeRoom: options.makeRoom,
      ended: (event) => this.#taskEvent(event),
      moved: (event) => this.#dagEvent(event),
    });
    let lastJobId = -1;
    this.#nextJobId = options.nextJobId ?? (() => ++lastJobId);
    this.#backend.start((event) => this.#fromBackend(event));
  }

  /** True when nothing runs, waits or is kept. */
  get empty(): boolean {
    return this.#dag.state.empty && this.#tasks.empty && this.#closures.size + this.#waiting.size === 0;
  }

  /** True when no job runs or waits. */
  get idle(): boolean {
    return this.#waiting.size === 0 && this.#dag.state.idle && this.#tasks.empty;
  }

  submitJob(job: JobSubmission, jobId: number = this.#nextJobId()): JobHandle {
    const results = new Promise<TaskResult[]>((resolve, reject) =>
      this.#waiting.set(jobId, { resolve, reject }),
    );
    this.#submit(jobId, job);
    if (this.#stopped) this.stopJobs();
    return { jobId, results };
  }

  cancelJob(jobId: number, reason: string): void {
    this.#dagEvent({ type: 'jobCancelled', jobId, reason });
  }

  /** What the tasks of a running job have returned so far; nothing for one that has ended. */
  resultsSoFar(jobId: number): (TaskResult | undefined)[] {
    return [...(this.#dag.state.jobs.get(jobId)?.results ?? [])];
  }

  /** For `sc.statusTracker`. */
  status(question: StatusQuestion): StatusAnswer {
    return this.#status.answer(question);
  }

  persist(rddId: number, level: StorageLevel): void {
    this.#dagEvent({ type: 'persisted', rddId, level });
  }

  setName(rddId: number, name: string): void {
    this.#dagEvent({ type: 'renamed', rddId, name });
  }

  replan(node: RddNode): void {
    this.#dagEvent({ type: 'replanned', node });
  }

  forget(rddIds: number[]): void {
    this.#dagEvent({ type: 'forgotten', rddIds });
  }

  dropBroadcast(id: number): void {
    this.#backend.dropBroadcast(id);
  }

  /** Tells viewers what the driver made of what a stage added. */
  accumulated(stageId: number, attempt: number, values: AccumulableInfo[]): void {
    this.#options.emit({ type: 'accumulated', stageId, attempt, time: this.#clock.now(), values });
  }

  killExecutor(executorId: string): void {
    this.#backend.killExecutor(executorId);
  }

  /** Breaks something on purpose; throws a StagelightError that names why it cannot. `by`: who asked. */
  injectFault(fault: Fault, by?: string): void {
    this.#faults.inject(fault, by);
  }

  /** Partitions slowed by this fault, or by any, are not any more. */
  clearFaults(faultId?: number, by?: string): void {
    this.#faults.clear(faultId, by);
  }

  #emit(event: EngineEvent): void {
    this.#status.see(event);
    this.#faults.note(event);
    this.#options.emit(event);
  }

  /** Fails what is running. */
  stopJobs(): void {
    const error = errorToData(new StagelightError('STOPPED', 'the scheduler was stopped'));
    this.#dagEvent({ type: 'aborted', error });
  }

  /** Fails what is running and ends all executors. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.stopJobs();
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    await this.#backend.stop();
  }

  // ------------------------------------------------------------------ routing

  #submit(jobId: number, job: JobSubmission, preparesRddId?: number): void {
    const { cellId, runId } = job;
    this.#origins.set(jobId, { jobId, cellId, runId });
    for (const oldest of this.#origins.keys()) {
      if (this.#origins.size <= REMEMBERED_JOBS) break;
      this.#origins.delete(oldest);
    }
    this.#closures.jobSubmitted(jobId, job);
    this.#dagEvent({ type: 'jobSubmitted', jobId, job, preparesRddId });
  }

  #dagEvent(event: DagEvent): void {
    const commands = this.#dag.step(event, this.#clock.now());
    if (!commands.some(isOfBlocks)) {
      this.#perform(commands);
      return;
    }
    // What is dropped is dropped before tasks are launched that were decided on just before: they must not read it.
    this.#queue.splice(this.#next, 0, ...commands.filter(isOfBlocks));
    this.#perform(commands.filter((command) => !isOfBlocks(command)));
  }

  #taskEvent(event: TaskEvent): void {
    this.#perform(this.#tasks.step(event, this.#clock.now()));
  }

  /** Not re-entrant: a command that leads to further steps only lengthens the queue. */
  #perform(commands: (DagCommand | TaskCommand)[]): void {
    for (const command of commands) this.#queue.push(command);
    if (this.#draining) return;
    this.#draining = true;
    let failure: { error: unknown } | undefined;
    while (this.#next < this.#queue.length) {
      try {
        carryOut(this.#effects, this.#queue[this.#next++]!);
      } catch (error) {
        // The schedulers have counted on the rest: it is carried out all the same.
        failure ??= { error };
      }
    }
    this.#queue.length = 0;
    this.#next = 0;
    this.#draining = false;
    if (failure) throw failure.error;
  }

  #forgetClosures(ids: ClosureId[]): void {
    if (ids.length > 0) this.#backend.forgetClosures(ids);
  }

  #after(ms: number, callback: () => void): void {
    const cancel = this.#clock.after(ms, () => {
      this.#timers.delete(cancel);
      callback();
    });
    this.#timers.add(cancel);
  }

  #settle(command: Extract<DagCommand, { type: 'jobSucceeded' | 'jobFailed' }>): void {
    const { jobId } = command;
    this.#forgetClosures(this.#closures.jobEnded(jobId));
    const job = this.#waiting.get(jobId);
    this.#waiting.delete(jobId);
    if (command.type === 'jobFailed') job?.reject(errorFromData(command.error));
    else job?.resolve(command.results);
  }

  // ------------------------------------------------------------------ the backend's reports

  #fromBackend(event: BackendEvent): void {
    const time = this.#clock.now();
    switch (event.type) {
      case 'executorAdded':
        this.#emit({ ...event, time });
        this.#taskEvent({ type: 'executorAdded', executorId: event.executorId });
        this.#dagEvent({ type: 'executorAdded', executorId: event.executorId });
        break;
      case 'executorRemoved': {
        const { executorId, code, reason, runningTaskId, stopped, error } = event;
        const causedByTask = event.causedByTask ?? (code !== 'killed' && code !== 'shutdown');
        const why = { reason, runningTaskId, causedByTask, stopped, error };
        this.#taskEvent({ type: 'executorRemoved', executorId, ...why });
        this.#emit({ type: 'executorRemoved', executorId, time, reason, code });
        break;
      }
      case 'taskEnded':
        this.#held.taskEnded(event);
        break;
      case 'blockEvicted':
      case 'blockStored':
        this.#held.blockMoved(event);
        break;
      case 'replicaMade':
        this.#dagEvent(event);
        break;
      case 'taskProgress':
        this.#taskEvent(event);
        break;
      case 'barrierRequest':
        this.#taskEvent({ ...event, type: 'barrierRequested' });
        break;
      case 'commitRequest':
        this.#taskEvent({ ...event, type: 'commitRequested' });
        break;
      case 'taskOutput': {
        const { executorId, taskId, stream, text, dropped } = event;
        const jobId = this.#tasks.jobOf(executorId, taskId);
        const origin = jobId === undefined ? undefined : this.#origins.get(jobId);
        this.#options.onTaskOutput?.({ ...origin, executorId, stream, text, dropped });
        break;
      }
      case 'executorMetrics':
        this.#emit({ ...event, time });
        break;
      case 'executorsUnavailable':
        this.#dagEvent({ type: 'aborted', error: event.error });
        break;
      default:
        event satisfies never;
    }
  }
}

const OF_BLOCKS = new Set<DagCommand['type']>([
  'dropRdd',
  'dropBlock',
  'makeReplica',
  'adoptReplica',
  'dropReplica',
]);

function isOfBlocks({ type }: DagCommand): boolean {
  return OF_BLOCKS.has(type);
}
