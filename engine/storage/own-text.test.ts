import { describe, expect, test } from 'vitest';
import { ByteWriter } from './byte-writer.ts';
import { TextCut, textIsCut, withOwnText } from './own-text.ts';
import { PartitionFill } from './partition-fill.ts';
import { FrameReader, writeRowFrame } from './row-codec.ts';
import { StorageLevel } from './storage-level.ts';
import { heapUsed, MEASURED } from './test-heap.ts';

/** Thirteen digits, cut from others: no name that V8 keeps as it is. */
function digits(i: number): string {
  const text = Buffer.from(`${1_700_000_000_000 + i}\n`.repeat(8000)).toString('latin1');
  return text.split('\n')[i % 100]!;
}

/** A line of a text of 100 kB, as reading cuts it. */
function line(i: number): string {
  const text = Buffer.from(`${i} is a line of some length\n`.repeat(4000)).toString('latin1');
  return text.split('\n')[i % 100]!;
}

/** One in twenty of a text of 400 kB. */
function longLine(i: number): string {
  const text = Buffer.from(`${`${i} `.padEnd(20_000, 'a long line ')}\n`.repeat(20)).toString('latin1');
  return text.split('\n')[i % 20]!;
}

class Line {
  readonly id: number;
  readonly text: string;
  constructor(i: number) {
    this.id = i;
    this.text = line(i);
  }
}

const ROWS: [name: string, make: (i: number) => unknown][] = [
  ['texts', line],
  ['pairs', (i) => [line(i), i]],
  ['objects', (i) => ({ id: i, line: line(i), parts: [line(i), { again: line(i) }] })],
  ['sets', (i) => new Set([`${i}`, line(i), line(i + 1)])],
  [
    'maps',
    (i) =>
      new Map<unknown, unknown>([
        ['id', i],
        [line(i), line(i + 1)],
        ['more', [line(i + 2)]],
      ]),
  ],
  ['frozen rows', (i) => Object.freeze([i, line(i), Object.freeze({ line: line(i) })])],
  ['objects of a class', (i) => new Line(i)],
  ['texts of digits in sets', (i) => new Set([digits(i)])],
];

/** Beyond the lengths of which V8 tells names apart by a hash. */
const LONG: [name: string, make: (i: number) => unknown][] = [
  ['texts in sets', (i) => new Set([longLine(i)])],
  ['keys of maps', (i) => new Map([[longLine(i), i]])],
  ['values of maps', (i) => new Map([[i, longLine(i)]])],
  ['frozen rows', (i) => Object.freeze([i, Object.freeze({ line: longLine(i) })])],
];

describe('texts of their own', MEASURED, () => {
  for (const [name, make] of ROWS) {
    test(`${name} keep nothing of the texts that they were cut from`, () => {
      make(0);
      const before = heapUsed();
      const kept = Array.from({ length: 100 }, (_, i) => withOwnText(make(i)));
      expect(heapUsed() - before).toBeLessThan(300_000);
      expect(kept).toEqual(Array.from({ length: 100 }, (_, i) => make(i)));
    });
  }

  for (const [name, make] of LONG) {
    test(`very long ${name} keep nothing of the texts that they were cut from`, () => {
      make(0);
      const before = heapUsed();
      const kept = Array.from({ length: 50 }, (_, i) => withOwnText(make(i)));
      expect(heapUsed() - before).toBeLessThan(2_000_000);
      expect(kept[7]).toEqual(make(7));
    });
  }

  test('arrays and objects stay the same, holes and frozen parts and cycles too', () => {
    const frozen = Object.freeze(['a text that is frozen here']);
    // biome-ignore lint/suspicious/noSparseArray: that is what is tested
    const row: unknown[] = ['a text that was cut from another', , frozen, new Date(3), null];
    row.push(row);
    const owned = withOwnText(row);
    expect(owned).toBe(row);
    expect(1 in row).toBe(false);
    expect(row[2]).toBe(frozen);
    expect(row[5]).toBe(row);
    expect(row[0]).toBe('a text that was cut from another');
  });

  test('maps and sets keep their order and identity, and iterators on them their place', () => {
    const map = new Map([
      [line(1), 1],
      [line(2), 2],
      [line(3), 3],
    ]);
    const seen: number[] = [];
    for (const [, value] of map) {
      seen.push(value);
      expect(withOwnText(map)).toBe(map);
    }
    expect(seen).toEqual([1, 2, 3]);
    expect([...map]).toEqual([
      [line(1), 1],
      [line(2), 2],
      [line(3), 3],
    ]);
  });

  test('no getter is asked', () => {
    const row = Object.defineProperty({ id: 1 }, 'never', {
      get: () => expect.fail('asked'),
      enumerable: true,
    });
    withOwnText([row, new Set([Object.freeze(row)])]);
  });

  test('no trap of a proxy is asked', () => {
    const proxy = new Proxy(
      {},
      { ownKeys: () => expect.fail('asked'), getPrototypeOf: () => expect.fail('asked') },
    );
    withOwnText([proxy, new Map([[1, proxy]])]);
  });

  test('rows get them when much more was cut than is held, and only then', () => {
    const dense = new TextCut();
    const sparse = new TextCut();
    textIsCut(10_000_000);
    expect(dense.takes(9_000_000)).toBe(false);
    expect(sparse.takes(10_000)).toBe(true);
    expect(new TextCut().takes(10)).toBe(false);
  });

  test('few rows of many that are cached keep little more than themselves', () => {
    const writer = new ByteWriter();
    writeRowFrame(
      writer,
      Array.from({ length: 4000 }, (_, i) => `row ${i} `.padEnd(100, '.')),
      0,
    );
    const frame = Buffer.from(writer.buffer.subarray(0, writer.position));
    let granted = 0;
    let kept: Iterable<unknown[]> = [];
    const fill = new PartitionFill(
      {
        acquire(bytes) {
          granted += bytes;
          return true;
        },
        release() {},
        openDisk: () => expect.fail('it fits'),
        keepOnDisk: () => 0,
        keepInMemory(batches) {
          kept = batches;
        },
      },
      StorageLevel.MEMORY_ONLY,
    );
    const before = heapUsed();
    for (let i = 0; i < 100; i++) fill.add(new FrameReader(frame).nextRows()!.slice(i, i + 1));
    fill.finish();
    expect(heapUsed() - before).toBeLessThan(granted + 2_000_000);
    expect([...kept].flat()).toHaveLength(100);
  });
});
