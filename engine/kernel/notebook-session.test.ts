import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createViewState, fold } from '../fold/fold.ts';
import type { NotebookCommand } from '../viewer-protocol.ts';
import { type SessionOperation, step } from './notebook-session.ts';
import { finished, lost, play, ready, runCells, session } from './test-session.ts';

test('the first run starts the kernel and waits for it', () => {
  const state = session('a', 'b');
  expect(play(state, runCells('a', 'b'))).toEqual([
    'a queued',
    'b queued',
    'kernel starting',
    'startKernel!',
  ]);
  expect(play(state, ready)).toEqual(['kernel idle', 'execute a [1]']);
  expect(play(state, finished(state))).toEqual(['a ok', 'execute b [2]']);
  expect(play(state, finished(state))).toEqual(['b ok']);
});

test('Markdown cells are not run', () => {
  expect(play(session('m1'), runCells('m1'))).toEqual([]);
});

test('a cell waits once, but may be queued again while it runs', () => {
  const state = session('a', 'b');
  play(state, runCells('a', 'b'), ready);
  expect(play(state, runCells('b'), runCells('a'), runCells('a'))).toEqual(['a queued']);
});

test('a failure aborts the rest of its own request only', () => {
  const state = session('a', 'b', 'c');
  play(state, runCells('a', 'b'), ready, runCells('c'));
  expect(play(state, finished(state, 'error'))).toEqual(['a error', 'b aborted', 'execute c [2]']);
});

test('interrupt empties the queue and interrupts the kernel', () => {
  const state = session('a', 'b');
  play(state, runCells('a', 'b'), ready);
  expect(play(state, { type: 'interrupt' })).toEqual(['b aborted', 'interrupt!']);
  expect(play(state, finished(state, 'interrupted'))).toEqual(['a interrupted']);
  expect(play(state, { type: 'interrupt' })).toEqual(['interrupt!']);
});

test('the source that runs is the one at the start of the run', () => {
  const state = session('a', 'b');
  play(state, runCells('a', 'b'), ready);
  play(state, { type: 'editCell', cellId: 'b', source: 'new', baseRevision: 0 });
  const { commands } = step(state, finished(state), 2);
  expect(commands).toEqual([
    { type: 'execute', cellId: 'b', runId: 'r-2', source: 'new', executionCount: 2, label: 'cell 2' },
  ]);
});

test('a lost kernel aborts what ran and what waited; the next run starts another', () => {
  const state = session('a', 'b');
  play(state, runCells('a', 'b'), ready);
  expect(play(state, lost)).toEqual(['a aborted', 'b aborted', 'kernel dead']);
  expect(play(state, runCells('a'))).toEqual(['a queued', 'kernel starting', 'startKernel!']);
  expect(play(state, ready)).toEqual(['kernel idle', 'execute a [1]']);
});

test('restart aborts everything and counts from one again', () => {
  const state = session('a', 'b');
  play(state, runCells('a', 'b'), ready);
  expect(play(state, { type: 'restartKernel' })).toEqual([
    'a aborted',
    'b aborted',
    'kernel starting',
    'stopKernel!',
    'startKernel!',
  ]);
  expect(play(state, ready, runCells('b'))).toEqual(['kernel idle', 'b queued', 'execute b [1]']);
});

test('the end of a run that was given up changes nothing', () => {
  const state = session('a');
  play(state, runCells('a'), ready);
  const late = finished(state);
  play(state, { type: 'restartKernel' });
  expect(play(state, late)).toEqual([]);
});

test('deleting a running cell tells how many waited behind it in the same request', () => {
  const state = session('a', 'b', 'c', 'd', 'e');
  play(state, runCells('a', 'b', 'c', 'd'), ready, runCells('e'));
  const reply = (command: NotebookCommand) => step(state, { type: 'command', command }, 1).reply;
  expect(reply({ type: 'deleteCells', cellIds: ['d'] })).toEqual({ ok: true });
  // Those deleted with it are none that could have run.
  expect(reply({ type: 'deleteCells', cellIds: ['a', 'b'] })).toEqual({ ok: true, unrun: 1 });
  expect(play(state, finished(state, 'interrupted')).filter((said) => said.includes('aborted'))).toEqual([
    'c aborted',
  ]);
});

test('deleting a running cell interrupts it, a waiting one leaves the queue', () => {
  const state = session('a', 'b');
  play(state, runCells('a', 'b'), ready);
  expect(play(state, { type: 'deleteCells', cellIds: ['b'] })).toEqual(['cellDeleted', 'b aborted', 'save!']);
  expect(play(state, { type: 'deleteCells', cellIds: ['a'] })).toEqual([
    'cellDeleted',
    'interrupt!',
    'save!',
  ]);
  expect(play(state, finished(state, 'interrupted'))).toEqual(['a interrupted']);
});

test('an edit of old text is refused and changes nothing', () => {
  const state = session('a');
  expect(play(state, { type: 'editCell', cellId: 'a', source: 'x', baseRevision: 0 })).toEqual([
    'cellEdited',
    'save!',
  ]);
  expect(play(state, { type: 'editCell', cellId: 'a', source: 'y', baseRevision: 0 })).toEqual([
    'refused EDIT_CONFLICT',
  ]);
  expect(state.cells[0]!.source).toBe('x');
  expect(play(state, { type: 'editCell', cellId: 'z', source: 'y', baseRevision: 0 })).toEqual([
    'refused CELL_NOT_FOUND',
  ]);
});

test('what a cell defines and uses follows its text; a broken text keeps what was known, and says so', () => {
  const state = session('a');
  const edit = (source: string) =>
    step(
      state,
      {
        type: 'command',
        command: { type: 'editCell', cellId: 'a', source, baseRevision: state.cells[0]!.revision },
      },
      1,
    ).events.filter(({ type }) => type === 'cellAnalyzed');
  const analyzed = (definitions: string[], references: string[]) => ({
    type: 'cellAnalyzed',
    cellId: 'a',
    definitions,
    references,
  });
  expect(edit('x = y')).toEqual([analyzed(['x'], ['y'])]);
  expect(edit('x = y + 1')).toEqual([]);
  expect(edit('x = z!')).toEqual([{ ...analyzed(['x'], ['y']), error: expect.anything() }]);
  expect(edit('x = y')).toEqual([analyzed(['x'], ['y'])]);
  const markdown = { type: 'convertCells', cellIds: ['a'], kind: 'markdown' } satisfies NotebookCommand;
  expect(step(state, { type: 'command', command: markdown }, 1).events).toContainEqual(analyzed([], []));
});

test('an insertion sent twice inserts once', () => {
  const state = session('a');
  const insert: NotebookCommand = { type: 'insertCell', cellId: 'n', kind: 'code', source: '', index: 9 };
  expect(play(state, insert, insert)).toEqual(['cellInserted', 'save!']);
  expect(state.cells.map(({ cellId }) => cellId)).toEqual(['a', 'n']);
});

test('a file changed outside replaces the document; runs go on by cell id', () => {
  const state = session('a', 'b', 'c');
  play(state, runCells('a', 'b', 'c'), ready);
  const file = (cellId: string, source: string, kind: 'code' | 'markdown' = 'code') => ({
    cellId,
    kind,
    source,
    markerText: '',
  });
  const changed: SessionOperation = {
    type: 'fileChanged',
    cells: [file('c', 'source of c'), file('b', 'text', 'markdown'), file('n', 'new')],
  };
  expect(play(state, changed)).toEqual(['cellDeleted', 'b aborted', 'notebookOpened']);
  expect(state.cells.map(({ cellId, revision }) => [cellId, revision])).toEqual([
    ['c', 0],
    ['b', 1],
    ['n', 0],
  ]);
  expect(play(state, changed)).toEqual([]);
  expect(play(state, finished(state))).toEqual(['a ok', 'execute c [2]']);
});

const id = fc.constantFrom('a', 'b', 'c', 'd', 'm1');
const ids = fc.array(id, { minLength: 1, maxLength: 2 });
const index = fc.nat({ max: 6 });
const operation: fc.Arbitrary<NotebookCommand | 'ready' | 'ok' | 'error' | 'lost'> = fc.oneof(
  fc.record({
    type: fc.constant('insertCell' as const),
    cellId: id,
    kind: fc.constant('code' as const),
    source: fc.string(),
    index,
  }),
  fc.record({ type: fc.constant('deleteCells' as const), cellIds: ids }),
  fc.record({ type: fc.constant('moveCells' as const), cellIds: ids, index }),
  fc.record({
    type: fc.constant('editCell' as const),
    cellId: id,
    source: fc.string(),
    baseRevision: fc.nat({ max: 2 }),
  }),
  fc.record({
    type: fc.constant('convertCells' as const),
    cellIds: ids,
    kind: fc.constantFrom('code' as const, 'markdown' as const),
  }),
  fc.record({ type: fc.constant('runCells' as const), cellIds: fc.array(id, { maxLength: 4 }) }),
  fc.constantFrom<NotebookCommand>(
    { type: 'interrupt' },
    { type: 'restartKernel' },
    { type: 'shutdownKernel' },
  ),
  fc.constantFrom<'ready' | 'ok' | 'error' | 'lost'>('ready', 'ok', 'error', 'lost'),
);

test('after any operations every queued run has ended or waits, and the viewers hold the same document', () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 40 }), (operations) => {
      const state = session('a', 'b', 'm1');
      const view = createViewState('boot');
      const cells = state.cells.map((cell) => ({ ...cell }));
      fold(view, { type: 'notebookOpened', path: 'a.ts', cells, time: 0 });
      const open = new Set<string>();
      for (const next of operations) {
        let op: SessionOperation;
        if (next === 'ready') {
          if (state.kernel !== 'starting') continue;
          op = ready;
        } else if (next === 'lost') op = lost;
        else if (next === 'ok' || next === 'error') {
          if (!state.running) continue;
          op = finished(state, next);
        } else op = { type: 'command', command: next };
        for (const event of step(state, op, 1).events) {
          fold(view, event);
          if (event.type === 'cellQueued') open.add(event.runId);
          if (event.type === 'cellFinished') expect(open.delete(event.runId)).toBe(true);
        }
      }
      const waiting = [...state.queue, ...(state.running ? [state.running] : [])].map(({ runId }) => runId);
      expect([...open].sort()).toEqual(waiting.sort());
      expect(new Set(state.queue.map(({ cellId }) => cellId)).size).toBe(state.queue.length);
      const document = state.cells.map(({ cellId, kind, source, revision }) => ({
        cellId,
        kind,
        source,
        revision,
      }));
      const seen = view.cellOrder.map((cellId) => {
        const { kind, source, revision } = view.cells.get(cellId)!;
        return { cellId, kind, source, revision };
      });
      expect(seen).toEqual(document);
    }),
  );
});
