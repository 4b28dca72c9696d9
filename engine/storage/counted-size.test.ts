import { expect, test } from 'vitest';
import { countedSize } from './counted-size.ts';
import { RowSample } from './row-sample.ts';
import { arrayBytes, estimateSize } from './size-estimate.ts';

const MOST = 1 << 30;

/** As who takes them in one by one. */
function estimateEach(values: readonly unknown[]): number {
  const sample = new RowSample();
  return values.reduce<number>((sum, value) => sum + sample.size(value), 0);
}

test('is the estimate where that looks at all', () => {
  for (const value of [
    'text',
    1.5,
    [1, 2, [3, ['x', null]]],
    { a: { b: new Map([[1, { c: 'd' }]]) }, e: new Set(['f']), g: new Uint8Array(9), h: new Date(0) },
  ])
    expect(countedSize([value], MOST)).toBe(arrayBytes(1) + estimateSize(value));
});

test('knows one large part among many small ones, wherever it hides', () => {
  const large = { inner: { list: Array.from({ length: 20_000 }, (_, i) => [i, 'x']) } };
  const alone = countedSize([large], MOST);
  for (let at = 0; at < 300; at += 7) {
    const row = new Map(Array.from({ length: 300 }, (_, i) => [`k${i}`, i === at ? { i, large } : { i }]));
    const bytes = countedSize([row], MOST);
    expect(bytes).toBeGreaterThan(alone);
    expect(bytes).toBeLessThan(alone * 1.1);
  }
});

test('counts the places of what takes nothing besides, and the names that no other record has', () => {
  const numbers = Array.from({ length: 10_000 }, (_, i) => i);
  expect(countedSize(numbers, MOST)).toBe(arrayBytes(10_000));
  const named = numbers.map((i) => ({ [`name ${i}`]: i }));
  expect(countedSize(named, MOST)).toBe(arrayBytes(10_000) + estimateEach(named));
  expect(countedSize(named, MOST)).toBeGreaterThan(
    3 *
      countedSize(
        numbers.map((i) => ({ i })),
        MOST,
      ),
  );
});

test('ends at most, also in a circle, and needs no stack for what is deep', () => {
  const circle: unknown[] = [];
  circle.push(circle, circle);
  expect(countedSize([circle], 10_000)).toBeLessThan(10_200);
  let list: unknown = null;
  for (let i = 0; i < 200_000; i++) list = { i, next: list };
  expect(countedSize([list], MOST)).toBeGreaterThan(200_000 * 40);
  expect(countedSize([], MOST)).toBe(arrayBytes(0));
});
