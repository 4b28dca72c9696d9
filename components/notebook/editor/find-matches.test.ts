import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type FindQuery, findMatches, findPattern, findsOnlyPlaces, replacementOf } from './find-matches.ts';

const query = (text: string, more: Partial<FindQuery> = {}): FindQuery => ({
  text,
  matchCase: false,
  wholeWord: false,
  regex: false,
  ...more,
});

function found(text: string, asked: FindQuery): string[] {
  const pattern = findPattern(asked);
  return pattern instanceof RegExp
    ? findMatches(text, pattern).map(({ start, end }) => text.slice(start, end))
    : [];
}

test('case, whole words and regular expressions', () => {
  expect(found('Word word sword', query('word'))).toEqual(['Word', 'word', 'word']);
  expect(found('Word word sword', query('word', { matchCase: true }))).toEqual(['word', 'word']);
  expect(found('Word word sword', query('word', { wholeWord: true }))).toEqual(['Word', 'word']);
  expect(found('a.b axb', query('a.b'))).toEqual(['a.b']);
  expect(found('a.b axb', query('a.b', { regex: true }))).toEqual(['a.b', 'axb']);
  expect(found('größe größer', query('größe', { wholeWord: true }))).toEqual(['größe']);
  expect(found('one\ntwo', query('^t', { regex: true }))).toEqual(['t']);
});

test('nothing to find, nothing that could be shown, no regular expression', () => {
  expect(findPattern(query(''))).toBeUndefined();
  expect(found('abc', query('x*', { regex: true }))).toEqual([]);
  expect(findPattern(query('(', { regex: true }))).toMatch(/Unterminated group/);
});

test('replacements name groups in regular expressions only', () => {
  const [match] = findMatches('map(a, b)', /(\w+), (\w+)/gu);
  expect(replacementOf(match!, '$2, $1', true)).toBe('b, a');
  expect(replacementOf(match!, '[$&] $$1 $3 \\n', true)).toBe('[a, b] $1 $3 \n');
  expect(replacementOf(match!, '$1\\n', false)).toBe('$1\\n');
  expect(replacementOf(match!, '$12 $20 $99', true)).toBe('a2 b0 $99');
  expect(replacementOf(match!, '$<name>', true)).toBe('$<name>');
  const [named] = findMatches('map(a, b)', /(?<left>\w+), (?<right>\w+)/gu);
  expect(replacementOf(named!, '$<right>, $<left>$<none>', true)).toBe('b, a');
});

test('places without a character are told apart from no place at all', () => {
  expect(findsOnlyPlaces('a\nb', /^/gmu)).toBe(true);
  expect(findsOnlyPlaces('a\nb', /^b*/gmu)).toBe(false);
  expect(findsOnlyPlaces('a\nb', /x/gmu)).toBe(false);
});

test('plain text is found where indexOf finds it, one after the other', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '(', ' ') });
  fc.assert(
    fc.property(text, text, (haystack, needle) => {
      const expected: number[] = [];
      for (
        let at = needle ? haystack.indexOf(needle) : -1;
        at >= 0;
        at = haystack.indexOf(needle, at + needle.length)
      )
        expected.push(at);
      const pattern = findPattern(query(needle, { matchCase: true }));
      const starts =
        pattern instanceof RegExp ? findMatches(haystack, pattern).map(({ start }) => start) : [];
      expect(starts).toEqual(expected);
    }),
  );
});
