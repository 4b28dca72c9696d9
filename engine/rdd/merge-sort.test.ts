import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mergeSort } from './merge-sort.ts';

test('sorts as Array.sort does, stable and with undefined last, awaiting where it must', async () => {
  const row = fc.option(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.nat()), { nil: undefined });
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 60 }), fc.boolean(), async (rows, awaits) => {
      const compare = (a = [0, 0], b = [0, 0]) => a[0]! - b[0]!;
      const sorted = await mergeSort(rows, awaits ? async (a, b) => compare(a, b) : compare);
      expect(sorted).toEqual(rows.toSorted(compare));
    }),
  );
});
