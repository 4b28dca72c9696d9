import { expect, test } from 'vitest';
import { errorToData } from '../errors.ts';
import type { CellOutput } from '../protocol.ts';
import { makeDisplay, toOutput } from './display.ts';

const shown = (value: unknown) => toOutput(value, errorToData);

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
  [
    'an RDD is shown by its lineage, without a job',
    { toDebugString: () => '(2) map', collect: () => expect.unreachable() },
    { kind: 'text', text: '(2) map' },
  ],
])('%s', (_name, value, output) => {
  expect(shown(value)).toEqual(output);
});

test('a table shows its first thousand rows and says how many there are', () => {
  const rows = Array.from({ length: 100_000 }, (_, i) => [i, 'x'.repeat(5000)]);
  const output = shown(rows) as Extract<CellOutput, { kind: 'table' }>;
  expect(output.total).toBe(100_000);
  expect(output.rows.length).toBeLessThanOrEqual(1000);
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
