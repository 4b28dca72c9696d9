/**
 * The one history of a notebook's structure, shared by its viewers and apart from the undo of text; and the bin, where
 * deleted cells wait to come back. Both are bounded: the oldest go first.
 */
import type { StructureChange } from '../protocol.ts';
import type { SessionState, StepResult } from './notebook-session.ts';
import { applyEdit, type EditContext, type StructureEdit } from './structure-edits.ts';

/** Changes that can be undone. */
export const MAX_HISTORY = 100;
export const MAX_BIN_CELLS = 500;
/** Characters of text in the bin; outputs have a bound of their own, in the fold. */
export const MAX_BIN_TEXT = 4_000_000;

export interface HistoryStep {
  change: StructureChange;
  /** What takes it back, in this order. */
  edits: StructureEdit[];
}

export interface StructureHistory {
  /** The latest last. */
  past: HistoryStep[];
  future: HistoryStep[];
  /** What viewers were told last, as text. */
  told: string;
}

export function noHistory(): StructureHistory {
  return { past: [], future: [], told: '{}' };
}

/** Carries out edits; returns the step that takes them back, undefined when nothing was left to do. */
function applyEdits(
  state: SessionState,
  { change, edits }: HistoryStep,
  context: EditContext,
): HistoryStep | undefined {
  const inverse = edits.flatMap((edit) => applyEdit(state, edit, context) ?? []).reverse();
  if (inverse.length === 0) return undefined;
  if (change.kind !== 'clear') context.result.commands.push({ type: 'save' });
  const touched = new Set(edits.flatMap(cellsOf));
  const shown = state.cells.find(({ cellId }) => touched.has(cellId));
  if (shown) context.result.reply = { ok: true, cellId: shown.cellId };
  return { change, edits: inverse };
}

function cellsOf(edit: StructureEdit): string[] {
  switch (edit.edit) {
    case 'insert':
      return [edit.cell.cellId];
    case 'join':
      return edit.cellIds;
    case 'cut':
      return edit.pieces.map(({ cellId }) => cellId);
    default:
      return [edit.cellId];
  }
}

/** Makes a change that can be undone; it ends the line of what could be redone. */
export function makeChange(state: SessionState, step: HistoryStep, context: EditContext): void {
  const undo = applyEdits(state, step, context);
  if (!undo) return;
  const { history } = state;
  history.past = [...history.past, undo].slice(-MAX_HISTORY);
  history.future = [];
}

/** Takes back the latest change that anything is left of. */
export function undo(state: SessionState, context: EditContext): void {
  travel(state.history.past, state.history.future, state, context);
}

export function redo(state: SessionState, context: EditContext): void {
  travel(state.history.future, state.history.past, state, context);
}

function travel(from: HistoryStep[], to: HistoryStep[], state: SessionState, context: EditContext): void {
  for (let next = from.pop(); next; next = from.pop()) {
    // A step that is refused is out of the way: the next undo goes on with the one before.
    const back = applyEdits(state, next, context);
    if (!back) continue;
    to.push(back);
    return;
  }
}

/** Cells that must come back from the bin for this step. */
function needs({ edits }: HistoryStep): string[] {
  return edits.flatMap((edit) => (edit.edit === 'restore' ? [edit.cellId] : []));
}

/** Keeps the bin within its bounds, but whole for the next undo and redo; what rests on trimmed cells is forgotten. */
export function trimBin(state: SessionState, result: StepResult): void {
  const { bin, history } = state;
  let size = 0;
  for (const { cell } of bin.values()) size += cell.source.length;
  if (bin.size <= MAX_BIN_CELLS && size <= MAX_BIN_TEXT) return;
  const next = [history.past.at(-1), history.future.at(-1)];
  const needed = new Set(next.flatMap((step) => (step ? needs(step) : [])));
  const trimmed: string[] = [];
  for (const [cellId, { cell }] of bin) {
    if (bin.size - trimmed.length <= MAX_BIN_CELLS && size <= MAX_BIN_TEXT) break;
    if (needed.has(cellId)) continue;
    trimmed.push(cellId);
    size -= cell.source.length;
  }
  dropFromBin(state, trimmed, result);
}

/** These cells, with their outputs, are gone for good. */
export function dropFromBin(state: SessionState, cellIds: readonly string[], result: StepResult): void {
  if (cellIds.length === 0) return;
  for (const cellId of cellIds) {
    state.bin.delete(cellId);
    state.records.byCell.delete(cellId);
    state.records.told.stale.delete(cellId);
  }
  const gone = new Set(cellIds);
  const { history } = state;
  for (const line of [history.past, history.future]) {
    const last = line.findLastIndex((step) => needs(step).some((cellId) => gone.has(cellId)));
    line.splice(0, last + 1);
  }
  result.events.push({ type: 'binTrimmed', cellIds: [...cellIds] });
}

/** Tells viewers what undo and redo would do, when that is something else than before. */
export function publishHistory({ history }: SessionState, result: StepResult): void {
  const [undone, redone] = [history.past.at(-1)?.change, history.future.at(-1)?.change];
  const known = { ...(undone && { undo: undone }), ...(redone && { redo: redone }) };
  const text = JSON.stringify(known);
  if (text === history.told) return;
  history.told = text;
  result.events.push({ type: 'historyChanged', ...known });
}
