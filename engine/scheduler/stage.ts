/** A stage: a maximal set of RDDs joined by narrow dependencies, ending in a shuffle or in a job's results. */
import type { CallSite, StageInfo } from '../protocol.ts';
import type { ShuffleDependency, StagePlan } from '../rdd/plan.ts';
import type { Accumulation } from './accumulation.ts';
import type { ReplacedNodes } from './rdd-graph.ts';
import type { PendingCauses } from './recompute-causes.ts';
import type { StagePieces } from './stage-pieces.ts';

/** One try at the missing partitions of a stage. Kept after a fetch failure, until the next attempt replaces it. */
export interface StageAttempt {
  attempt: number;
  mode: 'running' | 'failed';
  /** Positions not yet computed. */
  pending: Set<number>;
  plan: StagePlan;
  info: StageInfo;
  /** Of which shuffles all outputs, or all of one executor, were given up after a fetch failure. */
  nets: Set<string>;
  /** By partition, where these differ; made when an executor takes cached partitions with it. */
  positions?: ReadonlyMap<number, readonly number[]> | 'in place';
}

/**
 * What was decided before the first attempt of a stage stands for as long as anything that it made: rows are in other
 * partitions than they would be.
 */
export interface BroadcastJoins {
  /** From the stage's own RDD down to the joins, as they were when it was decided. */
  nodes: ReplacedNodes;
  /** The partitions behind these are empty. */
  filledPartitions: number;
  /** For each join, in words. */
  reasons: string[];
}

interface StageBase {
  stageId: number;
  /** The RDD whose partitions the stage computes. */
  rddId: number;
  name: string;
  callSite?: CallSite;
  /** Its tasks start together, and it is run as a whole. */
  barrier: boolean;
  /** Map stages whose outputs its RDDs read, cached or not. */
  parentIds: number[];
  /** Running jobs that have the stage in their lineage. */
  jobIds: Set<number>;
  nextAttempt: number;
  current?: StageAttempt;
  /** Attempts that ended in a fetch failure since the stage last succeeded. */
  failedAttempts: number;
  /** An executor ran out of memory under one of its tasks: those that follow go through their rows one at a time. */
  careful?: true;
  /** Results of attempts before this one were made from rows that no longer exist. */
  acceptFrom: number;
  /** Attempts before it were cancelled and may read what is gone: no output of theirs is taken. */
  leftBefore: number;
  /** The first attempt that keeps the order of its rows; absent where all do, or none. */
  keepsOrderFrom?: number;
  /** Map stages that must be available although a cached RDD seems to hide them: a task asked for their outputs. */
  required: Set<number>;
  /** Why the next attempt is made, in words. */
  reason?: string;
  /** The same, as data, by partition. */
  readonly causes: PendingCauses;
  readonly accumulation: Accumulation;
  readonly pieces: StagePieces;
  /** Joins that it computes without shuffling their larger sides. */
  broadcast?: BroadcastJoins;
}

/** Writes the map outputs of one shuffle. One per shuffle id, reused by all later jobs. */
export interface ShuffleMapStage extends StageBase {
  kind: 'shuffleMap';
  dependency: ShuffleDependency;
  numPartitions: number;
  /** The job that last completed it. */
  completedBy?: number;
}

/** Computes the results of one job. */
export interface ResultStage extends StageBase {
  kind: 'result';
  jobId: number;
}

export type Stage = ShuffleMapStage | ResultStage;

export function isRunning(stage: Stage): boolean {
  return stage.current?.mode === 'running';
}

/** As errors and reasons call it: "Stage 1 (reduceByKey)"; where the call stands is a field of the error. */
export function stageTitle(stage: Stage): string {
  return `S${stageWithin(stage).slice(1)}`;
}

/** The same within a sentence. */
export function stageWithin({ stageId, callSite, name }: Stage): string {
  return `stage ${stageId} (${callSite?.name ?? name})`;
}

/** "reduceByKey at cell a3:2" or "reduceByKey at words.ts:2:7". */
export function describeSite(name: string, callSite: CallSite | undefined): string {
  if (!callSite) return name;
  const file =
    callSite.cellId === undefined ? callSite.file.replace(/^.*[\\/]/, '') : `cell ${callSite.cellId}`;
  return `${callSite.name} at ${file}:${callSite.line}:${callSite.column}`;
}
