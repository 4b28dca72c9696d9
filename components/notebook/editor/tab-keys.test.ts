import { expect, test } from 'vitest';
import { tabMeaning } from './tab-keys.ts';

test.each([
  ['', false, false],
  ['    ', false, false],
  ['wor', true, true],
  ['words.', true, true],
  ['  größe', true, true],
  ['$', true, true],
  ['words.map(', false, true],
  ['const x = ', false, true],
])('behind %j', (before, completes, explains) => {
  expect(tabMeaning(before)).toEqual({ completes, explains });
});
