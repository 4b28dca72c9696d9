import { describe, expect, test } from 'vitest';
import { flattenTexts } from './flat-text.ts';
import { GrowthMeter } from './growth-meter.ts';
import { RowSample } from './row-sample.ts';
import { heapUsed, MEASURED } from './test-heap.ts';

/** A text of as many pieces as characters: 32 bytes each while it is not in one. */
function pieces(i: number, length = 300): string {
  let text = '';
  for (let n = 0; n < length; n++) text += String.fromCharCode(97 + ((n + i) % 26));
  return text;
}

/** Frozen or not, in whatever it is kept. */
const ROWS: [name: string, make: (i: number) => unknown][] = [
  ['texts', pieces],
  ['texts of a template', (i) => `the row ${pieces(i, 11)} and ${i} and ${pieces(i, 9)}`],
  ['pairs', (i) => [pieces(i), i]],
  ['records', (i) => Object.freeze({ id: i, inner: { text: pieces(i) } })],
  ['sets', (i) => new Set([pieces(i)])],
  ['maps', (i) => new Map([[pieces(i), pieces(i + 1)]])],
];

const COUNT = 2000;

/** Returns what `count` rows take on the heap and what `take` says of them. */
function measured(
  make: (i: number) => unknown,
  take: (rows: unknown[]) => number,
): [real: number, estimated: number] {
  for (let i = 0; i < 100; i++) make(i);
  const rows: unknown[] = new Array(COUNT).fill(0);
  const before = heapUsed();
  for (let i = 0; i < COUNT; i++) rows[i] = make(i);
  const estimated = take(rows);
  const real = heapUsed() - before;
  // Else they might be gone by then.
  expect(rows).toHaveLength(COUNT);
  return [real, estimated];
}

describe('texts that were joined', MEASURED, () => {
  for (const [name, make] of ROWS) {
    test(`${name} take what is accounted for them once they are held`, () => {
      const [real, estimated] = measured(make, (rows) => new RowSample().take(rows) - COUNT * 8);
      expect(estimated).toBeGreaterThan(real * 0.6);
      expect(estimated).toBeLessThan(real * 1.5);
    });
  }

  test('those that come one by one are accounted, too', () => {
    const [real, estimated] = measured(
      (i) => [pieces(i), i],
      (rows) => {
        const meter = new GrowthMeter();
        let bytes = 0;
        for (const row of rows) if (--meter.left === 0) bytes += meter.look(row);
        return bytes;
      },
    );
    expect(estimated).toBeGreaterThan(real * 0.6);
    expect(estimated).toBeLessThan(real * 1.5);
  });

  test('a meter that meets none of them looks as seldom as before', () => {
    const meter = new GrowthMeter();
    let looks = 0;
    for (let i = 0; i < 10_000; i++) {
      if (--meter.left > 0) continue;
      meter.look([i, 'a text']);
      looks++;
    }
    expect(looks).toBeLessThan(60);
  });

  test('cycles end and nothing is asked of a proxy', () => {
    const row: unknown[] = [new Proxy({}, { ownKeys: () => expect.fail('asked') }), pieces(1)];
    row.push(row, new Map([[row, row]]));
    flattenTexts(row);
    expect(row[1]).toBe(pieces(1));
  });
});
