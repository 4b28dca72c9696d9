/** Shared test helpers: latches instead of sleeps, seeds instead of chance. */
import type { JobHandle, JobRunner, JobSubmission } from './rdd/job-runner.ts';
import type { StorageLevel } from './rdd/plan.ts';
import { encodeRows } from './storage/row-codec.ts';

export interface Latch {
  /** Resolves once `open` was called. */
  readonly opened: Promise<void>;
  open(): void;
}

export function latch(): Latch {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: () => resolve() };
}

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A JobRunner that runs nothing: it keeps every submission and answers each with rows the test gives. */
export class RecordingRunner implements JobRunner {
  readonly jobs: JobSubmission[] = [];
  readonly forgotten: number[][] = [];
  readonly persisted: { rddId: number; level: StorageLevel }[] = [];
  readonly named: { rddId: number; name: string }[] = [];
  readonly cancelled: number[] = [];
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

  persist(rddId: number, level: StorageLevel): void {
    this.persisted.push({ rddId, level });
  }

  setName(rddId: number, name: string): void {
    this.named.push({ rddId, name });
  }

  forget(rddIds: number[]): void {
    this.forgotten.push(rddIds);
  }
}
