/** To Jupyter's format and back: cells and outputs stay what they are; foreign notebooks are read as far as they go. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { StagelightError } from '../errors.ts';
import type { CellOutput, JsonNode } from '../protocol.ts';
import { exportIpynb } from './export-ipynb.ts';
import { importIpynb } from './import-ipynb.ts';
import type { CellWithOutputs } from './ipynb.ts';

const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
const columnType = fc.constantFrom<'number' | 'string' | 'date' | 'bigint' | 'json'>(
  'number',
  'string',
  'date',
  'bigint',
  'json',
);
const text = fc.string({ unit: 'grapheme', maxLength: 40 });
const output: fc.Arbitrary<CellOutput> = fc.oneof(
  fc.record({
    kind: fc.constant('stream' as const),
    stream: fc.constantFrom<'stdout' | 'stderr'>('stdout', 'stderr'),
    text,
  }),
  fc.record({
    kind: fc.constant('stream' as const),
    stream: fc.constant('stdout' as const),
    text,
    dropped: fc.integer({ min: 1 }),
  }),
  fc.record({ kind: fc.constant('text' as const), text }),
  fc.record({
    kind: fc.constant('text' as const),
    text,
    truncated: fc.constant({ shown: 1, total: 9, unit: 'characters' as const }),
  }),
  fc.record({
    kind: fc.constant('json' as const),
    value: fc.constant<JsonNode>({ t: 'array', c: [['0', 1]] }),
    text,
  }),
  fc.record({ kind: fc.constant('html' as const), html: text }),
  fc.record({ kind: fc.constant('markdown' as const), text }),
  fc.record({
    kind: fc.constant('image' as const),
    mime: fc.constantFrom<'image/png' | 'image/svg+xml'>('image/png', 'image/svg+xml'),
    base64: fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('base64')),
  }),
  fc
    .tuple(
      fc.array(fc.tuple(fc.constantFrom('a', 'b', 'a_2', '1', '__proto__', 'é "'), columnType), {
        maxLength: 4,
      }),
      fc.nat(3),
      fc.boolean(),
    )
    .chain(([names, rows, isCut]) =>
      fc.record({
        kind: fc.constant('table' as const),
        columns: fc.constant(names.map(([name, type]) => ({ name, type }))),
        rows: fc.array(fc.array(scalar, { minLength: names.length, maxLength: names.length }), {
          minLength: rows,
          maxLength: rows,
        }),
        ...(isCut
          ? { total: fc.constant(99), preview: fc.constant('RDD'), nested: fc.constant({ '0:0': 1 }) }
          : {}),
      }),
    ),
  fc.record({
    kind: fc.constant('error' as const),
    error: fc.constant({
      code: 'USER',
      name: 'TypeError',
      message: 'x is not a function',
      hint: 'Call one.',
      position: { file: 'cell:a', cellId: 'a', line: 1, column: 2 },
      cause: { code: 'USER', name: 'Error', message: 'inner' },
    }),
  }),
);
const source = fc
  .array(fc.constantFrom('const x = 1;', '', '  // %% no', 'é🎉', '`a` ]('), { maxLength: 5 })
  .map((l) => l.join('\n'));
const cell = fc.oneof(
  fc.record({
    kind: fc.constant('markdown' as const),
    source,
    markerText: fc.constantFrom('', 'tags="x"'),
    outputs: fc.constant([]),
  }),
  fc.record({
    kind: fc.constant('code' as const),
    source,
    markerText: fc.constantFrom('', 'A title', '[sql]'),
    outputs: fc.array(output, { maxLength: 4 }),
    executionCount: fc.nat(),
    stale: fc.constant(true),
  }),
  fc.record({
    kind: fc.constant('code' as const),
    source: source.map((s) => s.replace(/^(?!$)/gm, '// ').replace(/^$/gm, '//')),
    markerText: fc.constantFrom('[raw]', '[raw] format="x"'),
    outputs: fc.constant([]),
  }),
);
const notebook = fc
  .array(cell, { maxLength: 5 })
  .map((list) => list.map((c, i): CellWithOutputs => ({ cellId: `c-${i}`, ...c }) as CellWithOutputs));

test('a notebook exported and imported is the same, outputs too, and exporting is deterministic', () => {
  fc.assert(
    fc.property(notebook, (cells) => {
      const exported = exportIpynb(cells);
      expect(importIpynb(exported)).toEqual({ cells, notes: [] });
      expect(exportIpynb(importIpynb(exported).cells)).toBe(exported);
    }),
  );
});

test('pictures inside the text travel as attachments', () => {
  const markdown =
    'A ![dot](data:image/png;base64,iVBORw0=) and again ![dot](data:image/png;base64,iVBORw0=).';
  const cells: CellWithOutputs[] = [
    { cellId: 'm', kind: 'markdown', source: markdown, markerText: '', outputs: [] },
  ];
  const exported = exportIpynb(cells);
  expect(JSON.parse(exported).cells[0]).toMatchObject({
    attachments: { 'image-1.png': { 'image/png': 'iVBORw0=' } },
    source: ['A ![dot](attachment:image-1.png) and again ![dot](attachment:image-1.png).'],
  });
  expect(importIpynb(exported).cells).toEqual(cells);
});

const jupyter = (cells: unknown[], language = 'typescript') =>
  JSON.stringify({
    nbformat: 4,
    nbformat_minor: 4,
    metadata: { kernelspec: { language, name: 'k' } },
    cells,
  });
const code = (outputs: object[]) =>
  jupyter([{ cell_type: 'code', metadata: {}, source: ['a\n', 'b'], outputs }]);
const bundle = (data: object) => ({ output_type: 'display_data', data, metadata: {} });

describe('a foreign notebook', () => {
  test.each([
    [
      { output_type: 'stream', name: 'stdout', text: ['a\n', 'b'] },
      { kind: 'stream', stream: 'stdout', text: 'a\nb' },
    ],
    [bundle({ 'text/html': '<b>x</b>', 'text/plain': 'x' }), { kind: 'html', html: '<b>x</b>' }],
    [
      bundle({ 'image/png': 'iVBO\nRw0=\n', 'text/plain': '<Figure>' }),
      { kind: 'image', mime: 'image/png', base64: 'iVBORw0=' },
    ],
    [bundle({ 'application/json': { a: [1] } }), { kind: 'text', text: '{\n  "a": [\n    1\n  ]\n}' }],
    [bundle({ 'application/vnd.plotly.v1+json': {}, 'text/plain': 'plot' }), { kind: 'text', text: 'plot' }],
    [
      {
        output_type: 'error',
        ename: 'ValueError',
        evalue: 'bad',
        traceback: ['\u001b[31mValueError\u001b[0m', 'at x'],
      },
      {
        kind: 'error',
        error: { code: 'USER', name: 'ValueError', message: 'bad', stack: 'ValueError\nat x' },
      },
    ],
    [
      bundle({
        'application/vnd.dataresource+json': {
          schema: { fields: [{ name: 'n', type: 'integer' }] },
          data: [{ n: 1 }, {}],
        },
      }),
      { kind: 'table', columns: [{ name: 'n', type: 'number' }], rows: [[1], [null]] },
    ],
  ])('shows %j', (from, to) => {
    const { cells } = importIpynb(code([from]));
    expect(cells[0]).toMatchObject({ kind: 'code', source: 'a\nb' });
    expect(cells[0]!.outputs).toEqual([to]);
  });

  test('of Python keeps its code as text that says so, whatever the code holds', () => {
    const { cells, notes } = importIpynb(
      jupyter(
        [
          { cell_type: 'code', source: 's = """```"""', outputs: [{}], metadata: {} },
          { cell_type: 'markdown', source: '# Hi' },
        ],
        'python',
      ),
    );
    expect(cells.map(({ kind, source: read }) => [kind, read])).toEqual([
      ['markdown', '````python\ns = """```"""\n````'],
      ['markdown', '# Hi'],
    ]);
    expect(notes).toEqual([
      '1 Python cell kept as text, since cells here are TypeScript.',
      '1 output of Python left out.',
    ]);
  });

  test('says what it left out, and gives every cell an id once', () => {
    const { cells, notes } = importIpynb(
      jupyter([
        { cell_type: 'code', id: 'a b', source: '', outputs: [bundle({ 'application/x-widget': {} })] },
        { cell_type: 'code', id: 'x', source: 7, outputs: 'none' },
        { cell_type: 'code', id: 'x', source: '1' },
        null,
      ]),
    );
    expect(cells.map(({ cellId }) => cellId)).toEqual(['cell-1', 'x', 'cell-3', 'cell-4']);
    expect(notes).toEqual([
      '1 output left out, of a kind that cannot be shown here.',
      '1 cell of an unknown type read as code.',
    ]);
  });

  test.each<object>([
    { output_type: 'display_data', data: 'text' },
    { output_type: 'execute_result', data: 5 },
    { output_type: 'display_data', data: ['a'] },
  ])('leaves out %j, which holds nothing', (output) => {
    const { cells, notes } = importIpynb(code([output]));
    expect(cells[0]!.outputs).toEqual([]);
    expect(notes).toEqual(['1 output left out, of a kind that cannot be shown here.']);
  });

  test('survives extras and a language of another form, and asks which outputs can be shown', () => {
    const metadata = { stagelight: { outputs: ['text'] } };
    const cell = { cell_type: 'code', source: '', metadata, outputs: [bundle({ 'text/plain': 'x' })] };
    expect(importIpynb(jupyter([cell])).cells[0]!.outputs).toEqual([{ kind: 'text', text: 'x' }]);
    expect(importIpynb(jupyter([cell], ''), () => false).cells[0]!.kind).toBe('markdown');
    const { cells, notes } = importIpynb(jupyter([cell]), () => false);
    expect([cells[0]!.outputs, notes]).toEqual([
      [],
      ['1 output left out, of a kind that cannot be shown here.'],
    ]);
  });

  test.each([
    ['{', 'it is not JSON'],
    ['[]', 'it names no nbformat'],
    ['{"nbformat":3,"worksheets":[]}', 'only format 4'],
    ['{\n<<<<<<< HEAD\n', 'merge conflicts'],
  ])('%j is refused', (from, why) => {
    const read = () => importIpynb(from);
    expect(read).toThrow(why);
    try {
      read();
    } catch (error) {
      expect((error as StagelightError).code).toBe('NOTEBOOK_FORMAT');
      expect((error as StagelightError).hint).toBeTruthy();
    }
  });

  test('is never more than an error away, whatever JSON it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const { cells } = importIpynb(
          JSON.stringify({
            nbformat: 4,
            cells: [value, { cell_type: 'code', outputs: [value], metadata: value }],
          }),
        );
        expect(cells).toHaveLength(2);
      }),
    );
  });
});
