import { expect, test } from 'vitest';
import type { PlotOutput } from '../../engine/plot-protocol.ts';
import { rowsNote } from './plot-words.ts';

function plot(scales: object, ...layers: Record<string, (number | null)[]>[]): PlotOutput {
  return {
    rows: { shown: 5, total: 5 },
    notes: [],
    spec: { scales },
    layers: layers.map((columns) => ({
      mark: 'dot',
      channels: Object.fromEntries(
        Object.entries(columns).map(([name, values]) => [name, { label: name, type: 'number', values }]),
      ),
    })),
  } as unknown as PlotOutput;
}

test('a logarithmic scale says how many values it has no place for', () => {
  const columns = { x: [0, 1, -2, 3, 4], y: [1, 2, 3, 4, 0] };
  expect(rowsNote(plot({}, columns))).toBe('5 rows');
  expect(rowsNote(plot({ x: { type: 'symlog' } }, columns))).toBe('5 rows');
  expect(rowsNote(plot({ x: { type: 'log' } }, columns))).toBe(
    '5 rows · 2 values of 0 or less left out of the logarithmic x scale',
  );
  expect(rowsNote(plot({ x: { type: 'log' }, y: { type: 'log' } }, columns, { x: [5], y: [-1] }))).toBe(
    '5 rows · 2 values of 0 or less left out of the logarithmic x scale · 2 values of 0 or less left out of the logarithmic y scale',
  );
  expect(rowsNote(plot({ y: { type: 'log' } }, { y1: [1, 0], y2: [-1, 0] }))).toBe(
    '5 rows · 2 values of 0 or less left out of the logarithmic y scale',
  );
});

test('rows without a number for an axis are counted as not drawn', () => {
  const columns = { x: [1, null, 3, 4], y: [1, 2, null, null] };
  expect(rowsNote(plot({}, columns))).toBe('5 rows · 3 not drawn: no x or no y');
  expect(rowsNote(plot({ x: { type: 'log' } }, { x: [0, null, 1], y: [1, 1, 1] }))).toBe(
    '5 rows · 1 not drawn: no x or no y · 1 value of 0 or less left out of the logarithmic x scale',
  );
});
