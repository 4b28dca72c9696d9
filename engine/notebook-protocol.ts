/** The events of a notebook: its cells, their runs and outputs, its variables, and what is told with them. Types only. */
import type { CallSite, CellOutput, ErrorData } from './protocol.ts';

// ---------------------------------------------------------------- variables

/** A top-level name of the notebook's cells as the kernel holds it after a run. Every text is bounded. */
export interface VariableInfo {
  name: string;
  kind: 'value' | 'function' | 'class' | 'rdd' | 'module';
  /** The runtime type in words: `string[] (1,204)`. */
  type: string;
  /** The value on one line. */
  preview: string;
  /** There is more inside, to be asked for by `inspectVariable`. */
  expandable: boolean;
  /** An estimate; a lower bound when `atLeast`. Absent for datasets, which live in executors. */
  size?: { bytes: number; atLeast: boolean };
  /** The cell whose run first gave the name this kind of value: where it is declared. */
  definedIn: string;
  /** The run after which the value was first seen so. */
  changedBy: { cellId: string; runId: string };
  rddId?: number;
}

/** A dataset that a variable holds, or an ancestor of one. */
export interface RddDescription {
  rddId: number;
  name: string;
  callSite?: CallSite;
  /** `shuffle` is known once the dataset is planned, as is the number of partitions. */
  parents: { rddId: number; shuffle: boolean }[];
  numPartitions?: number;
  storageLevel: string;
  /** Its rows are kept by a checkpoint, in files or by executors, and its lineage is cut. */
  checkpoint?: 'reliable' | 'local';
  elementType?: string;
}

// ---------------------------------------------------------------- notebook events

export type CellKind = 'code' | 'markdown';
export type KernelStatus = 'none' | 'starting' | 'idle' | 'busy' | 'interrupting' | 'stuck' | 'dead';
export type CellPart = 'source' | 'outputs';
export type RunStatus = 'queued' | 'running' | 'ok' | 'error' | 'interrupted' | 'aborted';

export interface CellSource {
  cellId: string;
  kind: CellKind;
  source: string;
  /** Grows by one with every accepted edit of this cell. */
  revision: number;
}

/**
 * Why a cell shows what a run from top to bottom would not show now. `names` are variables the cell uses; `cellId` is
 * the cell above that defines them.
 */
export type StaleReason =
  /** It ran in a kernel that is no more. `restarted`: another one lives. */
  | { kind: 'kernel'; restarted: boolean }
  /** Its own text is another than the one that ran. */
  | { kind: 'edited' }
  /** Its run was cut off. */
  | { kind: 'cut' }
  | { kind: 'changed' | 'inputEdited' | 'inputStale'; names: string[]; cellId: string }
  /** It used the value of another cell (`cameFrom`), or of none, than the one that stands nearest above it now. */
  | { kind: 'otherCell'; names: string[]; cellId: string; cameFrom?: string }
  /** The cell that defined them is gone; `place` is where it stood last, counted from 0. */
  | { kind: 'deleted'; names: string[]; place?: number }
  /** The cell that defined them is there, its text no longer does. */
  | { kind: 'undefined'; names: string[]; cellId: string };

/** A cell that runs with the stale ones: to define names again that they need, or because it uses what then changes. */
export interface AlsoRun {
  cellId: string;
  reason: 'defines' | 'uses';
  names: string[];
}

/** A change of structure that can be undone, or redone. */
export interface StructureChange {
  kind:
    | 'insert'
    | 'delete'
    | 'move'
    | 'split'
    | 'merge'
    | 'duplicate'
    | 'paste'
    | 'convert'
    | 'clear'
    | 'restore';
  /** Cells it was made to. */
  count: number;
}

export type NotebookEvent =
  | { type: 'notebookOpened'; path: string; cells: CellSource[]; time: number }
  | { type: 'cellInserted'; cell: CellSource; index: number; origin?: string }
  /** The cell goes to the bin with its outputs. `markerText`: what its file said of it besides. */
  | { type: 'cellDeleted'; cellId: string; time: number; markerText?: string; origin?: string }
  /** A cell comes back from the bin with its outputs. */
  | { type: 'cellRestored'; cellId: string; index: number; origin?: string }
  /** These cells leave the bin for good. */
  | { type: 'binTrimmed'; cellIds: string[] }
  /** What undo and redo would do now. */
  | { type: 'historyChanged'; undo?: StructureChange; redo?: StructureChange }
  | { type: 'cellMoved'; cellId: string; index: number; origin?: string }
  | { type: 'cellEdited'; cellId: string; source: string; revision: number; origin?: string }
  | { type: 'cellKindChanged'; cellId: string; kind: CellKind; origin?: string }
  /**
   * What a cell's text defines and uses, found without running it. `error`: the text is no TypeScript now, and the
   * names are those of the last text that was.
   */
  | { type: 'cellAnalyzed'; cellId: string; definitions: string[]; references: string[]; error?: ErrorData }
  | { type: 'notebookSaved'; time: number; error?: ErrorData }
  /** Outputs could not be written (`error`), or can be again. */
  | { type: 'outputsSaved'; time: number; error?: ErrorData }
  | { type: 'kernelStatus'; status: KernelStatus; time: number; error?: ErrorData; pid?: number }
  | { type: 'cellQueued'; cellId: string; runId: string; time: number }
  | {
      type: 'cellStarted';
      cellId: string;
      runId: string;
      time: number;
      executionCount: number;
      source: string;
    }
  | { type: 'cellOutput'; cellId: string; runId: string; output: CellOutput }
  | {
      type: 'cellFinished';
      cellId: string;
      runId: string;
      time: number;
      status: Exclude<RunStatus, 'queued' | 'running'>;
    }
  | {
      type: 'variables';
      time: number;
      /** New or changed since the last such event. */
      changed: VariableInfo[];
      removed: string[];
      /** All datasets that variables hold, with their ancestors; absent when they are the same as before. */
      rdds?: RddDescription[];
      /** Names in the scope; more than are described when there are very many. */
      total: number;
    }
  /** `stash`: under this number the outputs are kept for an undo. */
  | { type: 'outputsCleared'; cellId: string; stash?: number }
  /** Nothing happens when the cell has run since, or the outputs were too many to keep. */
  | { type: 'outputsRestored'; cellId: string; stash: number }
  /** A part of a cell is folded away in every view, or shown again. */
  | { type: 'cellCollapsed'; cellId: string; part: CellPart; collapsed: boolean }
  /** Reasons of the cells whose reasons are others now (none: fresh), and `also` when what else would run changed. */
  | { type: 'stalenessChanged'; cells: { cellId: string; reasons: StaleReason[] }[]; also?: AlsoRun[] };
