/** The notebook's document: its cells, their order and their text. */
import type { CellSource } from '../protocol.ts';
import type { EventOf } from './event-of.ts';
import type { CellView, ViewState } from './state.ts';
import { findCell } from './view-state.ts';

function createCell(source: CellSource): CellView {
  return {
    cellId: source.cellId,
    kind: source.kind,
    source: source.source,
    revision: source.revision,
    outputs: [],
    outputDropped: 0,
    outputSize: 0,
    jobIds: [],
    version: 0,
  };
}

/** Cells known already keep their outputs: a notebook is opened again when its file changed outside. */
export function foldNotebookOpened(state: ViewState, event: EventOf<'notebookOpened'>): void {
  state.notebook = { path: event.path };
  const cells = new Map<string, CellView>();
  for (const source of event.cells) {
    const known = findCell(state, source.cellId);
    if (known) {
      known.kind = source.kind;
      known.source = source.source;
      known.revision = source.revision;
      known.version++;
    }
    cells.set(source.cellId, known ?? createCell(source));
    state.bin.delete(source.cellId);
  }
  state.cells = cells;
  state.cellOrder = [...cells.keys()];
}

export function foldCellInserted(state: ViewState, event: EventOf<'cellInserted'>): void {
  const { cell, index } = event;
  state.cells.set(cell.cellId, createCell(cell));
  place(state, cell.cellId, index);
}

/** `index` is the place in the order without the moved cell. */
export function foldCellMoved(state: ViewState, event: EventOf<'cellMoved'>): void {
  if (state.cells.has(event.cellId)) place(state, event.cellId, event.index);
}

export function foldCellEdited(state: ViewState, event: EventOf<'cellEdited'>): void {
  const cell = state.cells.get(event.cellId);
  if (!cell) return;
  cell.source = event.source;
  cell.revision = event.revision;
  cell.version++;
}

export function foldCellKindChanged(state: ViewState, event: EventOf<'cellKindChanged'>): void {
  const cell = state.cells.get(event.cellId);
  if (!cell) return;
  cell.kind = event.kind;
  cell.version++;
}

export function foldCellAnalyzed(state: ViewState, event: EventOf<'cellAnalyzed'>): void {
  const cell = state.cells.get(event.cellId);
  if (!cell) return;
  cell.definitions = event.definitions;
  cell.references = event.references;
  if (event.error) cell.analysisError = event.error;
  else delete cell.analysisError;
  cell.version++;
}

export function foldNotebookSaved(state: ViewState, event: EventOf<'notebookSaved'>): void {
  if (!state.notebook) return;
  if (event.error) {
    state.notebook.saveError = event.error;
    return;
  }
  state.notebook.savedAt = event.time;
  delete state.notebook.saveError;
}

export function foldOutputsSaved({ notebook }: ViewState, event: EventOf<'outputsSaved'>): void {
  if (!notebook) return;
  if (event.error) notebook.outputsError = event.error;
  else delete notebook.outputsError;
}

export function place(state: ViewState, cellId: string, index: number): void {
  const order = state.cellOrder.filter((id) => id !== cellId);
  order.splice(Math.max(0, Math.min(index, order.length)), 0, cellId);
  state.cellOrder = order;
}
