/** What programs may ask of the progress of jobs, stages and executors: Spark's SparkStatusTracker. */
import type { JobRunner } from './job-runner.ts';
import { notShippable } from './not-shippable.ts';

export interface JobInfo {
  jobId: number;
  /** All stages it may run. */
  stageIds: number[];
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED';
}

/** Of the latest attempt. */
export interface StageStatusInfo {
  stageId: number;
  currentAttemptId: number;
  /** Milliseconds since 1970; 0 before the stage has begun. */
  submissionTime: number;
  name: string;
  numTasks: number;
  numActiveTasks: number;
  numCompletedTasks: number;
  numFailedTasks: number;
}

export interface ExecutorInfo {
  executorId: string;
  pid: number;
  numRunningTasks: number;
  /** Bytes of cached partitions in its memory. */
  cacheSize: number;
}

export type StatusQuestion =
  /** Without a group: those of no group. */
  | { kind: 'jobIdsForGroup'; groupId?: string }
  | { kind: 'jobIdsForTag'; tag: string }
  | { kind: 'activeJobIds' }
  | { kind: 'activeStageIds' }
  | { kind: 'jobInfo'; jobId: number }
  | { kind: 'stageInfo'; stageId: number }
  | { kind: 'activeJobIdsOfStage'; stageId: number }
  | { kind: 'executorInfos' };

/** One of the fields, by the question. */
export interface StatusAnswer {
  ids?: number[];
  job?: JobInfo;
  stage?: StageStatusInfo;
  executors?: ExecutorInfo[];
}

/** The latest thousand jobs and stages can be asked about; older ones are unknown. */
export class StatusTracker {
  readonly #runner: JobRunner;
  readonly [notShippable] = 'the status tracker (sc.statusTracker)';

  constructor(runner: JobRunner) {
    this.#runner = runner;
  }

  /** The known jobs of a group, running and ended; without a group, those of none. */
  async getJobIdsForGroup(groupId?: string): Promise<number[]> {
    const group = groupId === undefined ? {} : { groupId };
    return (await this.#runner.status({ kind: 'jobIdsForGroup', ...group })).ids ?? [];
  }

  /** The known jobs with a tag, running and ended. */
  async getJobIdsForTag(tag: string): Promise<number[]> {
    return (await this.#runner.status({ kind: 'jobIdsForTag', tag })).ids ?? [];
  }

  /** The jobs that run. */
  async getActiveJobIds(): Promise<number[]> {
    return (await this.#runner.status({ kind: 'activeJobIds' })).ids ?? [];
  }

  /** The stages that run. */
  async getActiveStageIds(): Promise<number[]> {
    return (await this.#runner.status({ kind: 'activeStageIds' })).ids ?? [];
  }

  /** The stages and the status of a job; undefined of one that is not known (any more). */
  async getJobInfo(jobId: number): Promise<JobInfo | undefined> {
    return (await this.#runner.status({ kind: 'jobInfo', jobId })).job;
  }

  /** How far a stage is; undefined of one that is not known (any more). */
  async getStageInfo(stageId: number): Promise<StageStatusInfo | undefined> {
    return (await this.#runner.status({ kind: 'stageInfo', stageId })).stage;
  }

  /** The executors that are alive. */
  async getExecutorInfos(): Promise<ExecutorInfo[]> {
    return (await this.#runner.status({ kind: 'executorInfos' })).executors ?? [];
  }
}
