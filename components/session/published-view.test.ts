/** What did not change keeps its identity from one picture to the next; what changed is a copy. */
import { expect, it } from 'vitest';
import { createViewState, fold } from '../../engine/fold/fold.ts';
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
