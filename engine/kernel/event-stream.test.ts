import { expect, test } from 'vitest';
import { ManualClock } from '../clock.ts';
import type { StagelightEvent } from '../protocol.ts';
import { EventStream } from './event-stream.ts';
import type { KernelEvents } from './kernel-process.ts';

const output = (text: string): StagelightEvent => ({
  type: 'cellOutput',
  cellId: 'c',
  runId: 'r',
  output: { kind: 'stream', stream: 'stdout', text },
});
const finished: StagelightEvent = { type: 'cellFinished', cellId: 'c', runId: 'r', time: 0, status: 'ok' };

function rig() {
  const clock = new ManualClock();
  const batches: KernelEvents[] = [];
  const lines: string[] = [];
  const stream = new EventStream('boot', clock, (batch) => batches.push(batch), {
    append: (more) => lines.push(...more),
  });
  return { clock, batches, lines, stream, ranges: () => batches.map(({ from, to }) => [from, to]) };
}

test('the first event leaves at once, those that follow within 25 ms leave together', () => {
  const { clock, stream, ranges } = rig();
  stream.emit(output('1'));
  clock.advance(0);
  stream.emit(output('2'));
  stream.emit(output('3'));
  clock.advance(24);
  expect(ranges()).toEqual([[1, 1]]);
  clock.advance(1);
  expect(ranges()).toEqual([
    [1, 1],
    [2, 3],
  ]);
});

test('what someone waits for takes along what came before it', () => {
  const { clock, stream, ranges } = rig();
  stream.emit(output('1'));
  clock.advance(0);
  stream.emit(output('2'));
  stream.emit(finished);
  clock.advance(0);
  expect(ranges()).toEqual([
    [1, 1],
    [2, 3],
  ]);
});

test('batches are JSON arrays of at most 256 KB, numbered without gaps, and the log gets the same lines', () => {
  const { batches, lines, stream } = rig();
  const events = Array.from({ length: 30 }, (_, i) => output(`${i}`.repeat(10_000)));
  for (const event of events) stream.emit(event);
  stream.flush();
  expect(batches.flatMap(({ events: text }) => JSON.parse(text))).toEqual(events);
  expect(lines.map((line) => JSON.parse(line))).toEqual(events);
  expect(batches.length).toBeGreaterThan(1);
  let next = 1;
  for (const { from, to, events: text } of batches) {
    expect(from).toBe(next);
    expect(text.length).toBeLessThan(256 * 1024);
    next = to + 1;
  }
  expect(next).toBe(31);
});
