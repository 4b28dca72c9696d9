import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ActionSpec } from '../rdd/operator.ts';
import { compareKeys } from '../storage/compare-keys.ts';
import { encodeRows } from '../storage/row-codec.ts';
import { Lineage, TestExecutor } from './testing.ts';

let executor: TestExecutor;
let lineage: Lineage;

beforeEach(() => {
  executor = new TestExecutor();
  lineage = new Lineage();
});
afterEach(() => executor.close());

const later = <T>(value: T): Promise<T> => new Promise((resolve) => setImmediate(() => resolve(value)));

test('every action equals its array counterpart', async () => {
  const rows = [[5, 3, 9, 3], [], [7]];
  const node = lineage.data(rows);
  const act = (action: ActionSpec) => executor.act(lineage, node, action);
  expect(await act({ kind: 'countPartition' })).toEqual([[4], [0], [1]]);
  expect(await act({ kind: 'take', n: 2 })).toEqual([[5, 3], [], [7]]);
  expect(await act({ kind: 'take', n: 0 })).toEqual([[], [], []]);
  const add = lineage.fn((a, b) => a + b);
  expect(await act({ kind: 'reduce', fn: add })).toEqual([[20], [], [7]]);
  const asyncAdd = lineage.fn(async (a, b) => later(a + b));
  expect(await act({ kind: 'reduce', fn: asyncAdd })).toEqual([[20], [], [7]]);
  const append = lineage.fn((list, x) => [...list, x]);
  expect(await act({ kind: 'aggregate', zero: encodeRows([[0]]), fn: append })).toEqual([
    [[0, 5, 3, 9, 3]],
    [[0]],
    [[0, 7]],
  ]);
  expect(await act({ kind: 'takeOrdered', n: 3, descending: false })).toEqual([[3, 3, 5], [], [7]]);
  expect(await act({ kind: 'takeOrdered', n: 1, descending: true })).toEqual([[9], [], [7]]);
  const backwards = lineage.fn((a, b) => b - a);
  expect(await act({ kind: 'takeOrdered', n: 2, descending: false, comparator: backwards })).toEqual([
    [9, 5],
    [],
    [7],
  ]);
  expect(await act({ kind: 'stats' })).toEqual([
    [[4, 5, 24, 3, 9, 20]],
    [[0, 0, 0, Infinity, -Infinity, 0]],
    [[1, 7, 0, 7, 7, 7]],
  ]);
  const seen: unknown[] = [];
  expect(await act({ kind: 'foreach', fn: lineage.fn((x) => void seen.push(x)) })).toEqual([[], [], []]);
  await act({ kind: 'foreach', fn: lineage.fn(async (x) => void seen.push(await later(x))) });
  await act({ kind: 'foreachPartition', fn: lineage.fn((it) => void seen.push([...it])) });
  await act({ kind: 'foreachPartition', fn: lineage.fn(async (it) => void seen.push(await later([...it]))) });
  expect(seen).toEqual([...rows.flat(), ...rows.flat(), ...rows, ...rows]);
});

test('top rows stay right when many more stream by than are kept', async () => {
  const keys = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 2000, maxLength: 4000 });
  await fc.assert(
    fc.asyncProperty(keys, fc.integer({ min: 1, max: 30 }), async (values, n) => {
      const on = new Lineage();
      const rows = values.map((key, i) => [key, i]);
      const byKey = on.fn((a, b) => a[0] - b[0]);
      const [top] = await executor.act(on, on.data([rows]), {
        kind: 'takeOrdered',
        n,
        descending: false,
        comparator: byKey,
      });
      expect(top).toEqual(rows.toSorted((a, b) => compareKeys(a[0], b[0])).slice(0, n));
    }),
    { seed: 5, numRuns: 10 },
  );
});

test('a key sample counts all rows, keeps at most as many as asked, and is the same every time', async () => {
  const node = lineage.node({ kind: 'range', start: 0, end: 1000, step: 1 }, 1);
  const action: ActionSpec = { kind: 'sampleKeys', sampleSize: 10, seed: 3, key: lineage.fn((x) => -x) };
  const [[sample]] = (await executor.act(lineage, node, action)) as [[[number, number[]]]];
  expect(sample[0]).toBe(1000);
  expect(new Set(sample[1]).size).toBe(10);
  expect(sample[1].every((key) => key <= 0 && key > -1000)).toBe(true);
  expect(await executor.act(lineage, node, action)).toEqual([[sample]]);
});

test('text is written privately and appears on commit only', async () => {
  const node = lineage.data([['a', 1, { b: 2n }], []]);
  const directory = join(executor.directory, 'out');
  const action: ActionSpec = { kind: 'saveAsFile', directory, format: { kind: 'text' } };
  // Without the driver's folder, because there is none yet or no more, a task makes nothing.
  await expect(executor.act(lineage, node, action)).rejects.toMatchObject({ reason: { kind: 'exception' } });
  expect(existsSync(directory)).toBe(false);
  mkdirSync(directory);
  executor.allowCommits = false;
  await expect(executor.act(lineage, node, action)).rejects.toMatchObject({
    reason: { kind: 'commitDenied' },
  });
  expect(readdirSync(directory)).toEqual([]);
  executor.allowCommits = true;
  await executor.act(lineage, node, action);
  expect(readFileSync(join(directory, 'part-00000'), 'utf8')).toBe('a\n1\n{"b":2}\n');
  expect(readFileSync(join(directory, 'part-00001'), 'utf8')).toBe('');
  expect(readdirSync(directory)).toEqual(['.part-00000.crc', '.part-00001.crc', 'part-00000', 'part-00001']);
});
