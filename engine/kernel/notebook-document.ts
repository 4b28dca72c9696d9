/** Edits of a notebook's document: cells inserted, deleted, moved, retyped; refused when they rest on old text. */
import type { NotebookEvent } from '../protocol.ts';
import type { CommandReply, NotebookCommand } from '../viewer-protocol.ts';
import type { FileCell } from './notebook-file.ts';
import type { SessionCell } from './notebook-session.ts';

export type DocumentCommand = Extract<
  NotebookCommand,
  { type: 'insertCell' | 'deleteCell' | 'moveCell' | 'editCell' | 'changeCellKind' | 'clearOutputs' }
>;

export interface DocumentEdit {
  reply: CommandReply;
  event?: NotebookEvent;
  /** The notebook file no longer says what the document says. */
  changesFile: boolean;
}

function refused(code: string, message: string, hint: string): DocumentEdit {
  return {
    reply: { ok: false, error: { code, name: 'StagelightError', message, hint } },
    changesFile: false,
  };
}

/** Applies a command to `cells` in place. */
export function editDocument(
  cells: SessionCell[],
  command: DocumentCommand,
  origin: string | undefined,
): DocumentEdit {
  const from = origin === undefined ? {} : { origin };
  const at = cells.findIndex(({ cellId }) => cellId === command.cellId);
  const cell = cells[at];
  if (command.type === 'insertCell') {
    // The same insertion sent again after a lost connection is the same cell, not a second one.
    if (cell) return { reply: { ok: true, revision: cell.revision }, changesFile: false };
    const { cellId, kind, source } = command;
    const index = Math.min(command.index, cells.length);
    cells.splice(index, 0, { cellId, kind, source, revision: 0, markerText: '' });
    return {
      reply: { ok: true, revision: 0 },
      event: { type: 'cellInserted', cell: { cellId, kind, source, revision: 0 }, index, ...from },
      changesFile: true,
    };
  }
  if (!cell)
    return refused(
      'CELL_NOT_FOUND',
      `there is no cell "${command.cellId}"`,
      'It may have been deleted in another window.',
    );
  const done = (event: NotebookEvent, changesFile = true): DocumentEdit => ({
    reply: { ok: true, revision: cell.revision },
    event,
    changesFile,
  });
  const { cellId } = cell;
  switch (command.type) {
    case 'deleteCell':
      cells.splice(at, 1);
      return done({ type: 'cellDeleted', cellId, ...from });
    case 'moveCell': {
      const index = Math.min(command.index, cells.length - 1);
      cells.splice(at, 1);
      cells.splice(index, 0, cell);
      return done({ type: 'cellMoved', cellId, index, ...from });
    }
    case 'editCell':
      if (command.source === cell.source)
        return { reply: { ok: true, revision: cell.revision }, changesFile: false };
      if (command.baseRevision !== cell.revision) {
        return refused(
          'EDIT_CONFLICT',
          `the cell was changed elsewhere (revision ${cell.revision}, the edit was made on ${command.baseRevision})`,
          'Compare with the text that is there now and edit again; your text is kept in this window.',
        );
      }
      cell.source = command.source;
      cell.revision += 1;
      return done({ type: 'cellEdited', cellId, source: cell.source, revision: cell.revision, ...from });
    case 'changeCellKind':
      cell.kind = command.kind;
      return done({ type: 'cellKindChanged', cellId, kind: cell.kind, ...from });
    case 'clearOutputs':
      return done({ type: 'outputsCleared', cellId }, false);
    default:
      return command satisfies never;
  }
}

/** Puts the file's cells in place of `cells`; false when they say the same. A changed cell is one revision further. */
export function replaceDocument(cells: SessionCell[], fileCells: readonly FileCell[]): boolean {
  const known = new Map(cells.map((cell) => [cell.cellId, cell]));
  const next = fileCells.map((cell): SessionCell => {
    const old = known.get(cell.cellId);
    const same = old?.source === cell.source && old.kind === cell.kind;
    return { ...cell, revision: old ? old.revision + (same ? 0 : 1) : 0 };
  });
  const unchanged =
    next.length === cells.length &&
    next.every((cell, i) => cell.cellId === cells[i]!.cellId && cell.revision === cells[i]!.revision);
  if (unchanged) return false;
  cells.splice(0, cells.length, ...next);
  return true;
}
