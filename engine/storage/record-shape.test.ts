import { expect, test } from 'vitest';
import { recordShape } from './record-shape.ts';
import { decodeRows, encodeRows } from './row-codec.ts';
import { heapUsed } from './test-heap.ts';

const namesOf = (shape: number, fields: number) => Array.from({ length: fields }, (_, i) => `${shape} ${i}`);

test('shapes of wide records that are met once or often leave little behind', () => {
  const pass = (shape: number, times: number): void => {
    const row = Object.fromEntries(namesOf(shape, 250).map((name, i) => [name, i]));
    const rows = Array.from({ length: times }, () => row);
    expect(decodeRows(encodeRows(rows))).toHaveLength(times);
  };
  pass(0, 1);
  pass(0, 100);
  const before = heapUsed();
  for (let shape = 1; shape <= 120; shape++) pass(shape, shape % 3 === 0 ? 20 : 1);
  expect(heapUsed() - before).toBeLessThan(4_000_000);
});

test('rows come back the same, whichever way: before they are many and after, also with names that mean something', () => {
  const names = ['__proto__', 'constructor', '7', 'a b', ...namesOf(0, 30)];
  const rows = Array.from({ length: 5 }, (_, n) => {
    const row = {};
    for (const [i, name] of names.entries())
      Object.defineProperty(row, name, {
        value: n * i,
        enumerable: true,
        configurable: true,
        writable: true,
      });
    return row as Record<string, unknown>;
  });
  for (let pass = 0; pass < 20; pass++) {
    const shape = recordShape(names, rows.length);
    const back = shape.join(shape.split(rows), rows.length);
    expect(back.map((row) => Object.entries(row as object))).toEqual(rows.map((row) => Object.entries(row)));
    expect(back.every((row) => Object.getPrototypeOf(row) === Object.prototype)).toBe(true);
  }
});
