import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dropIndex, gapAt, nextGap, selectedCells } from './cell-selection.ts';

const order = ['a', 'b', 'c', 'd'];

test('the selection reaches from its anchor to the active cell, either way', () => {
  expect(selectedCells(order, 'c', undefined)).toEqual(['c']);
  expect(selectedCells(order, 'c', 'a')).toEqual(['a', 'b', 'c']);
  expect(selectedCells(order, 'b', 'd')).toEqual(['b', 'c', 'd']);
  expect(selectedCells(order, 'b', 'gone')).toEqual(['b']);
  expect(selectedCells(order, 'gone', 'a')).toEqual([]);
  expect(selectedCells(order, undefined, undefined)).toEqual([]);
});

test('dropped cells land in the gap they were dropped into, together and in order', () => {
  fc.assert(
    fc.property(fc.subarray(order, { minLength: 1 }), fc.nat({ max: 4 }), (moved, gap) => {
      const index = dropIndex(order, moved, gap);
      const rest = order.filter((cellId) => !moved.includes(cellId));
      const after = index === undefined ? order : [...rest.slice(0, index), ...moved, ...rest.slice(index)];
      const above = order.slice(0, gap).filter((cellId) => !moved.includes(cellId));
      const first = after.indexOf(moved[0]!);
      expect(after.slice(0, first)).toEqual(above);
      expect(after.slice(first, first + moved.length)).toEqual(moved);
    }),
  );
});

test('a drop where they are moves nothing', () => {
  expect(dropIndex(order, ['b'], 1)).toBeUndefined();
  expect(dropIndex(order, ['b'], 2)).toBeUndefined();
  expect(dropIndex(order, ['b', 'c'], 2)).toBeUndefined();
  expect(dropIndex(order, ['a', 'c'], 1)).toBe(0);
});

test('keys go from gap to gap, past those in which nothing would move', () => {
  expect(nextGap(order, ['b'], 1, 1)).toBe(3);
  expect(nextGap(order, ['b'], 3, 1)).toBe(4);
  expect(nextGap(order, ['b'], 4, 1)).toBe(4);
  expect(nextGap(order, ['b'], 3, -1)).toBe(0);
  expect(nextGap(order, ['a'], 0, -1)).toBe(0);
  expect(nextGap(order, ['b', 'c'], 1, 1)).toBe(4);
  expect(nextGap(order, order, 0, 1)).toBe(0);
});

test('the gap is the one whose cell edges are nearest', () => {
  const cells = [
    { top: 0, bottom: 10 },
    { top: 20, bottom: 40 },
  ];
  expect([-5, 4, 6, 29, 31, 99].map((y) => gapAt(y, cells))).toEqual([0, 0, 1, 1, 2, 2]);
});
