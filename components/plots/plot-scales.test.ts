/** What an axis is called and how its ticks read. */
import { expect, test } from 'vitest';
import type { PlotColumn, PlotOutput, PlotScale } from '../../engine/plot-protocol.ts';
import { axisOptions, logTicks } from './plot-scales.ts';

const column = (label: string, values: number[]): PlotColumn => ({ label, type: 'number', values });

function plot(y: PlotScale | undefined, ...columns: PlotColumn[]): PlotOutput {
  const layers = columns.map((each) => ({ mark: 'line', channels: { y: each }, options: {} }));
  return { spec: { scales: { ...(y && { y }) } }, domains: {}, layers } as unknown as PlotOutput;
}

test('a rule at a fixed value does not take the name from the axis', () => {
  const [rule, line] = [column('', [3.14]), column('estimate', [3, 3.1, 3.2])];
  expect(axisOptions(plot(undefined, rule, line), 'y', 600)).toMatchObject({ label: 'estimate' });
  expect(axisOptions(plot({ label: 'pi' }, rule, line), 'y', 600)).toMatchObject({ label: 'pi' });
  expect(axisOptions(plot(undefined, rule, line, column('other', [1])), 'y', 600)).not.toHaveProperty(
    'label',
  );
});

test.each([
  [
    [1e-6, 1],
    [1e-6, 2e-6, 1e-5, 0.001, 0.1, 1],
    ['1e-6', '', '1e-5', '0.001', '0.1', '1'],
  ],
  [
    [1, 1e7],
    [1, 10, 30, 1000, 1e5, 1e7],
    ['1', '10', '', '1,000', '100K', '10M'],
  ],
  [
    [1, 90],
    [1, 2, 3, 5, 10, 20, 40, 50],
    ['1', '2', '', '5', '10', '20', '', '50'],
  ],
  [
    [3, 8],
    [3, 3.5, 4, 7],
    ['3', '3.5', '4', '7'],
  ],
])('a logarithmic axis over %j names its ticks in plain numbers', (domain, ticks, names) => {
  expect(ticks.map(logTicks(domain))).toEqual(names);
});

test('the ticks of a logarithmic axis know its domain', () => {
  const { tickFormat } = axisOptions(plot({ type: 'log' }, column('n', [0.1, 2, 1e6])), 'y', 600);
  expect([0.1, 0.2, 1, 1e6].map(tickFormat as (value: number) => string)).toEqual(['0.1', '', '1', '1M']);
});

test('a logarithmic axis without a value above 0 has no place for any', () => {
  expect(axisOptions(plot({ type: 'log' }, column('n', [-5, 0])), 'y', 600)['domain']).toEqual([1, 10]);
});
