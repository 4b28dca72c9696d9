/** A loop over the places of these arrays would take minutes, and room for them more than there is: the tests end, so neither is done. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EntryAccount } from '../shuffle/entry-account.ts';
import { hashRow } from '../shuffle/row-hash.ts';
import { flattenTexts } from './flat-text.ts';
import { hasItemTable, isFlat } from './heap-probe.ts';
import { hashKey, keyToMapKey } from './key-encoding.ts';
import { withOwnText } from './own-text.ts';
import { decodeRows, encodeRows } from './row-codec.ts';
import { estimateSize } from './size-estimate.ts';
import { isSparse, itemPositions } from './sparse-array.ts';
import { heapUsed, MEASURED } from './test-heap.ts';

const FAR = 4e9;

function sparse(items: Record<number, unknown>, length = 0): unknown[] {
  const array: unknown[] = [];
  for (const [position, item] of Object.entries(items).reverse()) array[Number(position)] = item;
  array.length = Math.max(array.length, length);
  return array;
}

const joined = (i: number): string => `${'ab'.repeat(20)}${i} ${Math.random()}`;

describe('arrays with far fewer items than places', MEASURED, () => {
  test('are told from those that have all their places', () => {
    const filled = new Array(100_000);
    filled[99_999] = 1;
    const [near, far] = [sparse({ 1: 1 }), sparse({ 0: 1, [FAR]: 2 })];
    expect([near, filled, far, new Proxy(far, {})].map(isSparse)).toEqual([false, false, true, false]);
    expect(itemPositions(Object.assign(far, { '1.5': 1, '-1': 1, name: 1, '4294967295': 1 }))).toEqual([
      0,
      FAR,
    ]);
  });

  test('their texts are put in one piece, also within rows', () => {
    const [first, inner] = [joined(1), joined(2)];
    expect([isFlat(first), isFlat(inner)]).toEqual([false, false]);
    flattenTexts(sparse({ [FAR]: first }));
    flattenTexts({ list: sparse({ 3: 1, [FAR]: { inner } }) });
    expect([isFlat(first), isFlat(inner)]).toEqual([true, true]);
  });

  test('their texts become their own, frozen or not', () => {
    const line = (i: number) =>
      Buffer.from(`${i} is a line of some length\n`.repeat(4000)).toString('latin1').split('\n')[i]!;
    const before = heapUsed();
    const kept = Array.from({ length: 100 }, (_, i) => {
      const row = sparse({ 0: line(i), [FAR]: [line(i)] });
      return withOwnText(i % 2 === 0 ? row : Object.freeze(row));
    });
    expect(heapUsed() - before).toBeLessThan(500_000);
    expect(kept[3]![FAR]).toEqual([line(3)]);
  });

  test('are counted at what they take', () => {
    for (const items of [1, 10, 1000]) {
      const make = () =>
        sparse(Object.fromEntries(Array.from({ length: items }, (_, i) => [i * 40_000 + 5000, i / 3])));
      make();
      const rows: unknown[] = new Array(Math.ceil(20_000 / items)).fill(0);
      const before = heapUsed();
      for (let i = 0; i < rows.length; i++) rows[i] = make();
      const real = heapUsed() - before;
      const estimated = rows.reduce<number>((sum, row) => sum + estimateSize(row), 0);
      expect(estimated, `${items} items`).toBeGreaterThan(real * 0.6);
      expect(estimated, `${items} items`).toBeLessThan(real * 1.7);
    }
  });

  test('one among the values of a table that is measured does not stand for all of them', () => {
    const account = new EntryAccount({
      budget: 1e6,
      acquire: () => false,
      force() {},
      release() {},
      isHeapShort: () => false,
      mostHeld: () => 1e9,
    });
    const keys = Array.from({ length: 5000 }, (_, i) => i);
    const values: unknown[] = keys.map((key) =>
      key < 4990 ? [key, key] : Array.from({ length: 1000 }, () => key),
    );
    // The newest few stand for all until they are refused and the table is measured, of which one value in two is seen.
    values[51] = sparse({ [FAR]: 1 });
    account.step = 5000;
    account.grow(keys, values);
    expect(account.held).toBeLessThan(5e6);
  });

  test('hash as the same array that has all its places, and not as others', () => {
    const places = new Array(5000);
    places[0] = places[4500] = 'x';
    const table = sparse({ 0: 'x', 4500: 'x' }, 5000);
    expect([hasItemTable(places), hasItemTable(table)]).toEqual([false, true]);
    expect(hashRow([table])).toBe(hashRow([places]));
    const others = [{ 0: 'x', 4501: 'x' }, { 0: 'x' }, { 4500: 'x' }].map((items) => sparse(items, 5000));
    expect(new Set([table, sparse({ 0: 'x', 4500: 'x' }, FAR), ...others].map(hashRow)).size).toBe(5);
  });

  test('are no keys', () => {
    const message = 'a key cannot be an array of 4000000001 places that are mostly empty';
    for (const key of [sparse({ [FAR]: 1 }), { a: [sparse({ [FAR]: 1 })] }]) {
      expect(() => hashKey(key)).toThrow(message);
      expect(() => keyToMapKey(key)).toThrow(message);
    }
  });

  test('come back exactly, as tables', () => {
    const array = fc
      .record({
        items: fc.dictionary(
          fc.nat({ max: FAR }).map(String),
          fc.oneof(fc.integer(), fc.string(), fc.constant(undefined)),
          { maxKeys: 5 },
        ),
        more: fc.constantFrom(0, 1, 3000),
      })
      .map(({ items, more }) => {
        const made = sparse(items);
        made.length += more;
        return made;
      });
    fc.assert(
      fc.property(
        fc.array(fc.oneof(array, fc.sparseArray(fc.integer(), { maxLength: 5 })), { maxLength: 8 }),
        (rows) => {
          const back = decodeRows(encodeRows(rows)) as unknown[][];
          expect(back.map(({ length }) => length)).toEqual(rows.map(({ length }) => length));
          expect(back.map((row) => Object.entries(row))).toEqual(rows.map((row) => Object.entries(row)));
          for (const row of back) if (row.length > 100_000) expect(isSparse(row)).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
    expect(() => encodeRows([sparse({ 7: 1, [FAR]: () => 1 })])).toThrow(
      'row 0 cannot travel between processes: it holds a value of type function at [4000000000]',
    );
  });
});
