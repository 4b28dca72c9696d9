import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StagelightError } from '../errors.ts';
import { compareKeys } from './compare-keys.ts';
import { hashKey, keyToMapKey } from './key-encoding.ts';
import { hashInt, hashLong, hashString } from './murmur3.ts';

interface Golden {
  /** A JavaScript expression. */
  key: string;
  hash: number;
  /** What keyToMapKey gives: a string itself, anything else with its type before it. */
  mapKey: string;
}

const goldenPath = new URL('./key-encoding.golden.json', import.meta.url);
const golden = JSON.parse(readFileSync(goldenPath, 'utf8')) as Golden[];
const evaluate = (expression: string): unknown => new Function(`return (${expression})`)();

const leaf = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.double(),
  fc.constantFrom(NaN, -0, Infinity, 2 ** 53, -(2 ** 60)),
  fc.bigInt({ min: -3n, max: 3n }),
  fc.constantFrom(2n ** 53n + 1n, 2n ** 64n, -(2n ** 63n) - 1n, 2n ** 70n),
  fc.string({ unit: 'binary', maxLength: 3 }),
  fc.constantFrom('', '1', 'n1;', '\0', '\0s', '\0[n1;]', '\0I10000000000000000;', 'I10000000000000000;'),
  fc.boolean(),
  fc.constantFrom(null, undefined),
  fc.integer({ min: 0, max: 3 }).map((time) => new Date(time)),
);
/** Around the bounds of 64 bits, and with nothing or little in the lowest 64. */
const bound = fc.tuple(
  fc.constantFrom(0n, 1n << 63n, -1n << 63n, 1n << 64n, -1n << 64n, 1n << 128n, 1n),
  fc.bigInt({ min: -2n, max: 2n }),
  fc.constantFrom(0n, 0n, 64n),
);
const largeBigint = bound.map(([base, offset, shift]) => (base + offset) << shift);
const key = fc.letrec((tie) => ({
  key: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.array(tie('key'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'n1;'), tie('key'), { maxKeys: 2 }),
  ),
})).key;

/** Whether keys are the same, by an oracle of its own. */
function same(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    return a === b || (Number.isNaN(a) && Number.isNaN(b));
  }
  if (a instanceof Date || b instanceof Date) {
    return a instanceof Date && b instanceof Date && Object.is(a.getTime(), b.getTime());
  }
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length) return false;
  return names.every((name) => Object.hasOwn(b, name) && same(Reflect.get(a, name), Reflect.get(b, name)));
}

describe('keys', () => {
  test('hashes and canonical forms are those written down', () => {
    for (const { key: expression, hash, mapKey } of golden) {
      const value = evaluate(expression);
      const actual = keyToMapKey(value);
      expect([expression, hashKey(value)]).toEqual([expression, hash]);
      expect(typeof actual === 'string' ? actual : `${typeof actual} ${String(actual)}`).toBe(mapKey);
    }
  });

  test('another process agrees', () => {
    const program = `
      import { hashKey } from ${JSON.stringify(new URL('./key-encoding.ts', import.meta.url).href)};
      import { readFileSync } from 'node:fs';
      const golden = JSON.parse(readFileSync(new URL(${JSON.stringify(goldenPath.href)}), 'utf8'));
      console.log(JSON.stringify(golden.map(({ key }) => hashKey(new Function('return (' + key + ')')()))));`;
    const answer = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
      encoding: 'utf8',
    });
    expect(JSON.parse(answer)).toEqual(golden.map(({ hash }) => hash));
  });

  test("scalars hash as Spark's hash() does", () => {
    expect(hashKey('a')).toBe(1485273170);
    expect(hashInt(1, 42)).toBe(-559580957);
    expect(hashLong(1, 0, 42)).toBe(-1712319331);
    expect(hashKey(1n)).toBe(-1712319331);
    // hash('Spark', array(123), 2)
    expect(hashInt(2, hashInt(123, hashString('Spark', 42)))).toBe(-1321691492);
  });

  test('the bytes of a string are its UTF-8', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        // Each UTF-8 byte as a latin-1 character would hash differently, so compare through whole blocks of bytes.
        const bytes = Buffer.from(text, 'utf8');
        let h = 42;
        const mix = (state: number, k: number) => {
          k = Math.imul(k, 0xcc9e2d51);
          k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
          state ^= k;
          return (Math.imul((state << 13) | (state >>> 19), 5) + 0xe6546b64) | 0;
        };
        const whole = bytes.length & ~3;
        for (let i = 0; i < whole; i += 4) h = mix(h, bytes.readInt32LE(i));
        for (let i = whole; i < bytes.length; i++) h = mix(h, bytes.readInt8(i));
        h ^= bytes.length;
        h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
        h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
        expect(hashKey(text)).toBe(h ^ (h >>> 16));
      }),
    );
  });

  test('same keys and no others share a map key; same keys share a hash; the order agrees', () => {
    fc.assert(
      fc.property(key, key, (a, b) => {
        const equal = same(a, b);
        expect(new Set([keyToMapKey(a), keyToMapKey(b)]).size).toBe(equal ? 1 : 2);
        if (equal) expect(hashKey(a)).toBe(hashKey(b));
        expect(compareKeys(a, b) === 0).toBe(equal);
      }),
      { numRuns: 3000 },
    );
    expect(hashKey({ b: 1, a: [2] })).toBe(hashKey({ a: [2], b: 1 }));
  });

  test('bigints are the same key by their value alone, whatever their size, by themselves and in arrays', () => {
    const alias = fc.oneof(
      largeBigint,
      largeBigint.map(Number),
      largeBigint.map(String),
      largeBigint.map((value) => `\0I${value.toString(16)};`),
    );
    fc.assert(
      fc.property(largeBigint, alias, (a, b) => {
        expect(keyToMapKey(a)).toBe(keyToMapKey(BigInt(String(a))));
        for (const [left, right] of [
          [a, b],
          [[a], [b]],
          [[a], b],
        ]) {
          const equal = same(left, right);
          expect(new Set([keyToMapKey(left), keyToMapKey(right)]).size).toBe(equal ? 1 : 2);
          if (equal) expect(hashKey(left)).toBe(hashKey(right));
          expect(compareKeys(left, right) === 0).toBe(equal);
        }
      }),
      { numRuns: 3000 },
    );
  });

  test('bigints are kept as they are within 64 bits, and as texts beyond, of which V8 would hash but the lowest 64', () => {
    for (const bits of [62n, 63n, 64n, 65n, 128n]) {
      for (const value of [(1n << bits) - 1n, 1n << bits, -1n << bits, (-1n << bits) - 1n]) {
        const fits = value >= -(2n ** 63n) && value < 2n ** 63n;
        expect([value, typeof keyToMapKey(value)]).toEqual([value, fits ? 'bigint' : 'string']);
      }
    }
  });

  test('the form of a long key is put together from pieces', () => {
    const numbers = Array.from({ length: 20_000 }, (_, i) => i);
    expect(keyToMapKey([numbers, 'a'])).toBe(`\0[[${numbers.map((n) => `n${n};`).join('')}]s1:a]`);
  });

  test('the natural order is total', () => {
    fc.assert(
      fc.property(key, key, key, (a, b, c) => {
        expect(Math.sign(compareKeys(a, b))).toBe(0 - Math.sign(compareKeys(b, a)));
        if (compareKeys(a, b) <= 0 && compareKeys(b, c) <= 0)
          expect(compareKeys(a, c)).toBeLessThanOrEqual(0);
      }),
      { numRuns: 3000 },
    );
    const ordered = [null, false, true, -Infinity, -2, 1, 1n, 1.5, 2n, Infinity, NaN, '', 'B', 'a'];
    const rest = [
      new Date(0),
      new Date(1),
      [],
      [1],
      [1, 2],
      [2],
      {},
      { a: 1 },
      { a: 1, b: 0 },
      { b: 0 },
      undefined,
    ];
    const all = [...ordered, ...rest];
    expect([...all].reverse().sort((a, b) => compareKeys(a, b))).toEqual(all);
  });

  test('what is no key is refused by name', () => {
    class Point {}
    const messageOf = (run: () => unknown) => {
      try {
        run();
      } catch (error) {
        return error instanceof StagelightError ? `${error.code}: ${error.message}` : String(error);
      }
      return 'accepted';
    };
    let deep: unknown = 1;
    for (let i = 0; i < 100; i++) deep = [deep];
    for (const use of [hashKey, keyToMapKey]) {
      expect(messageOf(() => use(new Point()))).toBe(
        'KEY_NOT_HASHABLE: a key cannot be an instance of Point',
      );
      expect(messageOf(() => use([new Map()]))).toBe('KEY_NOT_HASHABLE: a key cannot be an instance of Map');
      expect(messageOf(() => use(Symbol()))).toContain('KEY_NOT_HASHABLE');
      expect(messageOf(() => use([() => 1]))).toContain('KEY_NOT_HASHABLE');
      expect(messageOf(() => use(deep))).toContain('nested more than 64 levels deep');
    }
    expect(messageOf(() => compareKeys(new Point(), 1))).toBe(
      'KEY_NOT_ORDERABLE: a value of type Point has no natural order',
    );
  });
});

test('a large number as a key is told apart by hexadecimal digits, which are made in no time', () => {
  const large = 1n << 4_000_000n;
  for (const form of [
    keyToMapKey,
    (key: bigint) => keyToMapKey([key]),
    (key: bigint) => keyToMapKey({ key }),
  ]) {
    expect((form(large) as string).length).toBeLessThan(1_000_100);
    expect(form(large)).toBe(form(1n << 4_000_000n));
    expect(form(large) === form(large + 1n)).toBe(false);
    expect(form(large) === form(-large)).toBe(false);
    expect(form(10n ** 20n) === form(BigInt(`0x1${'0'.repeat(20)}`))).toBe(false);
    expect(form(2n ** 63n) === form(2n ** 63n - 1n)).toBe(false);
  }
});
