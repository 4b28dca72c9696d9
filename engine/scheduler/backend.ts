/**
 * What the scheduler asks of the machinery that runs tasks, and what that machinery reports.
 * `engine/executor/executor-pool.ts` implements it with child processes; an in-process one serves unit tests.
 */
import type { Slowness } from '../fault-protocol.ts';
import type { ErrorData, OperatorTimes, TaskEndReason, TaskMetrics } from '../protocol.ts';
import type { AccumulatorPartial } from '../rdd/accumulation.ts';
import type {
  ClosureBlob,
  ClosureId,
  JoinPiece,
  MapStatus,
  StagePlan,
  StorageLevel,
  TaskResult,
} from '../rdd/plan.ts';

export type BarrierMethod = 'barrier' | 'allGather';

/** All tasks of a barrier stage have made their call number `epoch`, or it was refused. */
export type BarrierAnswer = { epoch: number; messages: string[] } | { epoch: number; error: ErrorData };

export interface TaskLaunch {
  taskId: number;
  index: number;
  partition: number;
  attempt: number;
  /** Of a barrier stage: where its tasks run, in the order of partitions. */
  barrier?: { addresses: string[] };
  /** Executors that are to get copies of what it caches at a replicated level, the first of them first. */
  peers?: string[];
  /** Slowed on purpose. */
  slow?: SlowedTask;
  /** The partitions from `first` to `last` are computed one after the other by this executor: it may read ahead. */
  group?: { first: number; last: number };
  /** An executor ran out of memory under a task of the stage: rows are taken in one at a time. */
  careful?: true;
  /** What of the partition it computes, where that is not all. */
  piece?: JoinPiece;
}

export type SlowedTask = Slowness & { faultId: number };

export interface CachedBlock {
  rddId: number;
  partition: number;
  bytes: number;
  onDisk: boolean;
  /** Executors for which a copy lies ready; each is told to take it in. */
  replicas?: string[];
  /** All executors can read it, under this generation of the rows of its dataset. */
  shared?: number;
  /** Its rows came in an order that depended on memory. */
  disordered?: true;
}

/** A copy of a cached partition that the executor `from` has put into another one's folder. */
export interface ReplicaFile {
  rddId: number;
  partition: number;
  from: string;
}

export interface Replica extends ReplicaFile {
  level: StorageLevel;
  /** Of a local checkpoint: on disk as well, where other executors can read it. */
  onDisk?: true;
}

export interface TaskEnd {
  taskId: number;
  reason: TaskEndReason;
  metrics: TaskMetrics;
  /** When the executor began and ended the task (epoch milliseconds, the executor's clock). */
  startTime: number;
  endTime: number;
  result?: TaskResult;
  mapStatus?: MapStatus;
  /** What it added to accumulators; of a task that ended well. */
  accumulators?: AccumulatorPartial[];
  /** Rows that passed each RDD of the stage plan's `nodes`, −1 where not counted. */
  rowsByRdd?: number[];
  /** Where its time went. */
  operatorTimes?: OperatorTimes;
  cachedBlocks?: CachedBlock[];
}

export type BackendEvent =
  | { type: 'executorAdded'; executorId: string; slot: number; pid: number }
  | {
      type: 'executorRemoved';
      executorId: string;
      code: 'exit' | 'signal' | 'oom' | 'hung' | 'killed' | 'shutdown';
      reason: string;
      /** The task that was running, or null when none was; absent when the backend cannot tell: the oldest one then. */
      runningTaskId?: number | null;
      /** Whether that task is to blame. Absent: it is, unless the executor was killed or shut down on purpose. */
      causedByTask?: boolean;
      /** That task had been asked to stop, for this reason, and would not: it ended as it was asked to, if not in the way it was asked. */
      stopped?: string;
      /** What the user is told of the loss, with a hint, when more is known than the reason. */
      error?: ErrorData;
    }
  /** No executor is alive and none can be started: every running job fails with this error. */
  | { type: 'executorsUnavailable'; error: ErrorData }
  | { type: 'taskEnded'; executorId: string; end: TaskEnd }
  | { type: 'blockEvicted'; executorId: string; rddId: number; partition: number; reason: string }
  /** A partition known to be cached is now kept so: moved from memory to disk, or a copy taken in. */
  | {
      type: 'blockStored';
      executorId: string;
      rddId: number;
      partition: number;
      bytes: number;
      onDisk: boolean;
    }
  /** A copy asked for by `makeReplica` lies in the folder of `to`. */
  | { type: 'replicaMade'; executorId: string; rddId: number; partition: number; to: string }
  /** What a task that runs for long has got through so far. */
  | { type: 'taskProgress'; executorId: string; taskId: number; recordsRead: number; runTime: number }
  /** A task of a barrier stage has come to its call number `epoch`. Answered with `answerBarrier`. */
  | {
      type: 'barrierRequest';
      executorId: string;
      taskId: number;
      epoch: number;
      method: BarrierMethod;
      message: string;
    }
  /** A task asks whether it may make its output visible. Answered with `answerCommit`. */
  | { type: 'commitRequest'; executorId: string; taskId: number }
  | {
      type: 'taskOutput';
      executorId: string;
      taskId: number;
      stream: 'stdout' | 'stderr';
      text: string;
      dropped: number;
    }
  | {
      type: 'executorMetrics';
      executorId: string;
      heapUsed: number;
      rss: number;
      storageMemory: number;
      executionMemory: number;
    };

/** What of an executor's queue will not be begun any more: it may run elsewhere at once. */
export interface TakenBack {
  /** The task that the executor is at, or comes to next. */
  begun: number;
  taken: number[];
}

export interface SchedulerBackend {
  /** Starts the executors; events flow to `listener` from now on, always asynchronously, in the order they happened. */
  start(listener: (event: BackendEvent) => void): void;
  /** Runs tasks of one stage on one executor, in order. Closures the executor lacks are taken from `closures`. */
  launchTasks(
    executorId: string,
    plan: StagePlan,
    tasks: TaskLaunch[],
    closures: (id: string) => ClosureBlob,
  ): void;
  /** Asks the task to stop; after `graceMs` its executor is killed. A task not yet begun is just dropped. */
  killTask(executorId: string, taskId: number, reason: string, graceMs: number): void;
  /**
   * Takes back what waits behind the task that an executor is at, however long that one computes, or behind the first
   * while it loads what that needs. Undefined where it cannot be told at once what was begun; what the executor then
   * leaves it tells of, as of tasks that were killed.
   */
  takeBack(executorId: string): TakenBack | undefined;
  answerCommit(executorId: string, taskId: number, allowed: boolean): void;
  answerBarrier(executorId: string, taskId: number, answer: BarrierAnswer): void;
  /** No more tasks of this stage attempt will come: executors may drop its plan. */
  forgetStage(stageId: number, attempt: number): void;
  /** Nothing known uses these closures any more; one that is needed again is taken from `closures` again. */
  forgetClosures(ids: ClosureId[]): void;
  /** Has an executor put a copy of a partition it keeps into the folder of another. */
  makeReplica(executorId: string, block: { rddId: number; partition: number; to: string }): void;
  /** Has an executor take in a copy that lies in its folder. */
  adoptReplica(executorId: string, replica: Replica): void;
  /** Has an executor remove a copy that lies in its folder and is not to be taken in. */
  dropReplica(executorId: string, replica: ReplicaFile): void;
  /** Drops the cached partitions of an RDD on every executor. */
  dropRdd(rddId: number): void;
  /** Drops the decoded copies of a broadcast on every executor. */
  dropBroadcast(id: number): void;
  /** Drops one cached partition on one executor, which says nothing of it. */
  dropBlock(executorId: string, rddId: number, partition: number): void;
  /** Removes what all executors could read of an RDD: of one generation of its rows, or of all. */
  dropShared(rddId: number, generation?: number): void;
  /** Tasks slowed by these faults, running or queued, go on at once. */
  clearSlowness(faultIds: number[]): void;
  /** Kills one executor process (fault injection and the page's "kill executor"); it is replaced. */
  killExecutor(executorId: string, reason?: string): void;
  /** Ends all executors and removes the block directory. */
  stop(): Promise<void>;
}
