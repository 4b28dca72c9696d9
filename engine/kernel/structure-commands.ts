/** The commands that change a notebook's structure: each is checked, then made in one piece, and can be undone. */
import { errorToData, StagelightError } from '../errors.ts';
import type { StructureChange } from '../protocol.ts';
import type { NewCell, NotebookCommand } from '../viewer-protocol.ts';
import { refuse, requireCells, requireRevision } from './notebook-document.ts';
import type { QueuedRun, SessionCell, SessionState, StepResult } from './notebook-session.ts';
import { type EditContext, type Place, placeOf, type StructureEdit } from './structure-edits.ts';
import { dropFromBin, makeChange, redo, undo } from './structure-history.ts';
import { splitBounds } from './text-parts.ts';

const STRUCTURE = [
  'insertCell',
  'insertCells',
  'deleteCells',
  'moveCells',
  'splitCell',
  'mergeCells',
  'convertCells',
  'clearOutputs',
  'restoreCell',
  'emptyBin',
  'undo',
  'redo',
] as const satisfies NotebookCommand['type'][];

export type StructureCommand = Extract<NotebookCommand, { type: (typeof STRUCTURE)[number] }>;

export function isStructureCommand(command: NotebookCommand): command is StructureCommand {
  return (STRUCTURE as readonly string[]).includes(command.type);
}

export function changeStructure(state: SessionState, command: StructureCommand, context: EditContext): void {
  const { running } = state;
  try {
    carryOut(state, command, context);
    const { result } = context;
    const unrun = running ? behindTakenAway(state, running, result) : 0;
    if (unrun > 0 && result.reply.ok) result.reply.unrun = unrun;
  } catch (error) {
    if (!(error instanceof StagelightError)) throw error;
    context.result.reply = { ok: false, error: errorToData(error) };
  }
}

/** How many runs wait behind the running one, and will end with it as soon as its cell's removal has interrupted it. */
function behindTakenAway({ queue }: SessionState, { request }: QueuedRun, { commands }: StepResult): number {
  if (!commands.some(({ type }) => type === 'interrupt')) return 0;
  return queue.filter((run) => run.request === request).length;
}

function carryOut(state: SessionState, command: StructureCommand, context: EditContext): void {
  const { result } = context;
  const make = (kind: StructureChange['kind'], edits: StructureEdit[], count = edits.length) =>
    makeChange(state, { change: { kind, count }, edits }, context);
  switch (command.type) {
    case 'insertCell':
    case 'insertCells': {
      const { index } = command;
      const cells = command.type === 'insertCell' ? [newCell(command)] : command.cells;
      make(command.type === 'insertCell' ? 'insert' : command.as, insertions(state, cells, index));
      if (command.type === 'insertCell')
        result.reply = { ok: true, revision: revisionOf(state, command.cellId) };
      return;
    }
    case 'deleteCells':
      if (!requireCells(state, command.cellIds, result)) return;
      make(
        'delete',
        inOrder(state, command.cellIds).map(({ cellId }) => ({ edit: 'remove', cellId })),
      );
      return;
    case 'moveCells':
      if (!requireCells(state, command.cellIds, result)) return;
      make('move', moves(state, command.cellIds, command.index), new Set(command.cellIds).size);
      return;
    case 'splitCell':
      split(state, command, context);
      return;
    case 'mergeCells': {
      if (!requireCells(state, command.cellIds, result)) return;
      const cellIds = inOrder(state, command.cellIds).map(({ cellId }) => cellId);
      if (cellIds.length < 2) {
        refuse(result, 'NOTHING_TO_MERGE', 'one cell alone cannot be merged', 'Select another one as well.');
        return;
      }
      make('merge', [{ edit: 'join', cellIds, gaps: cellIds.slice(1).map(() => '\n') }], cellIds.length);
      return;
    }
    case 'convertCells':
      if (!requireCells(state, command.cellIds, result)) return;
      make(
        'convert',
        command.cellIds.map((cellId) => ({ edit: 'convert', cellId, kind: command.kind })),
      );
      return;
    case 'clearOutputs':
      if (!requireCells(state, command.cellIds, result)) return;
      make(
        'clear',
        command.cellIds.map((cellId) => ({ edit: 'clear', cellId })),
      );
      return;
    case 'restoreCell': {
      const { cellId } = command;
      const binned = state.bin.get(cellId);
      // Sent twice, or brought back by another window meanwhile.
      if (!binned && state.cells.some((cell) => cell.cellId === cellId)) return;
      if (!binned) {
        refuse(
          result,
          'CELL_NOT_IN_BIN',
          `the cell "${cellId}" is no longer among the deleted ones`,
          'The oldest of them are dropped when there are too many.',
        );
        return;
      }
      make('restore', [{ edit: 'restore', cellId, at: placeAt(state.cells, binned.index) }]);
      return;
    }
    case 'emptyBin':
      dropFromBin(state, [...state.bin.keys()], result);
      return;
    case 'undo':
      undo(state, context);
      return;
    case 'redo':
      redo(state, context);
      return;
    default:
      command satisfies never;
  }
}

const newCell = ({ cellId, kind, source }: NewCell): NewCell => ({ cellId, kind, source });

function revisionOf({ cells, bin }: SessionState, cellId: string): number {
  const cell = cells.find((each) => each.cellId === cellId) ?? bin.get(cellId)?.cell;
  return cell?.revision ?? 0;
}

function inOrder({ cells }: SessionState, cellIds: readonly string[]): SessionCell[] {
  const wanted = new Set(cellIds);
  return cells.filter(({ cellId }) => wanted.has(cellId));
}

function placeAt(cells: readonly SessionCell[], index: number): Place {
  const at = Math.min(index, cells.length);
  return { after: cells[at - 1]?.cellId ?? null, index: at };
}

/** The same insertion sent again after a lost connection is the same cells, not others: those known stay as they are. */
function insertions(state: SessionState, cells: readonly NewCell[], index: number): StructureEdit[] {
  const known = (cellId: string) =>
    state.bin.has(cellId) || state.cells.some((cell) => cell.cellId === cellId);
  let at = placeAt(state.cells, index);
  return cells
    .filter(({ cellId }) => !known(cellId))
    .map((cell) => {
      const edit: StructureEdit = { edit: 'insert', cell, at };
      at = { after: cell.cellId, index: at.index + 1 };
      return edit;
    });
}

function moves(state: SessionState, cellIds: readonly string[], index: number): StructureEdit[] {
  const moved = inOrder(state, cellIds);
  const others = state.cells.filter((cell) => !moved.includes(cell));
  let at = placeAt(others, index);
  return moved.map(({ cellId }) => {
    const edit: StructureEdit = { edit: 'move', cellId, at };
    at = { after: cellId, index: at.index + 1 };
    return edit;
  });
}

function split(
  state: SessionState,
  command: Extract<NotebookCommand, { type: 'splitCell' }>,
  context: EditContext,
): void {
  const { cellId, newCellId, offset, baseRevision } = command;
  const { result } = context;
  // Sent again after a lost connection.
  if (state.cells.some((each) => each.cellId === newCellId) || state.bin.has(newCellId)) return;
  if (!requireCells(state, [cellId], result)) return;
  const cell = state.cells.find((each) => each.cellId === cellId)!;
  if (!requireRevision(cell, baseRevision, result)) return;
  const base = cell.source;
  const [upper, lower] = splitBounds(base, offset);
  const { index } = placeOf(state.cells, cellId);
  const pieces = [
    { cellId, ...upper, at: { after: null, index } },
    { cellId: newCellId, ...lower, at: { after: cellId, index: index + 1 } },
  ];
  makeChange(state, { change: { kind: 'split', count: 1 }, edits: [{ edit: 'cut', base, pieces }] }, context);
}
