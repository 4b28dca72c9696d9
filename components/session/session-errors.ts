/** Why the page itself refuses a command, in words. */
import type { ErrorData } from '../../engine/protocol.ts';
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

export const STEP_NOT_DONE: Record<'undo' | 'redo', ErrorData> = {
  undo: {
    code: 'STEP_CHANGED_SINCE',
    name: 'StagelightError',
    message: 'Your last step in this cell was not undone: its words were changed from outside since',
    hint: 'Others, the file, a split or a merge changed them. The text stays as it is; undo again takes back the step before.',
  },
  redo: {
    code: 'STEP_CHANGED_SINCE',
    name: 'StagelightError',
    message: 'Your step in this cell was not done again: its place was changed from outside since',
    hint: 'Others, the file, a split or a merge changed it. The text stays as it is; redo again does the step after.',
  },
};
