import { expect, test } from 'vitest';
import { hashRow } from './row-hash.ts';

const doubles = new Float64Array([7, 45]);
/** As V8 holds what comes from an array of doubles, and what is written in a program. */
const SMALL = 45;
const narrow = 'cdefghijklmnopqrstuvw';
const wide = `\u4444${narrow}`.slice(1);
const zero = doubles[0]! - 7;

const negativeNan = new Float64Array(new Uint32Array([0, 0xfff80000, 0, 0]).buffer);

function failure(makeStack: () => Error): Error {
  return makeStack();
}

test.each<[string, unknown, unknown]>([
  ['numbers in a set', new Set([doubles[1]]), new Set([SMALL])],
  ['numbers in a map', new Map([[doubles[1], [doubles[1]]]]), new Map([[SMALL, [SMALL]]])],
  ['texts in a set', new Set([wide]), new Set([narrow])],
  ['texts in a record in a map', new Map([['a', { wide }]]), new Map([['a', { wide: narrow }]])],
  ['NaN in an array of doubles', new Float64Array([Number.NaN, zero]), negativeNan],
  ['errors thrown from elsewhere', new Error('no'), failure(() => new Error('no'))],
  ['one object twice and two', new Set([[doubles, doubles]]), new Set([[doubles, doubles.slice()]])],
  ['a view of a larger buffer', new Uint8Array([0, 1, 2]).subarray(1), new Uint8Array([1, 2])],
])('%s: the same content is the same row', (_, one, other) => {
  expect(hashRow([one])).toBe(hashRow([other]));
});

const builtins: unknown[] = [
  new Map([['a', 1]]),
  new Map([['a', 2]]),
  new Map([['b', 1]]),
  new Set(['c', 1]),
  new Set([1, 'c']),
  new Uint8Array([1, 2, 3]),
  new Float64Array([1, Number.NaN]),
  new Float64Array([2, Number.NaN]),
  new Float64Array([1, 2]),
  new Float32Array([1, 2]),
  new BigInt64Array([1n, 2n]),
  new DataView(new Uint8Array([4]).buffer),
  new Uint8Array([5, 6]).buffer,
  /a/g,
  /a/,
  /b/,
  new Error('no'),
  new Error('yes'),
  new TypeError('no'),
  Object('boxed'),
];

test('other content is another row', () => {
  expect(new Set(builtins.map((value) => hashRow(value))).size).toBe(builtins.length);
});

test('what cannot travel is left to the encoding: cycles, a buffer that was given away, a getter that throws', () => {
  const cycle = new Map<string, unknown>();
  cycle.set('self', cycle).set('again', cycle);
  const away = new Uint8Array(8);
  structuredClone(away, { transfer: [away.buffer] });
  const error = Object.defineProperty(new Error('no'), 'message', {
    get() {
      throw new Error('never to be read');
    },
  });
  for (const row of [cycle, away, away.buffer, error, new WeakMap()]) {
    expect(hashRow([row])).toBe(hashRow([row]));
  }
});
