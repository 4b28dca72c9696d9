/** What one run may show, against floods: bounded at any moment, everything else counted. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ManualClock } from '../clock.ts';
import type { CellOutput } from '../protocol.ts';
import { RunOutput } from './run-output.ts';

const text = (value: string): CellOutput => ({ kind: 'text', text: value });
const error: CellOutput = { kind: 'error', error: { code: 'USER', name: 'Error', message: 'm' } };

function plot(key: string): CellOutput {
  return {
    kind: 'plot',
    key,
    spec: {},
    columns: [],
    layers: [],
    domains: {},
    rows: { shown: 0, total: 0, how: 'all' },
    notes: [],
  };
}

test('100 MB in one write: two million characters are shown, the rest is counted', () => {
  const output = new RunOutput(new ManualClock(), true);
  expect(output.stream('x'.repeat(100_000_000)).length).toBe(2_000_000);
  expect(output.takeDropped()).toBe(98_000_000);
});

test('an endless stream trickles: after the start 100,000 characters a second, for ever', () => {
  const clock = new ManualClock();
  const output = new RunOutput(clock, true);
  output.stream('x'.repeat(2_000_000));
  for (let second = 0; second < 60; second++) {
    clock.advance(1_000);
    expect(output.stream('y'.repeat(5_000_000)).length).toBe(100_000);
  }
  expect(output.takeDropped()).toBe(60 * 4_900_000);
});

test('whatever is written when, shown and dropped make up what was written', () => {
  const write = fc.tuple(fc.integer({ min: 0, max: 3_000_000 }), fc.integer({ min: 0, max: 5_000 }));
  fc.assert(
    fc.property(fc.array(write, { maxLength: 20 }), (writes) => {
      const clock = new ManualClock();
      const output = new RunOutput(clock, true);
      let [written, shown] = [0, 0];
      for (const [length, pause] of writes) {
        clock.advance(pause);
        written += length;
        shown += output.stream('x'.repeat(length)).length;
      }
      expect(shown + output.takeDropped()).toBe(written);
      expect(shown).toBeLessThanOrEqual(2_000_000 + clock.now() * 100);
    }),
  );
});

test('an infinite loop of outputs shows a thousand, and still the error it ends with', () => {
  const output = new RunOutput(new ManualClock(), true);
  const admitted = Array.from({ length: 5_000 }, (_, i) => output.admits(text(`${i}`), 10)).filter(Boolean);
  expect(admitted.length).toBe(1_000);
  expect(output.takeDropped()).toBe(4_000 * 10);
  expect(output.admits(error, 10)).toBe(true);
});

test('outputs of 20 million characters together are the most', () => {
  const output = new RunOutput(new ManualClock(), true);
  expect([1, 2, 3].map(() => output.admits(text('x'), 9_000_000))).toEqual([true, true, false]);
});

test('a plot may be updated for ever; new plots count as outputs', () => {
  const output = new RunOutput(new ManualClock(), true);
  expect(Array.from({ length: 5_000 }, () => output.admits(plot('a'), 10)).every(Boolean)).toBe(true);
  const admitted = Array.from({ length: 5_000 }, (_, i) => output.admits(plot(`b${i}`), 10)).filter(Boolean);
  expect(admitted.length).toBe(999);
});

test('a headless run shows everything', () => {
  const output = new RunOutput(new ManualClock(), false);
  expect(output.stream('x'.repeat(5_000_000)).length).toBe(5_000_000);
  expect(output.admits(text('x'), 1e9)).toBe(true);
});
