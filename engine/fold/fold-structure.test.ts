/** What the fold keeps of deleted cells and cleared outputs, and how much. */
import { expect, test } from 'vitest';
import type { StagelightEvent } from '../protocol.ts';
import { createViewState, fold } from './fold.ts';
import { MAX_KEPT_OUTPUT, MAX_STASHES } from './fold-structure.ts';
import { fromSnapshot, toSnapshot } from './snapshot.ts';
import type { ViewState } from './state.ts';

function opened(...ids: string[]): ViewState {
  const state = createViewState('b');
  const cells = ids.map((cellId) => ({ cellId, kind: 'code' as const, source: cellId, revision: 0 }));
  fold(state, { type: 'notebookOpened', path: 'a.ts', cells, time: 0 });
  return state;
}

function ran(state: ViewState, cellId: string, runId: string, text: string): void {
  const events: StagelightEvent[] = [
    { type: 'cellStarted', cellId, runId, time: 10, executionCount: 3, source: cellId },
    { type: 'cellOutput', cellId, runId, output: { kind: 'text', text } },
    { type: 'cellFinished', cellId, runId, time: 15, status: 'ok' },
  ];
  for (const event of events) fold(state, event);
}

test('the bin keeps its outputs within a bound, the oldest go first; the cells stay', () => {
  const state = opened('a', 'b', 'c', 'd', 'e');
  const text = 'x'.repeat(MAX_KEPT_OUTPUT / 4);
  for (const cellId of ['a', 'b', 'c', 'd', 'e']) {
    ran(state, cellId, `r-${cellId}`, text);
    fold(state, { type: 'cellDeleted', cellId, time: 20 });
  }
  const kept = [...state.bin.values()].map(({ cell }) => [
    cell.cellId,
    cell.outputs.length,
    cell.outputDropped,
  ]);
  expect(kept).toEqual([
    ['a', 0, MAX_KEPT_OUTPUT / 4],
    ['b', 1, 0],
    ['c', 1, 0],
    ['d', 1, 0],
    ['e', 1, 0],
  ]);
});

test('the outputs of the latest clearings are kept, up to a bound', () => {
  const ids = Array.from({ length: MAX_STASHES + 1 }, (_, i) => `c${i}`);
  const state = opened(...ids);
  for (const [i, cellId] of ids.entries()) {
    ran(state, cellId, `r${i}`, 'text');
    fold(state, { type: 'outputsCleared', cellId, stash: i });
  }
  expect(state.stashed.map(({ cellId }) => cellId)).toEqual(ids.slice(1));
});

test('cleared outputs are kept until the cell runs again', () => {
  const state = opened('a', 'b');
  ran(state, 'a', 'r1', 'first');
  fold(state, { type: 'outputsCleared', cellId: 'a', stash: 1 });
  for (let stash = 2; stash <= MAX_STASHES + 1; stash++) {
    ran(state, 'b', `r${stash}`, 'more');
    fold(state, { type: 'outputsCleared', cellId: 'b', stash });
  }
  // Each run of b gave up what was kept of the run before.
  expect(state.stashed.map(({ stash }) => stash)).toEqual([1, MAX_STASHES + 1]);
  fold(state, { type: 'outputsRestored', cellId: 'a', stash: 1 });
  expect(state.cells.get('a')!.outputs).toEqual([{ kind: 'text', text: 'first' }]);
});

test('bin, cleared outputs, folding, queue and reasons are in the snapshot', () => {
  const state = opened('a', 'b', 'c');
  ran(state, 'a', 'r1', 'one');
  ran(state, 'b', 'r2', 'two');
  const events: StagelightEvent[] = [
    { type: 'cellDeleted', cellId: 'a', time: 30, markerText: 'Title' },
    { type: 'outputsCleared', cellId: 'b', stash: 1 },
    { type: 'cellCollapsed', cellId: 'b', part: 'source', collapsed: true },
    { type: 'cellQueued', cellId: 'c', runId: 'r3', time: 31 },
    {
      type: 'stalenessChanged',
      cells: [{ cellId: 'b', reasons: [{ kind: 'edited' }] }],
      also: [{ cellId: 'c', reason: 'defines', names: ['x'] }],
    },
    { type: 'historyChanged', undo: { kind: 'delete', count: 1 } },
  ];
  for (const event of events) fold(state, event);
  const again = fromSnapshot(JSON.parse(JSON.stringify(toSnapshot(state))));
  expect(again).toEqual(state);
  expect(again.bin.get('a')).toMatchObject({ index: 0, deletedAt: 30, markerText: 'Title' });
  expect(again.cells.get('b')).toMatchObject({ collapsed: { source: true }, stale: [{ kind: 'edited' }] });
  fold(again, { type: 'cellRestored', cellId: 'a', index: 2 });
  expect(again.cellOrder).toEqual(['b', 'c', 'a']);
  expect(again.cells.get('a')!.outputs).toEqual([{ kind: 'text', text: 'one' }]);
});

test('the last run is remembered while another waits, and when that one is taken out of the queue', () => {
  const state = opened('a');
  ran(state, 'a', 'r1', 'one');
  fold(state, { type: 'cellQueued', cellId: 'a', runId: 'r2', time: 20 });
  const last = { status: 'ok', startedAt: 10, finishedAt: 15, executionCount: 3 };
  expect(state.cells.get('a')).toMatchObject({ status: 'queued', lastRun: last });
  fold(state, { type: 'cellFinished', cellId: 'a', runId: 'r2', time: 21, status: 'aborted' });
  expect(state.cells.get('a')).toMatchObject({ status: 'aborted', lastRun: last });
  expect(state.queue).toEqual([]);
});
