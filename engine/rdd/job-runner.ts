/** How RDD actions reach a scheduler: the one door between user-facing datasets and the engine that runs them. */
import type { AccumulableInfo, CallSite } from '../protocol.ts';
import type { StageAccumulation } from './accumulation.ts';
import type { AdaptiveOptions } from './adaptive-options.ts';
import type { ActionSpec } from './operator.ts';
import type { ClosureBlob, RddNode, StorageLevel, TaskResult } from './plan.ts';
import type { StatusAnswer, StatusQuestion } from './status-tracker.ts';

export interface JobSubmission {
  /** Nodes the scheduler has not been given yet, parents first. */
  nodes: RddNode[];
  /** Closures of those nodes and of the action that the scheduler has not been given yet. */
  closures: ClosureBlob[];
  rddId: number;
  /** Partitions to compute; results come back in this order. */
  partitions: number[];
  action: ActionSpec;
  /** The action's name, for example `collect`. */
  name: string;
  description?: string | undefined;
  groupId?: string | undefined;
  tags?: readonly string[];
  /** What `TaskContext.getLocalProperty` gives in its tasks. */
  properties?: Readonly<Record<string, string>>;
  /** What its stages may make of the sizes of their inputs, where that differs from the application's options. */
  adaptive?: Partial<AdaptiveOptions> | undefined;
  callSite?: CallSite;
  cellId?: string;
  runId?: string;
}

export interface JobHandle {
  jobId: number;
  /** Rejects with a StagelightError when the job fails or is cancelled. */
  results: Promise<TaskResult[]>;
}

/** Implemented by the kernel's driver (over its port to control) and by the in-process context. */
export interface JobRunner {
  submitJob(job: JobSubmission): JobHandle;
  cancelJob(jobId: number, reason: string): void;
  /** What the tasks of a running job have returned so far, by place; nothing for one that has ended. */
  resultsSoFar(jobId: number): Promise<(TaskResult | undefined)[]>;
  /** For `sc.statusTracker`. */
  status(question: StatusQuestion): Promise<StatusAnswer>;
  /** Changes an RDD's storage level; NONE drops its cached partitions. */
  persist(rddId: number, level: StorageLevel): void;
  setName(rddId: number, name: string): void;
  /** The dataset is computed so from now on, from rows that were kept; its partitions are the same. */
  replan(node: RddNode): void;
  /** The RDDs are no longer reachable from user code: their cached blocks, shuffles and closures may be freed. */
  forget(rddIds: number[]): void;
  /** Frees the decoded copies of a broadcast. */
  dropBroadcast(id: number): void;
  /** `listener` is told what stages added to accumulators, before the promises of the jobs they ran for settle. */
  onAccumulated(listener: (added: StageAccumulation) => void): void;
  /** What viewers are told of it, once merged. */
  accumulated(stageId: number, attempt: number, values: AccumulableInfo[]): void;
  /** A folder on this machine that driver, control and executors share, private to this application. */
  readonly blockDirectory: string;
  /** Default number of partitions: the number of executor slots. */
  readonly defaultParallelism: number;
  /** Base of relative paths: the notebook's or script's folder. */
  readonly workingDirectory: string;
}
