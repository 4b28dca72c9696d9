/** Updates of a plot: the first at once, the latest always, never more than a page can take. */
import { expect, test } from 'vitest';
import { ManualClock } from '../../clock.ts';
import type { PlotOutput } from '../../plot-protocol.ts';
import { makePlot } from './plot.ts';

function setup() {
  const clock = new ManualClock();
  const shown: PlotOutput[] = [];
  const { plot, flush } = makePlot({ clock, show: (output) => shown.push(output) });
  const counts = () => shown.map(({ rows }) => rows.total);
  return { clock, plot, flush, shown, counts };
}

test('a thousand updates in a moment are two outputs: the first and the last', () => {
  const { clock, plot, counts, shown } = setup();
  const handle = plot([1]);
  for (let n = 2; n <= 1_000; n++) handle.update(Array.from({ length: n }, (_, i) => i));
  expect(counts()).toEqual([1]);
  clock.advance(10_000);
  expect(counts()).toEqual([1, 1_000]);
  expect(new Set(shown.map(({ key }) => key)).size).toBe(1);
});

test('what is held back is shown when the run ends', () => {
  const { plot, flush, counts } = setup();
  const handle = plot([1]);
  handle.update([1, 2]);
  flush();
  expect(counts()).toEqual([1, 2]);
});

test('calls with one key are one plot, others are plots of their own', () => {
  const { clock, plot, shown } = setup();
  for (const n of [1, 2]) {
    plot([n], { key: 'loss' });
    clock.advance(1_000);
  }
  plot([1]);
  plot([1]);
  expect(shown.map(({ key }) => key)).toEqual(['key loss', 'key loss', 'plot 1', 'plot 2']);
});

test('a wrong update throws and leaves what is shown', () => {
  const { plot, counts } = setup();
  const handle = plot([1]);
  expect(() => handle.update([1], { mark: 'pie' as never })).toThrow('plot: "mark" is \'pie\'');
  expect(counts()).toEqual([1]);
});

test('large updates come less often', () => {
  const { clock, plot, counts } = setup();
  const rows = Array.from({ length: 3_000 }, (_, i) => [i, i * 1.234567]);
  const handle = plot(rows, { mark: 'dot', x: '_1', y: '_2' });
  handle.update(rows.slice(1));
  clock.advance(100);
  expect(counts()).toEqual([3_000]);
  clock.advance(2_000);
  expect(counts()).toEqual([3_000, 2_999]);
});
