/** A long text below its cell: bounded, its ends right, and the numbers add up. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { partOf, ROW_CHARACTERS, rowsOf } from './output-part.ts';

const lines = (count: number) => Array.from({ length: count }, (_, i) => `line ${i}\n`).join('');

test('a short text is shown whole', () => {
  expect(partOf('a\nb\n')).toEqual({ head: 'a\nb\n' });
});

test('of many lines the first and the last are shown', () => {
  const { head, cut } = partOf(lines(10_000));
  expect(head.startsWith('line 0\n')).toBe(true);
  expect(head.endsWith('line 199\n')).toBe(true);
  expect(cut!.tail.startsWith('line 9700\n')).toBe(true);
  expect(cut).toMatchObject({ shownLines: 500, lines: 10_000 });
});

test('one line of 200 KB is cut by its characters', () => {
  const { head, cut } = partOf('x'.repeat(200_000));
  expect(head.length + cut!.tail.length).toBe(50_000);
  expect(cut).toMatchObject({ shownCharacters: 50_000, characters: 200_000, lines: 1 });
});

test('whatever the text, little of it is drawn, its ends are its own, and rows hold all of it', () => {
  const piece = fc.oneof(
    fc.constant('\n'),
    fc.string(),
    fc.integer({ min: 1, max: 30_000 }).map((n) => 'y'.repeat(n)),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), fc.integer({ min: 1, max: 40 }), (pieces, times) => {
      const text = pieces.join('').repeat(times);
      const { head, cut } = partOf(text);
      const tail = cut?.tail ?? '';
      expect(text.startsWith(head) && text.endsWith(tail)).toBe(true);
      expect(head.length + tail.length).toBeLessThanOrEqual(50_000);
      if (!cut) expect(head).toBe(text);
      const rows = rowsOf(text);
      expect(rows.every((row) => row.length <= ROW_CHARACTERS)).toBe(true);
      expect(rows.join('')).toBe(text.replaceAll('\n', ''));
    }),
    { numRuns: 60 },
  );
});
