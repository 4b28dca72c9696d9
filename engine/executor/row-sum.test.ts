import { expect, test } from 'vitest';
import { RowSum } from './row-sum.ts';

function sumOf(...rows: unknown[]): RowSum {
  const sum = new RowSum();
  sum.add(rows);
  return sum;
}

class Point {
  readonly x: number;
  readonly inner: unknown;
  constructor(x: number, inner?: unknown) {
    this.x = x;
    this.inner = inner;
  }
}
class Hidden {
  readonly #x = Math.random();
  x(): number {
    return this.#x;
  }
}
class MoreHidden extends Hidden {
  readonly y = 1;
}

/** Of each line all are different, and each is the same when it is made again. */
const SEEN: Record<string, () => unknown[]> = {
  primitives: () => [1, '1', 1n, true, null, undefined, Symbol('1'), Number.NaN],
  'instances of classes': () => [new Point(1), new Point(2), { x: 1, inner: undefined }, new Point(1, null)],
  'what they hold': () => [
    new Point(1, [1]),
    new Point(1, [[1]]),
    new Point(1, new Point(1)),
    new Point(1, new Map([[1, 2]])),
  ],
  'built-in values': () => [
    new Date(1),
    new Date(2),
    new Set([1]),
    new Set([2]),
    /a/g,
    /a/i,
    new Uint8Array([1]),
    new TypeError('a'),
    new RangeError('a'),
  ],
  'fields that are not listed, or have symbols for names': () => [
    Object.assign(new Point(1), { [Symbol.for('v')]: 1 }),
    Object.assign(new Point(1), { [Symbol.for('v')]: 2 }),
    Object.assign(new Point(1), { [Symbol.for('w')]: 1 }),
    Object.defineProperty(new Point(1), 'v', { value: 1, enumerable: false }),
    Object.defineProperty(new Point(1), 'v', { value: 2, enumerable: false }),
  ],
  'what objects are made of': () => [
    Object.create({ v: 1 }),
    Object.create({ v: 2 }),
    Object.create(Object.create({ v: 2 })),
    Object.create(null),
  ],
  'names of fields': () => [{ a: 1 }, { b: 1 }, { a: 1, b: 1 }],
};

for (const [name, make] of Object.entries(SEEN)) {
  test(`sees ${name}`, () => {
    const sums = make().map((row) => sumOf(row));
    expect(new Set(sums.map(String)).size).toBe(sums.length);
    expect(make().map((row) => String(sumOf(row)))).toEqual(sums.map(String));
    expect(sums.some(({ isPartial }) => isPartial)).toBe(false);
  });
}

test('does not depend on the order of rows, but on their number', () => {
  expect(String(sumOf(new Point(1), new Point(2)))).toBe(String(sumOf(new Point(2), new Point(1))));
  expect(String(sumOf(new Point(1), new Point(1)))).not.toBe(String(sumOf(new Point(1))));
  expect(String(sumOf())).not.toBe(String(sumOf(undefined)));
});

test('comes to an end for cycles and deep rows', () => {
  const cycle = () => {
    const point: { next?: unknown; all: unknown[] } = { all: [] };
    point.next = point;
    point.all.push(point, new Point(3, point));
    return point;
  };
  expect(String(sumOf(cycle()))).toBe(String(sumOf(cycle())));
  let deep: unknown = 1;
  for (let i = 0; i < 100_000; i++) deep = [deep];
  expect(sumOf(deep).isPartial).toBe(true);
});

test('says where it cannot see everything, and compares the rest', () => {
  const rows: ((n: number) => unknown)[] = [
    (n) => ({ n, next: () => Math.random() }),
    (n) => [n, () => n],
    (n) => [n, new Hidden()],
    (n) => [n, new MoreHidden()],
    (n) => [n, new WeakMap(), Promise.resolve(n)],
    (n) => [n, new Proxy({}, {})],
    (n) => ({
      n,
      inner: {
        get x() {
          return Math.random();
        },
      },
    }),
  ];
  for (const make of rows) {
    expect(sumOf(make(1)).isPartial).toBe(true);
    expect(String(sumOf(make(1)))).toBe(String(sumOf(make(1))));
    expect(String(sumOf(make(1)))).not.toBe(String(sumOf(make(2))));
  }
});
