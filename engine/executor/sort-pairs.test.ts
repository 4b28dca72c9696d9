import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareKeys } from '../storage/compare-keys.ts';
import { sortedOrder } from './sort-pairs.ts';

const LARGE = 3000;

test('numbers sort as compareKeys has it, equal ones in their old order, by radix as by comparison', () => {
  const special = fc.constantFrom(
    0,
    -0,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    5e-324,
    1,
    -1,
  );
  const some = fc.array(fc.oneof(special, fc.double(), fc.integer()), { minLength: 1, maxLength: 50 });
  fc.assert(
    fc.property(some, fc.constantFrom('ascending' as const, 'descending' as const), (values, ordering) => {
      const keys = Array.from({ length: LARGE }, (_, i) => values[(i * 7) % values.length]!);
      const sign = ordering === 'ascending' ? 1 : -1;
      const expected = keys.map((_, i) => i).sort((a, b) => sign * compareKeys(keys[a], keys[b]));
      expect([...sortedOrder(keys, ordering)]).toEqual(expected);
    }),
    { seed: 2, numRuns: 30 },
  );
});

test('other keys sort in their natural order', () => {
  const keys = ['b', 1, null, 'a', undefined, 2n, true];
  expect([...sortedOrder(keys, 'ascending')].map((at) => keys[at])).toEqual([
    null,
    true,
    1,
    2n,
    'a',
    'b',
    undefined,
  ]);
});
