/** The history of structure and the bin: what they keep, for how long, and what an undo does to text typed meanwhile. */
import { expect, test } from 'vitest';
import { MAX_CELL_CHARACTERS } from '../viewer-protocol.ts';
import { MAX_BIN_CELLS, MAX_BIN_TEXT, MAX_HISTORY } from './structure-history.ts';
import { TestNotebook } from './test-notebook.ts';

const sources = ({ state }: TestNotebook) => state.cells.map(({ source }) => source);
const texts = ({ picture }: TestNotebook) =>
  picture.map(({ outputs }) => outputs.map((output) => (output.kind === 'text' ? output.text : '')).join());

function edit(notebook: TestNotebook, cellId: string, source: string): void {
  const { revision } = notebook.state.cells.find((cell) => cell.cellId === cellId)!;
  notebook.command({ type: 'editCell', cellId, source, baseRevision: revision });
}

test('a deleted cell comes back with its output, also what came while it was away', () => {
  const notebook = new TestNotebook('a', 'b');
  notebook.command({ type: 'runCells', cellIds: ['a'] });
  notebook.apply({ type: 'kernelReady', pid: 1 });
  notebook.command({ type: 'deleteCells', cellIds: ['a'] });
  notebook.late('a', 'late');
  notebook.perform({ deed: 'end', status: 'interrupted' });
  notebook.command({ type: 'undo' });
  expect(texts(notebook)[0]).toBe('out r-1,late');
  expect(notebook.view.cells.get('a')).toMatchObject({ status: 'interrupted' });
});

test('a split is taken back by joining what the two say now', () => {
  const notebook = new TestNotebook('a');
  edit(notebook, 'a', 'one\ntwo');
  notebook.command({ type: 'splitCell', cellId: 'a', newCellId: 'n', offset: 3, baseRevision: 1 });
  expect(sources(notebook)).toEqual(['one', 'two']);
  edit(notebook, 'n', 'two, and typed');
  notebook.command({ type: 'undo' });
  expect(sources(notebook)).toEqual(['one\ntwo, and typed']);
  notebook.command({ type: 'redo' });
  expect(sources(notebook)).toEqual(['one', 'two, and typed']);
});

test('a split whose two texts no longer fit one cell is refused by name, and the undo before it still works', () => {
  const notebook = new TestNotebook('a', 'b');
  notebook.command({ type: 'moveCells', cellIds: ['b'], index: 0 });
  edit(notebook, 'a', 'one\ntwo');
  notebook.command({ type: 'splitCell', cellId: 'a', newCellId: 'n', offset: 3, baseRevision: 1 });
  edit(notebook, 'n', 'x'.repeat(MAX_CELL_CHARACTERS - 2));
  const before = sources(notebook);
  const { reply } = notebook.command({ type: 'undo' });
  expect(reply).toMatchObject({ ok: false, error: { code: 'CELL_TOO_LARGE' } });
  expect(sources(notebook)).toEqual(before);
  expect(notebook.view.history).toEqual({ undo: { kind: 'move', count: 1 } });
  notebook.command({ type: 'undo' });
  expect(notebook.state.cells.map(({ cellId }) => cellId)).toEqual(['a', 'b', 'n']);
});

test('a merge is taken back by cutting what the one says now, with outputs and kinds of all', () => {
  const notebook = new TestNotebook('a', 'm1', 'c');
  notebook.command({ type: 'runCells', cellIds: ['a', 'c'] });
  notebook.drain();
  notebook.command({ type: 'mergeCells', cellIds: ['c', 'a', 'm1'] });
  expect(sources(notebook)).toEqual(['source of a\nsource of m1\nsource of c']);
  edit(notebook, 'a', 'source of a\nsource, typed, of m1\nsource of c');
  notebook.command({ type: 'undo' });
  expect(sources(notebook)).toEqual(['source of a', 'source, typed, of m1', 'source of c']);
  expect(notebook.picture.map(({ kind }) => kind)).toEqual(['code', 'markdown', 'code']);
  expect(texts(notebook)).toEqual(['out r-1', '', 'out r-2']);
});

test('an insertion taken back keeps what was typed into it', () => {
  const notebook = new TestNotebook('a');
  notebook.command({ type: 'insertCell', cellId: 'n', kind: 'code', source: '', index: 1 });
  edit(notebook, 'n', 'typed');
  notebook.command({ type: 'undo' });
  expect(sources(notebook)).toEqual(['source of a']);
  notebook.command({ type: 'redo' });
  expect(sources(notebook)).toEqual(['source of a', 'typed']);
});

test('cleared outputs come back until the cell runs again', () => {
  const notebook = new TestNotebook('a', 'b');
  notebook.command({ type: 'runCells', cellIds: ['a', 'b'] });
  notebook.drain();
  notebook.command({ type: 'clearOutputs', cellIds: ['a', 'b'] });
  expect(texts(notebook)).toEqual(['', '']);
  notebook.command({ type: 'runCells', cellIds: ['b'] });
  notebook.drain();
  notebook.command({ type: 'undo' });
  expect(texts(notebook)).toEqual(['out r-1', 'out r-3']);
});

test('a cell is brought back from the bin to where it stood, and that can be undone', () => {
  const notebook = new TestNotebook('a', 'b', 'c');
  notebook.command({ type: 'deleteCells', cellIds: ['b'] });
  notebook.command({ type: 'moveCells', cellIds: ['c'], index: 0 });
  expect(notebook.command({ type: 'restoreCell', cellId: 'b' }).reply).toMatchObject({ cellId: 'b' });
  expect(notebook.view.cellOrder).toEqual(['c', 'b', 'a']);
  notebook.command({ type: 'undo' });
  expect([...notebook.view.bin.keys()]).toEqual(['b']);
});

test(`${MAX_HISTORY} changes can be undone`, () => {
  const notebook = new TestNotebook('a', 'b');
  for (let i = 0; i < MAX_HISTORY + 20; i++)
    notebook.command({ type: 'moveCells', cellIds: ['b'], index: i % 2 });
  expect(notebook.state.history.past).toHaveLength(MAX_HISTORY);
});

/** Inserts and deletes cells of this text, one after the other. */
function fill(notebook: TestNotebook, count: number, source: string): void {
  for (let i = 0; i < count; i++) {
    const cellId = `f${i}`;
    notebook.command({ type: 'insertCell', cellId, kind: 'code', source, index: 0 });
    notebook.command({ type: 'deleteCells', cellIds: [cellId] });
  }
}

test(`the bin keeps ${MAX_BIN_CELLS} cells; what rests on older ones is no longer undone`, () => {
  const notebook = new TestNotebook('a');
  notebook.command({ type: 'deleteCells', cellIds: ['a'] });
  fill(notebook, MAX_BIN_CELLS, 'x');
  expect(notebook.state.bin.size).toBe(MAX_BIN_CELLS);
  expect(notebook.view.bin.has('a')).toBe(false);
  const { reply } = notebook.command({ type: 'restoreCell', cellId: 'a' });
  expect(reply).toMatchObject({ ok: false, error: { code: 'CELL_NOT_IN_BIN' } });
});

test('the bin keeps a bounded amount of text, but the last deletion whole', () => {
  const notebook = new TestNotebook('a', 'b', 'c');
  const half = 'x'.repeat(MAX_BIN_TEXT / 2);
  fill(notebook, 2, half);
  for (const cellId of ['a', 'b', 'c']) edit(notebook, cellId, half);
  notebook.command({ type: 'deleteCells', cellIds: ['a', 'b', 'c'] });
  expect([...notebook.view.bin.keys()]).toEqual(['a', 'b', 'c']);
  notebook.command({ type: 'undo' });
  expect(sources(notebook)).toEqual([half, half, half]);
});

test('an emptied bin takes along what could be undone only with it', () => {
  const notebook = new TestNotebook('a', 'b', 'c');
  notebook.command({ type: 'deleteCells', cellIds: ['a'] });
  notebook.command({ type: 'moveCells', cellIds: ['c'], index: 0 });
  notebook.command({ type: 'emptyBin' });
  expect(notebook.view.bin.size).toBe(0);
  expect(notebook.view.history).toEqual({ undo: { kind: 'move', count: 1 } });
  notebook.command({ type: 'undo' });
  expect(notebook.view.cellOrder).toEqual(['b', 'c']);
  expect(notebook.view.history).toEqual({ redo: { kind: 'move', count: 1 } });
});

test('cells that another program deleted from the file go to the bin; one it brings back comes with its output', () => {
  const notebook = new TestNotebook('a', 'b');
  notebook.command({ type: 'runCells', cellIds: ['b'] });
  notebook.drain();
  const file = (cellId: string) => ({
    cellId,
    kind: 'code' as const,
    source: `source of ${cellId}`,
    markerText: '',
  });
  notebook.apply({ type: 'fileChanged', cells: [file('a')] });
  expect([...notebook.view.bin.keys()]).toEqual(['b']);
  notebook.apply({ type: 'fileChanged', cells: [file('b'), file('a')] });
  expect(notebook.view.bin.size).toBe(0);
  expect(texts(notebook)).toEqual(['out r-1', '']);
});

test('a queued cell that is taken out of the queue does not run; the others do', () => {
  const notebook = new TestNotebook('a', 'b', 'c');
  notebook.command({ type: 'runCells', cellIds: ['a', 'b', 'c'] });
  notebook.apply({ type: 'kernelReady', pid: 1 });
  expect(notebook.view.queue.map(({ cellId }) => cellId)).toEqual(['b', 'c']);
  notebook.command({ type: 'cancelQueued', cellId: 'b' });
  notebook.drain();
  expect(notebook.executed.map(({ cellId }) => cellId)).toEqual(['a', 'c']);
  expect(notebook.view.cells.get('b')!.status).toBe('aborted');
});
