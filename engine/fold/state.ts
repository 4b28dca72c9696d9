/**
 * The state every view is drawn from. Made only by `fold(state, event)`; mutable, owned by the fold.
 * Viewers hold it without task columns (`StageView.tasks` absent) and get `stageProgress` events instead.
 */
import type {
  AccumulableInfo,
  AdaptivePlan,
  AlsoRun,
  CellKind,
  CellOutput,
  CellPart,
  ErrorData,
  InjectedFault,
  JobDescription,
  JobWait,
  KernelStatus,
  RddDescription,
  Recomputation,
  RunStatus,
  StageInfo,
  StageProgress,
  StageStatus,
  StaleReason,
  StructureChange,
  VariableInfo,
} from '../protocol.ts';
import type { TaskColumns } from './task-columns.ts';

export interface ExecutorView {
  executorId: string;
  slot: number;
  pid: number;
  addedAt: number;
  removedAt?: number;
  removedReason?: string;
  /** See `executorRemoved`. */
  removedCode?: string;
  /** It gets no tasks, because too many failed on it. */
  excluded?: { reason: string; since: number; until?: number };
  heapUsed: number;
  rss: number;
  storageMemory: number;
  executionMemory: number;
  tasksRunning: number;
  tasksEnded: number;
}

export interface JobView extends JobDescription {
  status: 'waiting' | 'running' | 'succeeded' | 'failed' | 'cancelled';
  /** Of a job that waits, or ended while it did: when it was submitted. */
  startedAt: number;
  endedAt?: number;
  error?: ErrorData;
  /** Topological order. */
  stageIds: number[];
  /** Of these, the ones this job did not need to run. */
  skippedStageIds: number[];
  /** Why each of them did not run for this job, in words. */
  skippedReasons: Record<number, string>;
  /** Before it began. */
  waited?: JobWaitView;
}

/** What a job waits for before it begins; once it has begun, what it waited for last. */
export interface JobWaitView extends JobWait {
  since: number;
  until?: number;
}

export interface StageView {
  /** `${stageId}.${attempt}` */
  key: string;
  info: StageInfo;
  status: StageStatus;
  jobIds: number[];
  submittedAt?: number;
  completedAt?: number;
  failureReason?: string;
  /** Why it was skipped or resubmitted, in words. */
  reason?: string;
  /** See `stageSubmitted`. */
  pool?: string;
  /** Partitions that were found slow, for a second copy where an executor comes free in time. */
  speculated?: number;
  /** Executors that get no more tasks of this attempt, in the order in which that was found. */
  excludedExecutors?: { executorId: string; reason: string; since: number }[];
  /** Partitions of this attempt that were there before, and why they are not. */
  recomputes?: Recomputation[];
  progress: StageProgress;
  /** What adaptive execution made of it. */
  adaptive?: AdaptivePlan[];
  /** What its tasks added to named accumulators, once it was over. */
  accumulables?: AccumulableInfo[];
  /** Full fold only. */
  tasks?: TaskColumns;
}

/** Something broken on purpose. `clearedAt`: of a slowed partition, when it was let go, and by whom where that has a name. */
export interface FaultView extends InjectedFault {
  time: number;
  clearedAt?: number;
  clearedBy?: string;
}

export interface CellView {
  cellId: string;
  kind: CellKind;
  source: string;
  revision: number;
  status?: RunStatus;
  /** The run shown: the running one, else the queued one, else the last. */
  runId?: string;
  /** A run of this cell that waits while another of its runs is running. */
  queuedRunId?: string;
  executionCount?: number;
  queuedAt?: number;
  startedAt?: number;
  finishedAt?: number;
  /** The source as it was when the last run started; the cell is edited when it differs. */
  ranSource?: string;
  /** Names that the text defines for other cells, and names it takes from them; absent while nobody has looked. */
  definitions?: string[];
  references?: string[];
  /** The text is no TypeScript now: the names are those of the last text that was. */
  analysisError?: ErrorData;
  outputs: CellOutput[];
  /** Output kept back by the caps, in characters. */
  outputDropped: number;
  /** Characters in `outputs`. */
  outputSize: number;
  /** Jobs of the latest run, in order. */
  jobIds: number[];
  /** The last run that came to an end, kept while another waits or runs. */
  lastRun?: { status: RunStatus; startedAt: number; finishedAt: number; executionCount?: number };
  /** Why a run from top to bottom would show something else; absent when it would not. */
  stale?: StaleReason[];
  /** Folded away in the view. */
  collapsed?: { [part in CellPart]?: true };
  /** Bumped on every change of this cell. */
  version: number;
}

/** A variable; `gone` when the kernel that held it has ended. */
export type VariableView = VariableInfo & { gone?: true };

/** Replaced, never changed, by each report: viewers tell by identity. */
export interface VariablesView {
  byName: ReadonlyMap<string, VariableView>;
  rdds: ReadonlyMap<number, RddDescription>;
  /** Names in the kernel's scope; more than are held here when there are very many. */
  total: number;
  version: number;
}

/** A deleted cell with all it had. */
export interface BinnedCell {
  cell: CellView;
  /** Where it stood, counted from 0. */
  index: number;
  deletedAt: number;
  /** What its file said of it besides kind and id. */
  markerText: string;
}

/** Outputs that were cleared, kept for an undo until the cell runs again. */
export interface StashedOutputs extends Pick<CellView, 'outputs' | 'outputDropped' | 'outputSize'> {
  stash: number;
  cellId: string;
}

/** An executor that keeps a cached partition. */
export interface Holder {
  executorId: string;
  bytes: number;
  onDisk: boolean;
}

/** A cached partition: who keeps it, and who else does. */
export interface CachedPartitionView extends Holder {
  replicas?: Holder[];
}

export interface ViewState {
  boot: string;
  seq: number;
  application?: {
    appId: string;
    name: string;
    startedAt: number;
    endedAt?: number;
    executors: number;
    executorMemory: number;
  };
  executors: Map<string, ExecutorView>;
  jobs: Map<number, JobView>;
  /** By `${stageId}.${attempt}`; the latest attempt of a stage by `latestStage`. */
  stages: Map<string, StageView>;
  /** Stage id → its latest attempt. */
  stageAttempts: Map<number, number>;
  /** Jobs and stages no longer held, because only the latest ones are: views say "showing N of M". */
  retired: { jobs: number; stages: number };
  /** Cached partitions: RDD id → partition → where. */
  cached: Map<number, Map<number, CachedPartitionView>>;
  rddNames: Map<number, string>;
  /** What was broken on purpose in this application, the oldest first, by fault id. */
  faults: Map<number, FaultView>;
  /** Full fold only: rows in all task columns together. */
  taskRows: number;
  variables?: VariablesView;
  notebook?: { path: string; savedAt?: number; saveError?: ErrorData; outputsError?: ErrorData };
  kernel: { status: KernelStatus; error?: ErrorData; pid?: number; since: number };
  /** Cell ids in document order. */
  cellOrder: string[];
  cells: Map<string, CellView>;
  /** Deleted cells, the oldest first. */
  bin: Map<string, BinnedCell>;
  /** Cleared outputs, the oldest first. */
  stashed: StashedOutputs[];
  /** What undo and redo would do. */
  history: { undo?: StructureChange; redo?: StructureChange };
  /** Runs that wait, in the order in which they will run. */
  queue: { cellId: string; runId: string }[];
  /** What runs with the stale cells. */
  alsoRun: AlsoRun[];
  /** Bumped by every event; cheap change detection for stores. */
  version: number;
}
