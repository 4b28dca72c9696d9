import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareKeys } from '../storage/compare-keys.ts';
import { decodeRows, encodeRows } from '../storage/row-codec.ts';
import type { Preparation } from './plan.ts';
import { finishPreparation } from './preparation.ts';

const preparation = (finish: Preparation['finish']): Preparation => ({
  name: 'test',
  rddId: 0,
  action: { kind: 'countPartition' },
  finish,
});

test('offsets are where each partition starts in the whole', () => {
  const results = [3, 0, 2].map((count) => encodeRows([count]));
  const prepared = finishPreparation(preparation({ kind: 'partitionOffsets' }), results);
  expect(decodeRows(prepared)).toEqual([0, 3, 3]);
});

test('bounds ascend, come from the samples and are fewer than the partitions', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.oneof(fc.integer(), fc.string())), { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 2, max: 9 }),
      (samples, numPartitions) => {
        const results = samples.map((keys) => encodeRows([[keys.length * 2, keys]]));
        const finish = { kind: 'rangeBounds', numPartitions, ascending: true } as const;
        const bounds = decodeRows(finishPreparation(preparation(finish), results));
        expect(bounds.length).toBeLessThan(numPartitions);
        for (const bound of bounds) expect(samples.flat()).toContainEqual(bound);
        for (let i = 1; i < bounds.length; i++) {
          expect(compareKeys(bounds[i - 1], bounds[i])).toBeLessThan(0);
        }
      },
    ),
  );
});
