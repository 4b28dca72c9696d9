/**
 * The steps that changes of structure are made of. Each is carried out on what is there now, tells viewers, and
 * returns the step that takes it back; undefined when there was nothing left to do it to.
 */
import { StagelightError } from '../errors.ts';
import type { CellKind } from '../protocol.ts';
import { MAX_CELL_CHARACTERS, type NewCell } from '../viewer-protocol.ts';
import type { SessionCell, SessionState, StepResult } from './notebook-session.ts';
import { abortQueue, dropRuns } from './run-queue.ts';
import { cutText, joinText } from './text-parts.ts';

/** Behind a cell (null: at the top); at an index when that cell is gone. */
export interface Place {
  after: string | null;
  index: number;
}

export interface CellPiece {
  cellId: string;
  start: number;
  end: number;
  at: Place;
}

export type StructureEdit =
  | { edit: 'insert'; cell: NewCell; at: Place }
  | { edit: 'remove'; cellId: string }
  | { edit: 'restore'; cellId: string; at: Place }
  | { edit: 'move'; cellId: string; at: Place }
  | { edit: 'convert'; cellId: string; kind: CellKind }
  /** The first takes the texts of all, with the gaps between them; the others go to the bin. */
  | { edit: 'join'; cellIds: string[]; gaps: string[] }
  /** The first gives up the pieces of the others, which come back. `base` is the text the bounds are of. */
  | { edit: 'cut'; base: string; pieces: CellPiece[] }
  | { edit: 'clear'; cellId: string }
  | { edit: 'unclear'; cellId: string; stash: number };

export interface EditContext {
  time: number;
  origin: string | undefined;
  result: StepResult;
}

const originOf = ({ origin }: EditContext) => (origin === undefined ? {} : { origin });

export function applyEdit(
  state: SessionState,
  edit: StructureEdit,
  context: EditContext,
): StructureEdit | undefined {
  switch (edit.edit) {
    case 'insert':
      if (state.cells.some(({ cellId }) => cellId === edit.cell.cellId)) return undefined;
      return insert(state, { ...edit.cell, revision: 0, markerText: '' }, edit.at, context);
    case 'remove':
      return remove(state, edit.cellId, context);
    case 'restore':
      return restore(state, edit.cellId, edit.at, context);
    case 'move':
      return move(state, edit.cellId, edit.at, context);
    case 'convert':
      return convert(state, edit.cellId, edit.kind, context);
    case 'join':
      return join(state, edit.cellIds, edit.gaps, context);
    case 'cut':
      return cut(state, edit, context);
    case 'clear':
    case 'unclear':
      return clearing(state, edit, context);
    default:
      return edit satisfies never;
  }
}

export function placeOf(cells: readonly SessionCell[], cellId: string): Place {
  const index = cells.findIndex((cell) => cell.cellId === cellId);
  return { after: cells[index - 1]?.cellId ?? null, index };
}

function indexOf(cells: readonly SessionCell[], { after, index }: Place): number {
  if (after === null) return 0;
  const before = cells.findIndex(({ cellId }) => cellId === after);
  return before < 0 ? Math.min(index, cells.length) : before + 1;
}

function find(state: SessionState, cellId: string): SessionCell | undefined {
  return state.cells.find((cell) => cell.cellId === cellId);
}

function insert(state: SessionState, cell: SessionCell, at: Place, context: EditContext): StructureEdit {
  const index = indexOf(state.cells, at);
  state.cells.splice(index, 0, cell);
  const { markerText: _own, ...shown } = cell;
  context.result.events.push({ type: 'cellInserted', cell: shown, index, ...originOf(context) });
  return { edit: 'remove', cellId: cell.cellId };
}

function remove(state: SessionState, cellId: string, context: EditContext): StructureEdit | undefined {
  const cell = find(state, cellId);
  if (!cell) return undefined;
  const at = placeOf(state.cells, cellId);
  state.cells.splice(at.index, 1);
  state.bin.set(cellId, { cell, index: at.index });
  const { markerText } = cell;
  const { result, time } = context;
  result.events.push({
    type: 'cellDeleted',
    cellId,
    time,
    ...(markerText !== '' && { markerText }),
    ...originOf(context),
  });
  dropRuns(state, cellId, time, result);
  return { edit: 'restore', cellId, at };
}

function restore(
  state: SessionState,
  cellId: string,
  at: Place,
  context: EditContext,
): StructureEdit | undefined {
  const binned = state.bin.get(cellId);
  if (!binned || find(state, cellId)) return undefined;
  state.bin.delete(cellId);
  const index = indexOf(state.cells, at);
  state.cells.splice(index, 0, binned.cell);
  context.result.events.push({ type: 'cellRestored', cellId, index, ...originOf(context) });
  return { edit: 'remove', cellId };
}

function move(
  state: SessionState,
  cellId: string,
  at: Place,
  context: EditContext,
): StructureEdit | undefined {
  const cell = find(state, cellId);
  if (!cell || at.after === cellId) return undefined;
  const before = placeOf(state.cells, cellId);
  const others = state.cells.filter((other) => other !== cell);
  const index = indexOf(others, at);
  if (index === before.index) return undefined;
  others.splice(index, 0, cell);
  state.cells.splice(0, state.cells.length, ...others);
  context.result.events.push({ type: 'cellMoved', cellId, index, ...originOf(context) });
  return { edit: 'move', cellId, at: before };
}

function convert(
  state: SessionState,
  cellId: string,
  kind: CellKind,
  context: EditContext,
): StructureEdit | undefined {
  const cell = find(state, cellId);
  if (!cell || cell.kind === kind) return undefined;
  const before = cell.kind;
  cell.kind = kind;
  const { result, time } = context;
  result.events.push({ type: 'cellKindChanged', cellId, kind, ...originOf(context) });
  // What is no code any more waits for nothing.
  if (kind !== 'code') abortQueue(state, (run) => run.cellId === cellId, time, result);
  return { edit: 'convert', cellId, kind: before };
}

function setText(cell: SessionCell, source: string, context: EditContext): void {
  if (cell.source === source) return;
  cell.source = source;
  cell.revision += 1;
  const { cellId, revision } = cell;
  context.result.events.push({ type: 'cellEdited', cellId, source, revision, ...originOf(context) });
}

function join(
  state: SessionState,
  cellIds: string[],
  gaps: string[],
  context: EditContext,
): StructureEdit | undefined {
  const cells = cellIds.flatMap((cellId) => find(state, cellId) ?? []);
  const [first, ...others] = cells;
  if (!first || others.length === 0 || first.cellId !== cellIds[0]) return undefined;
  const { text, bounds } = joinText(
    cells.map(({ source }) => source),
    cells.map(({ cellId }, i) => (i < cells.length - 1 ? (gaps[cellIds.indexOf(cellId)] ?? '') : '')),
  );
  if (text.length > MAX_CELL_CHARACTERS) {
    throw new StagelightError('CELL_TOO_LARGE', `the cells have ${text.length} characters together`, {
      hint: `A cell may have ${MAX_CELL_CHARACTERS}.`,
    });
  }
  const pieces = cells.map(({ cellId }, i) => ({
    cellId,
    ...bounds[i]!,
    at: placeOf(state.cells, cellId),
  }));
  for (const { cellId } of others) remove(state, cellId, context);
  setText(first, text, context);
  return { edit: 'cut', base: text, pieces };
}

function cut(
  state: SessionState,
  { base, pieces }: Extract<StructureEdit, { edit: 'cut' }>,
  context: EditContext,
): StructureEdit | undefined {
  const first = find(state, pieces[0]!.cellId);
  // A cell that is there already has a text of its own.
  const wanted = pieces.filter(({ cellId }, i) => i === 0 || !find(state, cellId));
  if (!first || wanted.length < 2) return undefined;
  const { pieces: texts, gaps } = cutText(base, first.source, wanted);
  setText(first, texts[0]!, context);
  for (const [i, { cellId, at }] of wanted.entries()) {
    if (i === 0) continue;
    const source = texts[i]!;
    if (restore(state, cellId, at, context)) setText(find(state, cellId)!, source, context);
    else insert(state, { cellId, kind: first.kind, source, revision: 0, markerText: '' }, at, context);
  }
  return { edit: 'join', cellIds: wanted.map(({ cellId }) => cellId), gaps };
}

function clearing(
  state: SessionState,
  edit: Extract<StructureEdit, { edit: 'clear' | 'unclear' }>,
  { result }: EditContext,
): StructureEdit | undefined {
  const { cellId } = edit;
  if (!find(state, cellId)) return undefined;
  if (edit.edit === 'unclear') {
    result.events.push({ type: 'outputsRestored', cellId, stash: edit.stash });
    return { edit: 'clear', cellId };
  }
  const stash = ++state.stashes;
  result.events.push({ type: 'outputsCleared', cellId, stash });
  return { edit: 'unclear', cellId, stash };
}
