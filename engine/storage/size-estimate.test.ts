import { describe, expect, test } from 'vitest';
import { RowSample } from './row-sample.ts';
import { estimateRowsSize, estimateSize } from './size-estimate.ts';
import { heapUsed, MEASURED } from './test-heap.ts';

const WIDE = 'сцена и свет '.repeat(100);
const range = (length: number, from: number) => Array.from({ length }, (_, i) => from + i);
/** In one piece, as texts are that were read. */
const text = (characters: string): string => JSON.parse(JSON.stringify(characters));

/** Its stack becomes a text when it is asked for, and one piece when that is read. */
function read(error: Error): Error {
  Buffer.byteLength(error.stack!.toUpperCase());
  return error;
}

const KINDS: [name: string, make: (i: number) => unknown][] = [
  ['short texts', (i) => text(`${i}`.padEnd(28))],
  ['long texts', (i) => text(`${i}`.padEnd(1000))],
  ['long texts beyond Latin-1', (i) => text(`${i} ${WIDE}`.slice(0, 1000))],
  ['texts of which one character is beyond Latin-1', (i) => text(`${`${i}`.padEnd(999)}…`)],
  ['bigints', (i) => BigInt(i)],
  ['bigints of a thousand digits', (i) => 10n ** 1000n + BigInt(i)],
  ['dates', (i) => new Date(i)],
  ['pairs', (i) => [i, i]],
  ['objects', (i) => ({ a: i, b: i + 1, c: i / 3, d: `${i}` })],
  ['objects with names of their own', (i) => Object.fromEntries(range(200, i).map((n) => [`name ${n}`, n]))],
  ['small sets', (i) => new Set(range(3, i))],
  ['sets', (i) => new Set(range(300, i))],
  ['small maps', (i) => new Map(range(5, i).map((n) => [n, n]))],
  ['maps', (i) => new Map(range(300, i).map((n) => [n, n]))],
  ['small typed arrays', (i) => new Uint8Array([i, 1, 2])],
  ['typed arrays', (i) => new Float64Array(200).fill(i)],
  ['errors', (i) => read(new Error(text(`${i}`.padEnd(5000))))],
  ['errors with causes', (i) => read(new Error('x', { cause: text(`${i}`.padEnd(5000)) }))],
  ['buffers', (i) => new Uint8Array(200).fill(i).buffer],
];

/** About what the rows of each kind take: other changes of the heap are small beside it. */
const BYTES = 3_000_000;

describe('estimated sizes', MEASURED, () => {
  for (const [name, make] of KINDS) {
    test(`${name} are not taken for much less than they are`, () => {
      const rows: unknown[] = new Array(Math.ceil(BYTES / (8 + estimateSize(make(0))))).fill(0);
      // What is made once for all of them is made before.
      for (let i = 0; i < 100; i++) make(i);
      const before = heapUsed();
      for (let i = 0; i < rows.length; i++) rows[i] = make(i);
      const real = heapUsed() - before;
      const estimated = estimateRowsSize(rows) - rows.length * 8;
      expect(estimated).toBeGreaterThan(real / 1.5);
      expect(estimated).toBeLessThan(real * 1.5);
    });
  }

  test('what occurs twice counts once, and cycles end', () => {
    const part = { text: 'x'.repeat(1000) };
    const cycle: { self?: unknown; parts: unknown[] } = { parts: [part, part] };
    cycle.self = cycle;
    expect(estimateSize(cycle)).toBeLessThan(estimateSize(part) + 200);
  });
});

type Fields = Record<string, unknown>;

const SHAPES: [name: string, nameOf: (row: number, field: number) => string][] = [
  ['the same names', (_, field) => `name ${field}`],
  ['names of their own', (row, field) => `name ${row} ${field}`],
  ['half of them shared', (row, field) => (field % 2 === 0 ? `name ${field}` : `name ${row} ${field}`)],
  ['shared names, then their own', (row, field) => (field < 2 ? `name ${field}` : `name ${row} ${field}`)],
  ['names of few in orders of their own', (row, field) => `name ${(row * 7919 + field * 31) % 2003}`],
];

const MADE: [name: string, make: (names: string[]) => Fields][] = [
  // A table of its own beyond some 25 names, while all at once makes a hidden class.
  [
    'set one by one',
    (names) => names.reduce<Fields>((fields, name) => Object.assign(fields, { [name]: 1 }), {}),
  ],
  ['made at once', (names) => Object.fromEntries(names.map((name) => [name, 1]))],
  ['nested', (names) => ({ id: 1, fields: Object.fromEntries(names.map((name) => [name, 1])) })],
];

/** What holds a measurement must not be a local of the test: the rows of the one before would still be alive. */
function realAndEstimated(
  count: number,
  make: (i: number) => Fields,
  from: number,
): [real: number, estimated: number] {
  for (let i = 0; i < 50; i++) make(i);
  const rows: unknown[] = new Array(count).fill(0);
  const before = heapUsed();
  for (let i = 0; i < count; i++) rows[i] = make(from + i);
  const real = heapUsed() - before;
  return [real, estimateRowsSize(rows) - count * 8];
}

describe('records as maps', MEASURED, () => {
  for (const [made, make] of MADE) {
    for (const [shape, nameOf] of made === 'nested' ? SHAPES.slice(0, 2) : SHAPES) {
      test(`${shape}, ${made}, are counted at what their classes, tables and names take`, () => {
        for (const names of [1, 4, 13, 40, 128, 600]) {
          const count = Math.ceil(10_000 / (names + 3));
          const row = (n: number) => make(range(names, 0).map((field) => nameOf(n, field)));
          const [real, estimated] = realAndEstimated(count, row, 1000);
          const ratio = estimated / real;
          expect(ratio, `${names} names`).toBeGreaterThan(0.6);
          expect(ratio, `${names} names`).toBeLessThan(2.5);
        }
      });
    }
  }

  test('what every batch has again is counted once', () => {
    const sample = new RowSample();
    const batch = (from: number) => range(64, from).map((n) => ({ id: n, [`name ${n % 40}`]: 1, again: n }));
    const first = estimateRowsSize(batch(0), sample);
    expect(estimateRowsSize(batch(64), sample)).toBeLessThan(first / 1.5);
    expect(estimateRowsSize(batch(1000), sample)).toBeLessThan(first / 1.5);
  });

  test('rows with fields that may be absent are not taken for maps', () => {
    const sample = new RowSample();
    const batch = (from: number) =>
      range(1024, from).map((n) => {
        const row: Fields = { id: n, at: n + 1, what: 'seen' };
        for (let bit = 0; bit < 6; bit++) if ((Math.imul(n, 40503) >> bit) & 1) row[`field ${bit}`] = bit;
        return row;
      });
    let estimated = 0;
    for (let i = 0; i < 20; i++) estimated += estimateRowsSize(batch(i * 1024), sample);
    // 32 bytes, 8 for each of six fields on the average, and the place.
    expect(estimated).toBeLessThan(20 * 1024 * 88 * 1.5);
  });
});
