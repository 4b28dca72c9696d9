import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { StagelightError } from '../errors.ts';
import { compareKeys } from '../storage/compare-keys.ts';
import { makePartitioner } from './partitioner.ts';
import { boundsFromSamples } from './range-bounds.ts';

const here = { mapPartition: 0 };
const number = fc.oneof(fc.integer({ min: -50, max: 50 }), fc.double());
const anyKey = fc.oneof(number, fc.string({ maxLength: 3 }), fc.constant(null));

describe('partitioners', () => {
  test('hash: in range, the same for equal keys', () => {
    const place = makePartitioner({ kind: 'hash', numPartitions: 7 }, here);
    fc.assert(
      fc.property(anyKey, (key) => {
        expect(place(key)).toBeGreaterThanOrEqual(0);
        expect(place(key)).toBeLessThan(7);
        expect(Number.isInteger(place(key))).toBe(true);
      }),
    );
    expect(place({ a: 1, b: 2 })).toBe(place({ b: 2, a: 1 }));
    expect(place(-0)).toBe(place(0));
  });

  test.each(['numbers', 'mixed'])(
    'range over %s: order of partitions is order of keys, both ways',
    (kind) => {
      const keys = fc.array(kind === 'numbers' ? number : anyKey, { maxLength: 400 });
      fc.assert(
        fc.property(keys, fc.integer({ min: 1, max: 300 }), keys, (sample, numPartitions, others) => {
          const bounds = boundsFromSamples([{ count: sample.length * 3, keys: sample }], numPartitions);
          expect(bounds.length).toBeLessThan(numPartitions);
          for (let i = 1; i < bounds.length; i++)
            expect(compareKeys(bounds[i - 1], bounds[i])).toBeLessThan(0);
          const spec = { kind: 'range', numPartitions, rddId: 1 } as const;
          const up = makePartitioner({ ...spec, ascending: true }, { ...here, bounds });
          const down = makePartitioner({ ...spec, ascending: false }, { ...here, bounds });
          const ordered = [...sample, ...others].sort(compareKeys);
          let last = 0;
          for (const key of ordered) {
            // The oracle: the first bound that is not below the key.
            const at = bounds.findIndex((bound) => compareKeys(key, bound) <= 0);
            const place = up(key);
            expect(place).toBe(at < 0 ? bounds.length : at);
            expect(place).toBeGreaterThanOrEqual(last);
            expect(down(key)).toBe(bounds.length - place);
            last = place;
          }
        }),
        { numRuns: 60 },
      );
    },
  );

  test('bounds cut the weight evenly, heed the weight of small samples, and keep equal keys together', () => {
    const even = Array.from({ length: 100 }, (_, i) => i);
    expect(boundsFromSamples([{ count: 100, keys: even }], 4)).toEqual([24, 49, 74]);
    const small = { count: 9000, keys: Array.from({ length: 10 }, (_, i) => 1000 + i) };
    const [middle] = boundsFromSamples([{ count: 100, keys: even }, small], 2) as [number];
    expect(middle).toBe(1004);
    expect(boundsFromSamples([{ count: 5, keys: ['a', 'a', 'a', 'a', 'b'] }], 4)).toEqual(['a', 'b']);
    expect(boundsFromSamples([{ count: 0, keys: [] }], 4)).toEqual([]);
    expect(boundsFromSamples([], 1)).toEqual([]);
  });

  test('random: round-robin from a start that depends on seed and map partition alone', () => {
    const places = (mapPartition: number, seed: number) => {
      const place = makePartitioner({ kind: 'random', numPartitions: 5, seed }, { mapPartition });
      return Array.from({ length: 12 }, () => place('x'));
    };
    expect(places(3, 1)).toEqual(places(3, 1));
    for (const run of [places(0, 1), places(1, 1)]) {
      run.forEach((place, i) => {
        expect(place).toBe((run[0]! + i) % 5);
      });
    }
    const starts = new Set(Array.from({ length: 40 }, (_, mapPartition) => places(mapPartition, 1)[0]));
    expect([...starts].sort()).toEqual([0, 1, 2, 3, 4]);
  });

  test('custom: the result is checked', () => {
    const messageOf = (result: unknown) => {
      try {
        return makePartitioner(
          { kind: 'custom', numPartitions: 4, closure: 'c' },
          { ...here, closure: () => result },
        )(1);
      } catch (error) {
        return `${(error as StagelightError).code}: ${(error as Error).message}`;
      }
    };
    expect(messageOf(3)).toBe(3);
    const needed = 'where an integer from 0 to 3 is needed';
    expect(messageOf(4)).toBe(`PARTITIONER_RESULT: the partitioner returned 4 ${needed}`);
    expect(messageOf(-1)).toBe(`PARTITIONER_RESULT: the partitioner returned -1 ${needed}`);
    expect(messageOf(NaN)).toBe(`PARTITIONER_RESULT: the partitioner returned NaN ${needed}`);
    expect(messageOf('1')).toBe(`PARTITIONER_RESULT: the partitioner returned "1" ${needed}`);
    expect(messageOf(undefined)).toBe(`PARTITIONER_RESULT: the partitioner returned undefined ${needed}`);
    expect(messageOf(Promise.resolve(1))).toBe(
      `PARTITIONER_RESULT: the partitioner returned a value of type object ${needed}`,
    );
  });
});
