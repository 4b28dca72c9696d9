/** Shared test helpers: latches instead of sleeps, seeds instead of chance. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from './clock.ts';
import { Context } from './context.ts';
import { InProcessBackend } from './executor/in-process-backend.ts';
import type { EngineEvent } from './protocol.ts';
import type { StageAccumulation } from './rdd/accumulation.ts';
import type { AdaptiveOptions } from './rdd/adaptive-options.ts';
import type { JobHandle, JobRunner, JobSubmission } from './rdd/job-runner.ts';
import type { RddNode, StorageLevel } from './rdd/plan.ts';
import { finishPreparation } from './rdd/preparation.ts';
import type { StatusAnswer } from './rdd/status-tracker.ts';
import type { SchedulerBackend } from './scheduler/backend.ts';
import { Scheduler } from './scheduler/scheduler.ts';
import type { SchedulingOptions } from './scheduler/scheduling-options.ts';
import { encodeRows } from './storage/row-codec.ts';

export { seededRandom } from './testing-random.ts';

export interface Latch {
  /** Resolves once `open` was called. */
  readonly opened: Promise<void>;
  open(): void;
}

export function latch(): Latch {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: () => resolve() };
}

/** A JobRunner that runs nothing: it keeps every submission and answers each with rows the test gives. */
export class RecordingRunner implements JobRunner {
  readonly jobs: JobSubmission[] = [];
  readonly forgotten: number[][] = [];
  readonly persisted: { rddId: number; level: StorageLevel }[] = [];
  readonly named: { rddId: number; name: string }[] = [];
  readonly cancelled: number[] = [];
  readonly droppedBroadcasts: number[] = [];
  readonly blockDirectory: string;
  readonly defaultParallelism = 2;
  readonly workingDirectory: string;
  readonly #answer: (job: JobSubmission) => unknown[][];

  constructor(answer: (job: JobSubmission) => unknown[][] = () => [], directory = '/nowhere') {
    this.#answer = answer;
    this.blockDirectory = directory;
    this.workingDirectory = directory;
  }

  submitJob(job: JobSubmission): JobHandle {
    const jobId = this.jobs.push(job) - 1;
    const answered = Promise.resolve(job).then(this.#answer);
    return { jobId, results: answered.then((parts) => parts.map((rows) => ({ bytes: encodeRows(rows) }))) };
  }

  cancelJob(jobId: number): void {
    this.cancelled.push(jobId);
  }

  status(): Promise<StatusAnswer> {
    return Promise.resolve({});
  }

  resultsSoFar(): Promise<undefined[]> {
    return Promise.resolve([]);
  }

  persist(rddId: number, level: StorageLevel): void {
    this.persisted.push({ rddId, level });
  }

  setName(rddId: number, name: string): void {
    this.named.push({ rddId, name });
  }

  readonly replanned: RddNode[] = [];

  replan(node: RddNode): void {
    this.replanned.push(node);
  }

  forget(rddIds: number[]): void {
    this.forgotten.push(rddIds);
  }

  dropBroadcast(id: number): void {
    this.droppedBroadcasts.push(id);
  }

  onAccumulated(): void {}
  accumulated(): void {}
}

export interface TestContext {
  sc: Context;
  scheduler: Scheduler;
  /** The working directory: relative paths start here. */
  folder: string;
  /** Every event so far. */
  events: EngineEvent[];
  /** What `find` makes of the events, as soon as that is not undefined. */
  until<R>(find: (events: EngineEvent[]) => R | undefined): Promise<R>;
  stop(): Promise<void>;
}

export interface TestContextOptions {
  executors?: number;
  /** Bytes per executor. */
  memory?: number;
  adaptive?: Partial<AdaptiveOptions>;
  scheduling?: Partial<SchedulingOptions>;
  makeRoom?: () => Promise<void>;
  /** Instead of executors in this process. */
  backend?: (options: {
    executors: number;
    blockDirectory: string;
    workingDirectory: string;
  }) => SchedulerBackend;
}

/** A context on a real scheduler whose executors run in this process. Stop it when done. */
export function startContext(options: TestContextOptions = {}): TestContext {
  const { executors = 2, memory, adaptive } = options;
  const folder = mkdtempSync(join(tmpdir(), 'stagelight-'));
  const blockDirectory = join(folder, '.blocks');
  const events: EngineEvent[] = [];
  const waiting: (() => void)[] = [];
  const until = async <R>(find: (events: EngineEvent[]) => R | undefined): Promise<R> => {
    for (;;) {
      const found = find(events);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  };
  let accumulated: (added: StageAccumulation) => void = () => {};
  const scheduler = new Scheduler({
    backend:
      options.backend?.({ executors, blockDirectory, workingDirectory: folder }) ??
      new InProcessBackend({ executors, blockDirectory, workingDirectory: folder, memory }),
    clock: systemClock,
    slots: executors,
    ...(options.scheduling ? { scheduling: options.scheduling } : {}),
    emit: (event) => {
      events.push(event);
      for (const wake of waiting.splice(0)) wake();
    },
    finishPreparation,
    parallelism: executors,
    ...(adaptive ? { adaptive } : {}),
    ...(options.makeRoom ? { makeRoom: options.makeRoom } : {}),
    onAccumulated: (added) => accumulated(added),
  });
  const runner: JobRunner = {
    submitJob: (job) => scheduler.submitJob(job),
    cancelJob: (jobId, reason) => scheduler.cancelJob(jobId, reason),
    status: async (question) => scheduler.status(question),
    resultsSoFar: async (jobId) => scheduler.resultsSoFar(jobId),
    persist: (rddId, level) => scheduler.persist(rddId, level),
    setName: (rddId, name) => scheduler.setName(rddId, name),
    replan: (node) => scheduler.replan(node),
    forget: (rddIds) => scheduler.forget(rddIds),
    dropBroadcast: (id) => scheduler.dropBroadcast(id),
    onAccumulated: (listener) => {
      accumulated = listener;
    },
    accumulated: (stageId, attempt, values) => scheduler.accumulated(stageId, attempt, values),
    blockDirectory,
    defaultParallelism: executors,
    workingDirectory: folder,
  };
  const stop = async () => {
    await scheduler.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { sc: new Context(runner), scheduler, folder, events, until, stop };
}

/** Runs `body` on a context that is stopped whatever happens. */
export async function withContext<R>(
  options: TestContextOptions,
  body: (context: TestContext) => R | Promise<R>,
): Promise<R> {
  const context = startContext(options);
  try {
    return await body(context);
  } finally {
    await context.stop();
  }
}
