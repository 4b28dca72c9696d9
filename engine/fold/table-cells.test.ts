/** What a table tells of undefined comes out of it again. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tableOutput } from '../kernel/table-output.ts';
import { tableCells } from './table-cells.ts';

test('null, undefined and what a record lacks are told apart', () => {
  const output = tableOutput([{ a: 1, b: undefined }, { a: null, b: 2 }, { b: null }])!;
  expect(output.undefinedCells).toEqual([1, 1, 4, 1]);
  expect(tableCells(output)).toEqual([
    [1, undefined],
    [null, 2],
    [undefined, null],
  ]);
});

test('any table of scalars comes out as it went in', () => {
  const cell = fc.constantFrom(undefined, undefined, null, 1, 'x', true);
  fc.assert(
    fc.property(
      fc
        .integer({ min: 1, max: 4 })
        .chain((width) =>
          fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 20 }),
        ),
      (rows) => {
        const output = JSON.parse(JSON.stringify(tableOutput(rows)));
        expect(tableCells(output)).toEqual(rows);
      },
    ),
  );
});
