import { expect, test } from 'vitest';
import { cacheReaders } from './cache-readers.ts';
import { cached, narrow, source, union } from './test-lineage.ts';

test('positions are found by all cached partitions below them, each once', () => {
  const nodes = [
    cached(source(0, 2)),
    narrow(1, 0, 2),
    cached(narrow(2, 1, 2)),
    union(3, [
      { rddId: 2, numPartitions: 2 },
      { rddId: 0, numPartitions: 2 },
    ]),
  ];
  // The stage computes partitions 3, 0 and 2 of the union: of the second of RDD 0, the first of RDD 2, the first of RDD 0.
  const partitions = [3, 0, 2];
  const readers = cacheReaders(
    3,
    partitions.keys(),
    (position) => partitions[position]!,
    (rddId) => nodes[rddId]!,
  );
  expect(readers.get(0)).toEqual(
    new Map<number, number | number[]>([
      [1, 0],
      [0, [1, 2]],
    ]),
  );
  expect(readers.get(2)).toEqual(new Map([[0, 1]]));
  expect([...readers.keys()].sort()).toEqual([0, 2]);
});
