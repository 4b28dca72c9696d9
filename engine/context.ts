/**
 * Where a program begins: `sc` makes datasets from files and values, and every job it starts goes one way.
 *
 *   sc.textFile → RDD operators (engine/rdd builds a plan, runs nothing)
 *     → an action → JobRunner.submitJob → engine/scheduler cuts stages → engine/executor runs tasks
 *     → rows come back encoded → the action finishes them in the driver
 *
 * The context knows the runner only by its interface: a kernel's driver thread, or the in-process backend of tests.
 */
import { inspect } from 'node:util';
import { StagelightError } from './errors.ts';
import type { ActiveJob } from './rdd/active-jobs.ts';
import { type AdaptiveOptions, checkAdaptive } from './rdd/adaptive-options.ts';
import { optionalCount, requireOptions } from './rdd/argument.ts';
import type { Broadcast } from './rdd/broadcast.ts';
import { makeCheckpointDirectory } from './rdd/checkpoint.ts';
import type { JobRunner } from './rdd/job-runner.ts';
import { currentScope, type JobScope, runInScope } from './rdd/job-scope.ts';
import { Lineage } from './rdd/lineage.ts';
import { notShippable } from './rdd/not-shippable.ts';
import { union } from './rdd/partitioning.ts';
import type { RDD, Row } from './rdd/rdd.ts';
import { runJob } from './rdd/run-job.ts';
import * as sources from './rdd/sources.ts';
import { StatusTracker } from './rdd/status-tracker.ts';
import type { DoubleAccumulator, LongAccumulator } from './rdd/sum-accumulator.ts';
import type {
  AccumulatorFunctions,
  CollectionAccumulator,
  CustomAccumulator,
} from './rdd/value-accumulator.ts';

export class Context {
  readonly #lineage: Lineage;
  readonly [notShippable] = 'the context (sc)';

  constructor(runner: JobRunner) {
    this.#lineage = new Lineage(runner);
  }

  /** Partitions of a dataset when not said: the number of executors. */
  get defaultParallelism(): number {
    return this.#lineage.runner.defaultParallelism;
  }

  /** Least partitions of a text file when not said. */
  get defaultMinPartitions(): number {
    return Math.min(this.defaultParallelism, 2);
  }

  // ------------------------------------------------------------------ sources

  /** A dataset of the values of an array or iterable, in `numSlices` even parts. */
  parallelize<T extends Row>(data: Iterable<T>, numSlices?: number): RDD<T> {
    return sources.parallelize(this.#lineage, data, numSlices);
  }

  /** Numbers from `start` below `end` by `step`; `range(n)` counts from 0. INVALID_ARGUMENT where they are too large to be told apart. */
  range(end: number): RDD<number>;
  range(start: number, end: number, step?: number, numSlices?: number): RDD<number>;
  range(start: number, end?: number, step = 1, numSlices?: number): RDD<number> {
    return sources.range(this.#lineage, start, end, step, numSlices);
  }

  /** A dataset without rows. */
  emptyRDD<T>(): RDD<T> {
    return sources.emptyRDD(this.#lineage);
  }

  /** The lines of a file, a directory, a glob, or a comma-separated list of them; `.gz` and `.zst` files are unpacked. */
  textFile(path: string, minPartitions?: number): RDD<string> {
    return sources.textFile(this.#lineage, path, this.#least('textFile', minPartitions));
  }

  /** Pairs of path and whole text, one for each file. */
  wholeTextFiles(path: string, minPartitions?: number): RDD<[path: string, text: string]> {
    return sources.wholeTextFiles(this.#lineage, path, this.#least('wholeTextFiles', minPartitions));
  }

  /** The same as `parallelize`. */
  makeRDD<T extends Row>(data: Iterable<T>, numSlices?: number): RDD<T> {
    return this.parallelize(data, numSlices);
  }

  /** Pairs of path and bytes, one for each file; nothing is unpacked. */
  binaryFiles(path: string, minPartitions?: number): RDD<[path: string, bytes: Uint8Array]> {
    return sources.binaryFiles(this.#lineage, path, this.#least('binaryFiles', minPartitions));
  }

  /** The records of files whose records all have `recordLength` bytes; other sizes are BINARY_RECORD_LENGTH. */
  binaryRecords(path: string, recordLength: number, minPartitions?: number): RDD<Uint8Array> {
    const least = this.#least('binaryRecords', minPartitions);
    return sources.binaryRecords(this.#lineage, path, recordLength, least);
  }

  /**
   * The values of files with one JSON value per line, as `saveAsJsonFile` writes them. Whole numbers beyond 2⁵³ are
   * bigints, empty lines are skipped. A line that is no JSON is JSON_MALFORMED, or what `mode` says.
   */
  jsonFile<T = Record<string, unknown>>(path: string, options: sources.JsonOptions = {}): RDD<T> {
    const { minPartitions } = requireOptions(options, 'jsonFile');
    return sources.jsonFile(this.#lineage, path, options, this.#least('jsonFile', minPartitions));
  }

  /** The rows that `saveAsObjectFile` wrote: one partition per file, or about `minPartitions` of files together. */
  objectFile<T = unknown>(path: string, minPartitions?: number): RDD<T> {
    return sources.objectFile(
      this.#lineage,
      path,
      optionalCount(minPartitions, 'objectFile', 'minPartitions', 1),
    );
  }

  /**
   * The rows of Parquet files as records; one partition per row group, or several small ones. INT64 are bigints, other
   * numbers and decimals numbers, dates and timestamps dates, lists arrays, structs records, maps records. `columns` reads only those;
   * one that some of the files lack is null there.
   */
  parquetFile<T = Record<string, unknown>>(
    path: string,
    options: { columns?: string[]; minPartitions?: number } = {},
  ): RDD<T> {
    const { columns, minPartitions } = requireOptions(options, 'parquetFile');
    return sources.parquetFile(this.#lineage, path, columns, this.#least('parquetFile', minPartitions));
  }

  #least(operator: string, minPartitions: number | undefined): number {
    return optionalCount(minPartitions, operator, 'minPartitions', 1) ?? this.defaultMinPartitions;
  }

  /** The rows of all these datasets, duplicates included; no shuffle. */
  union<T>(rdds: RDD<T>[]): RDD<T> {
    const [first, ...others] = rdds;
    return first ? union([first, ...others]) : this.emptyRDD();
  }

  // ------------------------------------------------------------------ checkpoints

  /**
   * Where `checkpoint()` writes: each application in a folder of its own below `directory`, which is made when missing. The
   * files stay when the application ends.
   */
  setCheckpointDir(directory: string): void {
    this.#lineage.checkpointDirectory = makeCheckpointDirectory(
      this.#lineage.runner.workingDirectory,
      directory,
    );
  }

  /** This application's folder for checkpoints, once `setCheckpointDir` was called. */
  getCheckpointDir(): string | undefined {
    return this.#lineage.checkpointDirectory;
  }

  // ------------------------------------------------------------------ shared variables

  /**
   * A value that tasks read with `.value`: sent to each executor once, however many functions and tasks use it. May hold
   * what a function may capture. In tasks it is shared and to be read only.
   */
  broadcast<T>(value: T): Broadcast<T> {
    return this.#lineage.shared.broadcast(value, this.#lineage.currentCall('broadcast'));
  }

  /** A sum of whole numbers that tasks `add` to and the driver reads. A named one is shown with its stages. */
  longAccumulator(name?: string): LongAccumulator {
    return this.#lineage.shared.longAccumulator(name, this.#lineage.currentCall('longAccumulator'));
  }

  /** A sum of numbers that tasks `add` to and the driver reads. */
  doubleAccumulator(name?: string): DoubleAccumulator {
    return this.#lineage.shared.doubleAccumulator(name, this.#lineage.currentCall('doubleAccumulator'));
  }

  /** A list that tasks `add` values to and the driver reads, in the order of partitions. */
  collectionAccumulator<T>(name?: string): CollectionAccumulator<T> {
    return this.#lineage.shared.collectionAccumulator(
      name,
      this.#lineage.currentCall('collectionAccumulator'),
    );
  }

  /**
   * An accumulator of your own: `add(value, added)` runs in tasks and begins with `zero` in each, `merge(a, b)` runs in
   * the driver. Both return the new value, and may change the one they are given.
   */
  accumulator<V, T>(functions: AccumulatorFunctions<V, T>, name?: string): CustomAccumulator<V, T> {
    return this.#lineage.shared.accumulator(functions, name, this.#lineage.currentCall('accumulator'));
  }

  // ------------------------------------------------------------------ jobs

  /**
   * What `fn` returns for the rows of each partition, or of those whose numbers are given, in that order. The other
   * partitions are not computed.
   */
  async runJob<T, U extends Row>(
    rdd: RDD<T>,
    fn: (rows: Iterable<T>) => U,
    partitions?: number[],
  ): Promise<Awaited<U>[]> {
    return runJob(rdd, fn, partitions);
  }

  /** Shown with the jobs the current cell starts from now on; undefined clears it. */
  setJobDescription(description: string | undefined): void {
    this.#scope().description = description;
  }

  /** Shown with the jobs that `body` and what it calls start; parallel flows of the cell keep theirs. */
  withJobDescription<R>(description: string, body: () => R): R {
    return runInScope({ ...currentScope(), description }, body);
  }

  /** Names the group of the jobs that the current cell starts from now on, for `cancelJobGroup`. */
  setJobGroup(groupId: string, description?: string): void {
    const scope = this.#scope();
    scope.groupId = groupId;
    scope.description = description;
  }

  /** The jobs that the current cell starts from now on are of no group. */
  clearJobGroup(): void {
    const scope = this.#scope();
    scope.groupId = undefined;
    scope.description = undefined;
  }

  /** The jobs that `body` and what it calls start are of this group; parallel flows of the cell keep theirs. */
  withJobGroup<R>(groupId: string, body: () => R): R {
    return runInScope({ ...currentScope(), groupId }, body);
  }

  /** Cancels the active jobs of a group; their actions are rejected with JOB_CANCELLED. Returns how many there were. */
  cancelJobGroup(groupId: string, reason = `its group "${groupId}" was cancelled`): number {
    return this.#lineage.activeJobs.cancel((job) => job.groupId === groupId, reason);
  }

  /** Adds a tag to the jobs that the current cell starts from now on; a job may have several. */
  addJobTag(tag: string): void {
    if (tag === '' || tag.includes(',')) {
      throw new StagelightError('INVALID_ARGUMENT', `addJobTag: "${tag}" is no tag`, {
        hint: 'A tag is a text without commas.',
      });
    }
    const scope = this.#scope();
    scope.tags = [...new Set([...(scope.tags ?? []), tag])];
  }

  /** Takes a tag from the jobs that the current cell starts from now on. */
  removeJobTag(tag: string): void {
    const scope = this.#scope();
    scope.tags = (scope.tags ?? []).filter((each) => each !== tag);
  }

  /** The tags of the jobs that the current cell starts now. */
  getJobTags(): string[] {
    return [...(this.#scope().tags ?? [])];
  }

  /** The jobs that the current cell starts from now on have no tags. */
  clearJobTags(): void {
    this.#scope().tags = [];
  }

  /** Cancels the active jobs with a tag, as cancelJobGroup does. Returns how many there were. */
  cancelJobsWithTag(tag: string, reason = `jobs with the tag "${tag}" were cancelled`): number {
    return this.#lineage.activeJobs.cancel((job) => job.tags.includes(tag), reason);
  }

  /** A text that tasks of the jobs which the current cell starts from now on find in their TaskContext; undefined clears it. */
  setLocalProperty(key: string, value: string | undefined): void {
    if (typeof key !== 'string' || key === '' || (value !== undefined && typeof value !== 'string')) {
      throw new StagelightError('INVALID_ARGUMENT', `setLocalProperty: key and value must be texts`, {
        hint: 'Convert the value with String(value) or JSON.stringify(value).',
      });
    }
    const scope = this.#scope();
    const { [key]: _, ...properties } = scope.properties ?? {};
    scope.properties = value === undefined ? properties : { ...properties, [key]: value };
  }

  /** What `setLocalProperty` set for the current cell. */
  getLocalProperty(key: string): string | undefined {
    const properties = this.#scope().properties ?? {};
    return Object.hasOwn(properties, key) ? properties[key] : undefined;
  }

  /**
   * What stages of the jobs that the current cell starts from now on may make of the measured sizes of their inputs:
   * `setAdaptive({ enabled: false })` runs them as planned. What is not named is as the application was started with;
   * undefined goes back to that. Sizes are in bytes. Results do not depend on it.
   */
  setAdaptive(options: Partial<AdaptiveOptions> | undefined): void {
    this.#scope().adaptive = options === undefined ? undefined : checkAdaptive(options);
  }

  /** Cancels one job, as cancelJobGroup does. Returns whether it was active. */
  cancelJob(jobId: number, reason = 'sc.cancelJob was called'): boolean {
    return this.#lineage.activeJobs.cancel((job) => job.jobId === jobId, reason) > 0;
  }

  /** Cancels the active jobs that need a stage. Resolves to how many there were. */
  async cancelStage(stageId: number, reason = `its stage ${stageId} was cancelled`): Promise<number> {
    const { ids = [] } = await this.#lineage.runner.status({ kind: 'activeJobIdsOfStage', stageId });
    return ids.filter((jobId) => this.cancelJob(jobId, reason)).length;
  }

  /** Cancels every active job of this application. Returns how many there were. */
  cancelAllJobs(reason = 'all jobs were cancelled'): number {
    return this.#lineage.activeJobs.cancel(() => true, reason);
  }

  /** Asks how far jobs, stages and executors are. */
  get statusTracker(): StatusTracker {
    return new StatusTracker(this.#lineage.runner);
  }

  /** The jobs that have not ended, oldest first; with a group, only those of it. */
  activeJobs(groupId?: string): ActiveJob[] {
    return this.#lineage.activeJobs.list((job) => groupId === undefined || job.groupId === groupId);
  }

  #scope(): JobScope {
    return currentScope() ?? this.#lineage.outermostScope;
  }

  [inspect.custom](): string {
    return `Context (sc) on ${this.defaultParallelism} executors`;
  }
}
