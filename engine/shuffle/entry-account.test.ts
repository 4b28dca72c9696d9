import { expect, test } from 'vitest';
import { MemoryManager } from '../storage/memory-manager.ts';
import { heapUsed, MEASURED } from '../storage/test-heap.ts';
import { EntryAccount } from './entry-account.ts';

const COUNT = 3000;

/** A text of as many pieces as characters: 32 bytes each while it is not in one. */
function pieces(i: number): string {
  let text = '';
  for (let n = 0; n < 300; n++) text += String.fromCharCode(97 + ((n + i) % 26));
  return text;
}

test('texts of many pieces in a table take what is accounted for them', MEASURED, () => {
  const keys: unknown[] = [];
  const values: unknown[] = [];
  const entries = new EntryAccount(new MemoryManager(1 << 30).forTask());
  pieces(0);
  const before = heapUsed();
  let unaccounted = 0;
  for (let i = 0; i < COUNT; i++) {
    keys.push(i);
    values.push(pieces(i));
    if (++unaccounted < entries.step) continue;
    entries.grow(keys, values);
    unaccounted = 0;
  }
  const [real, accounted] = [heapUsed() - before, keys.length - unaccounted];
  expect(values).toHaveLength(COUNT);
  // Those that are not asked for yet are still in pieces.
  expect(real - unaccounted * 32 * 300).toBeLessThan(entries.held * 1.5);
  expect(accounted).toBeGreaterThan(COUNT * 0.6);
});
