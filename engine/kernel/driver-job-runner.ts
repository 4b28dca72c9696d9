/** The driver's way to the scheduler: jobs go to the control thread as messages, results come back the same way. */
import { CellInterrupted } from '../closure/cell-runtime.ts';
import { errorFromData } from '../errors.ts';
import type { AccumulableInfo } from '../protocol.ts';
import type { StageAccumulation } from '../rdd/accumulation.ts';
import type { JobHandle, JobRunner, JobSubmission } from '../rdd/job-runner.ts';
import type { RddNode, StorageLevel, TaskResult } from '../rdd/plan.ts';
import type { StatusAnswer, StatusQuestion } from '../rdd/status-tracker.ts';
import { deleteResult } from '../scheduler/result-files.ts';
import type { CellRun } from './cell-run.ts';
import { type DriverConfig, type FromDriver, SIGNAL, type ToDriver } from './driver-messages.ts';
import { GarbageRounds } from './garbage-rounds.ts';

interface WaitingJob {
  run: CellRun | undefined;
  resolve(results: TaskResult[]): void;
  reject(reason: unknown): void;
}

export class DriverJobRunner implements JobRunner {
  readonly blockDirectory: string;
  readonly defaultParallelism: number;
  readonly workingDirectory: string;
  readonly #signals: Int32Array;
  readonly #post: (message: FromDriver) => void;
  readonly #currentRun: () => CellRun | undefined;
  readonly #jobEnded: (run: CellRun) => void;
  readonly #waiting = new Map<number, WaitingJob>();
  /** Who asked for the results of a job so far, by job, in the order of asking. */
  readonly #asking = new Map<number, ((results: (TaskResult | undefined)[]) => void)[]>();
  readonly #askingStatus: ((answer: StatusAnswer) => void)[] = [];
  readonly #garbage = new GarbageRounds();
  #accumulated: (added: StageAccumulation) => void = () => {};

  constructor(
    config: Pick<DriverConfig, 'blockDirectory' | 'executors' | 'directory' | 'signals'>,
    post: (message: FromDriver) => void,
    currentRun: () => CellRun | undefined,
    jobEnded: (run: CellRun) => void,
  ) {
    this.blockDirectory = config.blockDirectory;
    this.defaultParallelism = config.executors;
    this.workingDirectory = config.directory;
    this.#signals = new Int32Array(config.signals);
    this.#post = post;
    this.#currentRun = currentRun;
    this.#jobEnded = jobEnded;
  }

  /** Jobs whose end is still to come. */
  get waiting(): number {
    return this.#waiting.size;
  }

  submitJob(job: JobSubmission): JobHandle {
    const run = this.#currentRun();
    if (run?.interrupted) throw new CellInterrupted();
    const jobId = Atomics.add(this.#signals, SIGNAL.nextJobId, 1);
    // Posted first: a submission that cannot be cloned throws here and leaves no job waiting.
    this.#post({ type: 'submitJob', jobId, job });
    if (run) run.runningJobs += 1;
    const wait = (resolve: (results: TaskResult[]) => void, reject: (reason: unknown) => void) => {
      this.#waiting.set(jobId, { run, resolve, reject });
    };
    return { jobId, results: run ? run.interruptible(wait) : new Promise(wait) };
  }

  settle(message: Extract<ToDriver, { type: 'jobSucceeded' | 'jobFailed' }>): void {
    const job = this.#waiting.get(message.jobId);
    if (!job) return;
    this.#waiting.delete(message.jobId);
    if (message.type === 'jobSucceeded') {
      // Nobody will read what an interrupted run asked for.
      if (job.run?.interrupted) for (const result of message.results) deleteResult(result);
      else job.resolve(message.results);
    } else job.reject(errorFromData(message.error));
    // Once who waits for the job has gone on: what they let go of counts.
    setImmediate(() => this.#garbage.jobEnded(message.type === 'jobFailed' ? message.error : undefined));
    if (!job.run) return;
    job.run.runningJobs -= 1;
    this.#jobEnded(job.run);
  }

  /** For tasks that find the disk full. */
  async letGo(): Promise<void> {
    await this.#garbage.diskIsFull();
    this.#post({ type: 'letGo' });
  }

  cancelJob(jobId: number, reason: string): void {
    this.#post({ type: 'cancelJob', jobId, reason });
  }

  resultsSoFar(jobId: number): Promise<(TaskResult | undefined)[]> {
    return new Promise((resolve) => {
      const asking = this.#asking.get(jobId);
      if (asking) asking.push(resolve);
      else this.#asking.set(jobId, [resolve]);
      this.#post({ type: 'askResults', jobId });
    });
  }

  /** Control's answer to the question asked first. */
  tellResults({ jobId, results }: Extract<ToDriver, { type: 'resultsSoFar' }>): void {
    const asking = this.#asking.get(jobId);
    asking?.shift()?.(results);
    if (asking?.length === 0) this.#asking.delete(jobId);
  }

  status(question: StatusQuestion): Promise<StatusAnswer> {
    return new Promise((resolve) => {
      this.#askingStatus.push(resolve);
      this.#post({ type: 'askStatus', question });
    });
  }

  /** Control's answer to the question asked first. */
  tellStatus({ answer }: Extract<ToDriver, { type: 'status' }>): void {
    this.#askingStatus.shift()?.(answer);
  }

  persist(rddId: number, level: StorageLevel): void {
    this.#post({ type: 'persist', rddId, level });
  }

  setName(rddId: number, name: string): void {
    this.#post({ type: 'setName', rddId, name });
  }

  replan(node: RddNode): void {
    this.#post({ type: 'replan', node });
  }

  forget(rddIds: number[]): void {
    this.#post({ type: 'forget', rddIds });
  }

  dropBroadcast(id: number): void {
    this.#post({ type: 'dropBroadcast', id });
  }

  onAccumulated(listener: (added: StageAccumulation) => void): void {
    this.#accumulated = listener;
  }

  /** Merges what a stage added; functions of the user run in there. */
  merge(added: StageAccumulation): void {
    this.#accumulated(added);
  }

  accumulated(stageId: number, attempt: number, values: AccumulableInfo[]): void {
    this.#post({ type: 'accumulated', stageId, attempt, values });
  }
}
