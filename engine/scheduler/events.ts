/**
 * The closed lists of what can happen to the two schedulers and of what they can ask for.
 *
 * Both are step functions `(event, now) → commands`: they touch no clock, no process and no file. `scheduler.ts`
 * carries out the commands and routes events; it alone decides nothing.
 */
import type { EngineEvent, ErrorData, TaskEndReason } from '../protocol.ts';
import type { AccumulatorPartial, StageAccumulation } from '../rdd/accumulation.ts';
import type { JobSubmission } from '../rdd/job-runner.ts';
import type {
  JoinPiece,
  MapStatus,
  Preparation,
  RddNode,
  StagePlan,
  StorageLevel,
  TaskResult,
} from '../rdd/plan.ts';
import type {
  BackendEvent,
  BarrierAnswer,
  BarrierMethod,
  CachedBlock,
  Replica,
  ReplicaFile,
  TaskEnd,
  TaskLaunch,
} from './backend.ts';
import type { TaskPace } from './speculation.ts';

/** The tasks of one stage attempt. `indices[i]`, `partitions[i]` and `preferred[i]` belong together. */
export interface TaskSet {
  stageId: number;
  attempt: number;
  /** The first job that needs the stage: unless shares decide, task sets run in the order of their jobs. */
  jobId: number;
  plan: StagePlan;
  /** How many roll-backs there had been: what its tasks cache is of the rows of then. */
  epoch: number;
  /** Tasks of it are slowed on purpose: none waits in a queue behind one. */
  oneByOne?: boolean;
  /** Positions in the whole stage; a later attempt holds only what is missing. */
  indices: number[];
  partitions: number[];
  /** Of the first job that needs it; absent where pools do not count. */
  pool?: string;
  /** All of it starts at once. */
  barrier?: true;
  /** An executor ran out of memory under an earlier attempt of the stage. */
  careful?: true;
  /** Executors that cache what the task reads; absent when no task has a preference. */
  preferred?: (string[] | undefined)[];
  /**
   * What they cache would be other rows if it were computed elsewhere, and others cannot read it: its tasks wait for them as
   * long as they are there, and get no second copies.
   */
  staysNear?: true;
  /** Positions at which tasks of several adjacent partitions begin, ascending from 0; absent when each has its own. */
  groupStarts?: number[];
  /** What of its partition a position computes, where that is not all; a partition in pieces has several positions. */
  pieces?: (JoinPiece | undefined)[];
}

/** What becomes of a preparation job's results; `engine/rdd/preparation.ts` implements it. */
export type FinishPreparation = (preparation: Preparation, results: Uint8Array[]) => Uint8Array;

export type DagEvent =
  | { type: 'jobSubmitted'; jobId: number; job: JobSubmission; preparesRddId?: number }
  | { type: 'jobCancelled'; jobId: number; reason: string }
  | {
      type: 'taskSucceeded';
      stageId: number;
      attempt: number;
      index: number;
      /** Number of the piece, of a partition computed in pieces. */
      piece?: number;
      executorId: string;
      result?: TaskResult;
      mapStatus?: MapStatus;
      accumulators?: AccumulatorPartial[];
      /** Of its attempts, also those of former attempts of the stage, none has ended well before. */
      isFirst?: boolean;
    }
  | {
      type: 'fetchFailed';
      stageId: number;
      attempt: number;
      index: number;
      reason: Extract<TaskEndReason, { kind: 'fetchFailed' }>;
    }
  | { type: 'taskSetFailed'; stageId: number; attempt: number; failure: TaskFailure }
  /** A task of a barrier stage ended badly: all of the attempt goes. */
  | { type: 'barrierTaskFailed'; stageId: number; attempt: number; failure: TaskFailure }
  | {
      type: 'blocksCached';
      executorId: string;
      /** Of the task that cached them: see `InputEpochs`. */
      epoch: number;
      blocks: CachedBlock[];
    }
  | {
      type: 'blockEvicted';
      executorId: string;
      rddId: number;
      partition: number;
      reason: string;
      /** Dropped on purpose. */
      faultId?: number;
    }
  | Extract<BackendEvent, { type: 'blockStored' | 'replicaMade' }>
  | { type: 'executorAdded'; executorId: string }
  /** An executor was lost under a task of the stage because it had no memory left. */
  | { type: 'memoryRanOut'; stageId: number }
  | { type: 'executorLost'; executorId: string; reason: string }
  /** Every job fails with this error. */
  | { type: 'aborted'; error: ErrorData }
  | { type: 'preparationFinished'; rddId: number; jobId: number; outcome: Uint8Array }
  | { type: 'preparationFailed'; rddId: number; jobId: number; error: ErrorData }
  | { type: 'resubmitTimer' }
  | { type: 'persisted'; rddId: number; level: StorageLevel }
  | { type: 'renamed'; rddId: number; name: string }
  /** The dataset's rows are kept: it is computed so from now on. */
  | { type: 'replanned'; node: RddNode }
  | { type: 'forgotten'; rddIds: number[] };

/** Why a task set was given up: one of its tasks failed too often, or in a way that no retry can mend. */
export interface TaskFailure {
  partition: number;
  attempt: number;
  executorId: string;
  /** In words, for example "failed 4 times". */
  times: string;
  cause: ErrorData;
  /** Where it is not TASK_FAILED. */
  code?: string;
  /** Where it is not that of the cause. */
  hint?: string;
}

export type DagCommand =
  | { type: 'emit'; event: EngineEvent }
  | { type: 'submitTaskSet'; taskSet: TaskSet }
  /** Launch nothing more of this attempt; what runs may still end well. */
  | { type: 'retireTaskSet'; stageId: number; attempt: number }
  /** Launch nothing more of any attempt of this stage, and kill what runs. */
  | { type: 'cancelTasks'; stageId: number; reason: string }
  /** Another attempt computed this partition. */
  | { type: 'taskDone'; stageId: number; index: number; piece?: number }
  | { type: 'startResubmitTimer'; ms: number }
  /** Draw a job id and submit this job: it prepares `rddId`. */
  | { type: 'submitPreparation'; rddId: number; job: JobSubmission }
  | {
      type: 'finishPreparation';
      rddId: number;
      /** The job whose results they are. */
      jobId: number;
      preparation: Preparation;
      results: TaskResult[];
    }
  | { type: 'jobSucceeded'; jobId: number; results: TaskResult[] }
  | { type: 'jobFailed'; jobId: number; error: ErrorData }
  | { type: 'deleteResult'; result: TaskResult }
  | { type: 'accumulate'; added: StageAccumulation }
  | { type: 'deleteMapOutput'; mapStatus: MapStatus }
  | { type: 'dropRdd'; rddId: number }
  | { type: 'dropBlock'; executorId: string; rddId: number; partition: number }
  /** Of one generation, or all. */
  | { type: 'dropShared'; rddId: number; generation?: number }
  | { type: 'makeReplica'; executorId: string; rddId: number; partition: number; to: string }
  | { type: 'adoptReplica'; executorId: string; replica: Replica }
  | { type: 'dropReplica'; executorId: string; replica: ReplicaFile }
  | { type: 'rddForgotten'; rddId: number; closures: string[] };

export type TaskEvent =
  | { type: 'taskSetSubmitted'; taskSet: TaskSet }
  | { type: 'taskSetRetired'; stageId: number; attempt: number }
  | { type: 'tasksCancelled'; stageId: number; reason: string }
  | { type: 'taskDone'; stageId: number; index: number; piece?: number }
  | { type: 'executorAdded'; executorId: string }
  | {
      type: 'executorRemoved';
      executorId: string;
      reason: string;
      runningTaskId?: number | null;
      causedByTask: boolean;
      /** Why the task that ran had been asked to stop, if it had. */
      stopped?: string;
      error?: ErrorData;
    }
  | { type: 'taskEnded'; executorId: string; end: TaskEnd }
  | { type: 'commitRequested'; executorId: string; taskId: number }
  | {
      type: 'barrierRequested';
      executorId: string;
      taskId: number;
      epoch: number;
      method: BarrierMethod;
      message: string;
    }
  | ({ type: 'taskProgress'; executorId: string; taskId: number } & TaskPace)
  | { type: 'tasksTakenBack'; executorId: string; begun: number; taken: number[] }
  | { type: 'localityTimer' }
  | { type: 'timer'; timer: TaskTimer };

/** What the task scheduler wants to be woken for. */
export type TaskTimer = 'speculation' | 'exclusion' | 'barrier' | 'takeBack';

export type TaskCommand =
  | { type: 'emit'; event: EngineEvent }
  | { type: 'launch'; executorId: string; plan: StagePlan; tasks: TaskLaunch[] }
  | { type: 'kill'; executorId: string; taskId: number; reason: string }
  /** Answered with `tasksTakenBack`, if anything is. */
  | { type: 'takeBack'; executorId: string }
  | { type: 'answerCommit'; executorId: string; taskId: number; allowed: boolean }
  | { type: 'forgetStage'; stageId: number; attempt: number }
  | { type: 'startLocalityTimer'; ms: number }
  | { type: 'startTimer'; timer: TaskTimer; ms: number }
  | { type: 'killExecutor'; executorId: string; reason?: string }
  | { type: 'answerBarrier'; executorId: string; taskId: number; answer: BarrierAnswer }
  /** Tell the DAG scheduler. */
  | { type: 'dag'; event: DagEvent };
