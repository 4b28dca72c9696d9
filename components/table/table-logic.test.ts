/** A table's logic without a page: filters, sorts, windows of columns, selections, text to copy. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ColumnType } from '../../engine/protocol.ts';
import { rowsWords } from './table-footer.tsx';
import { nextSorts, parseFilter, type Row, shownRows } from './table-rows.ts';
import { moved, rectangle } from './table-selection.ts';
import { toCsv, toMarkdown, toTsv } from './table-text.ts';
import { columnWindow } from './table-widths.ts';

const columns = [
  { name: 'n', type: 'number' as const },
  { name: 's', type: 'string' as const },
];

describe('filters', () => {
  test.each<[string, ColumnType, Row, Row]>([
    ['>5', 'number', [4, 5, 6, null], [6]],
    ['<= 5', 'number', [4, 5, 6, null], [4, 5]],
    ['2..4', 'number', [1, 2, 3, 4, 5], [2, 3, 4]],
    ['!=3', 'number', [3, 4, null], [4]],
    ['null', 'number', [3, null], [null]],
    ['!null', 'string', ['a', null], ['a']],
    ['AB', 'string', ['cab', 'ba'], ['cab']],
    ['/^a.$/', 'string', ['ab', 'cab'], ['ab']],
    ['>9007199254740992', 'bigint', ['9007199254740993', '9007199254740992'], ['9007199254740993']],
    [
      '>2024-02',
      'date',
      ['2024-01-31T00:00:00.000Z', '2024-02-01T00:00:00.000Z'],
      ['2024-02-01T00:00:00.000Z'],
    ],
    ['true', 'boolean', [true, false], [true]],
    ['>5', 'number', ['NaN', '-Infinity', 6, 'Infinity'], [6, 'Infinity']],
    ['<0', 'number', ['NaN', '-Infinity', '-0', -1], ['-Infinity', -1]],
    ['!=6', 'number', ['NaN', 6, null], ['NaN']],
  ])('%s of %s values', (text, type, values, passed) => {
    const test = parseFilter(text, type);
    expect(typeof test === 'function' && values.filter(test)).toEqual(passed);
  });

  test.each<[string, ColumnType, string]>([
    ['>x', 'number', '"x" is no number value'],
    ['>', 'number', 'write a value after the sign'],
    ['/(/', 'string', '"/(/" is no regular expression'],
    ['a..b', 'number', '"a..b" is no range of number values'],
  ])('%s is explained', (text, type, words) => {
    expect(parseFilter(text, type)).toBe(words);
  });
});

describe('sorting', () => {
  const cell = fc.option(fc.integer({ min: 0, max: 3 }));
  const rows = fc.array(fc.tuple(cell, fc.constantFrom('a', 'b')), { maxLength: 30 });

  test('keeps every row, orders by the first sort and then by the second, what is missing last', () => {
    fc.assert(
      fc.property(rows, fc.boolean(), fc.boolean(), (values, down1, down2) => {
        const sorts = [
          { column: 1, descending: down1 },
          { column: 0, descending: down2 },
        ];
        const shown = shownRows(values, columns, sorts, {}).map((row) => values[row]!);
        expect([...shown].sort().length).toBe(values.length);
        for (let i = 1; i < shown.length; i++) {
          const [[n1, s1], [n2, s2]] = [shown[i - 1]!, shown[i]!];
          if (s1 !== s2) expect(s1 < s2).toBe(!down1);
          else if (n1 !== null && n2 !== null) expect(down2 ? n1 >= n2 : n1 <= n2).toBe(true);
          else expect(n1 === null && n2 !== null).toBe(false);
        }
      }),
    );
  });

  test('a header goes through two directions and none; Shift adds to the others', () => {
    const first = nextSorts([], 0, false, true);
    expect(first).toEqual([{ column: 0, descending: true }]);
    expect(nextSorts(first, 0, false, true)).toEqual([{ column: 0, descending: false }]);
    expect(nextSorts([{ column: 0, descending: false }], 0, false, true)).toEqual([]);
    expect(nextSorts(first, 1, true, false)).toEqual([...first, { column: 1, descending: false }]);
    expect(nextSorts(first, 1, false, false)).toEqual([{ column: 1, descending: false }]);
  });
});

test('of a thousand columns those in sight are drawn, the others keep their room', () => {
  const width = fc.integer({ min: 48, max: 800 });
  fc.assert(
    fc.property(fc.array(width, { minLength: 1, maxLength: 1_000 }), fc.nat(100_000), (widths, left) => {
      const { from, to, before, after } = columnWindow(widths, left, 900);
      const sum = (a: number, b: number) => widths.slice(a, b).reduce((x, y) => x + y, 0);
      expect(before + sum(from, to) + after).toBe(sum(0, widths.length));
      expect(to - from).toBeLessThanOrEqual(Math.ceil(900 / 48) + 10);
      expect(before).toBeLessThanOrEqual(Math.max(left, 0));
    }),
  );
});

test('keys move and extend the selection, never out of the table', () => {
  const size = { rows: 3, columns: 2 };
  const plain = { extend: false, far: false };
  const start = moved(undefined, 'ArrowDown', size, plain)!;
  expect(start.active).toEqual({ row: 0, column: 0 });
  const grown = moved(start, 'ArrowDown', size, { extend: true, far: true })!;
  expect(rectangle(grown)).toEqual({ top: 0, bottom: 2, left: 0, right: 0 });
  expect(moved(grown, 'ArrowRight', size, { extend: true, far: true })!.active).toEqual({
    row: 2,
    column: 1,
  });
  expect(moved(start, 'ArrowUp', size, plain)!.active).toEqual({ row: 0, column: 0 });
  expect(moved(start, 'x', size, plain)).toBeUndefined();
});

describe('text', () => {
  const part = {
    columns,
    rows: [
      [1, 'a"b,c'],
      [null, 'x|y\nz'],
    ] as Row[],
  };

  test('CSV, TSV and Markdown escape what they must', () => {
    expect(toCsv(part)).toBe('n,s\r\n1,"a""b,c"\r\n,"x|y\nz"\r\n');
    expect(toTsv(part)).toBe('n\ts\n1\ta"b,c\n\tx|y z');
    expect(toMarkdown(part)).toBe('| n | s |\n| ---: | --- |\n| 1 | a"b,c |\n|  | x\\|y z |');
  });

  test.each<[number, number, number | undefined, string | undefined, string]>([
    [3, 3, 3, undefined, '3 rows'],
    [1, 1, 1, undefined, '1 row'],
    [1000, 1000, 50_000, undefined, 'showing 1,000 of 50,000 rows'],
    [
      200,
      200,
      undefined,
      'RDD[String] with 8 partitions',
      'first 200 rows of RDD[String] with 8 partitions · more rows exist',
    ],
    [2, 3, 3, undefined, '2 rows of 3 pass the filter · 3 rows'],
  ])('%i of %i of %s', (shown, kept, total, preview, words) => {
    expect(rowsWords(shown, kept, total, preview)).toBe(words);
  });
});
