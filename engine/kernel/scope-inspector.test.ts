/** Values described and walked into without running any of their code, and within bounds. */
import { tmpdir } from 'node:os';
import { describe, expect, test } from 'vitest';
import { Context } from '../context.ts';
import { RecordingRunner } from '../testing.ts';
import { describeLineage } from './rdd-description.ts';
import { inspectVariable, PAGE, persistVariable } from './scope-inspector.ts';
import { PREVIEW_CHARACTERS, previewOf } from './value-preview.ts';
import { sizeOfValue } from './value-size.ts';
import { typeOf } from './value-type.ts';

const bomb = () => {
  throw new Error('user code ran');
};
const trapped = new Proxy(
  {},
  { get: bomb, ownKeys: bomb, getPrototypeOf: bomb, getOwnPropertyDescriptor: bomb, has: bomb },
);

class Point {
  x = 1;
  get far() {
    return bomb();
  }
}

describe('types in words', () => {
  test.each<[unknown, string]>([
    [1, 'number'],
    [null, 'null'],
    [10n, 'bigint'],
    [['a', 'b'], 'string[] (2)'],
    [[1, 'b'], '(number | string)[] (2)'],
    [[], 'never[] (0)'],
    [
      [
        ['the', 3],
        ['of', 2],
      ],
      '[string, number][] (2)',
    ],
    [[[1, 2, 3], [4]], 'number[][] (2)'],
    [[{ word: 'a', n: 1 }], '{ word: string; n: number }[] (1)'],
    [new Map([['a', 1]]), 'Map<string, number> (1)'],
    [new Set([1]), 'Set<number> (1)'],
    [new Float64Array(1204), 'Float64Array (1,204)'],
    [new Point(), 'Point'],
    [Point, 'class Point'],
    [class extends Point {}, 'class (anonymous) extends Point'],
    [new TypeError('no'), 'TypeError'],
    [(a: number, [b] = [1]) => a + b, '(a, [b] = [1]) => …'],
    [async (url: string) => url, 'async (url) => …'],
    [trapped, 'Proxy'],
    [Object.create(null), '{}'],
    [Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`k${i}`, i])), 'object (2,000 keys)'],
  ])('%#', (value, type) => expect(typeOf(value)).toBe(type));
});

describe('previews', () => {
  test.each<[unknown, string]>([
    ['a "b"', '"a \\"b\\""'],
    [-0, '-0'],
    [Object.assign(Array(3), { 0: 1, 2: 3 }), '[ 1, —, 3 ]'],
    [new Map([['a', { n: 1 }]]), '{ "a" → { n: 1 } }'],
    [
      {
        get lazy() {
          return bomb();
        },
        'not a name': 1,
      },
      '{ lazy: (getter), "not a name": 1 }',
    ],
    [{ deep: { deep: { deep: { deep: 1 } } } }, '{ deep: { deep: { deep: {…} } } }'],
    [[trapped, new Point()], '[ Proxy (not looked into), Point { x: 1 } ]'],
    [new Date(0), '1970-01-01T00:00:00.000Z'],
    [/a\/b/gi, '/a\\/b/gi'],
    [new RangeError('too far'), 'RangeError: too far'],
  ])('%#', (value, text) => expect(previewOf(value)).toBe(text));

  test('end where the line ends, whatever the value', () => {
    const cyclic: unknown[] = [];
    cyclic.push(cyclic, 'x'.repeat(1e6));
    for (const value of [cyclic, 'y'.repeat(1e6), [...Array(1e5).keys()], new Set(Array(1000).keys())]) {
      expect(previewOf(value).length).toBeLessThanOrEqual(PREVIEW_CHARACTERS);
    }
    expect(previewOf(10n ** 100_000n)).toBe('a very large bigint');
  });
});

test('shared variables are shown, opened and measured as what they hold', () => {
  const sc = new Context(new RecordingRunner(() => [], tmpdir()));
  const table = sc.broadcast(new Map([['a', 1]]));
  const rows = sc.longAccumulator('rows');
  const seen = sc.collectionAccumulator<string>();
  const worst = sc.accumulator(
    { zero: { n: 0 }, add: (a, n: number) => ({ n: a.n + n }), merge: (a) => a },
    'worst',
  );
  rows.add(3);
  seen.add('x');
  const shown = [table, rows, seen, worst].map((value) => [typeOf(value), previewOf(value)]);
  expect(shown).toEqual([
    ['Broadcast<Map<string, number>>', '{ "a" → 1 }'],
    ['LongAccumulator', '3'],
    ['CollectionAccumulator<string>', '[ "x" ]'],
    ['Accumulator<{ n: number }>', '{ n: 0 }'],
  ]);
  expect(previewOf([table, rows])).toBe('[ broadcast 0 of { "a" → 1 }, longAccumulator "rows" = 3 ]');
  const opened = inspectVariable({ table }, { name: 'table', path: [], offset: 0 });
  expect(opened).toMatchObject({ ok: true, answer: { parts: [{ label: '"a" →', preview: '1' }] } });
  expect(sizeOfValue(table).bytes).toBeGreaterThan(50);
  table.destroy();
  expect(previewOf(table)).toMatch(/^broadcast 0 was destroyed/);
  expect(typeOf(table)).toBe('Broadcast');
  expect(previewOf(Object.create(Object.getPrototypeOf(table)))).toBe('{}');
});

test('patched built-ins are not called', () => {
  const { entries } = Map.prototype;
  Map.prototype.entries = bomb;
  const text = previewOf(new Map([[1, 2]]));
  Map.prototype.entries = entries;
  expect(text).toBe('{ 1 → 2 }');
});

test('sizes are lower bounds where not all was looked at', () => {
  expect(sizeOfValue(new Float64Array(1e6))).toEqual({ bytes: 8_000_024, atLeast: false });
  const many = sizeOfValue(Array(1e6).fill(1));
  expect(many.atLeast).toBe(true);
  expect(many.bytes).toBeGreaterThan(8e6);
  expect(sizeOfValue(trapped).atLeast).toBe(true);
});

describe('walking in', () => {
  const scope = {
    rows: Array.from({ length: 250 }, (_, i) => ({ i, inner: { deep: [i] } })),
    map: new Map<unknown, unknown>([[{ id: 1 }, [1, 2]]]),
    error: new Error('why'),
    lazy: {
      get value() {
        return bomb();
      },
    },
  };
  const ask = (name: string, path: (string | number)[] = [], offset = 0) => {
    const reply = inspectVariable(scope, { name, path, offset });
    return reply.ok ? reply.answer : reply.error;
  };

  test('goes by steps, one page at a time', () => {
    const page = ask('rows', [], 200);
    expect(page).toMatchObject({ total: 250 });
    expect('parts' in page && page.parts.length).toBe(50);
    expect('parts' in page && page.parts[0]).toMatchObject({ label: '[200]', step: 200 });
    const first = ask('rows');
    expect('parts' in first && first.parts.length).toBe(PAGE);
    expect(ask('rows', [7, 'inner', 'deep'])).toMatchObject({
      total: 1,
      parts: [{ label: '[0]', type: 'number', preview: '7' }],
    });
  });

  test('reaches keys and values of a Map', () => {
    expect(ask('map')).toMatchObject({ parts: [{ label: '{ id: 1 } →', preview: '[ 1, 2 ]', step: 0 }] });
    expect(ask('map', [0])).toMatchObject({ parts: [{ label: 'key' }, { label: 'value', step: 1 }] });
    expect(ask('map', [0, 1])).toMatchObject({ total: 2 });
  });

  test('shows an error by its parts, and calls no getter', () => {
    expect(ask('error')).toMatchObject({
      parts: [{ label: 'message', preview: '"why"' }, { label: 'stack' }],
    });
    expect(ask('lazy')).toMatchObject({ parts: [{ label: 'value', type: 'getter' }] });
    expect(ask('lazy', ['value'])).toMatchObject({ code: 'VALUE_CHANGED' });
  });

  test('says when what was there is not', () => {
    expect(ask('none')).toMatchObject({ code: 'VALUE_CHANGED', message: 'There is no variable "none" now' });
    expect(ask('rows', [9999])).toMatchObject({ code: 'VALUE_CHANGED' });
  });
});

describe('datasets', () => {
  const sc = new Context(new RecordingRunner());
  test('carry the element type that sources and operators tell', () => {
    const pairs = sc.textFile('none.txt').zipWithIndex();
    expect(typeOf(pairs)).toBe('RDD<[string, number]>');
    expect(typeOf(pairs.distinct().groupByKey())).toBe('RDD<[string, number[]]>');
    expect(typeOf(pairs.map((pair) => pair))).toBe('RDD');
    expect(typeOf(pairs.values().union(sc.range(3)))).toBe('RDD<number>');
    expect(typeOf(pairs.join(pairs))).toBe('RDD<[string, [number, number]]>');
  });

  test('are described with their ancestors, and not planned for it', () => {
    const lines = sc.textFile('none.txt');
    const pairs = lines.map((line): [string, number] => [line, 1]).reduceByKey((a, b) => a + b);
    const described = describeLineage([pairs]);
    expect(described.find(({ rddId }) => rddId === lines.id)).toEqual({
      rddId: lines.id,
      name: 'textFile',
      storageLevel: 'NONE',
      elementType: 'string',
      parents: [],
      ...(lines.callSite && { callSite: lines.callSite }),
    });
    expect(described[0]).toMatchObject({ rddId: pairs.id, name: 'reduceByKey' });
    expect(described[0]!.numPartitions).toBeUndefined();
    const planned = sc
      .range(4)
      .map((n): [number, number] => [n, n])
      .reduceByKey((a, b) => a + b);
    planned.getNumPartitions();
    expect(describeLineage([planned])[0]!.parents.some(({ shuffle }) => shuffle)).toBe(true);
  });

  test('are persisted through the variable that holds them', () => {
    const scope = { numbers: sc.range(3), other: 1 };
    persistVariable(scope, { name: 'numbers', level: 'MEMORY_ONLY' });
    persistVariable(scope, { name: 'other', level: 'MEMORY_ONLY' });
    expect(scope.numbers.getStorageLevel().name).toBe('MEMORY_ONLY');
    persistVariable(scope, { name: 'numbers', level: 'NONE' });
    expect(scope.numbers.getStorageLevel().name).toBe('NONE');
  });
});
