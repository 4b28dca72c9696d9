import { expect, test } from 'vitest';
import { decodeRowsIn, encodeRows } from '../storage/row-codec.ts';
import { DriverHeap } from './driver-heap.ts';
import { DriverRoom } from './driver-room.ts';

const MB = 1 << 20;

/** A heap of 100 MB of which so many are in use. */
function heapWith(used: number): DriverHeap {
  return new DriverHeap({
    size: 100 * MB,
    statistics: () => ({ used, pages: used }),
    spaces: () => ({ young: 0, oldPages: used }),
    inUse: () => used,
    now: () => 0,
  });
}

test('a large row that there is no room for is refused before it is read', () => {
  const list = Array.from({ length: 800_000 }, (_, i) => ({ i }));
  const bytes = encodeRows([1, { list }, 2]);
  const collect = { name: 'collect', callSite: undefined };
  const took: number[] = [];
  const read = (used: number) => {
    const room = new DriverRoom(collect, heapWith(used));
    return decodeRowsIn(bytes, {
      comes: (heap) => room.comes(heap),
      took: (rows) => took.push(rows),
    });
  };
  expect(read(10 * MB)).toEqual([1, { list }, 2]);
  took.length = 0;
  expect(() => read(70 * MB)).toThrow(
    expect.objectContaining({
      code: 'RESULT_TOO_LARGE',
      message: expect.stringMatching(
        /^collect: the driver has no room for its rows: 70 MB of 100 MB are in use .*, and the next takes about \d\d MB$/,
      ),
    }),
  );
  expect(took).toEqual([1]);
});
