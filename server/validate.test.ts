/** Commands from the socket: each in its right form passes, without a field or with a wrong one it is refused by name. */
import { expect, test } from 'vitest';
import { MAX_CELL_CHARACTERS, type NotebookCommand } from '../engine/viewer-protocol.ts';
import { parseCommand } from './validate.ts';

const cell = { cellId: 'n1', kind: 'code' as const, source: 'x' };

const RIGHT: NotebookCommand[] = [
  { type: 'insertCells', as: 'paste', cells: [cell], index: 0 },
  { type: 'deleteCells', cellIds: ['a', 'b'] },
  { type: 'moveCells', cellIds: ['a'], index: 3 },
  { type: 'splitCell', cellId: 'a', newCellId: 'n1', offset: 2, baseRevision: 1 },
  { type: 'mergeCells', cellIds: ['a', 'b'] },
  { type: 'convertCells', cellIds: ['a'], kind: 'markdown' },
  { type: 'clearOutputs', cellIds: ['a'] },
  { type: 'collapseCells', cellIds: ['a'], part: 'outputs', collapsed: false },
  { type: 'restoreCell', cellId: 'a' },
  { type: 'cancelQueued', cellId: 'a' },
  { type: 'runStale' },
  { type: 'emptyBin' },
  { type: 'undo' },
  { type: 'redo' },
];

test.each(RIGHT)('$type in its right form', (command) => {
  expect(parseCommand({ ...command, extra: 1 })).toEqual(command);
});

test.each(RIGHT.flatMap((command) => Object.keys(command).map((field) => ({ command, field }))))(
  '$command.type without $field',
  ({ command, field }) => {
    const { [field as 'type']: _missing, ...rest } = command;
    expect(() => parseCommand(rest)).toThrow(field === 'type' ? 'unknown type' : `field "${field}"`);
  },
);

test.each<[string, unknown]>([
  ['a path as an id', { type: 'deleteCells', cellIds: ['../a'] }],
  ['too many cells', { type: 'deleteCells', cellIds: Array.from({ length: 5001 }, (_, i) => `c${i}`) }],
  ['no list', { type: 'mergeCells', cellIds: 'ab' }],
  ['a negative place', { type: 'moveCells', cellIds: ['a'], index: -1 }],
  ['half a place', { type: 'splitCell', cellId: 'a', newCellId: 'b', offset: 1.5, baseRevision: 0 }],
  ['an unknown part', { type: 'collapseCells', cellIds: ['a'], part: '__proto__', collapsed: true }],
  ['an unknown kind', { type: 'convertCells', cellIds: ['a'], kind: 'sql' }],
  ['another purpose', { type: 'insertCells', as: 'insert', cells: [cell], index: 0 }],
  ['a cell with more', { type: 'insertCells', as: 'paste', cells: [{ ...cell, revision: 9 }], index: 0 }],
  ['a cell of nothing', { type: 'insertCells', as: 'paste', cells: [null], index: 0 }],
  [
    'a cell too long',
    {
      type: 'insertCells',
      as: 'paste',
      cells: [{ ...cell, source: 'x'.repeat(MAX_CELL_CHARACTERS + 1) }],
      index: 0,
    },
  ],
])('%s is refused', (_what, command) => {
  expect(() => parseCommand(command)).toThrow('refused: field');
});
