/** What is drawn of which rows: defaults by type, groups against a plain oracle, bounds that say so. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PlotChannelSpec, PlotMark, PlotOutput, PlotSpec } from '../../plot-protocol.ts';
import { plotRows } from './plot.ts';
import { checkSpec } from './plot-spec.ts';

const draw = (rows: unknown, spec: PlotSpec = {}) => plotRows(rows, checkSpec(spec), 'p');
const day = (n: number) => new Date(Date.UTC(2024, 0, 1 + n));

/** The first layer's channels as rows. */
function drawn({ layers }: PlotOutput): Record<string, unknown>[] {
  const channels = Object.entries(layers[0]!.channels);
  const length = channels[0]?.[1].values.length ?? 0;
  return Array.from({ length }, (_, row) =>
    Object.fromEntries(channels.map(([name, { values }]) => [name, values[row]])),
  );
}

type Chosen = { mark: PlotMark; x?: PlotChannelSpec; y?: PlotChannelSpec; color?: PlotChannelSpec };

test.each<[string, unknown, PlotSpec, Chosen]>([
  ['two numbers', [{ a: 1, b: 2 }], {}, { mark: 'dot', x: 'a', y: 'b' }],
  [
    'two numbers and a text of few values',
    [
      { a: 1, b: 2, c: 'x' },
      { a: 2, b: 3, c: 'y' },
    ],
    {},
    { mark: 'dot', x: 'a', y: 'b', color: 'c' },
  ],
  ['a date and a number', [{ n: 1, when: day(0) }], {}, { mark: 'line', x: 'when', y: 'n' }],
  ['a text and a number', [['the', 3]], {}, { mark: 'bar', x: '_2', y: '_1' }],
  ['a Map', new Map([['the', 3]]), {}, { mark: 'bar', x: 'value', y: 'key' }],
  ['one number', [1, 2, 3], {}, { mark: 'histogram', x: 'value', y: 'count' }],
  ['a typed array', new Float64Array([1, 2]), {}, { mark: 'histogram', x: 'value', y: 'count' }],
  ['one text', ['a', 'b', 'a'], {}, { mark: 'bar', x: 'count', y: 'value' }],
  ['two texts', [['a', 'b']], {}, { mark: 'cell', x: '_1', y: '_2', color: 'count' }],
  ['one date', [day(0), day(1)], {}, { mark: 'histogram', x: 'value', y: 'count' }],
  ['columns', { a: new Int32Array([1, 2]), b: [3, 4] }, {}, { mark: 'dot', x: 'a', y: 'b' }],
  ['bigints', [{ a: 1n, b: 2n }], {}, { mark: 'dot', x: 'a', y: 'b' }],
  ['x alone, a number', [{ a: 1, b: 2 }], { x: 'b' }, { mark: 'histogram', x: 'b', y: 'count' }],
  ['x alone, a text', [{ a: 1, b: 'u' }], { x: 'b' }, { mark: 'bar', x: 'b', y: 'count' }],
  ['a mark alone', [{ s: 'a', n: 1, m: 2 }], { mark: 'line' }, { mark: 'line', x: 'n', y: 'm' }],
  ['a box plot alone', [{ s: 'a', n: 1 }], { mark: 'boxplot' }, { mark: 'boxplot', x: 'n', y: 's' }],
  [
    'a heatmap alone',
    [{ a: 1, b: 2 }],
    { mark: 'heatmap' },
    { mark: 'heatmap', x: 'a', y: 'b', color: 'count' },
  ],
])('%s', (_name, rows, spec, chosen) => {
  const { mark, x, y, color } = draw(rows, spec).spec;
  expect({ mark, ...(x && { x }), ...(y && { y }), ...(color && { color }) }).toEqual(chosen);
});

test('nothing that can be drawn is an error that lists what there is', () => {
  expect(() => draw([{ a: {} }])).toThrow('plot: no column of a (json) can be drawn');
  expect(() => draw([])).toThrow('plot: there are no rows to choose columns from');
});

test('a plot may begin without rows when it says what it will draw', () => {
  for (const spec of [
    { mark: 'line', x: 'a', y: 'b' },
    { mark: 'bar', x: { mean: 'a' }, y: 'b' },
    { mark: 'histogram', x: 'a' },
    { mark: 'boxplot', x: 'a' },
  ] as const) {
    const output = draw([], spec);
    expect(drawn(output)).toEqual([]);
    expect(output.rows).toEqual({ shown: 0, total: 0, how: 'all' });
  }
});

describe('groups', () => {
  test('equal a plain grouping, for any rows', () => {
    const row = fc.record({ k: fc.constantFrom('a', 'b', 'c'), n: fc.integer({ min: -50, max: 50 }) });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 60 }), (rows) => {
        for (const reducer of ['sum', 'mean', 'min', 'max', 'median', 'distinct', 'first', 'last'] as const) {
          const shown = drawn(draw(rows, { mark: 'dot', x: 'k', y: { [reducer]: 'n' } }));
          for (const { x, y } of shown) {
            const values = rows.filter(({ k }) => k === x).map(({ n }) => n);
            expect(y).toBeCloseTo(oracle(reducer, values), 9);
          }
          expect(shown.length).toBe(new Set(rows.map(({ k }) => k)).size);
        }
      }),
      { numRuns: 40 },
    );
  });

  test('of numbers are steps with round edges that hold every value once', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1 }), (values) => {
        const steps = drawn(draw(values, { mark: 'histogram', x: 'value' })) as {
          x1: number;
          x2: number;
          y: number;
        }[];
        expect(steps.reduce((sum, { y }) => sum + y, 0)).toBe(values.length);
        for (const { x1, x2, y } of steps) {
          const slack = 1e-9 * Math.max(1, Math.abs(x1), Math.abs(x2));
          const inside = values.filter((value) => value >= x1 - slack && value < x2 + slack).length;
          expect(inside).toBeGreaterThanOrEqual(y);
        }
      }),
      { numRuns: 50, examples: [[[0, -5e-324]], [[1e6, 1e6 + 1e-9]], [[1e-300, 2e-300]]] },
    );
  });

  test('of dates are calendar steps', () => {
    const rows = [day(0), day(30), day(31), day(59)].map((when) => ({ when }));
    const shown = drawn(draw(rows, { mark: 'histogram', x: { bin: 'when', interval: 'month' } }));
    expect(shown.map(({ x1, x2, y }) => [new Date(x1 as number).toISOString(), x2, y])).toEqual([
      ['2024-01-01T00:00:00.000Z', Date.UTC(2024, 1, 1), 2],
      ['2024-02-01T00:00:00.000Z', Date.UTC(2024, 2, 1), 2],
    ]);
  });

  test('bars add up the rows of a category, and say so', () => {
    const output = draw([
      ['a', 1],
      ['b', 5],
      ['a', 2],
    ]);
    expect(drawn(output)).toEqual([
      { y: 'a', x: 3 },
      { y: 'b', x: 5 },
    ]);
    expect(output.layers[0]!.channels.x!.label).toBe('sum of _2');
    expect(output.domains.y).toEqual(['b', 'a']);
  });
});

function oracle(reducer: string, values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const sum = values.reduce((a, b) => a + b, 0);
  switch (reducer) {
    case 'sum':
      return sum;
    case 'mean':
      return sum / values.length;
    case 'min':
      return sorted[0]!;
    case 'max':
      return sorted.at(-1)!;
    case 'distinct':
      return new Set(values).size;
    case 'first':
      return values[0]!;
    case 'last':
      return values.at(-1)!;
    default: {
      const middle = (values.length - 1) / 2;
      return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
    }
  }
}

describe('bounds', () => {
  test('many rows are thinned out and the output says of how many', () => {
    const rows = Array.from({ length: 100_000 }, (_, i) => ({
      x: i,
      y: Math.sin(i) * 1e9,
      name: 'x'.repeat(500),
    }));
    const output = draw(rows, { mark: 'dot', x: 'x', y: 'y', text: 'name' });
    expect(JSON.stringify(output).length).toBeLessThan(256 * 1024);
    expect(output.rows).toEqual({ shown: drawn(output).length, total: 100_000, how: 'sampled' });
  });

  test('a spike of a line is never thinned out', () => {
    const rows = Array.from({ length: 50_000 }, (_, i) => [i, i === 12_345 ? 999 : Math.cos(i)]);
    const output = draw(rows, { mark: 'line', x: '_1', y: '_2' });
    expect(drawn(output).some(({ y }) => y === 999)).toBe(true);
  });

  test('of very many categories the largest are shown', () => {
    const output = draw(Array.from({ length: 5_000 }, (_, i) => [`k${i}`, i]));
    expect(output.domains.y?.slice(0, 2)).toEqual(['k4999', 'k4998']);
    expect(output.notes).toEqual(['showing 40 of 5000 values of _1']);
    expect(drawn(output).length).toBe(40);
  });

  test('a histogram of a million rows is exact', () => {
    const output = draw(Float64Array.from({ length: 1_000_000 }, (_, i) => i % 100));
    expect(output.rows).toEqual({ shown: 1_000_000, total: 1_000_000, how: 'all' });
    expect(drawn(output).reduce((sum, { y }) => sum + (y as number), 0)).toBe(1_000_000);
  });
});

test('a box plot has quartiles, whiskers and what lies beyond', () => {
  const [boxes, outliers] = draw(
    [1, 2, 3, 4, 5, 100].map((n) => ({ g: 'a', n })),
    {
      mark: 'boxplot',
      x: 'n',
      y: 'g',
    },
  ).layers;
  const { lower, q1, median, q3, upper } = boxes!.channels;
  expect([lower, q1, median, q3, upper].map((column) => column!.values[0])).toEqual([1, 2.25, 3.5, 4.75, 5]);
  expect(outliers!.channels.x!.values).toEqual([100]);
});
