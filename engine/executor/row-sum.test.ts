import { expect, test } from 'vitest';
import { seededRandom } from '../testing.ts';
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

class Vector extends Array<number> {}
class Named {
  static name = null as never;
  readonly x = 1;
}

function itemAt(at: number, length: number): number[] {
  const array: number[] = [];
  array[at] = 1;
  array.length = length;
  return array;
}

function ring(length: number, first: number): object {
  const nodes = Array.from({ length }, (_, n) => new Point(n));
  nodes.forEach((node, n) => {
    Object.assign(node, { inner: nodes[(n + 1) % length] });
  });
  return nodes[first]!;
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
  'what errors hold': () => [
    new Error('a'),
    new Error('a', { cause: 1 }),
    new Error('a', { cause: 2 }),
    new AggregateError([1], 'a'),
    new AggregateError([2], 'a'),
  ],
  'where sparse and long arrays have their items': () =>
    [1200, 1300, 100_000].flatMap((at) => [itemAt(at, at + 1), itemAt(at, at + 2), itemAt(at + 1, at + 2)]),
  'fields of arrays of a class': () => [
    Object.assign(new Vector(1, 2), { unit: 'm' }),
    Object.assign(new Vector(1, 2), { unit: 's' }),
    new Vector(1, 2),
    [1, 2],
  ],
  'where in a cycle one is': () => [ring(3, 0), ring(3, 1), ring(4, 0), [ring(3, 0)], [ring(3, 1)]],
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

/** Of each line both hold the same, but V8 or another function made it otherwise. */
const SAME: Record<string, () => [unknown, unknown]> = {
  'a NaN of either sign among doubles': () => [
    new Float64Array([Number.NaN]),
    new Float64Array(new Uint32Array([0, 0xfff80000]).buffer),
  ],
  'an array with all its places and a table of its items': () => {
    const table = itemAt(50_000, 60_000);
    const places = Array.from({ length: 60_000 }, (): number | undefined => undefined);
    places[50_000] = 1;
    return [table, places];
  },
  'one object twice, and two that are alike': () => {
    const [one, other] = [new Point(1, [2]), new Point(1, [2])];
    return [new Point(0, [one, one]), new Point(0, [one, other])];
  },
  'a large object twice, and two that are alike': () => {
    const many = () => Array.from({ length: 100 }, (_, n) => new Point(n));
    const one = many();
    return [new Point(0, [one, [one]]), new Point(0, [many(), [many()]])];
  },
  'a regular expression that was used and one that was not': () => {
    const used = /a/g;
    used.test('aa');
    return [used, /a/g];
  },
};

for (const [name, make] of Object.entries(SAME)) {
  test(`does not tell apart ${name}`, () => {
    const [one, other] = make();
    expect(String(sumOf(one))).toBe(String(sumOf(other)));
    expect(String(sumOf(one, new Point(1)))).toBe(String(sumOf(new Point(1), other)));
  });
}

test('is the same for rows that share parts, with cycles or without, in any order and number of calls', () => {
  const random = seededRandom(5);
  const pick = <T>(from: T[]): T => from[Math.floor(random() * from.length)]!;
  for (let round = 0; round < 10; round++) {
    const parts: Point[] = [];
    for (let n = 0; n < 120; n++)
      parts.push(new Point(n % 7, [pick(parts), pick(parts), pick(parts.slice(-2))]));
    const nodes = parts.slice(0, round % 2 === 0 ? 0 : 20);
    for (const node of nodes) (node.inner as unknown[]).push(pick(nodes), pick(parts));
    const rows = Array.from({ length: 20 }, () => [pick(parts), pick(parts)]);
    const byOne = new RowSum();
    for (const row of rows.toReversed()) byOne.add([row]);
    expect(String(byOne)).toBe(String(sumOf(...rows)));
  }
});

test('goes once into what many ways lead to, and what many rows share', () => {
  let looks = 0;
  class Counted {
    static get name() {
      looks++;
      return 'Counted';
    }
    readonly parts: unknown[];
    constructor(...parts: unknown[]) {
      this.parts = parts;
    }
  }
  let part = new Counted();
  for (let i = 0; i < 200; i++) part = new Counted(part, part);
  expect(sumOf(part).isPartial).toBe(false);
  expect(looks).toBeLessThan(2 * 200 * 10);
  looks = 0;
  const shared = Array.from({ length: 1000 }, () => new Counted());
  expect(sumOf(...Array.from({ length: 100 }, (_, n) => new Point(n, shared))).isPartial).toBe(false);
  expect(looks).toBe(2 * 1000);
});

test('takes what cannot be looked at for what cannot be seen', () => {
  const away = new Uint8Array(8);
  structuredClone(away, { transfer: [away.buffer] });
  class Asked {
    static get name(): string {
      throw new Error('never to be asked');
    }
    readonly x = 1;
  }
  for (const row of [away, away.buffer, new Asked()]) {
    expect(sumOf(row).isPartial).toBe(true);
    expect(String(sumOf([row]))).toBe(String(sumOf([row])));
  }
  expect(sumOf(new Named(), Object.create({ constructor: 1 })).isPartial).toBe(false);
});
