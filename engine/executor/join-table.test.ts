import { expect, test } from 'vitest';
import { JoinTable } from './join-table.ts';

test('what a join holds is told as it grows: values as well as keys', () => {
  const table = new JoinTable();
  const keys = Array.from({ length: 2000 }, (_, i) => i % 10);
  const values = keys.map((key) => `${key}`.repeat(500));
  const first = table.add(keys, values);
  expect(first).toBeGreaterThan(2000 * 500);
  expect(first).toBeLessThan(2000 * 600);
  const wide = Array.from({ length: 100 }, (_, i) => `${i} `.padEnd(1000, 'k'));
  expect(table.add(wide, wide)).toBeGreaterThan(200 * 1000);
});
