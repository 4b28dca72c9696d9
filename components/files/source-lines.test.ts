import { expect, test } from 'vitest';
import { firstShown, LINES_SHOWN } from './source-lines.tsx';

test('a marked line is among those shown, in the middle where there are lines enough', () => {
  expect(firstShown(10, 7)).toBe(0);
  expect(firstShown(LINES_SHOWN, LINES_SHOWN)).toBe(0);
  expect(firstShown(300_000, 0)).toBe(0);
  expect(firstShown(300_000, 1)).toBe(0);
  expect(firstShown(300_000, 150_000)).toBe(149_999 - LINES_SHOWN / 2);
  expect(firstShown(300_000, 300_000)).toBe(300_000 - LINES_SHOWN);
});
