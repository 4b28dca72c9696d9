/** Errors of a spec: each names the field and says what to write instead. */
import { expect, test } from 'vitest';
import { StagelightError } from '../../errors.ts';
import { plotRows } from './plot.ts';
import { checkSpec } from './plot-spec.ts';

const rows = [
  { weight: 1, height: 2, name: 'a', when: new Date(0), parts: { a: 1 } },
  { weight: 2, height: 3, name: 'b', when: new Date(1000), parts: { a: 2 } },
];

function failure(spec: unknown): [string, string | undefined] {
  try {
    plotRows(rows, checkSpec(spec), 'p');
  } catch (error) {
    if (error instanceof StagelightError && error.code === 'PLOT_INVALID') return [error.message, error.hint];
    throw error;
  }
  return expect.unreachable();
}

test.each<[unknown, string, string]>([
  [
    { x: (d: { weight: number }) => d.weight },
    'plot: "x" is a function, but a plot is data',
    "Compute it in the rows first, as in rows.map((row) => ({ ...row, name: … })), and write x: 'name'.",
  ],
  [
    () => 1,
    'plot: the options are a function, but a plot is data',
    "Give an object such as { mark: 'dot', x: 'weight', y: 'height' }.",
  ],
  [
    { scales: { x: { label: () => 'x' } } },
    'plot: "scales.x.label" is a function, but a plot is data',
    "Compute it in the rows first, as in rows.map((row) => ({ ...row, name: … })), and write label: 'name'.",
  ],
  [
    { x: 'wieght' },
    'plot: "x" names the column "wieght", which the rows do not have',
    'Did you mean "weight"? Use one of weight, height, name, when, parts.',
  ],
  [
    { marks: [{ mark: 'dot' }, { mark: 'line', y: 'nothing' }], x: 'weight', y: 'height' },
    'plot: "marks[1].y" names the column "nothing", which the rows do not have',
    'Use one of weight, height, name, when, parts.',
  ],
  [
    { mark: 'dots' },
    'plot: "mark" is \'dots\'',
    'Did you mean "dot"? Use one of dot, line, area, bar, histogram, rect, cell, heatmap, boxplot, text, rule, tick, regression.',
  ],
  [
    { colour: 'name', x: 'weight' },
    'plot: "colour" is no option',
    `Did you mean "color"? Use one of mark, curve, stack, opacity, strokeWidth, radius, points, x, y, x1, x2, y1, y2, color, size, symbol, series, text, fx, fy, marks, title, subtitle, caption, height, sort, limit, scales, key.`,
  ],
  [
    { x: { mean: 'name' } },
    'plot: "x.mean": "name" has string values',
    'mean needs numbers; distinct, first, last, min and max take any.',
  ],
  [{ x: { bin: 'name' } }, 'plot: "x.bin": "name" has string values', 'Numbers and dates can be binned.'],
  [
    { x: { bin: 'weight', mean: 'height' } },
    'plot: "x" says bin and mean at the same time',
    'Give exactly one of column, bin, value, count, proportion, sum, mean, median, min, max, p25, p75, p95, deviation, distinct, first, last.',
  ],
  [
    { x: 'parts' },
    'plot: "x": the values of "parts" are of several kinds or have parts',
    'Make one number, text or date of each in the rows first.',
  ],
  [{ opacity: 3, x: 'weight' }, 'plot: "opacity" is 3', 'Give a number from 0 to 1.'],
  [{ marks: [] }, 'plot: "marks" is []', 'Give an array of 1 to 12 layers.'],
  [
    { mark: 'boxplot', x: { mean: 'weight' } },
    'plot: "x" of a boxplot must be a column',
    'It needs every row, not groups of them.',
  ],
])('%o', (spec, message, hint) => {
  expect(failure(spec)).toEqual([message, hint]);
});

test('a spec is copied: changing it later changes nothing', () => {
  const spec = { scales: { x: { type: 'log' } } };
  const checked = checkSpec(spec);
  spec.scales.x.type = 'linear';
  expect(checked.scales?.x?.type).toBe('log');
});

test.each<[string, unknown]>([
  ['a number', 3],
  ['an empty object', {}],
  ['a text', 'rows'],
])('%s has no rows', (_name, data) => {
  expect(() => plotRows(data, {}, 'p')).toThrow('which has no rows');
});

test('columns must have one length', () => {
  expect(() => plotRows({ a: [1, 2], b: [1] }, {}, 'p')).toThrow(
    'plot: the column "b" has 1 values, "a" has 2',
  );
});
