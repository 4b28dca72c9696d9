/** A page whose server came back with less than it had shown keeps showing it, and says so; otherwise the server decides. */
import { expect, test } from 'vitest';
import { createViewState, fold } from '../../engine/fold/fold.ts';
import { toSnapshot } from '../../engine/fold/snapshot.ts';
import type { ViewState } from '../../engine/fold/state.ts';
import type { StagelightEvent } from '../../engine/protocol.ts';
import { EventFollower } from './event-follower.ts';

const source = { kind: 'code' as const, source: '1', revision: 0 };
const OPENED: StagelightEvent = {
  type: 'notebookOpened',
  path: 'n.ts',
  cells: [
    { cellId: 'a', ...source },
    { cellId: 'b', ...source },
  ],
  time: 0,
};

function run(cellId: string, runId: string, time: number, ...texts: string[]): StagelightEvent[] {
  return [
    { type: 'cellStarted', cellId, runId, time, executionCount: 1, source: '1' },
    ...texts.map(
      (text): StagelightEvent => ({ type: 'cellOutput', cellId, runId, output: { kind: 'text', text } }),
    ),
  ];
}

const ended = (cellId: string, runId: string): StagelightEvent => ({
  type: 'cellFinished',
  cellId,
  runId,
  time: 99,
  status: 'ok',
});

function server(boot: string, events: StagelightEvent[]): ViewState {
  const view = createViewState(boot);
  for (const event of [OPENED, ...events]) fold(view, event);
  return view;
}

/** What a page shows that saw the first server and then joins the second. */
function joined(first: ViewState, second: ViewState): ViewState {
  const follower = new EventFollower();
  for (const view of [first, second]) {
    follower.beginJoin();
    const snapshot = JSON.parse(JSON.stringify(toSnapshot(view)));
    follower.acceptJoin({ ok: true, boot: view.boot, seq: 1, snapshot } as never);
  }
  return follower.view!;
}

const texts = (view: ViewState, cellId = 'a') =>
  view.cells.get(cellId)!.outputs.map((output) => 'text' in output && output.text);

test('a run that the next server never heard of stays, cut off, and the page says that it alone has it', () => {
  const view = joined(
    server('1', [...run('a', 'r1', 5, 'old'), ended('a', 'r1'), ...run('a', 'r2', 9, 'new')]),
    server('2', [...run('a', 'r1', 5, 'old'), ended('a', 'r1')]),
  );
  expect([texts(view), view.cells.get('a')!.status]).toEqual([['new'], 'aborted']);
  expect(view.notebook!.outputsError!.message).toBe('outputs of 1 cell are on this page alone');
  for (const event of run('a', 'r3', 12, 'again')) fold(view, event);
  expect(texts(view)).toEqual(['again']);
});

test('more of the same run stays', () => {
  const whole = [...run('a', 'r1', 5, 'one', 'two'), ended('a', 'r1')];
  const view = joined(server('1', whole), server('2', [...run('a', 'r1', 5, 'one')]));
  expect([texts(view), view.cells.get('a')!.status]).toEqual([['one', 'two'], 'ok']);
});

test('where the server knows as much or a later run, its view is shown and nothing is said', () => {
  const first = server('1', [...run('a', 'r1', 5, 'one'), ...run('b', 'r2', 6, 'two')]);
  const second = server('2', [
    ...run('a', 'r1', 5, 'one'),
    ended('a', 'r1'),
    ...run('b', 'r3', 8),
    ended('b', 'r3'),
  ]);
  const view = joined(first, second);
  expect([texts(view), texts(view, 'b')]).toEqual([['one'], []]);
  expect(view.notebook!.outputsError).toBeUndefined();
});

test('an output cleared on the same server is cleared', () => {
  const first = server('1', [...run('a', 'r1', 5, 'one'), ended('a', 'r1')]);
  expect(texts(joined(first, server('1', [])))).toEqual([]);
});
