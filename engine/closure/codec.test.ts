import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NotEncodable } from './codec.ts';
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
