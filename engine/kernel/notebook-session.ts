/**
 * The session of one open notebook as a pure step function: what happened in, events and commands out.
 *
 * The host (server or command line) owns a state, hands every operation to `step`, folds the events for its viewers
 * and carries out the commands. Cells run one at a time in the order they were queued; a failed cell takes with it
 * the rest of the request it was queued by. Nothing here reads a clock or a file.
 */
import type { CellKind, ErrorData, KernelStatus, NotebookEvent } from '../protocol.ts';
import type { CommandReply, NotebookCommand } from '../viewer-protocol.ts';
import { type Analyses, type Analyze, refreshAnalyses } from './cell-analyses.ts';
import { collapseCells, editCell, takeFile } from './notebook-document.ts';
import type { FileCell } from './notebook-file.ts';
import {
  abortAll,
  abortQueue,
  endKernel,
  finishRun,
  isAlive,
  queueCells,
  setKernel,
  startKernel,
  startNext,
} from './run-queue.ts';
import { cellsToRun, publishStaleness, type RunRecords, recordsOf } from './run-records.ts';
import type { RunRecord } from './staleness.ts';
import { changeStructure, isStructureCommand } from './structure-commands.ts';
import { noHistory, publishHistory, type StructureHistory, trimBin } from './structure-history.ts';

export interface SessionCell {
  cellId: string;
  kind: CellKind;
  source: string;
  revision: number;
  /** See `FileCell.markerText`. */
  markerText: string;
  /** The latest accepted edits that carried an id. */
  edits?: { editId: string; revision: number }[];
}

export interface QueuedRun {
  cellId: string;
  runId: string;
  /** Runs asked for together; the first failure aborts the rest of them. */
  request: number;
}

export interface SessionState {
  path: string;
  cells: SessionCell[];
  /** Deleted cells, the oldest first, with the place where each stood. */
  bin: Map<string, { cell: SessionCell; index: number }>;
  history: StructureHistory;
  /** Counts outputs put aside by a clearing. */
  stashes: number;
  queue: QueuedRun[];
  /** `before`: what was known of the cell's run before this one. */
  running?: QueuedRun & { before?: RunRecord | undefined };
  kernel: KernelStatus;
  /** Another for every kernel; absent while none lives. */
  kernelId?: string;
  kernels: number;
  executionCount: number;
  requests: number;
  runs: number;
  /** Makes run ids unique across sessions of the same notebook. */
  runPrefix: string;
  analyze: Analyze;
  analyses: Analyses;
  records: RunRecords;
}

export type SessionOperation =
  /** The session begins: says what is not yet known of its cells. */
  | { type: 'opened' }
  | { type: 'command'; command: NotebookCommand; origin?: string }
  | { type: 'kernelReady'; pid: number }
  | { type: 'kernelStatus'; status: KernelStatus; error?: ErrorData }
  | {
      type: 'cellFinished';
      cellId: string;
      runId: string;
      status: 'ok' | 'error' | 'interrupted' | 'aborted';
    }
  /** The kernel process ended though nobody asked it to. */
  | { type: 'kernelLost'; error: ErrorData }
  | { type: 'saved'; error?: ErrorData }
  /** The notebook's file was changed by someone else: this is what it holds now. */
  | { type: 'fileChanged'; cells: FileCell[] };

export type SessionCommand =
  | { type: 'startKernel' }
  | { type: 'stopKernel' }
  | { type: 'execute'; cellId: string; runId: string; source: string; executionCount: number; label: string }
  | { type: 'interrupt' }
  | { type: 'cancelJob'; jobId: number }
  | { type: 'persistVariable'; name: string; level: 'MEMORY_ONLY' | 'NONE' }
  | { type: 'save' };

export interface StepResult {
  reply: CommandReply;
  events: NotebookEvent[];
  commands: SessionCommand[];
}

export interface SessionOptions {
  path: string;
  cells: SessionCell[];
  runPrefix: string;
  analyze: Analyze;
  /** What was known when the notebook was open the last time. */
  analyses?: Analyses;
  records?: RunRecords;
  bin?: SessionState['bin'];
}

export function createSession(options: SessionOptions): SessionState {
  const { path, cells, runPrefix, analyze } = options;
  const { analyses = new Map(), records = recordsOf([]), bin = new Map() } = options;
  const counts = { stashes: 0, kernels: 0, executionCount: 0, requests: 0, runs: 0 };
  const known = { path, cells, runPrefix, analyze, analyses, records, bin };
  return { ...known, ...counts, history: noHistory(), queue: [], kernel: 'none' };
}

/** Applies one operation at `time` (epoch milliseconds). Mutates `state`; a refused command changes nothing. */
export function step(state: SessionState, operation: SessionOperation, time: number): StepResult {
  const result: StepResult = { reply: { ok: true }, events: [], commands: [] };
  switch (operation.type) {
    case 'opened':
      break;
    case 'command':
      applyCommand(state, operation.command, operation.origin, time, result);
      break;
    case 'kernelReady':
      setKernel(state, 'idle', time, result, { pid: operation.pid });
      startNext(state, result);
      break;
    case 'kernelStatus':
      setKernel(state, operation.status, time, result, operation.error ? { error: operation.error } : {});
      break;
    case 'cellFinished':
      finishRun(state, operation, time, result);
      break;
    case 'kernelLost':
      endKernel(state, 'dead', time, result, operation.error);
      break;
    case 'saved':
      result.events.push({
        type: 'notebookSaved',
        time,
        ...(operation.error ? { error: operation.error } : {}),
      });
      break;
    case 'fileChanged':
      takeFile(state, operation.cells, time, result);
      break;
    default:
      operation satisfies never;
  }
  trimBin(state, result);
  result.events.push(...refreshAnalyses(state.analyses, state.cells, state.analyze));
  publishStaleness(state, result);
  publishHistory(state, result);
  return result;
}

function applyCommand(
  state: SessionState,
  command: NotebookCommand,
  origin: string | undefined,
  time: number,
  result: StepResult,
): void {
  if (isStructureCommand(command)) {
    changeStructure(state, command, { time, origin, result });
    return;
  }
  switch (command.type) {
    case 'editCell':
      editCell(state, command, origin, result);
      return;
    case 'collapseCells':
      collapseCells(state, command, result);
      return;
    case 'runCells':
      queueCells(state, command.cellIds, time, result);
      return;
    case 'runStale':
      queueCells(state, cellsToRun(state).cellIds, time, result);
      return;
    case 'cancelQueued':
      abortQueue(state, (run) => run.cellId === command.cellId, time, result);
      return;
    case 'interrupt':
      abortQueue(state, () => true, time, result);
      // Also with nothing running: what an ended cell left looping in the background ends too.
      if (isAlive(state.kernel)) result.commands.push({ type: 'interrupt' });
      return;
    case 'restartKernel':
      abortAll(state, time, result);
      if (state.kernel !== 'none') result.commands.push({ type: 'stopKernel' });
      startKernel(state, time, result);
      return;
    case 'shutdownKernel':
      if (state.kernel !== 'none') result.commands.push({ type: 'stopKernel' });
      endKernel(state, 'none', time, result);
      return;
    case 'cancelJob':
      if (isAlive(state.kernel)) result.commands.push({ type: 'cancelJob', jobId: command.jobId });
      return;
    case 'persistVariable':
      if (isAlive(state.kernel)) result.commands.push(command);
      return;
    case 'save':
      result.commands.push({ type: 'save' });
      return;
    case 'injectFault':
    case 'clearFaults':
      // No concern of the session: its host asks the kernel and waits for the answer.
      return;
    default:
      command satisfies never;
  }
}
