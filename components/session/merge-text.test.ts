/** Differences that rebuild the text, and merges that lose nothing of either side. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { diffText, type Hunk } from './diff-text.ts';
import { mergeText } from './merge-text.ts';

const patched = (old: string, hunks: Hunk[]) => {
  let text = '';
  let at = 0;
  for (const hunk of hunks) {
    expect(hunk.start).toBeGreaterThanOrEqual(at);
    text += old.slice(at, hunk.start) + hunk.text;
    at = hunk.end;
  }
  return text + old.slice(at);
};
const texts = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\n', '.', '😀', '\uD83D'), maxLength: 30 });

describe('differences', () => {
  test('make the new text of the old one', () => {
    fc.assert(
      fc.property(texts, texts, (old, text) => {
        expect(patched(old, diffText(old, text))).toBe(text);
      }),
    );
  });

  test('are as small as what was typed', () => {
    expect(diffText('foo bar baz', 'foo1 bar 2baz')).toEqual([
      { start: 3, end: 3, text: '1' },
      { start: 8, end: 8, text: '2' },
    ]);
    expect(diffText('x = 1;\ny = 2;\n', 'x = 10;\ny = 2;\nz = 3;\n')).toEqual([
      { start: 5, end: 5, text: '0' },
      { start: 14, end: 14, text: 'z = 3;\n' },
    ]);
    expect(diffText('a😀b', 'a😁b')).toEqual([{ start: 1, end: 3, text: '😁' }]);
  });

  test('of long texts with nothing in common are found without comparing everything with everything', () => {
    const lines = (word: string) => Array.from({ length: 20_000 }, (_, i) => `${word} ${i}`).join('\n');
    expect(patched(lines('a'), diffText(lines('a'), lines('b')))).toBe(lines('b'));
  });
});

describe('a merge', () => {
  test.each<[name: string, base: string, mine: string, theirs: string, merged: string | undefined]>([
    ['takes both of two places', 'one two', 'ONE two', 'one TWO', 'ONE TWO'],
    ['takes both of one word', 'foo', 'fooX', 'Yfoo', 'YfooX'],
    ['puts insertions at one place side by side, theirs first', 'a', 'a mine', 'a theirs', 'a theirs mine'],
    ['takes a text that both typed once', 'a', 'a same', 'a same', 'a same'],
    ['takes what goes on from a text whose answer was lost', 'a', 'abcd', 'abc', 'abcd'],
    ['takes what another added to such a text', 'a', 'abc', 'abcd', 'abcd'],
    ['keeps what was put into a part that they removed', 'f(one, two)', 'f(one, NEW two)', 'f()', 'f(NEW )'],
    ['removes what either removed', 'abc def ghi', 'abc ghi', 'abc def', 'abc '],
    ['leaves two new words for one to the user', 'x = one', 'x = two', 'x = three', undefined],
    ['keeps lines apart', 'a\nb\nc\n', 'a1\nb\nc\n', 'a\nb\nc2\n', 'a1\nb\nc2\n'],
  ])('%s', (_name, base, mine, theirs, merged) => expect(mergeText(base, mine, theirs)).toBe(merged));

  const tagged = (letter: string) =>
    fc
      .array(fc.tuple(fc.nat(20), fc.nat(4), fc.boolean()), { maxLength: 5 })
      .map((edits) => (base: string) => {
        let text = base;
        edits.forEach(([at, length, insert], i) => {
          const start = Math.min(at, text.length);
          text =
            text.slice(0, start) +
            (insert ? `${letter}${i}` : '') +
            text.slice(start + (insert ? 0 : length));
        });
        return text;
      });

  test('loses no character that either side put in', () => {
    fc.assert(
      fc.property(texts, tagged('M'), tagged('T'), (base, editMine, editTheirs) => {
        const [mine, theirs] = [editMine(base), editTheirs(base)];
        const merged = mergeText(base, mine, theirs);
        if (merged === undefined) return;
        for (const [side, letter] of [
          [mine, 'M'],
          [theirs, 'T'],
        ] as const) {
          const count = (text: string) => text.split(letter).length - 1;
          expect(count(merged)).toBe(count(side));
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('with one side unchanged is the other side', () => {
    fc.assert(
      fc.property(texts, texts, (base, text) => {
        expect(mergeText(base, base, text)).toBe(text);
        expect(mergeText(base, text, base)).toBe(text);
        expect(mergeText(base, text, text)).toBe(text);
      }),
    );
  });
});
