/** Rows nested as deep as anybody likes: written, read, estimated, kept and spilled, in bounded memory. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getHeapStatistics } from 'node:v8';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { StagelightError } from '../errors.ts';
import { BlockManager } from './block-manager.ts';
import { ByteWriter } from './byte-writer.ts';
import { needRoomToRead } from './deep-room.ts';
import { MemoryManager } from './memory-manager.ts';
import { decodeRows, encodeRows, FrameReader, writePairFrame } from './row-codec.ts';
import { estimateSize } from './size-estimate.ts';
import { SpillFile } from './spill-file.ts';
import { SpilledRows } from './spilled-rows.ts';
import { StorageLevel } from './storage-level.ts';
import { difference, LEVELS, mixed, nested } from './test-deep.ts';
import { heapUsed, MEASURED } from './test-heap.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'stagelight-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const rowOf = fc.record({ levels: fc.integer({ min: 300, max: 700 }), seed: fc.integer() });
const make = ({ levels, seed }: { levels: number; seed: number }) => mixed(levels, seed);

function expectSame(actual: unknown, expected: unknown): void {
  expect(difference(actual, expected)).toBeUndefined();
}

describe('deep rows', () => {
  test('of all kinds come back as they were, with what they share and their cycles', () => {
    fc.assert(
      fc.property(fc.array(rowOf, { minLength: 1, maxLength: 4 }), (made) => {
        const rows = made.map(make);
        const back = decodeRows(encodeRows(rows));
        expect(back.length).toBe(rows.length);
        for (let i = 0; i < rows.length; i++) expectSame(back[i], rows[i]);
      }),
      { numRuns: 60 },
    );
  });

  test.each(Object.entries(LEVELS))('%s: 100,000 levels come back', (_, wrap) => {
    const row = nested(100_000, wrap);
    expectSame(decodeRows(encodeRows([row, 1]))[0], row);
  });

  test('and 1,000,000 levels do', () => {
    const row = nested(1_000_000, (inner) => [inner]);
    const [back] = decodeRows(encodeRows([row])) as [unknown];
    let levels = 0;
    for (let at = back; Array.isArray(at); at = at[0]) levels++;
    expect(levels).toBe(1_000_000);
  });

  test('pairs of deep keys or values come back as rows and as pairs', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(rowOf, fc.integer()), { minLength: 1, maxLength: 4 }), (made) => {
        const values = made.map(([one]) => make(one));
        const keys = made.map(([, key]) => key);
        const writer = new ByteWriter();
        writePairFrame(writer, keys, values);
        const frames = new FrameReader(writer.copyFrom(0));
        const back: unknown[] = [];
        for (let pairs = frames.nextPairs(); pairs !== undefined; pairs = frames.nextPairs()) {
          expect(pairs.keys).toEqual(keys.slice(back.length, back.length + pairs.keys.length));
          back.push(...pairs.values);
        }
        expect(back.length).toBe(values.length);
        for (let i = 0; i < values.length; i++) expectSame(back[i], values[i]);
      }),
      { numRuns: 60 },
    );
  });

  test('a few are read at a time, however little they take when written', () => {
    const rows = Array.from({ length: 20 }, () => nested(10_000, (inner) => new Set([inner])));
    const frames = new FrameReader(encodeRows(rows));
    let read = 0;
    for (let some = frames.nextRows(); some !== undefined; some = frames.nextRows()) {
      expect(some.length).toBe(1);
      read += some.length;
    }
    expect(read).toBe(20);
  });

  test('a graph in a Map, each of whose nodes is near by another way, comes back', () => {
    interface Node {
      id: number;
      next?: Node;
    }
    const nodes: Node[] = Array.from({ length: 20_000 }, (_, id) => ({ id }));
    nodes.forEach((node, i) => {
      if (i + 1 < nodes.length) node.next = nodes[i + 1]!;
    });
    const graph = new Map(nodes.map((node) => [node.id, node]));
    const [back] = decodeRows(encodeRows([graph])) as [typeof graph];
    expectSame(back, graph);
  });

  test('rows that share something deep are together and have it once', () => {
    const config = nested(5000, LEVELS['record']!);
    const rows = Array.from({ length: 500 }, (_, i) => ({ i, config }));
    const bytes = encodeRows(rows);
    expect(bytes.length).toBeLessThan(100_000);
    const back = decodeRows(bytes) as typeof rows;
    expect(new Set(back.map((row) => row.config)).size).toBe(1);
    expect(back.map((row) => row.i)).toEqual(rows.map((row) => row.i));
  });

  test('what cannot travel is refused by its level, whatever is around it', () => {
    class Point {}
    for (const wrap of Object.values(LEVELS)) {
      let row: unknown = new Point();
      for (let i = 0; i < 5000; i++) row = wrap(row, i);
      expect(() => encodeRows([1, row])).toThrow(
        'row 1 cannot travel between processes: it holds a value of type Point at level 5,000',
      );
    }
  });

  test('damaged bytes never crash the process', () => {
    const bytes = encodeRows([mixed(400, 1), mixed(300, 2)]);
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const damaged = Buffer.from(bytes);
        damaged[at]! ^= flip;
        try {
          decodeRows(damaged);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe('the size of deep rows', () => {
  const shapes: Record<string, () => unknown> = {
    ...Object.fromEntries(Object.entries(LEVELS).map(([name, wrap]) => [name, () => nested(15_000, wrap)])),
    'a hundred lists': () => Array.from({ length: 100 }, () => nested(300, LEVELS['record']!)),
    'a tree': () => {
      let nodes: unknown[] = Array.from({ length: 1 << 14 }, (_, i) => ({ i }));
      while (nodes.length > 1)
        nodes = Array.from({ length: nodes.length / 2 }, (_, i) => ({
          l: nodes[2 * i],
          r: nodes[2 * i + 1],
        }));
      return nodes[0];
    },
    'lists of lists of lists': () =>
      Array.from({ length: 30 }, () =>
        Array.from({ length: 30 }, () => Array.from({ length: 30 }, (_, i) => [i])),
      ),
    'a list linked both ways': () => {
      const first: Record<string, unknown> = { v: 0, before: null, next: null };
      let last = first;
      for (let i = 0; i < 30_000; i++) {
        last['next'] = { v: i, before: last, next: null };
        last = last['next'] as typeof first;
      }
      return first;
    },
    'a ring': () => {
      const first: Record<string, unknown> = { v: 0, next: null };
      const last = nested(30_000, LEVELS['record']!) as typeof first;
      first['next'] = last;
      let at = last;
      while (at['next'] !== undefined && (at['next'] as typeof first)['end'] === undefined)
        at = at['next'] as typeof first;
      at['next'] = first;
      return first;
    },
    'a chain into a ring': () => {
      const nodes: Record<string, unknown>[] = Array.from({ length: 40_000 }, (_, v) => ({ v, next: null }));
      nodes.forEach((node, i) => {
        node['next'] = nodes[i + 1] ?? nodes[17_000];
      });
      return nodes[0];
    },
  };

  test.each(Object.entries(shapes))('%s', MEASURED, (_, makeShape) => {
    estimateSize(makeShape());
    const kept: unknown[] = [];
    // Others come onto the heap meanwhile, or leave it: of three the middle one tells.
    const taken = Array.from({ length: 3 }, () => {
      kept[0] = undefined;
      const without = heapUsed();
      kept[0] = makeShape();
      return heapUsed() - without;
    }).sort((a, b) => a - b)[1]!;
    const estimated = estimateSize(kept[0]);
    expect(estimated).toBeGreaterThan(0.8 * taken);
    expect(estimated).toBeLessThan(2 * taken);
  });

  test('one whose getters make parts without an end is refused when it is written', {
    timeout: 60_000,
  }, () => {
    class Limit extends Error {}
    let made = 0;
    const endless = (): object => ({
      get next() {
        if (++made > 40_000) throw new Limit('enough');
        return endless();
      },
    });
    expect(() => encodeRows([endless()])).toThrow('enough');
  });

  test('what a process has no room for is refused with its size, its depth and a next step', () => {
    let thrown: unknown;
    try {
      needRoomToRead(() => 'row 7', { heap: 2 ** 50, objects: 1_000_001, levels: 1_000_000 });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(StagelightError);
    const { code, message, hint } = thrown as StagelightError;
    expect(code).toBe('ROW_TOO_LARGE');
    expect(message).toMatch(
      /^row 7 takes about 1073741824 MB of memory \(1,000,001 objects, nested 1,000,000 levels deep\): too much for a process that has \d+ MB for rows$/,
    );
    expect(hint).toContain('flat form');
  });

  test('no row counts for more than there is, whatever ways lead to its parts', () => {
    const nodes: { next?: object }[] = Array.from({ length: 50_000 }, () => ({}));
    nodes.forEach((node, i) => {
      node.next = nodes[i + 1] ?? nodes[0]!;
    });
    const estimated = estimateSize(nodes);
    expect(estimated).toBeGreaterThan(2e6);
    expect(estimated).toBeLessThanOrEqual(getHeapStatistics().used_heap_size);
    expect((decodeRows(encodeRows([nodes]))[0] as unknown[]).length).toBe(50_000);
  });
});

describe('where memory is short, deep rows', () => {
  const made = Array.from({ length: 12 }, (_, i) => mixed(300 + 40 * i, i));

  test.each(['MEMORY_ONLY', 'MEMORY_ONLY_SER', 'MEMORY_AND_DISK', 'DISK_ONLY'] as const)(
    'are cached or handed out at %s',
    (level) => {
      for (const budget of [1 << 16, 1 << 19, 1 << 24]) {
        const blocks = new BlockManager(
          new MemoryManager(budget),
          join(folder, `${level} ${budget}`),
          () => {},
        );
        const fill = blocks.fill(1, 0, StorageLevel[level]);
        const out: unknown[] = [];
        for (const row of made) if (!fill.add([row])) for (const rows of fill.handOut()) out.push(...rows);
        const stored = fill.finish();
        if (stored !== undefined) for (const rows of blocks.read(1, 0)!) out.push(...rows);
        expect(out.length).toBe(made.length);
        for (let i = 0; i < made.length; i++) expectSame(out[i], made[i]);
        fill.close();
      }
    },
  );

  test('are spilled as rows and as pairs, a large value by itself and only once it is asked for', () => {
    const metrics = { memoryBytesSpilled: 0, diskBytesSpilled: 0 };
    const file = new SpillFile(folder, metrics);
    const rows = new SpilledRows(file, 1 << 16);
    rows.writeRows(made);
    const back = [...rows.readRows()].flat();
    expect(back.length).toBe(made.length);
    for (let i = 0; i < made.length; i++) expectSame(back[i], made[i]);
    const pairs = new SpilledRows(file, 1 << 16);
    pairs.writePairs([...made.keys()], made);
    const [keys, values]: [unknown[], unknown[]] = [[], []];
    for (const batch of pairs.readPairs()) {
      keys.push(...batch.keys);
      const asked = batch.values;
      // Read anew: nobody holds it meanwhile.
      expect(batch.values[0] === asked[0]).toBe(false);
      values.push(...asked);
    }
    expect(keys).toEqual([...made.keys()]);
    for (let i = 0; i < made.length; i++) expectSame(values[i], made[i]);
    file.close();
  });
});
