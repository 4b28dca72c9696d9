import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRing, RingReader, RingWriter } from './output-ring.ts';

test('records come out as they went in, adjacent writes joined', () => {
  const ring = createRing(1024);
  const writer = new RingWriter(ring);
  writer.write(1, 'stdout', 'a\n');
  writer.write(1, 'stdout', 'ü\n');
  writer.write(1, 'stderr', 'e');
  writer.write(2, 'stderr', 'f');
  expect(new RingReader(ring).read()).toEqual([
    { run: 1, stream: 'stdout', text: 'a\nü\n' },
    { run: 1, stream: 'stderr', text: 'e' },
    { run: 2, stream: 'stderr', text: 'f' },
  ]);
});

test('reading up to a position leaves what was written later', () => {
  const ring = createRing(1024);
  const [writer, reader] = [new RingWriter(ring), new RingReader(ring)];
  writer.write(1, 'stdout', 'before');
  const { position } = writer;
  writer.write(1, 'stdout', 'after');
  expect(reader.read(position).map(({ text }) => text)).toEqual(['before']);
  expect(reader.read(position)).toEqual([]);
  expect(reader.read().map(({ text }) => text)).toEqual(['after']);
});

test('a full ring drops and counts, and takes text again once it was read', () => {
  const ring = createRing(64);
  const [writer, reader] = [new RingWriter(ring), new RingReader(ring)];
  writer.write(1, 'stdout', 'x'.repeat(40));
  writer.write(1, 'stdout', 'y'.repeat(40));
  expect(reader.read().map(({ text }) => text)).toEqual(['x'.repeat(40)]);
  expect(reader.takeDropped()).toBe(40);
  expect(reader.takeDropped()).toBe(0);
  writer.write(1, 'stdout', 'z');
  expect(reader.read().map(({ text }) => text)).toEqual(['z']);
});

test('a text longer than a record is cut between characters', () => {
  const ring = createRing(512 * 1024);
  const text = '😀é'.repeat(30_000);
  new RingWriter(ring).write(1, 'stdout', text);
  expect(new RingReader(ring).read()).toEqual([{ run: 1, stream: 'stdout', text }]);
});

test('whatever is written and read, nothing is reordered, doubled or lost uncounted', () => {
  const write = fc.record({
    stream: fc.constantFrom('stdout' as const, 'stderr' as const),
    text: fc.string({ maxLength: 60 }),
  });
  fc.assert(
    fc.property(fc.array(fc.oneof(write, fc.constant('read' as const))), (steps) => {
      const ring = createRing(128);
      const [writer, reader] = [new RingWriter(ring), new RingReader(ring)];
      let written = '';
      let seen = '';
      const read = () => {
        for (const { text } of reader.read()) seen += text;
      };
      for (const step of steps) {
        if (step === 'read') read();
        else {
          const before = writer.position;
          writer.write(1, step.stream, step.text);
          if (writer.position !== before) written += step.text;
        }
      }
      read();
      expect(seen).toBe(written);
      const total = steps.reduce((sum, step) => sum + (step === 'read' ? 0 : step.text.length), 0);
      expect(reader.takeDropped()).toBe(total - seen.length);
    }),
  );
});

test('a waiting writer loses nothing, however slowly it is read', async () => {
  const ring = createRing(256);
  const source = `
    const { workerData } = require('node:worker_threads');
    import(workerData.module).then(({ RingWriter }) => {
      const writer = new RingWriter(workerData.ring, true);
      for (let i = 0; i < 500; i++) writer.write(1, 'stdout', 'line ' + i + '\\n');
      writer.write(1, 'stderr', 'end');
    });`;
  const module = new URL('./output-ring.ts', import.meta.url).href;
  const worker = new Worker(source, { eval: true, workerData: { ring, module } });
  const reader = new RingReader(ring);
  let stdout = '';
  for (let ended = false; !ended; ) {
    const seen = reader.written;
    for (const { stream, text } of reader.read()) {
      if (stream === 'stdout') stdout += text;
      else ended = true;
    }
    if (!ended) await reader.waitForWrite(seen);
  }
  await worker.terminate();
  expect(stdout).toBe(Array.from({ length: 500 }, (_, i) => `line ${i}\n`).join(''));
  expect(reader.takeDropped()).toBe(0);
});
