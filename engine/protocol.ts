/**
 * Every event and every command that crosses a process boundary towards a viewer.
 *
 * Types and tags only: no Node imports, nothing that runs but constant tables. The names are those of
 * Spark's listener bus. All times are milliseconds since the Unix epoch (fractions allowed), all sizes bytes.
 */
import type { FaultEvent, Recomputation } from './fault-protocol.ts';
import type { NotebookEvent } from './notebook-protocol.ts';
import type { SchedulingEvent } from './scheduling-protocol.ts';

export type * from './fault-protocol.ts';
export type * from './notebook-protocol.ts';
export type * from './output-protocol.ts';
export type * from './scheduling-protocol.ts';

/** Written into every persisted artefact (event log, keyframe, outputs); a reader refuses a newer one by name. */
export const PROTOCOL_VERSION = 1;

// ---------------------------------------------------------------- positions and errors

/** A place in the user's source. `line` and `column` count from 1; `file` is a path or `cell:<cellId>`. */
export interface SourcePosition {
  file: string;
  cellId?: string;
  line: number;
  column: number;
}

/** The source range of one operator or action call, captured when it was called. End is exclusive. */
export interface CallSite extends SourcePosition {
  endLine: number;
  endColumn: number;
  /** The operator or action name as the user wrote it, for example `reduceByKey`. */
  name: string;
}

/** One user-visible frame of a stack. */
export interface ErrorFrame extends SourcePosition {
  functionName?: string;
}

/** An error as data: what crosses processes, is logged and shown. Never parsed from strings. */
export interface ErrorData {
  /** Stable identifier: `CLOSURE_CAPTURE`, `TASK_FAILED`, `INPUT_NOT_FOUND`, … or `USER` for the user's own throw. */
  code: string;
  /** The class name shown to the user: `TypeError`, `StagelightError`, … */
  name: string;
  message: string;
  /** What to do next, one sentence. */
  hint?: string;
  position?: SourcePosition;
  frames?: ErrorFrame[];
  /** The raw stack, positions already mapped to the user's source. */
  stack?: string;
  task?: { stageId: number; partition: number; attempt: number; executorId?: string };
  /** The element that was being processed, as a bounded text, when known. */
  element?: string;
  cause?: ErrorData;
}

// ---------------------------------------------------------------- metrics

/** Spark's task metrics, flat. Times in milliseconds, sizes in bytes. */
export interface TaskMetrics {
  schedulerDelay: number;
  executorDeserializeTime: number;
  shuffleReadTime: number;
  executorRunTime: number;
  shuffleWriteTime: number;
  resultSerializationTime: number;
  gettingResultTime: number;
  /** Of tasks that ran less than a millisecond their run time: the system counts no finer. */
  executorCpuTime: number;
  gcTime: number;
  resultSize: number;
  peakExecutionMemory: number;
  memoryBytesSpilled: number;
  diskBytesSpilled: number;
  inputBytes: number;
  inputRecords: number;
  outputBytes: number;
  outputRecords: number;
  shuffleReadBytes: number;
  shuffleReadRecords: number;
  shuffleFetchWaitTime: number;
  shuffleWriteBytes: number;
  shuffleWriteRecords: number;
}

/** The fixed order of task metrics wherever they are stored as columns. */
export const TASK_METRICS = [
  'schedulerDelay',
  'executorDeserializeTime',
  'shuffleReadTime',
  'executorRunTime',
  'shuffleWriteTime',
  'resultSerializationTime',
  'gettingResultTime',
  'executorCpuTime',
  'gcTime',
  'resultSize',
  'peakExecutionMemory',
  'memoryBytesSpilled',
  'diskBytesSpilled',
  'inputBytes',
  'inputRecords',
  'outputBytes',
  'outputRecords',
  'shuffleReadBytes',
  'shuffleReadRecords',
  'shuffleFetchWaitTime',
  'shuffleWriteBytes',
  'shuffleWriteRecords',
] as const satisfies readonly (keyof TaskMetrics)[];

/**
 * The seven timeline phases in drawing order, each the metric that holds its length. `executorRunTime` is the
 * whole run (Spark's meaning); the drawn "computing" phase is executorRunTime − shuffleReadTime − shuffleWriteTime.
 */
export const TASK_PHASES = [
  'schedulerDelay',
  'executorDeserializeTime',
  'shuffleReadTime',
  'executorComputingTime',
  'shuffleWriteTime',
  'resultSerializationTime',
  'gettingResultTime',
] as const;

// ---------------------------------------------------------------- engine events

export type StageStatus = 'pending' | 'active' | 'complete' | 'failed' | 'skipped';
export type TaskStatus = 'running' | 'success' | 'failed' | 'killed';
export type StageKind = 'shuffleMap' | 'result';

export interface RddInfo {
  rddId: number;
  name: string;
  callSite?: CallSite;
  parentIds: number[];
  numPartitions: number;
  storageLevel: string;
  /** Its rows are read from where a checkpoint keeps them: files, or executors. */
  checkpoint?: 'reliable' | 'local';
}

/** A job as its events tell it. */
export interface JobDescription {
  jobId: number;
  name: string;
  description?: string;
  /** What the user called the group of jobs it belongs to (`sc.setJobGroup`). */
  groupId?: string;
  tags?: readonly string[];
  /** The pool of the fair scheduler that it runs in; absent where jobs run in their order. */
  pool?: string;
  runId?: string;
  cellId?: string;
  callSite?: CallSite;
  /** Set on a preparation job (sampling, counting) to the RDD it prepares. */
  preparesRddId?: number;
}

/** Why a job does not begin yet (docs/decisions/127, 131). */
export interface JobWait {
  /**
   * `OTHER_ORDER`: the jobs read map outputs of the RDD that this one needs in the order in which they were made first.
   * `OTHER_LIFE`: they use what was made of other rows of the RDD than those that this one reads.
   * `EARLIER_JOB`: they wait for such an end, too, and were submitted before.
   * `PREPARATION`: no jobs; rows are sampled or counted for it, or for one before.
   */
  code: 'OTHER_ORDER' | 'OTHER_LIFE' | 'EARLIER_JOB' | 'PREPARATION';
  /** The jobs whose end it waits for. */
  jobIds: number[];
  rddId?: number;
  rddName?: string;
}

export interface StageInfo {
  stageId: number;
  attempt: number;
  kind: StageKind;
  name: string;
  numTasks: number;
  parentIds: number[];
  /** The chain of RDDs computed in this stage, source first. */
  rdds: RddInfo[];
  shuffleId?: number;
  callSite?: CallSite;
  /** Its tasks start together. */
  barrier?: true;
}

/** Why a task attempt ended, as data. The scheduler decides on this alone. */
export type TaskEndReason =
  | { kind: 'success' }
  /** `heldBy`: the executor that alone has rows which the task needs and must not compute; another attempt is of use there only. */
  | { kind: 'exception'; error: ErrorData; fatal?: boolean; heldBy?: string }
  | {
      kind: 'fetchFailed';
      shuffleId: number;
      mapIndex: number;
      reduceId: number;
      executorId: string;
      message: string;
    }
  | { kind: 'executorLost'; executorId: string; reason: string; causedByTask: boolean; error?: ErrorData }
  | { kind: 'killed'; reason: string }
  | { kind: 'commitDenied'; message: string };

export interface TaskInfo {
  taskId: number;
  stageId: number;
  stageAttempt: number;
  /** Position in the stage's task set; for map stages the map index. */
  index: number;
  partition: number;
  attempt: number;
  executorId: string;
  launchTime: number;
  /** A second copy of a task that runs slowly elsewhere. */
  speculative?: true;
  /** Partitions that the task computes, from `partition` on, when several were coalesced into it. */
  numPartitions?: number;
}

/**
 * Where the time of tasks went, milliseconds, −1 where nothing is known. Self times: no moment counts twice, together they
 * are at most what the tasks took. Operators that run as one loop share its time by a sample of their rows.
 */
export interface OperatorTimes {
  /** Of each RDD of the chain, parallel to `StageInfo.rdds`. */
  byRdd: number[];
  /** Reading and decoding what other stages wrote. */
  shuffleRead: number;
  /** What a task does with its rows: combining and writing them for a shuffle, or the work of the action. */
  output: number;
}

/**
 * Live counters of one stage attempt. Derived from task events by `engine/fold` for viewers, who get this instead
 * of the task events themselves, so that what observing costs does not grow with the number of tasks.
 */
export interface StageProgress {
  stageId: number;
  attempt: number;
  numRunning: number;
  numSucceeded: number;
  numFailed: number;
  numKilled: number;
  /** Sum over ended task attempts. */
  totals: TaskMetrics;
  /** Rows seen so far by each RDD of the chain, parallel to `StageInfo.rdds`, −1 where not counted. */
  rowsByRdd?: number[];
  /** Of the same task attempts: where their time went. */
  operatorTimes?: OperatorTimes;
  /** Bumped on every change, so that a viewer knows when a query's answer is out of date. */
  version: number;
}

/** A named accumulator after a stage added to it; both values as bounded texts. */
export interface AccumulableInfo {
  id: number;
  name: string;
  /** What the stage added. */
  update: string;
  /** All that was added so far. */
  value: string;
}

export type EngineEvent =
  | {
      type: 'applicationStart';
      appId: string;
      name: string;
      time: number;
      executors: number;
      executorMemory: number;
      version: string;
    }
  | { type: 'applicationEnd'; time: number }
  | { type: 'executorAdded'; executorId: string; slot: number; pid: number; time: number }
  | {
      type: 'executorRemoved';
      executorId: string;
      time: number;
      reason: string;
      code: 'exit' | 'signal' | 'oom' | 'hung' | 'killed' | 'shutdown';
    }
  | {
      type: 'executorMetrics';
      executorId: string;
      time: number;
      heapUsed: number;
      rss: number;
      storageMemory: number;
      executionMemory: number;
    }
  /** A job that was submitted does not begin before others end. Followed by another when it waits for something else, then by `jobStart` or `jobEnd`. */
  | ({ type: 'jobWaiting'; time: number; wait: JobWait } & JobDescription)
  | ({
      type: 'jobStart';
      time: number;
      /** All stages the job may run, in topological order; those not needed end as skipped. */
      stages: StageInfo[];
    } & JobDescription)
  | {
      type: 'jobEnd';
      jobId: number;
      time: number;
      status: 'succeeded' | 'failed' | 'cancelled';
      error?: ErrorData;
    }
  | {
      type: 'stageSubmitted';
      stage: StageInfo;
      jobIds: number[];
      time: number;
      reason?: string;
      /** As of `jobStart`, of the first of the jobs. */
      pool?: string;
      /** Partitions that were there before and why they are not, `MAX_RECOMPUTED` of them at most. */
      recomputes?: Recomputation[];
    }
  | { type: 'stageSkipped'; stageId: number; jobId: number; time: number; reason: string }
  | {
      type: 'stageCompleted';
      stageId: number;
      attempt: number;
      time: number;
      status: 'complete' | 'failed';
      failureReason?: string;
    }
  /** What a stage that is over added to named accumulators. */
  | { type: 'accumulated'; stageId: number; attempt: number; time: number; values: AccumulableInfo[] }
  | { type: 'taskStart'; task: TaskInfo; reason?: string }
  | {
      type: 'taskEnd';
      task: TaskInfo;
      finishTime: number;
      status: Exclude<TaskStatus, 'running'>;
      reason: TaskEndReason;
      metrics: TaskMetrics;
      rowsByRdd?: number[];
      operatorTimes?: OperatorTimes;
    }
  | ({
      type: 'stageProgress';
      time: number;
      /** Task counts, up to here, of the executors that this stage's tasks ran on since the last event. */
      executorTasks?: { executorId: string; running: number; ended: number }[];
    } & StageProgress)
  | {
      type: 'blockCached';
      rddId: number;
      partition: number;
      executorId: string;
      bytes: number;
      onDisk: boolean;
    }
  | {
      type: 'blockEvicted';
      rddId: number;
      partition: number;
      executorId: string;
      reason: string;
      faultId?: number;
    }
  | { type: 'unpersistRdd'; rddId: number }
  | { type: 'rddName'; rddId: number; name: string }
  | SchedulingEvent
  | FaultEvent;

/** The closed union of everything that happens. `engine/fold` is the only reader that makes state of it. */
export type StagelightEvent = EngineEvent | NotebookEvent;
export type EventType = StagelightEvent['type'];

/** An event in its place in a stream. `seq` grows by one from 1 within one `boot`. */
export interface SequencedEvent {
  seq: number;
  event: StagelightEvent;
}

/** First line of an event log. */
export interface EventLogHeader {
  type: 'logStart';
  format: 'stagelight-events';
  version: number;
  boot: string;
  time: number;
}
