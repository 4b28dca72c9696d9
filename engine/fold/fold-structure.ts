/** Cells that go to the bin and come back, outputs that are cleared and come back, what is folded away or stale. */
import type { EventOf } from './event-of.ts';
import { place } from './fold-cells.ts';
import { clearOutputs } from './fold-runs.ts';
import type { CellView, ViewState } from './state.ts';
import { findCell } from './view-state.ts';

/** Characters of output that the bin keeps, and that cleared outputs may have; the oldest go first. */
export const MAX_KEPT_OUTPUT = 4_000_000;
/** Clearings whose outputs are kept. */
export const MAX_STASHES = 200;

export function foldCellDeleted(state: ViewState, event: EventOf<'cellDeleted'>): void {
  const { cellId, time, markerText = '' } = event;
  const cell = state.cells.get(cellId);
  if (!cell) return;
  const index = state.cellOrder.indexOf(cellId);
  state.bin.set(cellId, { cell, index, deletedAt: time, markerText });
  state.cells.delete(cellId);
  state.cellOrder = state.cellOrder.filter((id) => id !== cellId);
  boundBin(state);
}

/** Texts stay as long as the session keeps them; outputs only as far as they fit. */
function boundBin(state: ViewState): void {
  let size = 0;
  for (const { cell } of [...state.bin.values()].reverse()) {
    size += cell.outputSize;
    if (size <= MAX_KEPT_OUTPUT || cell.outputSize === 0) continue;
    const dropped = cell.outputDropped + cell.outputSize;
    size -= cell.outputSize;
    clearOutputs(cell);
    cell.outputDropped = dropped;
  }
}

export function foldCellRestored(state: ViewState, event: EventOf<'cellRestored'>): void {
  const binned = state.bin.get(event.cellId);
  if (!binned) return;
  state.bin.delete(event.cellId);
  state.cells.set(event.cellId, binned.cell);
  binned.cell.version++;
  place(state, event.cellId, event.index);
}

export function foldBinTrimmed(state: ViewState, event: EventOf<'binTrimmed'>): void {
  for (const cellId of event.cellIds) state.bin.delete(cellId);
}

export function foldOutputsCleared(state: ViewState, event: EventOf<'outputsCleared'>): void {
  const cell = findCell(state, event.cellId);
  if (!cell) return;
  if (event.stash !== undefined && cell.outputs.length > 0) stash(state, cell, event.stash);
  clearOutputs(cell);
  cell.version++;
}

function stash(state: ViewState, cell: CellView, number: number): void {
  const { cellId, outputs, outputDropped, outputSize } = cell;
  state.stashed = [...state.stashed, { stash: number, cellId, outputs, outputDropped, outputSize }];
  let size = state.stashed.reduce((sum, each) => sum + each.outputSize, 0);
  while (state.stashed.length > MAX_STASHES || (size > MAX_KEPT_OUTPUT && state.stashed.length > 1)) {
    size -= state.stashed.shift()!.outputSize;
  }
}

export function foldOutputsRestored(state: ViewState, event: EventOf<'outputsRestored'>): void {
  const kept = state.stashed.find(
    ({ stash: number, cellId }) => number === event.stash && cellId === event.cellId,
  );
  state.stashed = state.stashed.filter((each) => each !== kept);
  const cell = findCell(state, event.cellId);
  if (!cell || !kept) return;
  // The same run may have put out more since.
  cell.outputs = [...kept.outputs, ...cell.outputs];
  cell.outputDropped += kept.outputDropped;
  cell.outputSize += kept.outputSize;
  cell.version++;
}

export function foldCellCollapsed(state: ViewState, event: EventOf<'cellCollapsed'>): void {
  const cell = findCell(state, event.cellId);
  if (!cell) return;
  const { [event.part]: _before, ...others } = cell.collapsed ?? {};
  const collapsed = event.collapsed ? { ...others, [event.part]: true as const } : others;
  if (Object.keys(collapsed).length > 0) cell.collapsed = collapsed;
  else delete cell.collapsed;
  cell.version++;
}

export function foldStalenessChanged(state: ViewState, event: EventOf<'stalenessChanged'>): void {
  if (event.also) state.alsoRun = event.also;
  for (const { cellId, reasons } of event.cells) {
    const cell = findCell(state, cellId);
    if (!cell) continue;
    if (reasons.length > 0) cell.stale = reasons;
    else delete cell.stale;
    cell.version++;
  }
}

export function foldHistoryChanged(state: ViewState, event: EventOf<'historyChanged'>): void {
  const { undo, redo } = event;
  state.history = { ...(undo && { undo }), ...(redo && { redo }) };
}
