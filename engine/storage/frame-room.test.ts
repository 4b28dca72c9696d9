/** What is a few bytes while encoded may be megabytes where it is read: a frame of several rows is bounded by that. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { ByteWriter } from './byte-writer.ts';
import { writeColumn } from './column-writer.ts';
import { countedSize } from './counted-size.ts';
import { FrameFull, frameHasRoom } from './frame-room.ts';
import { FrameReader, writePairFrame, writeRowFrame } from './row-codec.ts';

const MOST = 2 << 20;
const ROWS = 256;
const EVERY = 64;
const PLACES = 50_000;

const manyOf = (item: () => unknown) => Array.from({ length: PLACES }, item);
/** All large rows share one value. What is not seen from outside lies two levels down. */
const LARGE: Record<string, () => unknown> = {
  nulls: () => manyOf(() => null),
  undefineds: () => manyOf(() => undefined),
  booleans: () => manyOf(() => true),
  'small numbers': () => manyOf(() => 1),
  'empty texts': () => manyOf(() => ''),
  'empty arrays': () => manyOf(() => []),
  'pairs of nulls': () => manyOf(() => [null, null]),
  'empty records': () => manyOf(() => ({})),
  'records of nulls': () => manyOf(() => ({ a: null, b: null })),
  dates: () => manyOf(() => new Date(0)),
  'arrays with holes': () => Object.assign(new Array(PLACES), { 0: null, [PLACES - 1]: 1 }),
  'mixed kinds': () => Array.from({ length: PLACES }, (_, i) => (i % 2 ? null : false)),
  'a long text': () => 'x'.repeat(1 << 20),
  'a text of wide characters': () => '€'.repeat(480_000),
};

/** In a table of its own, which is gathered first. */
function sparseOf(items: number): unknown[] {
  const sparse: unknown[] = [];
  for (let i = 0; i < items; i++) sparse[i * 2000] = i;
  return sparse;
}

function framesOf(bytes: Uint8Array): unknown[][] {
  const reader = new FrameReader(bytes);
  const frames: unknown[][] = [];
  for (let rows = reader.nextRows(); rows !== undefined; rows = reader.nextRows()) frames.push(rows);
  return frames;
}

function rowsWith(large: unknown): [number, unknown][] {
  return Array.from({ length: ROWS }, (_, i) => [i, { inner: [i % EVERY === EVERY - 1 ? large : null] }]);
}

function areBounded(frames: unknown[][]): void {
  for (const frame of frames)
    if (frame.length > 1) expect(countedSize(frame, 8 * MOST)).toBeLessThan(MOST * 1.5);
  expect(frames.flat()).toHaveLength(ROWS);
}

function writtenAsRows(rows: readonly unknown[]): Uint8Array {
  const writer = new ByteWriter();
  writeRowFrame(writer, rows);
  return writer.copyFrom(0);
}

function writtenAsPairs(rows: readonly (readonly [unknown, unknown])[]): Uint8Array {
  const writer = new ByteWriter();
  writePairFrame(
    writer,
    rows.map(([key]) => key),
    rows.map(([, value]) => value),
  );
  return writer.copyFrom(0);
}

describe('a frame of several rows takes no more than a few megabytes where it is read, of', () => {
  for (const [name, make] of Object.entries(LARGE)) {
    test(name, () => {
      const rows = rowsWith(make());
      areBounded(framesOf(writtenAsRows(rows)));
      areBounded(framesOf(writtenAsPairs(rows)));
      areBounded(framesOf(writtenAsPairs(rows.map(([id, value]) => [value, id]))));
      const some = rows.slice(EVERY - 2, EVERY + 1);
      expect(framesOf(writtenAsRows(some)).flat()).toEqual(some);
    });
  }

  test('empty collections, which are next to nothing in a clone', () => {
    const makers = [() => new Map(), () => new Set(), () => new Uint8Array(0), () => Object(true)];
    for (const make of makers) {
      const rows = Array.from({ length: ROWS }, () => Array.from({ length: 200 }, make));
      areBounded(framesOf(writtenAsRows(rows)));
    }
  });

  test('maps', () => {
    const mapOf = (row: number) => new Map(Array.from({ length: 1000 }, (_, i) => [i, row]));
    areBounded(framesOf(writtenAsRows(Array.from({ length: ROWS }, (_, row) => mapOf(row)))));
  });
});

describe('rows of which a few fill a frame are left alone from there on:', () => {
  const FEW = 16;
  let looks = 0;
  const looked = <Value>(value: Value): Value => {
    looks++;
    return value;
  };
  const fillAtOnce = (rows: readonly unknown[]) => {
    looks = 0;
    frameHasRoom(MOST);
    expect(() => writeColumn(new ByteWriter(), rows, 0)).toThrow(FrameFull);
    expect(looks).toBeGreaterThan(0);
    expect(looks).toBeLessThan(FEW);
  };

  afterEach(() => vi.restoreAllMocks());

  test('large numbers', () => {
    const textOf = BigInt.prototype.toString;
    vi.spyOn(BigInt.prototype, 'toString').mockImplementation(function toText(this: bigint, radix) {
      return looked(textOf.call(this, radix));
    });
    fillAtOnce(new Array(ROWS).fill(1n << 2_000_000n));
  });

  test('arrays that are tables of their items', () => {
    const namesOf = Object.keys;
    vi.spyOn(Object, 'keys').mockImplementation((object: object) => looked(namesOf(object)));
    fillAtOnce(new Array(ROWS).fill(sparseOf(20_000)));
  });

  test('maps of a text, which would be cloned for each', () => {
    const text = 'x'.repeat(1 << 18);
    const holder = () => Object.defineProperty({}, 'text', { enumerable: true, get: () => looked(text) });
    fillAtOnce(Array.from({ length: ROWS }, () => new Map([[1, holder()]])));
  });
});

test('a map that rows share is gone through once, and not for each of them', () => {
  let looks = 0;
  const once = Object.defineProperty({}, 'field', { enumerable: true, get: () => ++looks });
  const map = new Map([[1, once]]);
  const read = framesOf(writtenAsRows(new Array(ROWS).fill(map)));
  expect(new Set(read.flat()).size).toBe(1);
  // To see whether it can travel, and to write it.
  expect(looks).toBe(2);
});

test('small rows stay together, next to large ones too', () => {
  expect(framesOf(writtenAsRows(rowsWith(null)))).toHaveLength(1);
  expect(framesOf(writtenAsRows(rowsWith('x'.repeat(2 * MOST))))).toHaveLength(4 * 7);
});

test('one row may take more, and the next frame has its room again', () => {
  const large = [LARGE['dates']!()];
  expect(framesOf(writtenAsRows([large, 1, 2]))).toEqual([[large], [1, 2]]);
});

test('one row whose parts share more than there is memory for is written with each once, and read so', () => {
  const list = manyOf(() => null);
  const row = { id: 1, lists: new Array<unknown>(100_000).fill(list) };
  for (const bytes of [writtenAsRows([2, row, 3]), writtenAsPairs([['key', row]])]) {
    expect(bytes.length).toBeLessThan(4 << 20);
    const read = framesOf(bytes)
      .flat(2)
      .filter((part) => typeof part === 'object') as (typeof row)[];
    expect(read).toHaveLength(1);
    const { lists } = read[0]!;
    expect(lists[0]).toEqual(list);
    expect(new Set(lists).size).toBe(1);
  }
});

test('one row that holds a long text in many places is written with it once, and read so', () => {
  const texts = ['x', 'y', 'é€'].map((part) => part.repeat(100_000));
  const inner = Array.from({ length: 3000 }, (_, i) => ({
    i,
    text: texts[i % 3],
    key: new Map([[texts[1], 'x']]),
  }));
  const row = { id: 1, inner: [inner] };
  const bytes = writtenAsRows([row]);
  expect(bytes.length).toBeLessThan(2 << 20);
  expect(framesOf(bytes)).toEqual([[row]]);
});

test('a frame says what its rows take on the heap: bytes behind views lie outside', () => {
  const heapOf = (rows: readonly unknown[]) => new FrameReader(writtenAsRows(rows)).heapOfNext;
  expect(heapOf([{ name: 'image', bytes: new Uint8Array(20 << 20) }])).toBeLessThan(MOST);
  expect(heapOf([new ArrayBuffer(20 << 20)])).toBeLessThan(MOST);
  const list = manyOf(() => ({}));
  expect(heapOf([list])).toBeGreaterThan(countedSize([list], 1 << 30) / 2);
});
