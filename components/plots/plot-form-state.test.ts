/** The form's fields and the spec say the same; a change of one field changes one option. */
import { expect, test } from 'vitest';
import type { PlotChannelSpec, PlotSpec } from '../../engine/plot-protocol.ts';
import { channelSpec, formChanges, formState } from './plot-form-state.ts';

const columns = ['weight', 'height', 'name', 'count'];

test.each<[PlotChannelSpec | undefined]>([
  ['weight'],
  [{ mean: 'weight' }],
  [{ bin: 'height' }],
  ['proportion'],
  [{ count: true }],
  ['count'],
  [undefined],
])('a channel %o comes back as it was', (spec) => {
  const { x } = formState({ ...(spec !== undefined && { x: spec }) }, columns);
  expect(channelSpec(x, columns)).toEqual(spec);
});

test('a channel that says more is left to the code', () => {
  const { x } = formState({ x: { bin: 'weight', thresholds: 5 } }, columns);
  expect(x.taking).toBe('other');
});

test('only what was changed is written, and the defaults that it depends on', () => {
  const spec: PlotSpec = { mark: 'dot', x: 'weight', y: 'height' };
  const before = formState(spec, columns);
  expect(formChanges(before, before, spec, columns)).toEqual({ changes: {}, absent: {} });
  expect(formChanges(before, { ...before, mark: 'line' }, spec, columns)).toEqual({
    changes: { mark: 'line' },
    absent: { x: 'weight', y: 'height' },
  });
  expect(formChanges(before, { ...before, title: 'T' }, spec, columns)).toEqual({
    changes: { title: 'T' },
    absent: {},
  });
});

test('the type of a scale keeps what else is said of the scales', () => {
  const spec: PlotSpec = { scales: { x: { label: 'kg', type: 'log' }, color: { legend: false } } };
  const before = formState(spec, columns);
  expect(formChanges(before, { ...before, scaleX: '', scaleY: 'sqrt' }, spec, columns).changes).toEqual({
    scales: { x: { label: 'kg' }, color: { legend: false }, y: { type: 'sqrt' } },
  });
});
