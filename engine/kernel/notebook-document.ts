/** Edits of a notebook's document besides its structure: text, what is folded away, what another program wrote. */
import type { NotebookCommand } from '../viewer-protocol.ts';
import type { FileCell } from './notebook-file.ts';
import type { SessionCell, SessionState, StepResult } from './notebook-session.ts';
import { abortQueue } from './run-queue.ts';

type CommandOf<T extends NotebookCommand['type']> = Extract<NotebookCommand, { type: T }>;

export function refuse(result: StepResult, code: string, message: string, hint: string): void {
  result.reply = { ok: false, error: { code, name: 'StagelightError', message, hint } };
}

/** Refuses when one of the cells is not there. */
export function requireCells(state: SessionState, cellIds: readonly string[], result: StepResult): boolean {
  const known = new Set(state.cells.map(({ cellId }) => cellId));
  const missing = cellIds.find((cellId) => !known.has(cellId));
  if (missing === undefined) return true;
  refuse(
    result,
    'CELL_NOT_FOUND',
    `there is no cell "${missing}"`,
    'It may have been deleted in another window.',
  );
  return false;
}

export function requireRevision(cell: SessionCell, baseRevision: number, result: StepResult): boolean {
  if (baseRevision === cell.revision) return true;
  refuse(
    result,
    'EDIT_CONFLICT',
    `the cell was changed elsewhere (revision ${cell.revision}, the edit was made on ${baseRevision})`,
    'Compare with the text that is there now and edit again; your text is kept in this window.',
  );
  return false;
}

/** Per cell; whoever lost an answer asks again before typing much more. */
const REMEMBERED_EDITS = 50;

export function editCell(
  state: SessionState,
  { cellId, source, baseRevision, editId }: CommandOf<'editCell'>,
  origin: string | undefined,
  result: StepResult,
): void {
  if (!requireCells(state, [cellId], result)) return;
  const cell = state.cells.find((each) => each.cellId === cellId)!;
  const known = editId === undefined ? undefined : cell.edits?.find((edit) => edit.editId === editId);
  if (known) {
    result.reply = { ok: true, revision: known.revision };
    return;
  }
  if (source !== cell.source) {
    if (!requireRevision(cell, baseRevision, result)) return;
    cell.source = source;
    cell.revision += 1;
    const { revision } = cell;
    if (editId !== undefined)
      cell.edits = [...(cell.edits ?? []), { editId, revision }].slice(-REMEMBERED_EDITS);
    const from = origin === undefined ? {} : { origin };
    result.events.push({ type: 'cellEdited', cellId, source, revision, ...from });
    result.commands.push({ type: 'save' });
  }
  result.reply = { ok: true, revision: cell.revision };
}

/** How a cell is shown is no part of the document: the view alone keeps it. */
export function collapseCells(
  state: SessionState,
  { cellIds, part, collapsed }: CommandOf<'collapseCells'>,
  result: StepResult,
): void {
  if (!requireCells(state, cellIds, result)) return;
  for (const cellId of cellIds) result.events.push({ type: 'cellCollapsed', cellId, part, collapsed });
}

/** Cells keep their runs by id; cells that are gone go to the bin, and what waits of what is no code is aborted. */
export function takeFile(state: SessionState, cells: FileCell[], time: number, result: StepResult): void {
  const written = new Set(cells.map(({ cellId }) => cellId));
  const gone = state.cells.filter(({ cellId }) => !written.has(cellId));
  const places = new Map(state.cells.map(({ cellId }, index) => [cellId, index]));
  if (!replaceDocument(state.cells, cells)) return;
  for (const cell of gone) {
    const { cellId, markerText } = cell;
    state.bin.set(cellId, { cell, index: places.get(cellId)! });
    result.events.push({ type: 'cellDeleted', cellId, time, ...(markerText !== '' && { markerText }) });
  }
  for (const cellId of written) state.bin.delete(cellId);
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

/** Puts the file's cells in place of `cells`; false when they say the same. A changed cell is one revision further. */
function replaceDocument(cells: SessionCell[], fileCells: readonly FileCell[]): boolean {
  const known = new Map(cells.map((cell) => [cell.cellId, cell]));
  const next = fileCells.map((cell): SessionCell => {
    const old = known.get(cell.cellId);
    const same = old?.source === cell.source && old.kind === cell.kind;
    return {
      ...cell,
      revision: old ? old.revision + (same ? 0 : 1) : 0,
      ...(old?.edits && { edits: old.edits }),
    };
  });
  const unchanged =
    next.length === cells.length &&
    next.every((cell, i) => cell.cellId === cells[i]!.cellId && cell.revision === cells[i]!.revision);
  if (unchanged) return false;
  cells.splice(0, cells.length, ...next);
  return true;
}
