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

const end = fc.constantFrom('\n', '\n', '\r\n');
const bodyLine = line.filter((text) => !/^\/\/ %%(?!\S)/.test(text));
const title = fc.constantFrom(
  '',
  ' A title',
  ' [markdown]',
  ' Title [md] tags=["x"]',
  ' [sql]',
  ' {"a": 1}',
  '  spaced   out ',
);
const fileText = fc
  .record({
    mark: fc.constantFrom('', '\uFEFF'),
    head: fc.constantFrom(
      '',
      '#!/usr/bin/env stagelight\n',
      '// ---\n// jupyter:\n//   x: 1\n// ---\n',
      '/* a\n licence */\n\n',
      '// c\r\n',
    ),
    cells: fc.array(fc.record({ title, end, body: fc.array(fc.tuple(bodyLine, end), { maxLength: 5 }) }), {
      minLength: 1,
      maxLength: 5,
    }),
    cut: fc.boolean(),
  })
  .map(({ mark, head, cells: list, cut }) => {
    const text = list.map(
      (c, i) => `// %%${c.title} id="c${i}"${c.end}${c.body.map((pair) => pair.join('')).join('')}`,
    );
    const whole = mark + head + text.join('');
    return cut ? whole.replace(/\r?\n$/, '') : whole;
  });

test('a file whose cells have ids is written back to the byte, whatever its line ends, blank lines and head', () => {
  fc.assert(
    fc.property(fileText, (text) => {
      expect(serializeNotebook(parseNotebook(text, counter()))).toBe(text);
    }),
  );
});

test('after any change of its cells it is read as those cells, and the other cells are still written as they were', () => {
  fc.assert(
    fc.property(
      fileText,
      fc.nat(),
      fc.array(cell, { maxLength: 2 }),
      fc.boolean(),
      (text, at, inserted, reverse) => {
        const file = parseNotebook(text, counter());
        const changed = file.cells.map((c, i) =>
          i === at % file.cells.length ? { ...c, source: `${c.source}x\n` } : c,
        );
        const added = inserted.map((c, i): FileCell => ({ cellId: `new-${i}`, ...c }));
        const list = [...changed, ...added];
        if (reverse) list.reverse();
        const written = serializeNotebook({ ...file, cells: list });
        expect(parseNotebook(written, counter()).cells).toEqual(list);
        expect(written.startsWith(file.layout!.head)).toBe(true);
        for (const { cellId } of file.cells) {
          const { marker, body } = file.layout!.pieces.get(cellId)!;
          const isChanged = cellId === file.cells[at % file.cells.length]!.cellId;
          expect(written).toContain((marker! + (isChanged ? '' : body)).replace(/\r?\n$/, ''));
        }
      },
    ),
  );
});

test.each([
  [
    'a byte order mark, a hashbang and a comment',
    '\uFEFF#!/usr/bin/env x\n// Licence\n\n// %% id="a"\n1\n',
    ['1'],
  ],
  ['the header of Jupytext', '// ---\n// jupyter:\n//   jupytext: {}\n// ---\n\n// %% id="a"\n1\n', ['1']],
  ['code in front of the first marker', 'import x;\n\n// %% id="a"\n1\n', ['import x;', '1']],
  ['a hashbang in front of a script', '#!/usr/bin/env x\n1\n', ['1']],
  ['a comment that ends in code', '/* a */ b();\n// %% id="a"\n1\n', ['/* a */ b();', '1']],
  ['nothing', '', ['']],
  ['one marker alone', '// %% id="a"', ['']],
])('a file with %s', (_what, text, sources) => {
  const file = parseNotebook(text, counter());
  expect(file.cells.map(({ source }) => source)).toEqual(sources);
  const again = parseNotebook(serializeNotebook(file), counter());
  expect(again.cells.map(({ source }) => source)).toEqual(sources);
});

test('kinds and titles are read as Jupytext writes them, and other kinds are kept', () => {
  const markers = [
    '// %% My title [markdown] tags=["a"] id="a"',
    '// %% [md] id="b"',
    '// %% [sql] id="c"',
    '// %% x="[md]" id="d"',
  ];
  const { cells: read } = parseNotebook(`${markers.join('\n\n')}\n`, counter());
  expect(read.map(({ kind, markerText }) => [kind, markerText])).toEqual([
    ['markdown', 'My title tags=["a"]'],
    ['markdown', ''],
    ['code', '[sql]'],
    ['code', 'x="[md]"'],
  ]);
  expect(serializeNotebook({ cells: read, eol: '\n' }).match(/.*%%.*/g)).toEqual([
    markers[0],
    '// %% [markdown] id="b"',
    ...markers.slice(2),
  ]);
});

test('a cell without id gets one in its own marker, a copied cell another, and nothing else changes', () => {
  const text = '// %%  first   cell\r\n1\r\n// %% id="a" x="y"\n2\n\n// %% id="a" x="y"\n3';
  expect(serializeNotebook(parseNotebook(text, counter()))).toBe(
    '// %%  first   cell id="new1"\r\n1\r\n// %% id="a" x="y"\n2\n\n// %% x="y" id="new2"\n3',
  );
});

test('marks of a merge stay marks in a Markdown cell that is edited, and its own rules stay text', () => {
  const text =
    '// %% [markdown] id="m"\n<<<<<<< HEAD\n// ours\n=======\n// theirs\n>>>>>>> branch\n// =======\n';
  const file = parseNotebook(text, counter());
  const cells = file.cells.map((c) => ({ ...c, source: `${c.source}\nmore` }));
  expect(serializeNotebook({ ...file, cells })).toBe(`${text}// more\n`);
});
