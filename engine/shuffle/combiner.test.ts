import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keyToMapKey } from '../storage/key-encoding.ts';
import { MemoryManager } from '../storage/memory-manager.ts';
import { Combiner } from './combiner.ts';
import { KeyIndex } from './key-index.ts';

const key = fc.oneof(
  fc.integer({ min: -20, max: 20 }),
  fc.double(),
  fc.constantFrom(NaN, 0, -0, 2 ** 40, 'a', '', 'é漢', null, undefined, true, 1n, 2n ** 64n, -(2n ** 64n)),
  fc.constantFrom('\0', '\0I10000000000000000;'),
  fc.string({ maxLength: 2 }),
  fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 2 }),
  fc.record({ a: fc.boolean(), b: fc.integer({ min: 0, max: 2 }) }),
);

const onPromise = (from: string): never => {
  throw new Error(`${from} returned a promise`);
};

const join = (a: unknown, b: unknown) => `${a}|${b}`;

describe('combiner', () => {
  test('equal keys and only those are combined, in order', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(key, fc.nat()), { maxLength: 300 }), fc.boolean(), (pairs, create) => {
        const combiner = new Combiner(
          {
            createCombiner: create ? (value) => `<${value}` : undefined,
            mergeValue: join,
            mergeCombiners: join,
          },
          { id: 'test', onPromise },
        );
        const expected = new Map<unknown, { key: unknown; value: unknown }>();
        for (const [k, value] of pairs) {
          combiner.insertValue(k, value);
          const slot = expected.get(keyToMapKey(k));
          if (slot) slot.value = join(slot.value, value);
          else expected.set(keyToMapKey(k), { key: k, value: create ? `<${value}` : value });
        }
        const { keys, values } = combiner.toPairs();
        expect(keys.map((k, i) => [keyToMapKey(k), values[i]])).toEqual(
          [...expected].map(([mapKey, slot]) => [mapKey, slot.value]),
        );
        expect(combiner.size).toBe(expected.size);
      }),
    );
  });

  test('the key index numbers each key once, through growth', () => {
    const index = new KeyIndex();
    const expected = new Map<unknown, number>();
    for (let i = 0; i < 20_000; i++) {
      for (const k of [`key ${i % 7001}`, i % 5003, (i % 3001) / 8, -i]) {
        const mapKey = keyToMapKey(k);
        if (!expected.has(mapKey)) expected.set(mapKey, index.size);
        if (index.add(k) !== expected.get(mapKey)) throw new Error(`${k} was numbered anew`);
      }
    }
    expect(index.size).toBe(expected.size);
  });

  test('asks for memory as it grows, and drains when refused without losing anything', () => {
    const add = (a: unknown, b: unknown) => (a as number) + (b as number);
    const memory = new MemoryManager(1 << 20);
    const task = memory.forTask();
    const totals = new Map<unknown, number>();
    let drained = 0;
    const collect = (k: unknown, value: unknown) => totals.set(k, (totals.get(k) ?? 0) + (value as number));
    const combiner = new Combiner(
      { mergeValue: add, mergeCombiners: add },
      {
        id: 'test-memory',
        onPromise,
        memory: task,
        onMemoryRefused: (full) => {
          drained++;
          full.drain(collect);
        },
      },
    );
    for (let i = 0; i < 100_000; i++) combiner.insertValue(`key ${i % 30_000}`, 1);
    combiner.drain(collect);
    expect(drained).toBeGreaterThan(1);
    expect(memory.peakExecution).toBeGreaterThan(1 << 19);
    expect(memory.executionUsed).toBe(0);
    expect(totals.size).toBe(30_000);
    expect([...totals.values()].reduce((a, b) => a + b)).toBe(100_000);
  });

  for (const [name, merge, grows] of [
    ['texts that are joined', (a: string, b: string) => a + b, true],
    ['texts of which one is kept', (a: string, b: string) => (a > b ? a : b), false],
  ] as const) {
    test(`${name} ${grows ? 'count as they grow' : 'never count as large'}`, () => {
      const memory = new MemoryManager(1 << 20);
      const drained = new Map<unknown, string[]>();
      const collect = (k: unknown, value: unknown) =>
        drained.set(k, [...(drained.get(k) ?? []), value as string]);
      let refusals = 0;
      const combiner = new Combiner(
        {
          mergeValue: merge as (a: unknown, b: unknown) => unknown,
          mergeCombiners: merge as (a: unknown, b: unknown) => unknown,
        },
        {
          id: `test-texts-${grows}`,
          onPromise,
          memory: memory.forTask(),
          onMemoryRefused: (full) => {
            refusals++;
            full.drain(collect);
          },
        },
      );
      const values = Array.from({ length: 50_000 }, (_, i) => `${i} `.padStart(100));
      for (const [i, value] of values.entries()) combiner.insertValue(i % 10, value);
      combiner.drain(collect);
      expect(refusals > 2).toBe(grows);
      expect(memory.peakExecution).toBeLessThan(1.2 * (1 << 20));
      const ofThird = values.filter((_, i) => i % 10 === 3);
      expect(drained.get(3)!.reduce(merge)).toBe(ofThird.reduce(merge));
    });
  }

  test('a promise is never combined', () => {
    const late = () => Promise.resolve(1);
    const create = new Combiner(
      { createCombiner: late, mergeValue: late, mergeCombiners: late },
      { id: 'test-create', onPromise },
    );
    const merge = new Combiner({ mergeValue: late, mergeCombiners: late }, { id: 'test-async', onPromise });
    expect(() => create.insertValue('a', 1)).toThrow('createCombiner returned a promise');
    merge.insertValue('a', 1);
    expect(() => merge.insertValue('a', 1)).toThrow('mergeValue returned a promise');
    expect(() => merge.insertCombiners(['a'], [1])).toThrow('mergeCombiners returned a promise');
  });
});
