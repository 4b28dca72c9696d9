import { expect, test } from 'vitest';
import { countedSize } from './counted-size.ts';
import { estimateSize } from './size-estimate.ts';

const MOST = 1 << 30;

test('is the estimate where that looks at all', () => {
  for (const value of [
    'text',
    1.5,
    [1, 2, [3, ['x', null]]],
    { a: { b: new Map([[1, { c: 'd' }]]) }, e: new Set(['f']), g: new Uint8Array(9), h: new Date(0) },
  ])
    expect(countedSize([value], MOST)).toBe(estimateSize(value));
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

test('ends at most, also in a circle, and needs no stack for what is deep', () => {
  const circle: unknown[] = [];
  circle.push(circle, circle);
  expect(countedSize([circle], 10_000)).toBeLessThan(10_200);
  let list: unknown = null;
  for (let i = 0; i < 200_000; i++) list = { i, next: list };
  expect(countedSize([list], MOST)).toBeGreaterThan(200_000 * 40);
  expect(countedSize([], MOST)).toBe(0);
});
