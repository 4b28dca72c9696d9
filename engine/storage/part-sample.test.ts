/** The sizes of what hides large parts among small ones, from samples. */
import { afterEach, expect, test } from 'vitest';
import { care } from './care.ts';
import { someOf, standsFor } from './part-sample.ts';
import { estimateRowsSize, estimateSize } from './size-estimate.ts';

afterEach(() => {
  care.isTaken = false;
});

const many = (length: number, from = 0) => Array.from({ length }, (_, i) => ({ i: from + i }));
const large = many(100_000);
/** A thousand small parts and, at every place in turn, the large one. */
const hidden = (at: number, part: unknown = large) =>
  Array.from({ length: 1000 }, (_, i) => (i === at ? part : { i, s: 'x' }));

test('as many as are wanted stand for all, evenly where all look alike', () => {
  const some = someOf(many(1000), 64);
  expect(some.parts).toHaveLength(64);
  const stand = some.parts.map((_, i) => standsFor(some, i));
  expect(stand.reduce((sum, each) => sum + each)).toBeCloseTo(1000);
  expect(new Set(stand).size).toBe(1);
  const few = many(64);
  expect(someOf(few, 64)).toEqual({ parts: few, stand: undefined });
});

test.each([
  ['a list', large],
  ['a text', 'z'.repeat(4_000_000)],
  ['bytes', new Uint8Array(4_000_000)],
  ['a map', new Map(large.map((record) => [record.i, record.i]))],
])('%s among small records counts, wherever it is', (_, part) => {
  const alone = estimateSize(part);
  expect(alone).toBeGreaterThan(1_000_000);
  for (const at of [0, 1, 500, 511, 999]) {
    const size = estimateSize(hidden(at, part));
    expect(size).toBeGreaterThan(alone * 0.9);
    expect(size).toBeLessThan(alone * 1.2);
    const rows = estimateRowsSize(hidden(at, part));
    expect(rows).toBeGreaterThan(alone * 0.9);
    expect(rows).toBeLessThan(alone * 1.2);
  }
});

test('two lists of many among small records do not count for all', () => {
  const row = hidden(7);
  row[901] = many(5000);
  const size = estimateSize(row);
  const alone = estimateSize(large);
  expect(size).toBeGreaterThan(alone * 0.9);
  expect(size).toBeLessThan(alone * 1.4);
});

test.each([
  ['a list of 100,000 numbers', Array.from({ length: 100_000 }, (_, i) => i)],
  ['bytes', new Float64Array(1 << 17)],
  [
    'a list whose only item is far out',
    (() => {
      const far: unknown[] = [];
      far[1_000_000_000] = 1;
      return far;
    })(),
  ],
])('beside %s the others are not forgotten, whatever they hold that is not seen from outside', (_, part) => {
  const others = many(1023).map(({ i }) => ({ id: i, body: `${i} `.padEnd(10_000, 'z') }));
  const [first] = others;
  const wanted = 1023 * estimateSize(first) + estimateSize(part);
  for (const at of [0, 500, 1023]) {
    const size = estimateRowsSize(others.toSpliced(at, 0, part as never));
    expect(size).toBeGreaterThan(wanted * 0.9);
    expect(size).toBeLessThan(wanted * 1.1);
  }
});

test('with care objects that hold themselves or are linked far down are looked at no deeper', () => {
  care.isTaken = true;
  class Node {
    next: unknown = this;
  }
  const chain = Array.from({ length: 100_000 }).reduce<object>(
    (next) => Object.assign(new Node(), { next }),
    {},
  );
  for (const one of [new Node(), Object.assign(Object.create(null), { list: [] }), chain])
    expect(estimateSize(Array.from({ length: 65 }, () => ({ one })))).toBeGreaterThan(65 * 24);
});

test('with care what is hidden in a field of a record counts, and each row', () => {
  const alone = estimateSize(large);
  const rows = many(1000).map(({ i }) => ({ i, list: i === 333 ? large : [] }));
  expect(estimateRowsSize(rows)).toBeLessThan(alone / 2);
  care.isTaken = true;
  expect(estimateRowsSize(rows)).toBeGreaterThan(alone * 0.9);
  expect(estimateSize(rows)).toBeGreaterThan(alone * 0.9);
  expect(estimateSize(rows)).toBeLessThan(alone * 1.2);
});
