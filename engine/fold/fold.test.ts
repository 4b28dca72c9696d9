import { expect, test } from 'vitest';
import type { StagelightEvent } from '../protocol.ts';
import { createViewState, fold } from './fold.ts';
import { fromSnapshot, toSnapshot } from './snapshot.ts';

test('one run of one cell', () => {
  const state = createViewState('b');
  const events: StagelightEvent[] = [
    {
      type: 'notebookOpened',
      path: 'a.ts',
      cells: [{ cellId: 'c', kind: 'code', source: '1', revision: 1 }],
      time: 1,
    },
    { type: 'cellQueued', cellId: 'c', runId: 'r', time: 2 },
    { type: 'cellStarted', cellId: 'c', runId: 'r', time: 3, executionCount: 1, source: '1' },
    { type: 'cellOutput', cellId: 'c', runId: 'r', output: { kind: 'stream', stream: 'stdout', text: 'a' } },
    { type: 'cellOutput', cellId: 'c', runId: 'r', output: { kind: 'stream', stream: 'stdout', text: 'b' } },
    { type: 'cellFinished', cellId: 'c', runId: 'r', time: 4, status: 'ok' },
  ];
  for (const event of events) fold(state, event);
  expect(state.cells.get('c')?.outputs).toEqual([{ kind: 'stream', stream: 'stdout', text: 'ab' }]);
  expect(fromSnapshot(JSON.parse(JSON.stringify(toSnapshot(state))))).toEqual(state);
});
