import { expect, test } from 'vitest';
import { cssText } from './peer-flag.ts';

test('a name cannot end the text that it stands in', () => {
  expect(cssText('Ann B')).toBe('"Ann B"');
  expect(cssText('a"; } body{')).toBe('"a\\22 \\3b  \\7d  body\\7b "');
  expect(cssText('é\n\\')).toBe('"é\\a \\5c "');
});
