import { expect, test } from 'vitest';
import { mapOf } from './driver-room.ts';

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
