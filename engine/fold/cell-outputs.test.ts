import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CellOutput } from '../protocol.ts';
import type { OutputHolder } from './cell-outputs.ts';
import { appendOutput, MAX_OUTPUT_ITEMS, MAX_OUTPUT_SIZE, outputSize, trimOutputs } from './cell-outputs.ts';

const empty = (): OutputHolder => ({ outputs: [], outputDropped: 0, outputSize: 0 });
const stdout = (text: string): CellOutput => ({ kind: 'stream', stream: 'stdout', text });

test('adjacent chunks of one stream become one output', () => {
  const holder = empty();
  appendOutput(holder, stdout('a'));
  appendOutput(holder, stdout('b'));
  appendOutput(holder, { kind: 'stream', stream: 'stderr', text: 'c' });
  expect(holder.outputs).toEqual([stdout('ab'), { kind: 'stream', stream: 'stderr', text: 'c' }]);
});

test('a long stream keeps its first and last characters and says exactly how many are missing', () => {
  const holder = empty();
  let written = 0;
  for (let i = 0; i < 3_000; i++) {
    const chunk = `line ${i} ${'x'.repeat(900)}\n`;
    written += chunk.length;
    appendOutput(holder, stdout(chunk));
  }
  const [output] = holder.outputs;
  if (output?.kind !== 'stream') throw new Error('no stream');
  expect(output.text.startsWith('line 0 ')).toBe(true);
  expect(output.text).toContain('line 2999 ');
  const markers = output.text.match(/\n… \d+ characters not shown …\n/g)!;
  expect(markers).toEqual([`\n… ${output.dropped} characters not shown …\n`]);
  expect(output.text.length - markers[0]!.length + output.dropped!).toBe(written);
});

test('whatever is put out, items and characters stay capped, and the last output stays', () => {
  const text = fc.integer({ min: 0, max: 400_000 }).map((length) => 'x'.repeat(length));
  const output = fc.oneof(
    text.map(stdout),
    text.map((value): CellOutput => ({ kind: 'text', text: value })),
    text.map((value): CellOutput => ({ kind: 'html', html: value })),
    text.map(
      (value): CellOutput => ({
        kind: 'table',
        columns: [{ name: 'a', type: 'string' }],
        rows: Array.from({ length: 8 }, () => [value]),
      }),
    ),
    fc.constant<CellOutput>({ kind: 'error', error: { code: 'USER', name: 'Error', message: 'm' } }),
  );
  fc.assert(
    fc.property(fc.array(output, { maxLength: 30 }), (outputs) => {
      const holder = empty();
      for (const one of outputs) {
        appendOutput(holder, one);
        expect(holder.outputs.at(-1)?.kind === one.kind || holder.outputs.at(-1)?.kind === 'text').toBe(true);
      }
      expect(holder.outputSize).toBe(holder.outputs.reduce((sum, one) => sum + outputSize(one), 0));
      expect(holder.outputSize).toBeLessThanOrEqual(MAX_OUTPUT_SIZE);
      expect(trimOutputs(holder, 1_000).outputs.length).toBeLessThanOrEqual(holder.outputs.length);
    }),
    { numRuns: 50 },
  );
  const many = empty();
  for (let i = 0; i < 2_000; i++) appendOutput(many, { kind: 'text', text: `${i}` });
  expect(many.outputs.length).toBe(MAX_OUTPUT_ITEMS);
  expect(many.outputs[0]).toEqual({ kind: 'text', text: '0' });
  expect(many.outputs.at(-1)).toEqual({ kind: 'text', text: '1999' });
});

test('a plot takes the place of the one with its key, and its size is the latest one’s', () => {
  const plot = (key: string, values: number[]): CellOutput => ({
    kind: 'plot',
    key,
    spec: {},
    columns: [],
    layers: [{ mark: 'dot', channels: { x: { label: 'x', type: 'number', values } }, options: {} }],
    domains: {},
    rows: { shown: values.length, total: values.length, how: 'all' },
    notes: [],
  });
  const holder = empty();
  appendOutput(holder, plot('a', [1]));
  appendOutput(holder, stdout('between'));
  appendOutput(holder, plot('b', [1]));
  for (let i = 0; i < 1_000; i++) appendOutput(holder, plot('a', [i, i]));
  expect(holder.outputs).toEqual([plot('a', [999, 999]), stdout('between'), plot('b', [1])]);
  expect(holder.outputSize).toBe(holder.outputs.reduce((sum, one) => sum + outputSize(one), 0));
  expect(holder.outputDropped).toBe(0);
});
