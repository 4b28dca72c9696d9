import { expect, test } from 'vitest';
import { CODE_PADDING, LINE_HEIGHT, shownHeight, shownHeightOf } from './editor-metrics.ts';

const lines = (count: number) => 'x\n'.repeat(count - 1);

test('a cell is as high as its text', () => {
  for (const count of [1, 2, 30, 1000])
    expect(shownHeightOf(lines(count))).toBe(count * LINE_HEIGHT + 2 * CODE_PADDING);
});

test('a text of more than a thousand lines scrolls in a window that fits a screen', () => {
  expect(shownHeightOf(lines(1001))).toBe(shownHeightOf(lines(30)));
  expect(shownHeightOf(lines(30_000))).toBeLessThan(700);
  // What an editor measured, wrapped lines and all, is held to the same.
  expect(shownHeight(1_000_000)).toBe(shownHeightOf(lines(30_000)));
});
