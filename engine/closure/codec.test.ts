import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteReader, ByteWriter } from './byte-stream.ts';
import { NotEncodable, Slot } from './codec.ts';
import { decodeValue } from './decode-value.ts';
import { encodeValue } from './encode-value.ts';

const roundTrip = (value: unknown) => decodeValue(encodeValue(value));

const data = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withNullPrototype: true,
  withSparseArray: true,
  withTypedArray: true,
  withUnicodeString: true,
  maxDepth: 4,
});

describe('codec', () => {
  test('any data comes back equal, and encodes to the same bytes again', () => {
    fc.assert(
      fc.property(data, (value) => {
        const bytes = encodeValue(value);
        const back = decodeValue(bytes);
        expect(back).toStrictEqual(value);
        expect(encodeValue(back)).toEqual(bytes);
      }),
      { numRuns: 500, seed: 7 },
    );
  });

  test('strings keep every code unit, numbers every bit that JavaScript can see', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) }),
        (text) => {
          expect(roundTrip(text)).toBe(text);
        },
      ),
      { seed: 7 },
    );
    fc.assert(
      fc.property(fc.array(fc.double()), (numbers) => {
        const back = roundTrip(numbers) as number[];
        expect(back.every((each, index) => Object.is(each, numbers[index]))).toBe(true);
      }),
      { seed: 7 },
    );
  });

  test('bigints of any size and sign come back, by themselves, within values, and as keys', () => {
    const near = fc
      .tuple(
        fc.constantFrom(0n, 1n << 63n, -1n << 63n, 1n << 64n, -1n << 64n, 1n << 1000n, -1n << 1000n),
        fc.bigInt({ min: -3n, max: 3n }),
      )
      .map(([base, offset]) => base + offset);
    fc.assert(
      fc.property(near, (value) => {
        expect(roundTrip(value)).toBe(value);
        const within = new Map([[value, [value, { value }, new Set([-value])]]]);
        expect(roundTrip(within)).toStrictEqual(within);
      }),
      { seed: 7 },
    );
  });

  test('large bigints are written in hexadecimal digits, small ones in decimal', () => {
    const textOf = (value: bigint) => new ByteReader(encodeValue(value).subarray(1)).string();
    expect(textOf(2n ** 63n - 1n)).toBe('9223372036854775807');
    expect(textOf(-(2n ** 63n))).toBe('-9223372036854775808');
    expect(textOf(2n ** 63n)).toBe('0x8000000000000000');
    expect(textOf(-(2n ** 63n) - 1n)).toBe('-0x8000000000000001');
    expect(textOf(1n << 4_000_000n)).toHaveLength(1_000_003);
  });

  test('words that lead to a value name small bigints that are keys, and spare the digits of large ones', () => {
    const stepsTo = (key: bigint) => {
      try {
        encodeValue(new Map([[key, Promise.resolve()]]));
      } catch (error) {
        return (error as NotEncodable).trail.map(({ step }) => step);
      }
      return undefined;
    };
    expect(stepsTo(-5n)).toEqual(['', 'get(-5)']);
    expect(stepsTo(1n << 4_000_000n)).toEqual(['', 'get(…)']);
  });

  test('decimal digits are read whatever their number', () => {
    for (const value of [0n, -1n, 2n ** 63n, -(2n ** 64n), 10n ** 40n, -(10n ** 40n)]) {
      const out = new ByteWriter();
      out.byte(Slot.bigint);
      out.string(String(value));
      expect(decodeValue(out.finish())).toBe(value);
    }
    for (const text of ['--1', '-', '--0x1', '0x-1', '-0x']) {
      const out = new ByteWriter();
      out.byte(Slot.bigint);
      out.string(text);
      expect(() => decodeValue(out.finish())).toThrow(SyntaxError);
    }
  });

  test('shared references and cycles stay shared and cyclic', () => {
    const shared = { name: 'shared' };
    const map = new Map<unknown, unknown>([[shared, shared]]);
    const value: Record<string, unknown> = { a: shared, b: [shared, map], set: new Set([shared]) };
    value['self'] = value;
    map.set('up', value);
    const back = roundTrip(value) as {
      a: object;
      b: [object, Map<unknown, unknown>];
      set: Set<object>;
      self: object;
    };
    expect(back.self).toBe(back);
    expect(back.b[0]).toBe(back.a);
    expect(back.b[1].get(back.a)).toBe(back.a);
    expect(back.b[1].get('up')).toBe(back);
    expect(back.set.has(back.a)).toBe(true);
  });

  test('a list linked a hundred thousand times needs no deep stack', () => {
    let list: { next: unknown } = { next: null };
    for (let i = 0; i < 100_000; i++) list = { next: list };
    let length = 0;
    for (let at = roundTrip(list) as { next: unknown } | null; at; at = at.next as { next: unknown } | null)
      length += 1;
    expect(length).toBe(100_001);
  });

  test('an AggregateError keeps its errors, also those that lead back to it', () => {
    const error = new AggregateError([new TypeError('a'), 1, null], 'both', { cause: 'c' });
    error.errors[2] = error;
    const back = roundTrip(error) as AggregateError;
    expect(back).toBeInstanceOf(AggregateError);
    expect([back.message, back.stack, back.cause]).toEqual(['both', error.stack, 'c']);
    expect(back.errors[0]).toBeInstanceOf(TypeError);
    expect([back.errors[1], back.errors[2] === back, back.errors.length]).toEqual([1, true, 3]);
    expect(Object.keys(back)).toEqual([]);
  });

  test('errors, buffers, views and regular expressions keep their kind', () => {
    const error = new RangeError('out', { cause: new TypeError('inner') });
    const back = roundTrip({
      error,
      buffer: Buffer.from('ab'),
      re: /a\/b/giu,
      view: new DataView(new ArrayBuffer(3)),
    }) as {
      error: RangeError;
      buffer: Buffer;
      re: RegExp;
      view: DataView;
    };
    expect(back.error).toBeInstanceOf(RangeError);
    expect(back.error.stack).toBe(error.stack);
    expect(back.error.cause).toBeInstanceOf(TypeError);
    expect(Buffer.isBuffer(back.buffer) && back.buffer.toString()).toBe('ab');
    expect(String(back.re)).toBe('/a\\/b/giu');
    expect(back.view.byteLength).toBe(3);
  });

  test('a key named __proto__ is a key', () => {
    const value = JSON.parse('{"__proto__": {"polluted": 1}}') as object;
    const back = roundTrip(value) as { polluted?: number };
    expect(Object.keys(back)).toEqual(['__proto__']);
    expect(back.polluted).toBeUndefined();
  });

  test('text that looks like code stays text', () => {
    expect(roundTrip(['x => y', 'function () {}', '() => process.exit()'])).toEqual([
      'x => y',
      'function () {}',
      '() => process.exit()',
    ]);
  });

  test.each([
    ['a Promise', Promise.resolve()],
    ['an instance of WeakMap', new WeakMap()],
    ['an instance of Thing', new (class Thing {})()],
    ['a function', () => 1],
    ['a symbol', Symbol('local')],
  ])('refuses %s and says where it is', (noun, value) => {
    let refusal: unknown;
    try {
      encodeValue({ deep: [{ value }] });
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(NotEncodable);
    expect((refusal as NotEncodable).noun).toBe(noun);
    expect((refusal as NotEncodable).trail.map((each) => each.step)).toEqual(['', 'deep', 0, 'value']);
  });

  test('broken bytes are an error, never a value', () => {
    const bytes = encodeValue({ a: [1, 'text', new Map([[1, 2]])] });
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), (length) => {
        expect(() => decodeValue(bytes.subarray(0, length))).toThrow();
      }),
      { seed: 7 },
    );
  });
});
