import { expect, test } from 'vitest';
import { JoinTable } from './join-table.ts';

test('what a join holds is asked of the memory budget: values as well as keys', () => {
  let acquired = 0;
  const memory = {
    acquire: (bytes: number) => {
      acquired += bytes;
      return true;
    },
    release: () => {},
  };
  const table = new JoinTable(memory);
  const keys = Array.from({ length: 2000 }, (_, i) => i % 10);
  table.add(
    keys,
    keys.map((key) => `${key}`.repeat(500)),
  );
  expect(acquired).toBeGreaterThan(2000 * 500);
  expect(acquired).toBeLessThan(2000 * 600);
});
