/** Trees of values: everything shown right, nothing run, always bounded. */
import { expect, test } from 'vitest';
import type { JsonNode } from '../protocol.ts';
import { jsonNode, jsonOutput } from './json-output.ts';

class Point {
  x = 1;
  get area() {
    return expect.unreachable();
  }
}

const circular: Record<string, unknown> = { a: 1 };
circular['self'] = circular;

test.each<[string, unknown, JsonNode]>([
  ['a class instance', new Point(), { t: 'object', n: 'Point', c: [['x', 1]] }],
  ['a Map', new Map<unknown, unknown>([[{ a: 1 }, 2]]), { t: 'map', c: [['{ a: 1 }', 2]] }],
  ['a Set', new Set(['x']), { t: 'set', c: [['0', 'x']] }],
  [
    'a typed array',
    new Float32Array([1, 2]),
    {
      t: 'array',
      n: 'Float32Array',
      c: [
        ['0', 1],
        ['1', 2],
      ],
    },
  ],
  ['an error', [new TypeError('no')], { t: 'array', c: [['0', { t: 'other', n: 'TypeError: no' }]] }],
  [
    'a cycle',
    circular,
    {
      t: 'object',
      c: [
        ['a', 1],
        ['self', { t: 'other', n: '[circular]' }],
      ],
    },
  ],
  [
    'numbers JSON lacks',
    [Number.NaN, -0, 5n],
    {
      t: 'array',
      c: [
        ['0', { t: 'other', n: 'NaN' }],
        ['1', { t: 'other', n: '-0' }],
        ['2', { t: 'other', n: '5n' }],
      ],
    },
  ],
  [
    'a getter',
    {
      get a() {
        return expect.unreachable();
      },
    },
    { t: 'object', c: [['a', { t: 'other', n: '[getter]' }]] },
  ],
  [
    'dates and nothing',
    { d: new Date(0), u: undefined },
    {
      t: 'object',
      c: [
        ['d', { t: 'other', n: '1970-01-01T00:00:00.000Z' }],
        ['u', { t: 'other', n: 'undefined' }],
      ],
    },
  ],
  ['a hole', new Array(1), { t: 'array', c: [['0', { t: 'other', n: 'undefined' }]] }],
  [
    'a proxy',
    [new Proxy({}, { ownKeys: () => expect.unreachable() })],
    { t: 'array', c: [['0', { t: 'other', n: 'Proxy' }]] },
  ],
])('%s', (_name, value, node) => {
  expect(jsonNode(value)).toEqual(node);
});

test('one object in two places is no cycle', () => {
  const shared = { a: 1 };
  expect(JSON.stringify(jsonNode([shared, shared]))).not.toContain('circular');
});

test.each<[string, unknown]>([
  ['a million items', new Array(1_000_000).fill({ a: 1 })],
  ['a long text', { a: { text: 'x'.repeat(10_000_000) } }],
  ['many keys', { a: Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`key ${i}`, i])) }],
  ['depth', Array.from({ length: 5_000 }).reduce<object>((inner) => ({ inner }), {})],
  ['width at every level', wide(6)],
])('%s is bounded, and counted', (_name, value) => {
  const output = jsonOutput(value)!;
  expect(JSON.stringify(output).length).toBeLessThan(256 * 1024);
  expect(JSON.stringify(output)).toMatch(/"m":\d|characters\)/);
});

function wide(depth: number): unknown {
  return depth === 0 ? 1 : Array.from({ length: 30 }, () => (depth > 3 ? wide(depth - 1) : { depth }));
}

test('small flat values stay text', () => {
  expect(jsonOutput({ a: 1, b: 'x' })).toBeUndefined();
  expect(jsonOutput([1, 2, 3])).toBeUndefined();
  expect(jsonOutput({ a: { b: 1 } })?.text).toBe('{ a: { b: 1 } }');
});
