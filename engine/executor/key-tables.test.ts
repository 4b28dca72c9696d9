import { describe, expect, test } from 'vitest';
import { Combiner } from '../shuffle/combiner.ts';
import { MemoryManager } from '../storage/memory-manager.ts';
import { heapUsed, MEASURED } from '../storage/test-heap.ts';
import { JoinTable } from './join-table.ts';

const KEYS: [name: string, key: (i: number) => unknown][] = [
  ['texts', (i) => `key ${i}`],
  ['whole numbers', (i) => i],
  ['bigints', (i) => BigInt(i)],
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
