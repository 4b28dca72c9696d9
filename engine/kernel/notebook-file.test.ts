import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type FileCell, parseNotebook, serializeNotebook } from './notebook-file.ts';

function counter(): () => string {
  let n = 0;
  return () => `new${++n}`;
}

const line = fc.oneof(
  fc.constantFrom(
    '',
    '// %%',
    '// %% [markdown]',
    '%%',
    '%% id="x"',
    '\\%%',
    '// \\%%',
    '// \\\\%% a',
    '//',
    '// ',
    ' ',
  ),
  fc.string({ unit: 'grapheme' }).filter((text) => !/[\r\n]/.test(text)),
);
const cell = fc.record({
  kind: fc.constantFrom<'code' | 'markdown'>('code', 'markdown'),
  source: fc.array(line, { maxLength: 6 }).map((lines) => lines.join('\n')),
  markerText: fc.constantFrom('', 'A title', 'tags="slow"', '[sql]'),
});
const cells = fc
  .array(cell, { minLength: 1, maxLength: 6 })
  .map((list) => list.map((c, i): FileCell => ({ cellId: `c${i}`, ...c })));

test('writing and reading gives the same cells, whatever their text', () => {
  fc.assert(
    fc.property(cells, fc.constantFrom<'\n' | '\r\n'>('\n', '\r\n'), (list, eol) => {
      const text = serializeNotebook({ cells: list, eol });
      expect(parseNotebook(text, counter()).cells).toEqual(list);
    }),
  );
});

test('any text opens, and what is read is then written and read unchanged', () => {
  fc.assert(
    fc.property(
      fc.array(line).map((lines) => lines.join('\n')),
      (text) => {
        const first = parseNotebook(text, counter());
        const again = parseNotebook(serializeNotebook(first), counter());
        expect(again.cells).toEqual(first.cells);
      },
    ),
  );
});

test('a script without markers is one code cell', () => {
  expect(parseNotebook('const a = 1;\nconsole.log(a);\n', counter()).cells).toEqual([
    { cellId: 'new1', kind: 'code', source: 'const a = 1;\nconsole.log(a);', markerText: '' },
  ]);
});

test('a file with conflict markers still opens, the markers in its cells', () => {
  const text = '// %% id="a"\n<<<<<<< ours\nconst x = 1;\n=======\nconst x = 2;\n>>>>>>> theirs\n';
  expect(parseNotebook(text, counter()).cells[0]!.source).toContain('<<<<<<< ours\nconst x = 1;');
});

test('a repeated id is given to the first cell only', () => {
  const { cells: read } = parseNotebook('// %% id="a"\n1\n\n// %% id="a"\n2\n', counter());
  expect(read.map(({ cellId }) => cellId)).toEqual(['a', 'new1']);
});

test('markdown is read from behind its comment signs', () => {
  const { cells: read } = parseNotebook(
    '// %% [markdown] id="m"\n// # Title\n//\n// text */ glob/**\n',
    counter(),
  );
  expect(read[0]).toEqual({
    cellId: 'm',
    kind: 'markdown',
    source: '# Title\n\ntext */ glob/**',
    markerText: '',
  });
});
