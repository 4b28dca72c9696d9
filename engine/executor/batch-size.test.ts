import { expect, test } from 'vitest';
import { withContext } from '../testing.ts';
import { BATCH_ROWS, BatchSize } from './batch-size.ts';
import { batchesFrom } from './batches.ts';

/** In one piece: a text of `repeat` would be the same for all rows. */
const wide = (i: number, bytes: number): string => Buffer.alloc(bytes, 97 + (i % 26)).toString('latin1');

test('small rows go a thousand at a time, large ones as a megabyte holds', () => {
  const small = new BatchSize();
  // Nobody knows yet.
  expect(small.rows).toBe(1);
  small.look([[1, 2]], 1);
  expect(small.rows).toBe(64);
  small.look(Array(64).fill([1, 2]), 64);
  expect(small.rows).toBe(BATCH_ROWS);
  const large = new BatchSize();
  large.look(
    Array.from({ length: 64 }, (_, i) => wide(i, 100_000)),
    64,
  );
  expect(large.rows).toBeGreaterThan(5);
  expect(large.rows).toBeLessThan(15);
});

test('rows that become many are bounded by what came of them', () => {
  const size = new BatchSize();
  size.look(
    Array.from({ length: 64_000 }, (_, i) => `row ${i}`),
    64,
  );
  expect(size.rows).toBeGreaterThan(5);
  expect(size.rows).toBeLessThan(64);
});

test('texts of many pieces count for these', () => {
  let text = 'pieces';
  for (let n = 0; n < 1000; n++) text += String.fromCharCode(97 + (n % 26));
  const size = new BatchSize();
  size.look(Array(64).fill(text), 64);
  expect(size.rows).toBeLessThan(64);
  // It is in one piece now.
  size.look(Array(64).fill(text), 64);
  expect(size.rows).toBeGreaterThan(500);
});

test('no batch of an iterable is much larger than a megabyte', () => {
  const batches = batchesFrom(
    (function* () {
      for (let i = 0; i < 2000; i++) yield wide(i, 20_000);
    })(),
  );
  let total = 0;
  for (let rows = batches.next(); rows !== undefined; rows = batches.next()) {
    expect(rows.length).toBeLessThan(64);
    total += rows.length;
  }
  expect(total).toBe(2000);
});

test('wide rows between two loops are few at a time, and none is lost', async () => {
  await withContext({ executors: 1 }, async ({ sc }) => {
    const text = 'x'.repeat(50_000);
    // A batch of the first loop is what the second is handed at once.
    const rows = sc.range(0, 3000, 1, 1).map((n) => ({ n, text: `${n}${text}` }));
    const ids = await rows
      .filter(({ n }) => n % 3 !== 0)
      .mapPartitions(function* (some) {
        for (const { n } of some) yield n;
      })
      .collect();
    expect(ids).toEqual(Array.from({ length: 3000 }, (_, i) => i).filter((n) => n % 3 !== 0));
  });
});
