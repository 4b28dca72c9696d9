/** Sorting is a total order per type, with what is missing at the end. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CellValue, compareValues, formatValue } from './cell-value.ts';

const sorted = (values: CellValue[], type: 'number' | 'string' | 'bigint' | 'date') =>
  [...values].sort((a, b) => compareValues(a, b, type));

describe('order of values', () => {
  it('is by number, with null and NaN last', () => {
    expect(sorted([10, null, 9, Number.NaN, -1], 'number').slice(0, 3)).toEqual([-1, 9, 10]);
  });

  it('is exact for bigints beyond doubles', () => {
    const big = ['9007199254740993', '9007199254740992', '-5', null];
    expect(sorted(big, 'bigint')).toEqual(['-5', '9007199254740992', '9007199254740993', null]);
  });

  it('reads digits in text as numbers', () => {
    expect(sorted(['row 10', 'row 9'], 'string')).toEqual(['row 9', 'row 10']);
  });

  it('knows the numbers that stand as text, and dates of any year', () => {
    const numbers = ['NaN', -5, 'Infinity', 7, '-Infinity', '-0'];
    expect(sorted(numbers, 'number')).toEqual(['-Infinity', -5, '-0', 7, 'Infinity', 'NaN']);
    const dates = [
      '+275760-09-13T00:00:00.000Z',
      'Invalid Date',
      '-000044-03-15T00:00:00.000Z',
      '2001-01-01T00:00:00.000Z',
    ];
    expect(sorted(dates, 'date')).toEqual([dates[2], dates[3], dates[0], dates[1]]);
  });

  it('is antisymmetric and transitive', () => {
    const value = fc.oneof(fc.double(), fc.constant(null));
    fc.assert(
      fc.property(value, value, value, (a, b, c) => {
        const compare = (x: CellValue, y: CellValue) => Math.sign(compareValues(x, y, 'number'));
        expect(compare(a, b) + compare(b, a)).toBe(0);
        if (compare(a, b) <= 0 && compare(b, c) <= 0) expect(compare(a, c)).toBeLessThanOrEqual(0);
      }),
    );
  });
});

describe('text of values', () => {
  it('groups digits, keeps bigints whole, says null', () => {
    expect(formatValue(14512, 'number')).toBe('14,512');
    expect(formatValue('9007199254740993', 'bigint')).toBe('9,007,199,254,740,993');
    expect(formatValue(null, 'string')).toBe('null');
    expect(formatValue(undefined, 'string')).toBe('undefined');
    expect(formatValue(true, 'boolean')).toBe('true');
  });
});
