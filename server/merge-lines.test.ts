/** Our merge of lines against node-diff3: the same text, the same places left to the user. */
import fc from 'fast-check';
import { diff3Merge } from 'node-diff3';
import { expect, test } from 'vitest';
import { mergeLines } from './merge-lines.ts';

const NAMES = { mine: 'm', theirs: 't' };

test.each([
  ['a b c', 'A b c', 'a b C', 'A b C'],
  ['a b c', 'a b c', 'a x b c', 'a x b c'],
  ['a b c', 'b c', 'a b c d', 'b c d'],
  ['a b c', 'A b c', 'A b c', 'A b c'],
  ['a b c', 'A b c', 'X b c', '<<<<<<<_m A ======= X >>>>>>>_t b c'],
  ['a b c', 'A b c', 'a B c', '<<<<<<<_m A b ======= a B >>>>>>>_t c'],
  ['a', 'a x', 'a y', 'a <<<<<<<_m x ======= y >>>>>>>_t'],
  ['', 'x', '', 'x'],
])('%s here %s there %s is %s', (base, mine, theirs, merged) => {
  const text = (words: string) => words.replaceAll(' ', '\n').replaceAll('_', ' ');
  expect(mergeLines(text(base), text(mine), text(theirs), NAMES).text).toBe(text(merged));
});

const edited = fc.array(
  fc.record({
    at: fc.nat(11),
    remove: fc.nat(2),
    insert: fc.array(fc.constantFrom('new1', 'new2'), { maxLength: 2 }),
  }),
  { maxLength: 2 },
);
const base = Array.from({ length: 12 }, (_, i) => `L${i}`);
function apply(edits: { at: number; remove: number; insert: string[] }[]): string[] {
  const lines = [...base];
  for (const { at, remove, insert } of edits) lines.splice(at, remove, ...insert);
  return lines;
}

test('it is what node-diff3 merges, and one side alone always wins', () => {
  fc.assert(
    fc.property(edited, edited, (left, right) => {
      const [mine, theirs] = [apply(left), apply(right)];
      const merge = (a: string[], b: string[]) =>
        mergeLines(base.join('\n'), a.join('\n'), b.join('\n'), NAMES);
      const { text, conflicts } = merge(mine, theirs);
      const oracle = diff3Merge(mine, base, theirs, { excludeFalseConflicts: true });
      if (conflicts === 0) expect(text).toBe(oracle.flatMap(({ ok }) => ok ?? []).join('\n'));
      const both = text.split('\n');
      for (const line of [...mine, ...theirs].filter((l) => !base.includes(l))) expect(both).toContain(line);
      expect(merge(mine, base)).toEqual({ text: mine.join('\n'), conflicts: 0 });
      expect(merge(base, theirs)).toEqual({ text: theirs.join('\n'), conflicts: 0 });
      expect(merge(mine, mine)).toEqual({ text: mine.join('\n'), conflicts: 0 });
    }),
  );
});

test('texts too long to compare are kept whole, both', () => {
  const long = (sign: string) => Array.from({ length: 3000 }, (_, i) => `${sign}${i}`).join('\n');
  const { text, conflicts } = mergeLines(long('a'), long('b'), long('c'), NAMES);
  expect(conflicts).toBe(1);
  expect(text).toContain(long('b'));
  expect(text).toContain(long('c'));
});
