/**
 * What a viewer and the gateway say to each other about one open notebook: commands and their replies, queries and
 * their answers, joining, and the batches of events in between. Types and constants only: no Node imports.
 */
import type { FaultCommand } from './fault-protocol.ts';
import type {
  CellKind,
  CellPart,
  ErrorData,
  SequencedEvent,
  StagelightEvent,
  TaskInfo,
  TaskMetrics,
  TaskStatus,
} from './protocol.ts';

/** The longest text of one cell, in UTF-16 units. */
export const MAX_CELL_CHARACTERS = 900_000;

/** What a viewer sends to the gateway about one open notebook. Every command is answered by a `CommandReply`. */
export type NotebookCommand =
  | { type: 'insertCell'; cellId: string; kind: CellKind; source: string; index: number }
  | { type: 'insertCells'; as: 'duplicate' | 'paste'; cells: NewCell[]; index: number }
  | { type: 'deleteCells'; cellIds: string[] }
  /** `index` is the place of the first in the order without them; they stand together afterwards. */
  | { type: 'moveCells'; cellIds: string[]; index: number }
  /** The text from `offset` on becomes a cell of its own below. */
  | { type: 'splitCell'; cellId: string; newCellId: string; offset: number; baseRevision: number }
  /** The first takes the texts of the others, which go to the bin. */
  | { type: 'mergeCells'; cellIds: string[] }
  | { type: 'restoreCell'; cellId: string }
  | { type: 'emptyBin' }
  | { type: 'undo' }
  | { type: 'redo' }
  | { type: 'collapseCells'; cellIds: string[]; part: CellPart; collapsed: boolean }
  /** `editId`: sent again after its answer got lost, the edit is answered again and not done again. */
  | { type: 'editCell'; cellId: string; source: string; baseRevision: number; editId?: string }
  | { type: 'convertCells'; cellIds: string[]; kind: CellKind }
  | { type: 'runCells'; cellIds: string[] }
  /** The stale cells, and what they need, in order. */
  | { type: 'runStale' }
  | { type: 'cancelQueued'; cellId: string }
  | { type: 'interrupt' }
  | { type: 'restartKernel' }
  | { type: 'shutdownKernel' }
  | { type: 'cancelJob'; jobId: number }
  /** Persists (`MEMORY_ONLY`) or unpersists (`NONE`) the dataset that a variable holds. */
  | { type: 'persistVariable'; name: string; level: 'MEMORY_ONLY' | 'NONE' }
  | { type: 'clearOutputs'; cellIds: string[] }
  | { type: 'save' }
  | FaultCommand;

export interface NewCell {
  cellId: string;
  kind: CellKind;
  source: string;
}

/**
 * `cellId`: of the cells that a change of structure was made to, the first that is there now. `seq`: the last event of
 * what the command did.
 */
export type CommandReply =
  /** `unrun`: runs that wait behind one that the command took away, and end with it. */
  | { ok: true; revision?: number; cellId?: string; seq?: number; unrun?: number }
  | { ok: false; error: ErrorData };

/** A question about tasks, answered by the server from its full fold, already reduced to what is shown. */
export type ViewQuery =
  | {
      type: 'stageTasks';
      stageId: number;
      attempt: number;
      offset: number;
      limit: number;
      sort?: {
        column: keyof TaskMetrics | 'index' | 'duration' | 'status' | 'executorId' | 'launchTime';
        descending: boolean;
      };
      /** Only tasks of this status, of this executor. */
      status?: TaskStatus;
      executorId?: string;
      /** The page (of `limit` rows) that holds this task, in place of `offset`, when the task is among the rows. */
      taskId?: number;
      /** The same, of the task attempt that an error names. */
      place?: { partition: number; attempt: number };
    }
  | { type: 'stageExecutors'; stageId: number; attempt: number }
  | { type: 'stageSummary'; stageId: number; attempt: number }
  | {
      type: 'timeline';
      /** Only tasks of these jobs' stages; all when absent. */
      jobIds?: number[];
      lanes: 'executor' | 'partition';
      /** Visible range in epoch milliseconds; the whole extent when absent. */
      from?: number;
      to?: number;
      /** Width of the drawing in pixels, at most 4096. */
      width: number;
    }
  | InspectVariableQuery;

/** One step into a value: a property by its name, or an element, entry or member by its place. */
export type ValueStep = string | number;

/** Answered by the kernel itself while it is idle; all else by the server from its fold. */
export interface InspectVariableQuery {
  type: 'inspectVariable';
  name: string;
  path: ValueStep[];
  offset: number;
}

/** Parts of a value, at most 100 of `total` from `offset` on. */
export interface InspectVariableAnswer {
  type: 'inspectVariable';
  total: number;
  parts: {
    /** How it is called among its siblings: `name`, `[3]`, `key → …`. */
    label: string;
    type: string;
    preview: string;
    /** The step that leads into it; absent when there is nothing inside. */
    step?: ValueStep;
  }[];
}

/** How many colours viewers may have. */
export const PRESENCE_COLOURS = 6;

export interface TextRange {
  startLine: number;
  startColumn: number;
  endLine: number;
  endColumn: number;
}

/** Where a viewer is. Never logged, saved or folded. */
export interface Presence {
  name: string;
  /** Below `PRESENCE_COLOURS`. */
  colour: number;
  cellId?: string;
  range?: TextRange;
}

export interface PresentViewer {
  viewer: string;
  presence: Presence;
}

export interface TaskRow {
  task: TaskInfo;
  status: TaskStatus;
  finishTime?: number;
  duration?: number;
  metrics: TaskMetrics;
  error?: ErrorData;
  /** Why it was started again, in words. */
  reason?: string;
}

export interface StageTasksAnswer {
  type: 'stageTasks';
  /** Rows that match, and all of the stage. */
  total: number;
  all: number;
  /** Of the first row. */
  offset: number;
  rows: TaskRow[];
}

/** A stage's tasks summed by the executor that ran them, in the executors' order. */
export interface StageExecutorsAnswer {
  type: 'stageExecutors';
  executors: ExecutorTotals[];
}

export interface ExecutorTotals {
  executorId: string;
  /** Milliseconds of all ended task attempts, from launch to end. */
  taskTime: number;
  total: number;
  running: number;
  failed: number;
  killed: number;
  succeeded: number;
  /** Sums over ended task attempts. */
  metrics: TaskMetrics;
}

/** Spark's summary row: the five quantiles of each metric over successful tasks. */
export interface StageSummaryAnswer {
  type: 'stageSummary';
  taskCount: number;
  quantiles: { metric: keyof TaskMetrics | 'duration'; values: [number, number, number, number, number] }[];
}

/**
 * A timeline already reduced to pixels. For each lane, slices in start order; a slice is one task where it is at
 * least two pixels wide, else a run of tasks merged into one, with `count` tasks and the summed phase times.
 */
export interface TimelineAnswer {
  type: 'timeline';
  from: number;
  to: number;
  /** The whole extent of the data, for zooming out. */
  extent: [number, number];
  totalTasks: number;
  lanes: {
    key: string;
    label: string;
    slices: {
      start: number;
      end: number;
      count: number;
      failed: number;
      running: number;
      /** Milliseconds by phase, in the order of TASK_PHASES. */
      phases: number[];
      /** `${stageId}.${attempt}`, when all of its tasks are of one stage. */
      stage?: string;
      /** Present when `count` is 1. */
      task?: {
        taskId: number;
        stageId: number;
        stageAttempt: number;
        partition: number;
        attempt: number;
        /** As in TaskInfo. */
        numPartitions?: number;
        speculative?: true;
        /** It was stopped; `failed` does not count it. */
        killed?: true;
      };
    }[];
  }[];
}

/** The declarations behind the imports of a notebook: what its packages ship, and its own relative modules. */
export interface PackageTypes {
  /** Paths relative to the notebook's folder, with `/`; the way a package is reached, not where links lead. */
  files: { path: string; text: string }[];
  /** The specifiers that would fail at run time. */
  missing: string[];
  /** There is more than is sent: the bounds were reached. */
  limited: boolean;
}

export type ViewAnswer =
  | StageTasksAnswer
  | StageExecutorsAnswer
  | StageSummaryAnswer
  | TimelineAnswer
  | InspectVariableAnswer;

/** A question that the server's fold answers. */
export type FoldQuery = Exclude<ViewQuery, InspectVariableQuery>;

/** What the gateway sends after `join(path, boot?, seq?)`: a snapshot, or the events missed. */
export type JoinReply =
  | { ok: true; boot: string; seq: number; snapshot: unknown }
  | { ok: true; boot: string; seq: number; events: SequencedEvent[] }
  | { ok: false; error: ErrorData };

/** A batch pushed to viewers at most every 50 ms; `from` is the first event's seq, `to` the last's. */
export interface EventBatch {
  boot: string;
  from: number;
  to: number;
  events: StagelightEvent[];
}
