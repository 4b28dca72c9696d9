import { expect, test } from 'vitest';
import { decodeValue } from '../closure/decode-value.ts';
import { encodeValue } from '../closure/encode-value.ts';
import { AccumulatorRoom } from './accumulator-room.ts';
import { DriverHeap } from './driver-heap.ts';

const MB = 1 << 20;
const addition = { title: 'collectionAccumulator "c"', callSite: undefined, stageId: 7, bytes: 12 * MB };

/** In a heap of 100 MB of which so many bytes are in use when it is asked for the n-th time. */
function roomWith(used: (asked: number) => number): AccumulatorRoom {
  let asked = 0;
  const heap = new DriverHeap({
    size: 100 * MB,
    statistics: () => {
      const bytes = used(asked++);
      return { used: bytes, pages: bytes };
    },
    spaces: () => ({ young: 0, oldPages: used(asked) }),
    inUse: () => used(asked),
    now: () => 0,
  });
  return new AccumulatorRoom(addition, heap);
}

const refused = (message: string | RegExp) =>
  expect.objectContaining({ code: 'ACCUMULATED_TOO_MUCH', message: expect.stringMatching(message) });

const LARGE: [what: string, value: string | unknown[] | Set<number> | Map<number, number>][] = [
  ['a long text', 'x'.repeat(20 * MB)],
  ['a text that one character makes wide', `${'x'.repeat(10 * MB)}ё`],
  ['a list of little', new Array(MB).fill(null)],
  ['a list of numbers', new Array(MB).fill(0.5)],
  ['a set', new Set(Array.from({ length: 400_000 }, (_, i) => i))],
  ['a map', new Map(Array.from({ length: 400_000 }, (_, i) => [i, i]))],
];

const sizeOf = (value: (typeof LARGE)[0][1]) =>
  typeof value === 'string' || Array.isArray(value) ? value.length : value.size;

test.each(LARGE)('%s that there is no room for is refused before it is made', (_, value) => {
  const bytes = encodeValue(value);
  const read = decodeValue(bytes, { room: roomWith(() => 10 * MB) }) as typeof value;
  expect(sizeOf(read)).toBe(sizeOf(value));
  expect(() => decodeValue(bytes, { room: roomWith(() => 75 * MB) })).toThrow(
    refused(
      /^collectionAccumulator "c": .* stage 7 added \(12 MB encoded\): 75 MB of 100 MB .* up to \d\d MB$/,
    ),
  );
});

test.each<[what: string, value: unknown]>([
  ['texts', Array.from({ length: 400 }, (_, i) => `${i}`.repeat(10_000))],
  ['objects', Array.from({ length: 200_000 }, (_, x) => ({ x, y: [x] }))],
  ['empty objects', Array.from({ length: 400_000 }, () => ({}))],
])('many %s are refused as soon as the heap is full of them', (_, value) => {
  const bytes = encodeValue(value);
  let asked = 0;
  const room = roomWith((n) => {
    asked = n;
    return (60 + n * 5) * MB;
  });
  expect(() => decodeValue(bytes, { room })).toThrow(refused(/are in use with \d.* MB of it read/));
  expect(asked).toBeLessThan(10);
});

test('what is added is merged where there is room for the places of both', () => {
  const list = new Array(MB).fill(0);
  expect(() => roomWith(() => 50 * MB).merges(list, list)).not.toThrow();
  expect(() => roomWith(() => 60 * MB).merges(list, list)).toThrow(
    refused(/60 MB of 100 MB .* up to 32 MB$/),
  );
  expect(() => roomWith(() => 60 * MB).merges('', 'x')).not.toThrow();
  const text = 'x'.repeat(16 * MB);
  expect(() => roomWith(() => 50 * MB).merges(text, text)).not.toThrow();
  expect(() => roomWith(() => 60 * MB).merges(text, text)).toThrow(refused(/up to 32 MB$/));
  const record = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`name ${i}`, i]));
  expect(() => roomWith(() => 70 * MB).merges(record, record)).not.toThrow();
  expect(() => roomWith(() => 80 * MB).merges(record, record)).toThrow(refused(/up to 12 MB$/));
});
