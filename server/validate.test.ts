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
  { type: 'injectFault', fault: { kind: 'killExecutor', executorId: '2' } },
  { type: 'injectFault', fault: { kind: 'dropBlock', stageId: 1, partition: 3 } },
  { type: 'injectFault', fault: { kind: 'corruptBlock', stageId: 1, partition: 3 } },
  { type: 'injectFault', fault: { kind: 'dropExecutorBlocks', executorId: '2' } },
  { type: 'injectFault', fault: { kind: 'dropCached', rddId: 4, partition: 0 } },
  {
    type: 'injectFault',
    fault: { kind: 'slowPartition', stageId: 1, partition: 0, slowness: { factor: 10 } },
  },
  {
    type: 'injectFault',
    fault: { kind: 'slowPartition', stageId: 1, partition: 0, slowness: { delay: 5000 } },
  },
  { type: 'clearFaults' },
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
  ['an unknown fault', { type: 'injectFault', fault: { kind: 'format' } }],
  ['an inherited fault', { type: 'injectFault', fault: { kind: 'constructor' } }],
  ['a fault with more', { type: 'injectFault', fault: { kind: 'killExecutor', executorId: '1', pid: 1 } }],
  ['a fault with less', { type: 'injectFault', fault: { kind: 'dropBlock', stageId: 1 } }],
  ['a path for an executor', { type: 'injectFault', fault: { kind: 'killExecutor', executorId: 7 } }],
  [
    'a slowing without end',
    {
      type: 'injectFault',
      fault: { kind: 'slowPartition', stageId: 1, partition: 0, slowness: { delay: 1e9 } },
    },
  ],
  [
    'a slowing both ways',
    {
      type: 'injectFault',
      fault: { kind: 'slowPartition', stageId: 1, partition: 0, slowness: { delay: 1, factor: 2 } },
    },
  ],
  ['a wrong fault id', { type: 'clearFaults', faultId: -1 }],
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
