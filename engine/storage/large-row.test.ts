/** One row that is a good part of the memory there is. */
import { expect, test, vi } from 'vitest';

const MB = 1 << 20;
vi.resetModules();
vi.doMock('./heap-room.ts', () => ({ OLD_LIMIT: 64 * MB, ENGINE_HEAP: 10 * MB }));
const { decodeRows, encodeRows } = await import('./row-codec.ts');

test('one with a proxy in it travels as what that shows', () => {
  const row = { id: 1, text: new Proxy({ of: 'x'.repeat(9 * MB) }, {}) };
  const [, read] = decodeRows(encodeRows([2, row])) as [number, typeof row];
  expect(read.text.of === row.text.of).toBe(true);
  const refused = () => encodeRows([{ ...row, handle: () => 1 }]);
  expect(refused).toThrow(expect.objectContaining({ code: 'ROW_NOT_SERIALIZABLE' }));
});

test('a list of numbers is taken for what it is', () => {
  const numbers = Array.from({ length: 2_000_000 }, (_, i) => (i % 9 === 0 ? i : i + 0.5));
  numbers[0] = -0;
  numbers[1] = Number.NaN;
  const [read] = decodeRows(encodeRows([numbers])) as number[][];
  expect(read!.length).toBe(numbers.length);
  expect(numbers.every((number, i) => Object.is(number, read![i]))).toBe(true);
  // Among others each number is an object of its own.
  const mixed = encodeRows([[...numbers, 'x']]);
  expect(() => decodeRows(mixed)).toThrow(
    expect.objectContaining({
      code: 'ROW_TOO_LARGE',
      message: 'a row takes about 43 MB of memory: too much for a process that has 54 MB for rows',
      hint: 'Split the row into several, or raise --executor-memory.',
    }),
  );
});

test('bytes outside of the heap may be more than the heap', () => {
  const bytes = new Uint8Array(70 * MB).fill(7);
  const [read] = decodeRows(encodeRows([{ bytes, buffer: bytes.buffer }])) as [{ bytes: Uint8Array }];
  expect(read.bytes.length).toBe(bytes.length);
  expect(read.bytes.at(-1)).toBe(7);
});

test('texts by one template that are in many places in turn are written once each', () => {
  const letters = ['a', 'b', 'c'].map((name) => `${name}${'x'.repeat(MB)}`);
  const row = Array.from({ length: 300 }, (_, i) => ({ i, text: letters[i % 3] }));
  const bytes = encodeRows([row]);
  expect(bytes.length).toBeLessThan(4 * MB);
  const [read] = decodeRows(bytes) as [typeof row];
  expect(read.every(({ text }, i) => text === letters[i % 3])).toBe(true);
});
