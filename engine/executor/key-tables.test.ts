import { describe, expect, test } from 'vitest';
import { Combiner } from '../shuffle/combiner.ts';
import { KeyIndex } from '../shuffle/key-index.ts';
import { MemoryManager } from '../storage/memory-manager.ts';
import { heapUsed, MEASURED } from '../storage/test-heap.ts';
import { JoinTable } from './join-table.ts';
import { KeyTable } from './key-table.ts';

const KEYS: [name: string, key: (i: number) => unknown][] = [
  ['texts', (i) => `key ${i}`],
  ['whole numbers', (i) => i],
  ['bigints', (i) => BigInt(i)],
  ['large bigints', (i) => BigInt(i + 1) << 64n],
  ['dates', (i) => new Date(i)],
  ['pairs', (i) => [i, `k${i}`]],
  ['objects', (i) => ({ year: i, name: `n${i}` })],
];
const COUNT = 40_000;

function expectNear(estimated: number, real: number): void {
  expect(estimated).toBeGreaterThan(real / 1.5);
  expect(estimated).toBeLessThan(real * 1.6);
}

describe('what tables of keys say they take is about what they take', MEASURED, () => {
  for (const [name, key] of KEYS) {
    for (const perKey of [1, 3]) {
      test(`a join by ${name}, ${perKey} to a key`, () => {
        const before = heapUsed();
        const table = new JoinTable();
        let estimated = 0;
        for (let from = 0; from < COUNT; from += 1000) {
          const rows = Array.from({ length: 1000 }, (_, i) => from + i);
          estimated += table.add(
            rows.map((i) => key(Math.floor(i / perKey))),
            rows,
          );
        }
        expectNear(estimated, heapUsed() - before);
        expect(table.size).toBe(Math.ceil(COUNT / perKey));
      });
    }

    test(`a combiner by ${name}`, () => {
      const memory = new MemoryManager(1 << 30);
      const before = heapUsed();
      const add = (a: unknown, b: unknown) => (a as number) + (b as number);
      const combiner = new Combiner(
        { mergeValue: add, mergeCombiners: add },
        {
          id: `test-${name}`,
          memory: memory.forTask(),
          onPromise: (from) => {
            throw new Error(from);
          },
        },
      );
      for (let i = 0; i < COUNT; i++) combiner.insertValue(key(i), i);
      expectNear(combiner.held, heapUsed() - before);
      expect(combiner.size).toBe(COUNT);
    });
  }
});

/** A Map hashes them all alike as bigints, and looks at each of those before: many minutes rather than a second. */
test('bigints that differ above their lowest 64 bits only are found at once', () => {
  const COLLIDING = 300_000;
  const keys = Array.from({ length: COLLIDING }, (_, i) => BigInt(i) << 64n);
  const index = new KeyIndex();
  const table = new KeyTable<{ key: unknown }>((key) => ({ key }));
  for (const key of keys) {
    index.add(key);
    table.slot(key);
  }
  expect(index.size).toBe(COLLIDING);
  expect(table.size).toBe(COLLIDING);
  const isWrong = (key: bigint, i: number) =>
    index.add(key) !== i || index.keys[i] !== key || table.get(key)?.key !== key;
  expect(keys.filter(isWrong)).toEqual([]);
});
