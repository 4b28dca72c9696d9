/** What did not change keeps its identity from one picture to the next; what changed is a copy. */
import { expect, it } from 'vitest';
import { createViewState, fold } from '../../engine/fold/fold.ts';
import type { StagelightEvent } from '../../engine/protocol.ts';
import { publishView } from './published-view.ts';

it('shares untouched cells and copies touched ones', () => {
  const view = createViewState('b');
  const cells = ['a', 'b'].map((cellId) => ({ cellId, kind: 'code' as const, source: '', revision: 0 }));
  fold(view, { type: 'notebookOpened', path: 'n.ts', cells, time: 0 });
  const first = publishView(undefined, view);
  expect(publishView(first, view)).toBe(first);
  fold(view, { type: 'cellEdited', cellId: 'b', source: 'x', revision: 1 });
  const second = publishView(first, view);
  expect(second.cells.get('a')).toBe(first.cells.get('a'));
  expect(second.cells.get('b')).not.toBe(first.cells.get('b'));
  expect(first.cells.get('b')?.source).toBe('');
  expect(second.cells.get('b')?.source).toBe('x');
  expect(second.cellOrder).toBe(first.cellOrder);
  expect(second.jobs).toBe(first.jobs);
  expect(second.kernel).toBe(first.kernel);
});

it('tells every change of a stage, also those without a task', () => {
  const view = createViewState('b');
  const stage = {
    stageId: 0,
    attempt: 0,
    kind: 'result' as const,
    name: '',
    numTasks: 2,
    parentIds: [],
    rdds: [],
  };
  fold(view, { type: 'stageSubmitted', stage, jobIds: [], time: 0 });
  const at = { stageId: 0, stageAttempt: 0, executorId: '1', time: 1, reason: '' };
  const changes: StagelightEvent[] = [
    { type: 'speculativeTaskSubmitted', index: 0, partition: 0, ...at },
    { type: 'executorExcluded', failedTasks: 1, ...at },
    {
      type: 'adaptivePlan',
      stageId: 0,
      attempt: 0,
      time: 1,
      kind: 'coalesce',
      reason: '',
      partitions: 2,
      tasks: 1,
    },
    {
      type: 'accumulated',
      stageId: 0,
      attempt: 0,
      time: 2,
      values: [{ id: 1, name: 'n', update: '1', value: '1' }],
    },
  ];
  let picture = publishView(undefined, view);
  for (const change of changes) {
    fold(view, change);
    const next = publishView(picture, view);
    expect(next.stages.get('0.0'), change.type).not.toBe(picture.stages.get('0.0'));
    expect(next.stages.get('0.0'), change.type).toEqual(view.stages.get('0.0'));
    picture = next;
  }
  fold(view, { type: 'kernelStatus', status: 'idle', time: 3 });
  expect(publishView(picture, view).stages).toBe(picture.stages);
});
