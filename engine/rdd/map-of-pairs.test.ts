import { expect, test } from 'vitest';
import { withContext } from '../testing.ts';
import { DriverHeap } from './driver-heap.ts';
import { DriverRoom } from './driver-room.ts';
import { mapOf, mapOfLast } from './map-of-pairs.ts';

const call = { name: 'collectAsMap', callSite: undefined };

test('a Map of pairs has as many keys as a Map can have, the last value of each', () => {
  const pairs: [string, number][] = [
    ['a', 1],
    ['b', 2],
    ['a', 3],
  ];
  expect(mapOf(call, pairs, 2)).toEqual(mapOf(call, pairs));
  expect([...mapOf(call, pairs, 2)]).toEqual([
    ['a', 3],
    ['b', 2],
  ]);
  expect(() => mapOf(call, pairs, 1)).toThrow(
    expect.objectContaining({
      code: 'RESULT_TOO_LARGE',
      message: 'collectAsMap: there are more keys than the 1 that a Map can have',
    }),
  );
});

test('equal arrays, objects and dates are one key, with the last value', () =>
  withContext({}, async ({ sc }) => {
    const pairs: [unknown, unknown][] = [
      [[1], 3],
      ['[1]', 'a text'],
      [new Date(0), 1],
      [{ a: 1, b: 2 }, 'x'],
      [[1], 4],
      [new Date(0), 2],
      [0, 'zero'],
      [{ b: 2, a: 1 }, 'y'],
      [-0, 'none'],
      [null, 5],
      [[1, [null]], undefined],
      [null, 6],
    ];
    const rows = sc.parallelize(pairs, 3);
    const map = await rows.collectAsMap();
    expect([...map]).toEqual([
      [[1], 4],
      ['[1]', 'a text'],
      [new Date(0), 2],
      [{ a: 1, b: 2 }, 'y'],
      [0, 'none'],
      [null, 6],
      [[1, [null]], undefined],
    ]);
    for (const counted of [await rows.countByKey(), await rows.reduceByKeyLocally((_, last) => last)])
      expect(counted.size).toBe(map.size);
    const noKeys = sc.parallelize<[Set<number>, number]>([[new Set([1]), 1]]);
    await expect(noKeys.collectAsMap()).rejects.toMatchObject({ code: 'KEY_NOT_HASHABLE' });
    await expect(noKeys.countByKey()).rejects.toThrow('a key cannot be an instance of Set');
  }));

test('what keys are compared by takes room in the driver, too', () => {
  let used = 10 << 20;
  const heap = new DriverHeap({
    size: 100 << 20,
    statistics: () => ({ used, pages: used }),
    spaces: () => ({ young: 0, oldPages: used }),
    inUse: () => used,
    now: () => 0,
  });
  const pairs = Array.from({ length: 10_000 }, (_, i): [number[], number] => [[i], i]);
  expect(mapOfLast(call, pairs, 10_000, new DriverRoom(call, heap)).size).toBe(10_000);
  const tooLarge = expect.objectContaining({ code: 'RESULT_TOO_LARGE' });
  expect(() => mapOfLast(call, pairs, 9_999, new DriverRoom(call, heap))).toThrow(tooLarge);
  used = 90 << 20;
  expect(() => mapOfLast(call, pairs, 10_000, new DriverRoom(call, heap))).toThrow(tooLarge);
});
