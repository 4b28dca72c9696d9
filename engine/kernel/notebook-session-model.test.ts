/** The session under generated stories: what must hold after every step, whatever happened. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { NotebookCommand } from '../viewer-protocol.ts';
import { step } from './notebook-session.ts';
import { type Deed, runDeed, structureDeed, TestNotebook, textDeed, travelDeed } from './test-notebook.ts';

const anyDeed = fc.oneof(
  { weight: 4, arbitrary: structureDeed },
  { weight: 4, arbitrary: runDeed },
  { weight: 2, arbitrary: textDeed },
  { weight: 2, arbitrary: travelDeed },
);

function checkInvariants({ state, view, queued, ended, typed }: TestNotebook): void {
  const ids = state.cells.map(({ cellId }) => cellId);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter((cellId) => state.bin.has(cellId))).toEqual([]);
  for (const { cellId } of state.queue)
    expect(state.cells.find((cell) => cell.cellId === cellId)?.kind).toBe('code');
  expect(new Set(state.queue.map(({ cellId }) => cellId)).size).toBe(state.queue.length);
  // Every run that was asked for ends once, or still waits or runs.
  const open = [...(state.running ? [state.running] : []), ...state.queue].map(({ runId }) => runId);
  expect(new Set(ended).size).toBe(ended.length);
  expect([...ended, ...open].sort()).toEqual([...queued].sort());
  // The view is the session's picture.
  expect(view.cellOrder).toEqual(ids);
  expect([...view.cells.keys()].sort()).toEqual([...ids].sort());
  for (const { cellId, kind, source, revision } of state.cells)
    expect(view.cells.get(cellId)).toMatchObject({ kind, source, revision });
  expect([...view.bin.keys()]).toEqual([...state.bin.keys()]);
  for (const [cellId, { cell }] of state.bin) expect(view.bin.get(cellId)!.cell.source).toBe(cell.source);
  expect(view.queue).toEqual(state.queue.map(({ cellId, runId }) => ({ cellId, runId })));
  expect(view.history).toEqual({
    ...(state.history.past.length > 0 && { undo: state.history.past.at(-1)!.change }),
    ...(state.history.future.length > 0 && { redo: state.history.future.at(-1)!.change }),
  });
  const kept = [...state.cells, ...[...state.bin.values()].map(({ cell }) => cell)].map(
    ({ source }) => source,
  );
  for (const word of typed) expect(kept.some((source) => source.includes(word))).toBe(true);
}

test('after any story ids are unique, runs end once, views agree and no typed word is lost', () => {
  fc.assert(
    fc.property(fc.array(anyDeed, { maxLength: 60 }), (deeds) => {
      const notebook = new TestNotebook('a', 'b', 'c', 'm1');
      for (const deed of deeds) {
        notebook.perform(deed);
        checkInvariants(notebook);
      }
    }),
    { numRuns: 400 },
  );
});

/** A notebook with some outputs, all at rest. */
function prepared(before: readonly Deed[]): TestNotebook {
  const notebook = new TestNotebook('a', 'b', 'c', 'm1');
  notebook.command({ type: 'runCells', cellIds: ['a', 'b', 'c'] });
  notebook.drain();
  for (const deed of before) notebook.perform(deed);
  notebook.drain();
  return notebook;
}

test('undo takes a change back with its outputs, and redo makes it again', () => {
  fc.assert(
    fc.property(fc.array(anyDeed, { maxLength: 15 }), structureDeed, (before, deed) => {
      const notebook = prepared(before);
      const [past, was] = [notebook.state.history.past.at(-1), notebook.picture];
      notebook.perform(deed);
      // Nothing changed: nothing to undo.
      if (notebook.state.history.past.at(-1) === past) return void expect(notebook.picture).toEqual(was);
      const is = notebook.picture;
      notebook.command({ type: 'undo' });
      expect(notebook.picture).toEqual(was);
      notebook.command({ type: 'redo' });
      expect(notebook.picture).toEqual(is);
    }),
    { numRuns: 400 },
  );
});

test('a whole line of changes is undone to its beginning and redone to its end', () => {
  fc.assert(
    fc.property(fc.array(structureDeed, { maxLength: 40 }), (deeds) => {
      const notebook = prepared([]);
      const pictures = [notebook.picture];
      for (const deed of deeds) {
        const past = notebook.state.history.past.at(-1);
        notebook.perform(deed);
        if (notebook.state.history.past.at(-1) !== past) pictures.push(notebook.picture);
      }
      for (const picture of pictures.slice(0, -1).reverse()) {
        notebook.command({ type: 'undo' });
        expect(notebook.picture).toEqual(picture);
      }
      expect(notebook.command({ type: 'undo' }).events).toEqual([]);
      for (const picture of pictures.slice(1)) {
        notebook.command({ type: 'redo' });
        expect(notebook.picture).toEqual(picture);
      }
      expect(notebook.command({ type: 'redo' }).events).toEqual([]);
    }),
    { numRuns: 200 },
  );
});

const REFUSED: NotebookCommand[] = [
  { type: 'deleteCells', cellIds: ['a', 'nowhere'] },
  { type: 'moveCells', cellIds: ['nowhere', 'a'], index: 0 },
  { type: 'mergeCells', cellIds: ['a', 'nowhere'] },
  { type: 'mergeCells', cellIds: ['m1'] },
  { type: 'convertCells', cellIds: ['a', 'nowhere'], kind: 'markdown' },
  { type: 'clearOutputs', cellIds: ['nowhere'] },
  { type: 'collapseCells', cellIds: ['nowhere'], part: 'outputs', collapsed: true },
  { type: 'splitCell', cellId: 'nowhere', newCellId: 'x', offset: 0, baseRevision: 0 },
  { type: 'splitCell', cellId: 'm1', newCellId: 'x', offset: 0, baseRevision: 99 },
  { type: 'editCell', cellId: 'm1', source: 'other', baseRevision: 99 },
  { type: 'restoreCell', cellId: 'nowhere' },
];

test.each(REFUSED)('refused, $type changes nothing and tells viewers nothing', (command) => {
  fc.assert(
    fc.property(fc.array(anyDeed, { maxLength: 15 }), (before) => {
      const notebook = new TestNotebook('a', 'b', 'c', 'm1');
      for (const deed of before) notebook.perform(deed);
      const { state } = notebook;
      // A cell that must be there for the refusal to have its reason.
      if (!state.cells.some(({ cellId }) => cellId === 'm1')) return;
      const { analyze: _function, ...data } = state;
      const was = structuredClone(data);
      const { reply, events, commands } = step(state, { type: 'command', command }, 1);
      expect(reply.ok).toBe(false);
      expect([events, commands]).toEqual([[], []]);
      const { analyze: _same, ...now } = state;
      expect(now).toEqual(was);
    }),
    { numRuns: 30 },
  );
});
