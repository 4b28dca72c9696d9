import { describe, expect, test } from 'vitest';
import { estimateRowsSize, estimateSize } from './size-estimate.ts';
import { heapUsed } from './test-heap.ts';

const WIDE = 'сцена и свет '.repeat(100);
const range = (length: number, from: number) => Array.from({ length }, (_, i) => from + i);
/** In one piece, as texts are that were read. */
const text = (characters: string): string => JSON.parse(JSON.stringify(characters));

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
];

/** About what the rows of each kind take: other changes of the heap are small beside it. */
const BYTES = 3_000_000;

describe('estimated sizes', () => {
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
