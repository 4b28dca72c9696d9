/** Runs of cells: queued, started, putting out, finished. */
import { appendOutput } from './cell-outputs.ts';
import type { EventOf } from './event-of.ts';
import type { CellView, ViewState } from './state.ts';
import { findCell } from './view-state.ts';

export function clearOutputs(cell: CellView): void {
  cell.outputs = [];
  cell.outputDropped = 0;
  cell.outputSize = 0;
}

/** What the last run showed stays until the new one starts. */
export function foldCellQueued(state: ViewState, event: EventOf<'cellQueued'>): void {
  const cell = findCell(state, event.cellId);
  if (!cell) return;
  cell.queuedAt = event.time;
  state.queue.push({ cellId: event.cellId, runId: event.runId });
  if (cell.status === 'running') cell.queuedRunId = event.runId;
  else {
    cell.status = 'queued';
    cell.runId = event.runId;
    forgetTimes(cell);
  }
  cell.version++;
}

function leaveQueue(state: ViewState, runId: string): void {
  if (state.queue.some((run) => run.runId === runId))
    state.queue = state.queue.filter((run) => run.runId !== runId);
}

/** The times are those of the cell's run: one that waits has none, nor has it if it never starts. */
function forgetTimes(cell: CellView): void {
  delete cell.startedAt;
  delete cell.finishedAt;
}

export function foldCellStarted(state: ViewState, event: EventOf<'cellStarted'>): void {
  leaveQueue(state, event.runId);
  let cell = findCell(state, event.cellId);
  if (!cell) {
    // A kernel's own log has no document: its cells are known by their runs.
    cell = {
      cellId: event.cellId,
      kind: 'code',
      source: event.source,
      revision: 0,
      outputs: [],
      outputDropped: 0,
      outputSize: 0,
      jobIds: [],
      version: 0,
    };
    state.cells.set(event.cellId, cell);
    state.cellOrder = [...state.cellOrder, event.cellId];
  }
  cell.status = 'running';
  cell.runId = event.runId;
  if (cell.queuedRunId === event.runId) delete cell.queuedRunId;
  cell.executionCount = event.executionCount;
  cell.startedAt = event.time;
  delete cell.finishedAt;
  cell.ranSource = event.source;
  cell.jobIds = [];
  const { cellId } = event;
  if (state.stashed.some((each) => each.cellId === cellId))
    state.stashed = state.stashed.filter((each) => each.cellId !== cellId);
  clearOutputs(cell);
  cell.version++;
}

/** Output of a run that is no longer the cell's is dropped: it would appear under the wrong run. */
export function foldCellOutput(state: ViewState, event: EventOf<'cellOutput'>): void {
  const cell = findCell(state, event.cellId);
  if (!cell || cell.runId !== event.runId) return;
  appendOutput(cell, event.output);
  cell.version++;
}

export function foldCellFinished(state: ViewState, event: EventOf<'cellFinished'>): void {
  leaveQueue(state, event.runId);
  const cell = findCell(state, event.cellId);
  if (!cell) return;
  if (cell.queuedRunId === event.runId) {
    delete cell.queuedRunId;
    cell.version++;
    return;
  }
  if (cell.runId !== event.runId) return;
  cell.status = event.status;
  cell.finishedAt = event.time;
  const { status, startedAt, executionCount } = cell;
  if (startedAt !== undefined) {
    cell.lastRun = {
      status,
      startedAt,
      finishedAt: event.time,
      ...(executionCount !== undefined && { executionCount }),
    };
  }
  if (cell.queuedRunId !== undefined) {
    cell.status = 'queued';
    cell.runId = cell.queuedRunId;
    delete cell.queuedRunId;
    forgetTimes(cell);
  }
  cell.version++;
}
