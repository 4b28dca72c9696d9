import { expect, test } from 'vitest';
import { errorToData } from '../errors.ts';
import type { CellOutput } from '../protocol.ts';
import type { RDD } from '../rdd/rdd.ts';
import { withContext } from '../testing.ts';
import { makeDisplay, toOutput } from './display.ts';

const shown = (value: unknown) => toOutput(value, errorToData) as CellOutput | undefined;

function withoutSummaries(output: CellOutput | undefined): CellOutput | undefined {
  if (output?.kind !== 'table') return output;
  return { ...output, columns: output.columns.map(({ name, type }) => ({ name, type })) };
}

test.each<[string, unknown, CellOutput | undefined]>([
  ['undefined shows nothing', undefined, undefined],
  ['a string is shown as it is', 'a\nb', { kind: 'text', text: 'a\nb' }],
  ['null', null, { kind: 'text', text: 'null' }],
  ['numbers in an array are text', [1, 2], { kind: 'text', text: '[ 1, 2 ]' }],
  ['an empty array is text', [], { kind: 'text', text: '[]' }],
  [
    'records are a table',
    [
      { a: 1, b: 'x' },
      { a: 2, c: true },
    ],
    {
      kind: 'table',
      columns: [
        { name: 'a', type: 'number' },
        { name: 'b', type: 'string' },
        { name: 'c', type: 'boolean' },
      ],
      rows: [
        [1, 'x', null],
        [2, null, true],
      ],
      undefinedCells: [2, 1, 4, 1],
      total: 2,
    },
  ],
  [
    'tuples get numbered columns',
    [
      ['the', 3],
      ['of', 2n],
    ],
    {
      kind: 'table',
      columns: [
        { name: '_1', type: 'string' },
        { name: '_2', type: 'json' },
      ],
      rows: [
        ['the', 3],
        ['of', '2'],
      ],
      total: 2,
    },
  ],
  [
    'a Map has keys and values',
    new Map([['a', new Date(0)]]),
    {
      kind: 'table',
      columns: [
        { name: 'key', type: 'string' },
        { name: 'value', type: 'date' },
      ],
      rows: [['a', '1970-01-01T00:00:00.000Z']],
      total: 1,
    },
  ],
  [
    'a Set',
    new Set([Number.NaN]),
    { kind: 'table', columns: [{ name: 'value', type: 'number' }], rows: [['NaN']], total: 1 },
  ],
])('%s', (_name, value, output) => {
  const made = shown(value);
  expect(withoutSummaries(made)).toEqual(output);
});

test('a table shows its first rows and says how many there are', () => {
  const rows = Array.from({ length: 100_000 }, (_, i) => [i, 'x'.repeat(5000)]);
  const output = shown(rows) as Extract<CellOutput, { kind: 'table' }>;
  expect(output.total).toBe(100_000);
  expect(output.rows.length).toBeLessThanOrEqual(5000);
  expect(JSON.stringify(output).length).toBeLessThan(256 * 1024);
});

test('huge values are cut before they become events', () => {
  const text = shown('x'.repeat(100_000_000)) as Extract<CellOutput, { kind: 'text' }>;
  expect(text.truncated).toEqual({ shown: 100_000, total: 100_000_000, unit: 'characters' });
  const wide = Object.fromEntries(Array.from({ length: 200_000 }, (_, i) => [`key${i}`, { i }]));
  for (const value of [wide, { wide }, new Array(1e6).fill({ a: [1, 2, [3]] }).concat([1])]) {
    expect(JSON.stringify(shown(value)).length).toBeLessThan(256 * 1024);
  }
});

test('getters and proxies of a shown value cannot break the display', () => {
  const hostile = {
    get a() {
      throw new Error('no');
    },
  };
  expect(shown(hostile)).toEqual({ kind: 'text', text: '{ a: [Getter] }' });
  expect(shown(new Proxy({}, { get: () => expect.unreachable() }))?.kind).toBe('text');
});

test('markup and images have their own forms, and refuse what they cannot show', () => {
  const outputs: CellOutput[] = [];
  const display = makeDisplay((output) => outputs.push(output), errorToData);
  display.html('<b>x</b>');
  display.markdown('# x');
  display.image(new Uint8Array([1, 2, 3]));
  expect(outputs).toEqual([
    { kind: 'html', html: '<b>x</b>' },
    { kind: 'markdown', text: '# x' },
    { kind: 'image', mime: 'image/png', base64: 'AQID' },
  ]);
  expect(() => display.html(1 as never)).toThrow('display.html was given 1');
  expect(() => display.image('x' as never)).toThrow('display.image was not given bytes');
});

test('a dataset is shown by its first rows, by a bounded job, and says that more exist', async () => {
  await withContext({}, async ({ sc, events }) => {
    const preview = async (rdd: RDD<unknown>) => (await shown(rdd)) as Extract<CellOutput, { kind: 'table' }>;
    const lines = await preview(sc.range(0, 5_000, 1, 8).map((i) => `line ${i}`));
    expect([lines.preview, lines.rows.length, lines.total]).toEqual([
      'RDD[String] with 8 partitions',
      200,
      undefined,
    ]);
    expect(events.filter(({ type }) => type === 'taskEnd')).toHaveLength(1);
    const pairs = await preview(sc.parallelize([['a', 1] as [string, number]], 8));
    expect([pairs.preview, pairs.total]).toEqual(['RDD[(String, Number)] with 8 partitions', 1]);
    expect(await preview(sc.parallelize([], 8))).toEqual({
      kind: 'text',
      text: 'RDD[Nothing] with 8 partitions, without rows',
    });
  });
});

test('an object with methods like those of a dataset is an object', () => {
  const alike = { name: 'x', toDebugString: () => '', take: () => expect.unreachable() };
  expect(shown(alike)).toMatchObject({ kind: 'text' });
});

test('a thousand columns are kept, of more the number is said', () => {
  const row = Object.fromEntries(Array.from({ length: 3_000 }, (_, i) => [`c${i}`, i]));
  const output = shown([row, row]) as Extract<CellOutput, { kind: 'table' }>;
  expect([output.columns.length, output.columnsTotal]).toEqual([2_000, 3_000]);
  expect(JSON.stringify(output).length).toBeLessThan(256 * 1024);
});

test('columns are summarized over all rows, also those not shown', () => {
  const rows = Array.from({ length: 20_000 }, (_, i) => ({
    n: i,
    s: `text ${i % 3}`,
    gap: i % 2 ? null : 1,
  }));
  const { columns } = shown(rows) as Extract<CellOutput, { kind: 'table' }>;
  const [n, s, gap] = columns.map(({ summary }) => summary!);
  expect([n!.min, n!.max, n!.mean, n!.rows]).toEqual([0, 19_999, 9_999.5, 20_000]);
  expect(n!.bins!.reduce((sum, count) => sum + count, 0)).toBe(20_000);
  expect([s!.distinct, s!.min]).toEqual([3, 'text 0']);
  expect([gap!.nulls, gap!.distinct]).toEqual([10_000, 1]);
});

test('values with parts are shown in a table and can be opened', () => {
  const output = shown([{ id: 1, tags: ['a', 'b'] }]) as Extract<CellOutput, { kind: 'table' }>;
  expect(output.rows).toEqual([[1, "[ 'a', 'b' ]"]]);
  expect(output.nested).toEqual({
    '0:1': {
      t: 'array',
      c: [
        ['0', 'a'],
        ['1', 'b'],
      ],
    },
  });
});

test('objects that say how they are shown are shown so', async () => {
  const bundle = (value: object) => ({ [Symbol.for('Jupyter.display')]: () => value });
  expect(shown(bundle({ 'text/plain': 'x', 'text/html': '<b>x</b>' }))).toEqual({
    kind: 'html',
    html: '<b>x</b>',
  });
  expect(shown(bundle({ 'image/png': 'AQID' }))).toEqual({
    kind: 'image',
    mime: 'image/png',
    base64: 'AQID',
  });
  expect(shown(bundle({ 'text/markdown': '# x' }))).toEqual({ kind: 'markdown', text: '# x' });
  expect(await shown(bundle(Promise.resolve({ 'text/plain': 'later' })))).toEqual({
    kind: 'text',
    text: 'later',
  });
  expect(shown({ toHTML: () => '<i>x</i>' })).toEqual({ kind: 'html', html: '<i>x</i>' });
});

test('bytes of a picture are a picture', () => {
  const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0]);
  expect(shown(png)).toEqual({ kind: 'image', mime: 'image/png', base64: png.toString('base64') });
  expect(shown(Buffer.from('only bytes'))?.kind).toBe('text');
});

test('a list with holes is no table', () => {
  const holes: unknown[] = [];
  holes[1] = { a: 1 };
  expect(shown(holes)).toMatchObject({ kind: 'json', value: { t: 'array' } });
  expect(shown(new Array(3))).toEqual({ kind: 'text', text: '[ <3 empty items> ]' });
  expect(shown(new Array(4_000_000_000))).toMatchObject({ kind: 'json' });
});

test('minus zero keeps its sign in a table', () => {
  expect(shown([{ a: -0 }, { a: 0 }])).toMatchObject({ rows: [['-0'], [0]] });
});

test('a value whose getters or methods throw is shown in a plainer form', () => {
  const boom = () => {
    throw new Error('boom');
  };
  expect(shown([Object.defineProperty({ y: 1 }, 'x', { get: boom, enumerable: true })])).toMatchObject({
    kind: 'json',
    value: {
      c: [
        [
          '0',
          {
            c: [
              ['y', 1],
              ['x', { t: 'other', n: '[getter]' }],
            ],
          },
        ],
      ],
    },
  });
  const trapped = new Proxy({ a: 1 }, { get: boom, ownKeys: boom, getPrototypeOf: boom });
  expect(shown([trapped])).toEqual({ kind: 'text', text: '[ { a: 1 } ]' });
  const map = Object.defineProperty(new Map([[1, 2]]), 'entries', { value: boom });
  expect(shown(map)).toMatchObject({ kind: 'text' });
  expect(shown([{ d: Object.create(Date.prototype) }])?.kind).toBeDefined();
});
