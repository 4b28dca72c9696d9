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
import { editDocument, replaceDocument } from './notebook-document.ts';
import type { FileCell } from './notebook-file.ts';

export interface SessionCell {
  cellId: string;
  kind: CellKind;
  source: string;
  revision: number;
  /** See `FileCell.markerText`. */
  markerText: string;
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
  queue: QueuedRun[];
  running?: QueuedRun;
  kernel: KernelStatus;
  executionCount: number;
  requests: number;
  runs: number;
  /** Makes run ids unique across sessions of the same notebook. */
  runPrefix: string;
  analyze: Analyze;
  analyses: Analyses;
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
  /** What was known of the cells when the notebook was open the last time. */
  analyses?: Analyses;
}

export function createSession({ analyses = new Map(), ...options }: SessionOptions): SessionState {
  return { ...options, analyses, queue: [], kernel: 'none', executionCount: 0, requests: 0, runs: 0 };
}

/** Applies one operation at `time` (epoch milliseconds). Mutates `state`; a refused command changes nothing. */
export function step(state: SessionState, operation: SessionOperation, time: number): StepResult {
  const result: StepResult = { reply: { ok: true }, events: [], commands: [] };
  switch (operation.type) {
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
      abortAll(state, time, result);
      setKernel(state, 'dead', time, result, { error: operation.error });
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
    case 'opened':
      break;
    default:
      operation satisfies never;
  }
  result.events.push(...refreshAnalyses(state.analyses, state.cells, state.analyze));
  return result;
}

function applyCommand(
  state: SessionState,
  command: NotebookCommand,
  origin: string | undefined,
  time: number,
  result: StepResult,
): void {
  switch (command.type) {
    case 'insertCell':
    case 'deleteCell':
    case 'moveCell':
    case 'editCell':
    case 'changeCellKind':
    case 'clearOutputs': {
      const { reply, event, changesFile } = editDocument(state.cells, command, origin);
      result.reply = reply;
      if (!event) return;
      result.events.push(event);
      if (event.type === 'cellDeleted') dropRuns(state, event.cellId, time, result);
      if (changesFile) result.commands.push({ type: 'save' });
      return;
    }
    case 'runCells':
      queueCells(state, command.cellIds, time, result);
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
      abortAll(state, time, result);
      if (state.kernel !== 'none') result.commands.push({ type: 'stopKernel' });
      setKernel(state, 'none', time, result, {});
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
    default:
      command satisfies never;
  }
}

/** A kernel process exists and answers, or will. */
function isAlive(status: KernelStatus): boolean {
  return status !== 'none' && status !== 'dead' && status !== 'starting';
}

function setKernel(
  state: SessionState,
  status: KernelStatus,
  time: number,
  result: StepResult,
  more: { error?: ErrorData; pid?: number },
): void {
  if (state.kernel === status && !more.error) return;
  state.kernel = status;
  result.events.push({ type: 'kernelStatus', status, time, ...more });
}

function startKernel(state: SessionState, time: number, result: StepResult): void {
  state.executionCount = 0;
  setKernel(state, 'starting', time, result, {});
  result.commands.push({ type: 'startKernel' });
}

/** Queues the code cells among `cellIds` in that order; a cell already waiting keeps its place. */
function queueCells(state: SessionState, cellIds: string[], time: number, result: StepResult): void {
  const request = ++state.requests;
  for (const cellId of cellIds) {
    const cell = state.cells.find((c) => c.cellId === cellId);
    if (cell?.kind !== 'code' || state.queue.some((run) => run.cellId === cellId)) continue;
    const runId = `${state.runPrefix}-${++state.runs}`;
    state.queue.push({ cellId, runId, request });
    result.events.push({ type: 'cellQueued', cellId, runId, time });
  }
  if (state.queue.length === 0) return;
  if (state.kernel === 'none' || state.kernel === 'dead') startKernel(state, time, result);
  startNext(state, result);
}

/** Starts the first waiting run if the kernel is free. The source is the cell's of this moment, not of when it was queued. */
function startNext(state: SessionState, result: StepResult): void {
  if (state.running || !isAlive(state.kernel)) return;
  const next = state.queue.shift();
  if (!next) return;
  const index = state.cells.findIndex((cell) => cell.cellId === next.cellId);
  state.running = next;
  result.commands.push({
    type: 'execute',
    cellId: next.cellId,
    runId: next.runId,
    source: state.cells[index]!.source,
    executionCount: ++state.executionCount,
    label: `cell ${index + 1}`,
  });
}

function finishRun(
  state: SessionState,
  { cellId, runId, status }: Extract<SessionOperation, { type: 'cellFinished' }>,
  time: number,
  result: StepResult,
): void {
  const { running } = state;
  if (running?.runId !== runId) return;
  delete state.running;
  result.events.push({ type: 'cellFinished', cellId, runId, time, status });
  if (status !== 'ok') abortQueue(state, (run) => run.request === running.request, time, result);
  startNext(state, result);
}

function abortQueue(
  state: SessionState,
  which: (run: QueuedRun) => boolean,
  time: number,
  result: StepResult,
): void {
  for (const { cellId, runId } of state.queue.filter(which)) {
    result.events.push({ type: 'cellFinished', cellId, runId, time, status: 'aborted' });
  }
  state.queue = state.queue.filter((run) => !which(run));
}

function abortAll(state: SessionState, time: number, result: StepResult): void {
  const { running } = state;
  if (running) {
    delete state.running;
    result.events.push({
      type: 'cellFinished',
      cellId: running.cellId,
      runId: running.runId,
      time,
      status: 'aborted',
    });
  }
  abortQueue(state, () => true, time, result);
}

/** Cells keep their runs by id; what waits of cells that are gone or no longer code is aborted. */
function takeFile(state: SessionState, cells: FileCell[], time: number, result: StepResult): void {
  if (!replaceDocument(state.cells, cells)) return;
  const runnable = new Set(state.cells.filter(({ kind }) => kind === 'code').map(({ cellId }) => cellId));
  abortQueue(state, (run) => !runnable.has(run.cellId), time, result);
  const sources = state.cells.map(({ cellId, kind, source, revision }) => ({
    cellId,
    kind,
    source,
    revision,
  }));
  result.events.push({ type: 'notebookOpened', path: state.path, cells: sources, time });
}

/** A deleted cell leaves the queue; if it runs, it is interrupted (its end arrives later and frees the kernel). */
function dropRuns(state: SessionState, cellId: string, time: number, result: StepResult): void {
  abortQueue(state, (run) => run.cellId === cellId, time, result);
  if (state.running?.cellId === cellId) result.commands.push({ type: 'interrupt' });
}
