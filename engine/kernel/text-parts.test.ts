import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutText, joinText, splitBounds } from './text-parts.ts';

const texts = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '\n'), maxLength: 8 }), {
  minLength: 1,
  maxLength: 5,
});

test('what is joined is cut into the same parts again', () => {
  fc.assert(
    fc.property(texts, (parts) => {
      const gaps = parts.slice(1).map(() => '\n');
      const { text, bounds } = joinText(parts, gaps);
      expect(cutText(text, text, bounds)).toEqual({ pieces: parts, gaps });
    }),
  );
});

test('whatever was done to a joined text, cutting loses nothing of it but the gaps it says', () => {
  fc.assert(
    fc.property(texts, fc.nat(), fc.nat(), fc.string(), (parts, from, length, typed) => {
      const { text, bounds } = joinText(
        parts,
        parts.slice(1).map(() => '\n'),
      );
      const at = from % (text.length + 1);
      const current = text.slice(0, at) + typed + text.slice(at + (length % 5));
      const { pieces, gaps } = cutText(text, current, bounds);
      expect(pieces).toHaveLength(parts.length);
      expect(joinText(pieces, gaps).text).toBe(current);
    }),
    { numRuns: 500 },
  );
});

test.each([
  ['typed into the first part', 'one!\ntwo', ['one!', 'two']],
  ['typed into the second', 'one\ntwo!', ['one', 'two!']],
  ['typed at its start', 'one\n!two', ['one', '!two']],
  ['the line end deleted', 'onetwo', ['one', 'two']],
  ['typed around the line end', 'one, \nnot two', ['one', ', \nnot two']],
  ['another text', 'three', ['', 'three']],
])('%s', (_what, current, pieces) => {
  const { text, bounds } = joinText(['one', 'two'], ['\n']);
  expect(cutText(text, current, bounds).pieces).toEqual(pieces);
});

test.each([
  ['one\ntwo', 3, ['one', 'two']],
  ['one\ntwo', 4, ['one', 'two']],
  ['one\n\ntwo', 4, ['one', '\ntwo']],
  ['one two', 3, ['one', ' two']],
  ['one', 0, ['', 'one']],
  ['one', 99, ['one', '']],
])('%j split at %i', (text, offset, pieces) => {
  expect(splitBounds(text, offset).map(({ start, end }) => text.slice(start, end))).toEqual(pieces);
});
