/** Everything the DAG scheduler knows. One thread touches it: the step function owns and mutates it. */
import type { EngineEvent } from '../protocol.ts';
import { ADAPTIVE_DEFAULTS, type AdaptiveOptions } from '../rdd/adaptive-options.ts';
import type { RddNode } from '../rdd/plan.ts';
import { CacheTracker } from './cache-tracker.ts';
import { CountedBlocks } from './counted-blocks.ts';
import type { DagCommand } from './events.ts';
import { FormerRows } from './former-rows.ts';
import { InputEpochs } from './input-epochs.ts';
import type { ActiveJob } from './job.ts';
import { LostBlocks } from './lost-blocks.ts';
import { MapOutputTracker } from './map-output-tracker.ts';
import { OrderTracker } from './order-tracker.ts';
import { RddGraph } from './rdd-graph.ts';
import { DEFAULT_POOL, POOL_PROPERTY, type SchedulingMode } from './scheduling-options.ts';
import { SharedBlocks } from './shared-blocks.ts';
import type { ShuffleMapStage, Stage } from './stage.ts';

export interface DagOptions {
  /** Attempts of one stage that may end in fetch failures in a row. */
  maxStageAttempts: number;
  /** Bytes of all results of one job. */
  maxResultSize: number;
  /** Fetch failures within this time lead to one resubmission. */
  resubmitDelay: number;
  /** FIFO: pools do not count. */
  schedulingMode: SchedulingMode;
  /** Executors, as far as plans count on them. */
  parallelism: number;
  adaptive: AdaptiveOptions;
  /** Executors that there are when none is being replaced; absent where that is not known. */
  slots?: number;
}

export const DAG_DEFAULTS: DagOptions = {
  maxStageAttempts: 4,
  maxResultSize: 1 << 30,
  resubmitDelay: 200,
  schedulingMode: 'FIFO',
  parallelism: 1,
  adaptive: ADAPTIVE_DEFAULTS,
};

/** A preparation that has been asked for and has not finished. */
export interface RunningPreparation {
  /** Unknown until its job is submitted, and again after it ended while its results are put together. */
  jobId?: number;
  /** The job whose results are put together. */
  finishing?: number;
  /** What it has counted was recomputed with other rows. */
  isOutdated?: boolean;
  /** It reads rows, or has read them. */
  begun?: true;
  waiters: Set<number>;
}

export class DagState {
  readonly options: DagOptions;
  readonly rdds = new RddGraph();
  readonly stages = new Map<number, Stage>();
  /** By shuffle id. */
  readonly mapStages = new Map<number, ShuffleMapStage>();
  readonly jobs = new Map<number, ActiveJob>();
  readonly outputs = new MapOutputTracker();
  readonly cache = new CacheTracker();
  /** Those that are alive, in the order they came. */
  readonly executors = new Set<string>();
  readonly lost = new LostBlocks();
  /** Cached partitions that all executors read. */
  readonly shared = new SharedBlocks();
  readonly countedBlocks = new CountedBlocks();
  /** Datasets whose rows come in the same order whenever they are computed. */
  readonly order = new OrderTracker();
  readonly former = new FormerRows();
  /** Map outputs that were dropped or damaged on purpose and not missed yet: path → fault. */
  readonly damaged = new Map<string, number>();
  /** Outcomes of preparations by RDD. */
  readonly prepared = new Map<number, Uint8Array>();
  readonly preparations = new Map<number, RunningPreparation>();
  /** Stages that wait for parents. */
  readonly waiting = new Set<Stage>();
  /** Stages that the resubmission timer will submit. */
  readonly failed = new Set<Stage>();
  /** RDDs to be read from kept rows when no running job joins them otherwise, by RDD. */
  readonly replans = new Map<number, RddNode>();
  /** Shuffles of RDDs that are read from kept rows now, to forget when no running job may read them. */
  readonly orphans = new Map<number, number>();
  /** RDDs to forget when the jobs that may touch them have ended. */
  readonly unreachable = new Set<number>();
  readonly epochs = new InputEpochs();
  /** A job has ended, or has come to wait itself, since those were looked at that wait for others. */
  jobEnded = false;
  nextStageId = 0;
  /** Of the event being handled. */
  now = 0;
  commands: DagCommand[] = [];

  constructor(options: DagOptions) {
    this.options = options;
  }

  emit(event: EngineEvent): void {
    this.commands.push({ type: 'emit', event });
  }

  command(command: DagCommand): void {
    if (command.type === 'deleteMapOutput') this.damaged.delete(command.mapStatus.path);
    this.commands.push(command);
  }

  /** The pool of a job's task sets; undefined where pools do not count. */
  poolOf({ submission }: ActiveJob): string | undefined {
    if (this.options.schedulingMode === 'FIFO') return undefined;
    const properties = submission.properties ?? {};
    return (Object.hasOwn(properties, POOL_PROPERTY) && properties[POOL_PROPERTY]) || DEFAULT_POOL;
  }

  stage(stageId: number): Stage {
    return this.stages.get(stageId)!;
  }

  /** True when nothing is running or waiting; RDDs, map outputs and outcomes may still be kept for later jobs. */
  get idle(): boolean {
    return (
      this.jobs.size + this.preparations.size + this.waiting.size + this.failed.size === 0 &&
      [...this.stages.values()].every((stage) => !stage.current && stage.jobIds.size === 0)
    );
  }

  /** True when nothing is kept at all. */
  get empty(): boolean {
    const { rdds, stages, mapStages, outputs, cache, lost, damaged } = this;
    const { prepared, orphans, replans, unreachable, epochs, shared, countedBlocks, former, order } = this;
    const kept: readonly { size: number }[] = [
      ...[rdds, stages, mapStages, outputs, cache, lost, damaged],
      ...[prepared, orphans, replans, unreachable, epochs, shared, countedBlocks, former, order],
    ];
    return this.idle && kept.every((structure) => structure.size === 0);
  }
}
