import { expect, test } from 'vitest';
import type { StaleReason } from '../../../engine/protocol.ts';
import { alsoRunWords, staleWords } from './stale-words.ts';

const order = ['a', 'b', 'c', 'd'];

test.each<[StaleReason, string]>([
  [{ kind: 'kernel', restarted: true }, 'the kernel was restarted since it ran'],
  [{ kind: 'kernel', restarted: false }, 'the kernel it ran in has ended'],
  [{ kind: 'edited' }, 'this cell was edited since it ran'],
  [{ kind: 'cut' }, 'its run was interrupted'],
  [{ kind: 'changed', names: ['words'], cellId: 'c' }, '`words` changed in cell 3'],
  [
    { kind: 'inputEdited', names: ['words', 'n'], cellId: 'c' },
    'cell 3, which defines `words` and `n`, was edited',
  ],
  [
    { kind: 'inputStale', names: ['x', 'y', 'z'], cellId: 'a' },
    'cell 1, which defines `x`, `y` and `z`, is stale',
  ],
  [{ kind: 'otherCell', names: ['x'], cellId: 'b' }, 'cell 2 defines `x` now'],
  [
    { kind: 'otherCell', names: ['x'], cellId: 'b', cameFrom: 'a' },
    'it used `x` of cell 1; in order it is that of cell 2',
  ],
  [
    { kind: 'otherCell', names: ['x'], cellId: 'b', cameFrom: 'd' },
    'it used `x` of its own earlier run; in order it is that of cell 2',
  ],
  [{ kind: 'deleted', names: ['x'], place: 1 }, 'cell 2 was deleted, which defined `x`'],
  [{ kind: 'deleted', names: ['x'] }, 'a cell was deleted, which defined `x`'],
  [{ kind: 'undefined', names: ['x'], cellId: 'b' }, 'cell 2 does not define `x` any more'],
  [{ kind: 'changed', names: ['x'], cellId: 'gone' }, '`x` changed in a deleted cell'],
])('%j', (reason, words) => expect(staleWords(reason, order, 'd')).toBe(words));

test('why a fresh cell runs too', () => {
  expect(alsoRunWords({ cellId: 'a', reason: 'defines', names: ['x', 'y'] })).toBe(
    'to define `x` and `y` for them',
  );
  expect(alsoRunWords({ cellId: 'a', reason: 'uses', names: ['x'] })).toBe('because `x` will change');
});
