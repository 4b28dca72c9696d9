/** A merge's marks in a notebook are found, also across cells, and any choice leaves exactly that side's text. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseNotebook, serializeNotebook } from '../../engine/kernel/notebook-file.ts';
import { type ConflictCell, type ConflictChoice, findConflicts, settleConflict } from './merge-conflicts.ts';

function read(text: string): ConflictCell[] {
  let n = 0;
  return parseNotebook(text, () => `new${++n}`).cells;
}

function settle(cells: readonly ConflictCell[], choice: ConflictChoice): ConflictCell[] {
  const edits = settleConflict(cells, findConflicts(cells)[0]!, choice);
  return cells.flatMap((cell) => {
    const edit = edits.find(({ cellId }) => cellId === cell.cellId);
    if (!edit) return [cell];
    return edit.type === 'editCell' ? [{ ...cell, source: edit.source }] : [];
  });
}
const sources = (cells: readonly ConflictCell[]) => cells.map(({ source }) => source);

const INSIDE = '// %% id="a"\nbefore\n<<<<<<< HEAD\nmine\n=======\ntheirs\n>>>>>>> branch\nafter\n';
const ACROSS =
  '// %% id="a"\nx\n\n<<<<<<< HEAD\n// %% id="b"\nmine\n=======\n// %% id="b"\ntheirs\n\n// %% id="c"\nnew\n>>>>>>> branch\n\n// %% id="d"\ny\n';

test('a conflict within a cell', () => {
  const cells = read(INSIDE);
  expect(findConflicts(cells)).toMatchObject([
    { mine: 'HEAD', theirs: 'branch', mineText: 'mine', theirsText: 'theirs', cellIds: ['a'] },
  ]);
  expect(sources(settle(cells, 'mine'))).toEqual(['before\nmine\nafter']);
  expect(sources(settle(cells, 'theirs'))).toEqual(['before\ntheirs\nafter']);
  expect(sources(settle(cells, 'both'))).toEqual(['before\nmine\ntheirs\nafter']);
});

test('a conflict across cells: those of the other side go', () => {
  const cells = read(ACROSS);
  expect(sources(settle(cells, 'mine'))).toEqual(['x\n', 'mine', 'y']);
  expect(sources(settle(cells, 'theirs'))).toEqual(['x\n', 'theirs', 'new', 'y']);
  expect(sources(settle(cells, 'both'))).toEqual(['x\n', 'mine', 'theirs', 'new', 'y']);
});

test('a conflict with its ancestor, and two of them', () => {
  const cells = read(
    `${INSIDE.replace('=======', '||||||| base\nold\n=======')}\n${INSIDE.replace('"a"', '"z"')}`,
  );
  const [first, second] = findConflicts(cells);
  expect([first!.cellIds, second!.cellIds]).toEqual([['a'], ['z']]);
  expect(sources(settle(cells, 'both'))[0]).toBe('before\nmine\ntheirs\nafter');
});

test.each([
  'const a = 1;\n=======\n',
  '<<<<<<< HEAD\nno end\n=======\n',
  '>>>>>>> only an end\n',
  'a <<<<<<< b\n=======\n>>>>>>> c\n',
])('%j is no conflict', (text) => {
  expect(findConflicts(read(text))).toEqual([]);
});

test.each([INSIDE, ACROSS, ACROSS.replaceAll('\n', '\r\n')])(
  'saving a file with marks keeps them',
  (text) => {
    const saved = serializeNotebook(parseNotebook(text, () => 'other'));
    const marks = (of: string) => of.split(/\r?\n/).filter((line) => /^(<{7}|={7}|>{7})/.test(line));
    expect(marks(saved)).toEqual(marks(text));
    expect(saved.replace(/(\n\/\/ %%) id="other"/g, '$1 id="b"')).toBe(text);
  },
);

test('git would settle it the same way', () => {
  const word = fc.constantFrom('p', 'q', 'r');
  const lines = fc.array(fc.oneof(word, fc.constantFrom('// %% id="s"', '// %% id="t"')), { maxLength: 4 });
  fc.assert(
    fc.property(lines, lines, lines, lines, (before, mine, theirs, after) => {
      const text = (...parts: string[][]) => ['// %% id="a"', 'z', ...parts.flat(), 'end'].join('\n');
      const cells = read(text(before, ['<<<<<<< m', ...mine, '=======', ...theirs, '>>>>>>> t'], after));
      const settled = { mine: text(before, mine, after), theirs: text(before, theirs, after) };
      for (const choice of ['mine', 'theirs'] as const)
        expect(sources(settle(cells, choice))).toEqual(sources(read(settled[choice])));
    }),
  );
});
