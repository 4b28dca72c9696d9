import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StagelightError } from '../errors.ts';
import { CorruptBlockError } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { decodeRows, encodeRows, FrameReader, writePairFrame, writeRowFrame } from './row-codec.ts';

const scalar = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.constantFrom(NaN, -0, 0, Infinity, -Infinity, 2 ** 31, -(2 ** 31), 2 ** 31 - 1),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ maxLength: 300 }),
  fc.constantFrom('\ud800', 'a\udc00', 'é', '漢', '😀', '\0'),
  fc.boolean(),
  fc.constantFrom(null, undefined),
  fc.bigInt(),
  fc.constantFrom(2n ** 63n, -(2n ** 63n), 2n ** 63n - 1n),
  fc.date({ noInvalidDate: false }),
);

const row = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    { weight: 6, arbitrary: scalar },
    { weight: 2, arbitrary: fc.array(tie('value'), { maxLength: 5 }) },
    { weight: 1, arbitrary: fc.sparseArray(tie('value'), { maxLength: 5 }) },
    {
      weight: 2,
      arbitrary: fc.dictionary(
        fc.oneof(fc.constantFrom('a', 'b', '__proto__', '0'), fc.string()),
        tie('value'),
        { maxKeys: 4 },
      ),
    },
    {
      weight: 1,
      arbitrary: fc
        .array(fc.tuple(scalar, tie('value')), { maxLength: 3 })
        .map((entries) => new Map(entries)),
    },
    { weight: 1, arbitrary: fc.array(scalar, { maxLength: 3 }).map((entries) => new Set(entries)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 9 }) },
    { weight: 1, arbitrary: fc.constantFrom(/a+/gi, new Float64Array([1, -0])) },
  ),
})).value;

/** Rows of one kind, so that every column kind occurs alone as well as mixed. */
const uniformRows = fc.oneof(
  fc.array(fc.integer()),
  fc.array(fc.double()),
  fc.array(fc.string({ unit: 'binary' })),
  fc.array(fc.bigInt()),
  fc.array(fc.tuple(fc.string(), fc.integer())),
  fc.array(fc.tuple(fc.double(), fc.double(), fc.double(), fc.double())),
  fc.array(fc.array(fc.integer())),
  fc.array(
    fc.record(
      { name: fc.string(), at: fc.tuple(fc.double(), fc.option(fc.double())) },
      { requiredKeys: ['name'] },
    ),
  ),
);

/** Rows come back as plain objects; a prototype of null does not survive structured clone either. */
function equal(actual: unknown, expected: unknown): void {
  expect(actual).toStrictEqual(structuredClone(expected));
}

describe('row codec', () => {
  test('any rows come back exactly', () => {
    fc.assert(
      fc.property(fc.oneof(uniformRows, fc.array(row, { maxLength: 20 })), (rows) => {
        equal(decodeRows(encodeRows(rows)), rows);
      }),
      { numRuns: 1000 },
    );
  });

  test('pairs written as two columns come back as rows and as pairs', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(row, row), { minLength: 1, maxLength: 20 }), (pairs) => {
        const writer = new ByteWriter();
        const keys = pairs.map((pair) => pair[0]);
        const values = pairs.map((pair) => pair[1]);
        writePairFrame(writer, keys, values);
        equal(new FrameReader(writer.copyFrom(0)).nextRows(), pairs);
        const read = new FrameReader(writer.copyFrom(0)).nextPairs()!;
        equal(read.keys, keys);
        equal(read.values, values);
      }),
    );
  });

  test('more rows than a frame holds, long strings and unaligned bytes', () => {
    const rows = Array.from({ length: 10_001 }, (_, i) => [i, i % 3 ? `row ${i}` : null]);
    const bytes = encodeRows(rows);
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    equal(decodeRows(shifted.subarray(3)), rows);
    const long = ['x'.repeat(9e6), 'é漢'.repeat(5e6), '', '\ud800'];
    expect(decodeRows(encodeRows(long))).toEqual(long);
    expect(encodeRows(Array.from({ length: 1000 }, (_, i) => `word${i % 10}`)).length).toBeLessThan(6200);
  });

  test('cycles and deep nesting survive', () => {
    const cycle: Record<string, unknown> = { name: 'a' };
    cycle['self'] = cycle;
    const [back] = decodeRows(encodeRows([cycle])) as [typeof cycle];
    expect(back['self']).toBe(back);
    interface Node {
      parent?: Node;
      children: Node[];
    }
    const tree: Node = { children: [] };
    for (let i = 0; i < 5; i++) tree.children.push({ parent: tree, children: [] });
    for (const child of tree.children) child.children.push({ parent: child, children: [] });
    const [copy] = decodeRows(encodeRows([tree, tree])) as [Node];
    expect(copy.children[4]!.children[0]!.parent!.parent).toBe(copy);
    let deep: unknown = 1;
    for (let i = 0; i < 500; i++) deep = [deep];
    equal(decodeRows(encodeRows([deep, 1])), [deep, 1]);
  });

  test('an AggregateError keeps its errors, wherever in rows it is', () => {
    const inner = new AggregateError([new RangeError('inner')], 'within');
    const error = new AggregateError([new TypeError('a'), { n: 1 }, inner], 'both', { cause: 'c' });
    error.errors.push(error);
    const rows = [{ error, same: error }, { error: new Map([[1, inner]]), same: null }, 3, [error]];
    const [first, second, number, last] = decodeRows(encodeRows(rows)) as [
      { error: AggregateError; same: unknown },
      { error: Map<number, AggregateError> },
      number,
      [AggregateError],
    ];
    for (const back of [first.error, last[0]]) {
      expect(back).toBeInstanceOf(AggregateError);
      expect([back.message, back.stack, back.cause]).toEqual(['both', error.stack, 'c']);
      expect(back.errors.map(({ constructor: made }: object) => made)).toEqual([
        TypeError,
        Object,
        AggregateError,
        AggregateError,
      ]);
      expect(back.errors[2].errors[0].message).toBe('inner');
      expect(back.errors[3]).toBe(back);
      expect(Object.keys(back)).toEqual([]);
    }
    expect(first.same).toBe(first.error);
    expect(second.error.get(1)?.errors[0]).toBeInstanceOf(RangeError);
    expect(number).toBe(3);
    expect(() => encodeRows([new AggregateError([() => 1])])).toThrow(
      'it holds a value of type function at errors[0]',
    );
    expect(() => encodeRows([new (class Many extends AggregateError {})([])])).toThrow(
      'a value of type Many',
    );
  });

  test('a row that cannot travel is refused with its index, path and type', () => {
    class Point {}
    const messageOf = (rows: unknown[]) => {
      try {
        encodeRows(rows);
      } catch (error) {
        expect(error).toBeInstanceOf(StagelightError);
        expect((error as StagelightError).code).toBe('ROW_NOT_SERIALIZABLE');
        expect((error as StagelightError).hint).toBeTruthy();
        return (error as Error).message;
      }
      return 'accepted';
    };
    const start = 'cannot travel between processes: it';
    expect(messageOf([1, { a: [0, () => 1] }])).toBe(`row 1 ${start} holds a value of type function at a[1]`);
    expect(messageOf([new Point()])).toBe(`row 0 ${start} is a value of type Point`);
    expect(messageOf([{ 'a b': new Map([['k', new Point()]]) }])).toBe(
      `row 0 ${start} holds a value of type Point at ["a b"].values()[0]`,
    );
    expect(messageOf([...Array(5000).keys(), Symbol('s')])).toBe(
      `row 5000 ${start} is a value of type symbol s`,
    );
    expect(messageOf([Promise.resolve(1)])).toBe(`row 0 ${start} is a value of type Promise`);
    expect(messageOf([new (class MyError extends Error {})()])).toBe(
      `row 0 ${start} is a value of type MyError`,
    );
    expect(messageOf([new (class extends Map {})()])).not.toBe('accepted');
    expect(messageOf([{ f: function named() {} }])).toBe(
      `row 0 ${start} holds a value of type function named at f`,
    );
  });

  test('damaged bytes never crash the process', () => {
    fc.assert(
      fc.property(uniformRows, fc.nat(), fc.integer({ min: 1, max: 255 }), (rows, at, flip) => {
        const bytes = encodeRows(rows);
        if (bytes.length === 0) return;
        bytes[at % bytes.length]! ^= flip;
        try {
          decodeRows(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
      { numRuns: 1000 },
    );
    const cut = encodeRows([1, 2, 3]);
    expect(() => decodeRows(cut.subarray(0, cut.length - 8))).toThrow(CorruptBlockError);
  });
});

describe('frames of several rows are small, whatever whoever wrote them together took them for', () => {
  const most = 1 << 16;
  /** Every hundredth is large, and two of them are next to each other. */
  const rows = Array.from({ length: 1000 }, (_, i) =>
    i % 100 === 7 || i === 508 ? 'z'.repeat(most) : `${i}`,
  );

  test('rows', () => {
    const writer = new ByteWriter();
    writeRowFrame(writer, rows, 0, most);
    const reader = new FrameReader(writer.copyFrom(0));
    const frames: unknown[][] = [];
    for (let some = reader.nextRows(); some !== undefined; some = reader.nextRows()) frames.push(some);
    expect(frames.flat()).toEqual(rows);
    for (const frame of frames) expect(frame.length === 1 || frame.join('').length < most).toBe(true);
    expect(frames.some((frame) => frame.length > 10)).toBe(true);
  });

  test('pairs, by their keys or values', () => {
    for (const [keys, values] of [
      [rows, rows.map((_, i) => i)],
      [rows.map((_, i) => i), rows],
    ] as const) {
      const writer = new ByteWriter();
      writePairFrame(writer, keys, values, 0, most);
      const reader = new FrameReader(writer.copyFrom(0));
      const found: [unknown[], unknown[]] = [[], []];
      for (let some = reader.nextPairs(); some !== undefined; some = reader.nextPairs()) {
        expect(some.keys.length === 1 || `${some.keys.join('')}${some.values.join('')}`.length < most).toBe(
          true,
        );
        found[0].push(...some.keys);
        found[1].push(...some.values);
      }
      expect(found).toEqual([keys, values]);
    }
  });
});
