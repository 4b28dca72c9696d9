import { expect, test } from 'vitest';
import { analyzeCell } from './analyze-cell.ts';

const names = (source: string) => {
  const { definitions, references, error } = analyzeCell(source, 'c');
  expect(error).toBeUndefined();
  return `${definitions.join(' ')} <- ${references.join(' ')}`;
};

test.each([
  ['const a = 1, { b, c: [d], ...e } = f;', 'a b d e <- f'],
  ['let a: number = b as Words;', 'a <- b'],
  ['var a; for (var i = 0; i < n; i++) { let hidden = i; var deep = hidden; }', 'a i deep <- n'],
  ['function f(x: number) { return x + y; }\nclass K extends Base {}', 'f K <- y Base'],
  ["import fs, { readFile as read } from 'node:fs';\nimport * as path from 'node:path';", 'fs read path <- '],
  ["import type { T } from './t.ts';\ntype U = T;\ninterface V { w: U }", ' <- '],
  ['const shadow = 1; { const inner = shadow; inner; }', 'shadow <- '],
  ['await words.map((word) => [word, one]).collect();', ' <- words one'],
  ['Math.max(undefined as never, NaN); JSON.stringify({ key: value });', ' <- value'],
  ['count += 1; total = 3; later(() => { hidden = 2; });', 'count total <- count total later hidden'],
  ['({ a, b: c } = d);', 'a c <- a c d'],
  ['typeof maybe; obj.prop; obj[key]; label: for (;;) break label;', ' <- maybe obj key'],
  ['enum Color { Red = start }', 'Color <- start'],
  ['export const a = 1; export default b;', 'a <- b'],
  ['', ' <- '],
])('%j', (source, expected) => expect(names(source)).toBe(expected));

test('a text with a syntax error says where', () => {
  expect(analyzeCell('const a = 1;\nconst = 2;', 'c7')).toMatchObject({
    definitions: [],
    references: [],
    error: { code: 'SYNTAX', position: { file: 'cell:c7', line: 2 } },
  });
});
