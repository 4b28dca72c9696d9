import { expect, test } from 'vitest';
import { decodeRows, encodeRows } from './row-codec.ts';
import { nested } from './test-deep.ts';

const bytes = Uint8Array.from({ length: 64 }, (_, i) => i);

/** Some are views of a part of a buffer, in places where wider numbers are not aligned when they are written. */
const VIEWS: [string, ArrayBufferView][] = [
  ['Uint8Array', new Uint8Array(bytes.buffer, 3, 5)],
  ['Uint8ClampedArray', new Uint8ClampedArray([1, 2, 255])],
  ['Int16Array', new Int16Array(bytes.buffer, 6, 3)],
  ['Float32Array', new Float32Array([Number.NaN, -0, 1.5])],
  ['Float64Array', new Float64Array([Number.NaN, -0, 1.5])],
  ['Float64Array of more bytes than objects have place for', new Float64Array(1000).fill(7)],
  ['BigInt64Array', new BigInt64Array([-1n])],
  ['DataView', new DataView(bytes.buffer, 2, 7)],
  ['Buffer', Buffer.from('text')],
  ['an empty one', new Uint8Array(0)],
];

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
  Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength).toString('hex');

const innermost = (row: unknown): unknown => {
  let at = row as { v?: unknown; next?: unknown };
  while (at.next !== undefined) at = at.next as typeof at;
  return at.v;
};

const PLACES: Record<string, (view: unknown) => unknown> = {
  'a row': (view) => decodeRows(encodeRows([1, view]))[1],
  'a field': (view) => (decodeRows(encodeRows([{ a: 1, view }])) as [{ view: unknown }])[0].view,
  'a Map': (view) => (decodeRows(encodeRows([new Map([['a', view]])])) as [Map<string, unknown>])[0].get('a'),
  'a deep row': (view) => {
    const row = nested(100, (inner, i) => ({ next: i === 0 ? { v: view } : inner }));
    return innermost(decodeRows(encodeRows([row]))[0]);
  },
};

for (const [place, travelled] of Object.entries(PLACES)) {
  test.each(VIEWS)(`${place}: %s comes back with a buffer that holds it and nothing else`, (_, view) => {
    const back = travelled(view) as ArrayBufferView;
    expect(Object.getPrototypeOf(back)).toBe(Object.getPrototypeOf(view));
    expect(bytesOf(back)).toBe(bytesOf(view));
    expect([back.byteOffset, back.buffer.byteLength]).toEqual([0, view.byteLength]);
  });
}

test('views of one column do not share a buffer, nor that of the bytes they were read from', () => {
  const encoded = encodeRows([Uint8Array.of(1, 2), Uint8Array.of(3)]);
  const [first, second] = decodeRows(encoded) as [Uint8Array, Uint8Array];
  encoded.fill(0);
  expect([...first, ...second]).toEqual([1, 2, 3]);
  expect(first.buffer).not.toBe(second.buffer);
});
