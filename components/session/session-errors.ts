/** Why the page itself refuses a command, or does less or more than it says: in words. */
import type { ErrorData } from '../../engine/protocol.ts';
import type { Notice } from './session-state.ts';
import { unreachable } from './socket-client.ts';

export const NOT_RUN: ErrorData = {
  code: 'TEXT_NOT_SENT',
  name: 'StagelightError',
  message: 'Nothing was run: the server has another text of a cell than you see',
  hint: 'Choose one of the two texts at the cell, then run it again.',
};

export const NOT_CHANGED: ErrorData = {
  ...NOT_RUN,
  message: 'Nothing was changed: the server has another text of a cell than you see',
  hint: 'Choose one of the two texts at the cell, then try again.',
};

export const NOT_DONE: ErrorData = {
  ...unreachable().error,
  message: 'Not done: the server is unreachable',
  hint: 'What you type and new cells are kept and sent when it is back. Do this again then.',
};

export const PERHAPS_DONE: ErrorData = {
  ...unreachable().error,
  message: 'The server did not answer: this may have been done, or not',
  hint: 'The page shows what is so when the server is back. Look there before you do it again.',
};

export const STEP_NOT_DONE: Record<'undo' | 'redo', Notice> = {
  undo: {
    message: 'Not undone: the words of your last step in this cell have been changed since',
    hint: 'Another person, another editor, a split or a merge did it. The text stays as it is; undo again for the step before.',
  },
  redo: {
    message: 'Not done again: the place of your step in this cell has been changed since',
    hint: 'Another person, another editor, a split or a merge did it. The text stays as it is; redo again for the step after.',
  },
};

export const NOTHING_TO_MERGE: Record<'above' | 'below', Notice> = {
  above: {
    message: 'Nothing was merged: this is the first cell',
    hint: 'There is none above it. Select several cells (Shift+Up, Shift+Down) to merge those.',
  },
  below: {
    message: 'Nothing was merged: this is the last cell',
    hint: 'Merging takes the cell below. Select several cells (Shift+Up, Shift+Down) to merge those.',
  },
};

/** A running cell was taken away, and `count` runs that waited behind it end with its own. */
export function notRunEither(count: number): Notice {
  const [cells, were, them] = count === 1 ? ['1 cell', 'was', 'it'] : [`${count} cells`, 'were', 'them'];
  return {
    message: `The run of that cell was interrupted, and ${cells} queued behind it ${were} not run`,
    hint: `Run ${them} again when you want ${them}.`,
  };
}
