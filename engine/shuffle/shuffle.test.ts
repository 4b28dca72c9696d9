import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { MapStatus, PartitionerSpec, ShuffleInput } from '../rdd/plan.ts';
import { keyToMapKey } from '../storage/key-encoding.ts';
import { MemoryManager } from '../storage/memory-manager.ts';
import { FrameReader } from '../storage/row-codec.ts';
import { FetchFailedError } from './fetch-failed-error.ts';
import { indexPath } from './map-output-index.ts';
import { makePartitioner } from './partitioner.ts';
import { shuffleReadMetrics, shuffleWriteMetrics } from './shuffle-metrics.ts';
import { type PairBatch, ShuffleReader } from './shuffle-reader.ts';
import { ShuffleWriter } from './shuffle-writer.ts';

type Pair = [unknown, unknown];

let directory: string;
let attempts = 0;
const metrics = shuffleWriteMetrics();

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'stagelight-test-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function writer(mapIndex: number, spec: PartitionerSpec, memory?: MemoryManager): ShuffleWriter {
  return new ShuffleWriter({
    directory,
    executorId: `executor-${mapIndex}`,
    shuffleId: 3,
    mapIndex,
    attempt: attempts++,
    numPartitions: spec.numPartitions,
    partitioner: makePartitioner(spec, { mapPartition: mapIndex }),
    memory: memory?.forTask(),
    metrics,
  });
}

function writePairs(
  mapIndex: number,
  numPartitions: number,
  pairs: readonly Pair[],
  memory?: MemoryManager,
): MapStatus {
  const out = writer(mapIndex, { kind: 'hash', numPartitions }, memory);
  for (const [key, value] of pairs) out.writePair(key, value);
  return out.commit();
}

const inputOf = (maps: MapStatus[]): ShuffleInput => ({ shuffleId: 3, maps });

function read(input: ShuffleInput, reduceId: number): Pair[] {
  const pairs: Pair[] = [];
  const reader = new ShuffleReader(input, reduceId);
  const take = ({ keys, values }: PairBatch) => {
    for (const [i, key] of keys.entries()) pairs.push([key, values[i]]);
  };
  try {
    for (let batch = reader.nextPairs(); batch !== undefined; batch = reader.nextPairs()) take(batch);
  } finally {
    reader.close();
  }
  return pairs;
}

const sorted = (pairs: readonly Pair[]) => pairs.map((pair) => String(keyToMapKey(pair))).sort();

const key = fc.oneof(
  fc.string({ maxLength: 4 }),
  fc.integer({ min: -9, max: 9 }),
  fc.double(),
  fc.tuple(fc.string(), fc.nat()),
);
const maps = fc.array(fc.array(fc.tuple(key, fc.oneof(fc.integer(), fc.string(), fc.constant(null)))), {
  maxLength: 5,
});

function readPartition(
  input: ShuffleInput,
  reduceId: number,
  onBatch: (rows: unknown[]) => void,
  metrics = shuffleReadMetrics(),
): void {
  const reader = new ShuffleReader(input, reduceId, metrics);
  try {
    for (let rows = reader.nextRows(); rows !== undefined; rows = reader.nextRows()) onBatch(rows);
  } finally {
    reader.close();
  }
}

function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
}

describe('shuffle', () => {
  test('any maps and reducers: every row arrives once, where its key belongs', () => {
    fc.assert(
      fc.property(maps, fc.integer({ min: 1, max: 7 }), (outputs, numPartitions) => {
        const statuses = outputs.map((pairs, mapIndex) => writePairs(mapIndex, numPartitions, pairs));
        const place = makePartitioner({ kind: 'hash', numPartitions }, { mapPartition: 0 });
        const all: Pair[] = [];
        for (let reduceId = 0; reduceId < numPartitions; reduceId++) {
          const pairs = read(inputOf(statuses), reduceId);
          for (const [k] of pairs) expect(place(k)).toBe(reduceId);
          const rows: unknown[] = [];
          readPartition(inputOf(statuses), reduceId, (batch) => rows.push(...batch));
          expect(rows).toEqual(pairs);
          all.push(...pairs);
        }
        expect(sorted(all)).toEqual(sorted(outputs.flat()));
        expect(statuses.map((status) => status.records)).toEqual(outputs.map((pairs) => pairs.length));
      }),
      { numRuns: 60 },
    );
  });

  test('many batches, a budget that spills, and metrics that add up', () => {
    const pairs: Pair[] = Array.from({ length: 200_000 }, (_, i) => [
      `key number ${i % 5000}`,
      { i, text: 'x'.repeat(i % 30) },
    ]);
    const write = shuffleWriteMetrics();
    Object.assign(metrics, write);
    const roomy = writePairs(0, 3, pairs);
    expect(metrics.spilledBytes).toBe(0);
    const memory = new MemoryManager(3 << 20);
    const tight = writePairs(0, 3, pairs, memory);
    expect(metrics.spilledBytes).toBeGreaterThan(1 << 19);
    expect(memory.executionUsed).toBe(0);
    for (let r = 0; r < 3; r++) expect(read(inputOf([tight]), r)).toEqual(read(inputOf([roomy]), r));
    expect(tight.rowChecksums).toEqual(roomy.rowChecksums);
    expect(metrics.records).toBe(400_000);
    const sum = (sizes: Float64Array) => sizes.reduce((a, b) => a + b, 0);
    const total = sum(roomy.sizes);
    expect(metrics.bytes).toBe(total + sum(tight.sizes));
    const readMetrics = shuffleReadMetrics();
    const all: unknown[] = [];
    for (let r = 0; r < 3; r++) readPartition(inputOf([roomy]), r, (rows) => all.push(...rows), readMetrics);
    expect(readMetrics).toMatchObject({ bytes: total, records: 200_000 });
    expect(all).toHaveLength(200_000);
    expect(filesIn(directory).filter((name) => !/^shuffle_3_0_\d+\.(data|index)$/.test(name))).toEqual([]);
  });

  test('a region larger than memory should hold at once is verified and read frame by frame', () => {
    const text = 'é'.repeat(10_000);
    const out = writer(0, { kind: 'random', numPartitions: 1, seed: 1 });
    for (let i = 0; i < 4000; i++) out.writeRow([i, text]);
    const status = out.commit();
    expect(status.sizes[0]).toBeGreaterThan(1 << 25);
    let next = 0;
    readPartition(inputOf([status]), 0, (rows) => {
      for (const row of rows as [number, string][]) if (row[0] === next && row[1] === text) next++;
    });
    expect(next).toBe(4000);
    const bytes = readFileSync(status.path);
    bytes[bytes.length - 20]! ^= 1;
    writeFileSync(status.path, bytes);
    let seen = 0;
    expect(() => readPartition(inputOf([status]), 0, (rows) => (seen += rows.length))).toThrow(
      FetchFailedError,
    );
    expect(seen).toBe(0);
  });

  test('an error of decoding that is no fault of the file is passed on as it is', () => {
    const input = inputOf([writePairs(0, 1, [['k', [1, 2]]])]);
    const failing = vi.spyOn(FrameReader.prototype, 'nextPairs').mockImplementation(() => {
      throw new RangeError('Array buffer allocation failed');
    });
    try {
      expect(() => new ShuffleReader(input, 0).nextPairs()).toThrow(RangeError);
    } finally {
      failing.mockRestore();
    }
    expect(read(input, 0)).toEqual([['k', [1, 2]]]);
  });

  test('the row checksum ignores order and batches, notices any other row, and is the sum of its parts', () => {
    const row = fc.tuple(key, fc.oneof(fc.integer(), fc.string(), fc.record({ a: fc.double() })));
    fc.assert(
      fc.property(fc.array(row, { minLength: 1 }), fc.nat(), fc.boolean(), (pairs, at, drop) => {
        const checksum = (rows: readonly Pair[]) => writePairs(0, 1, rows).rowChecksums[0];
        const original = checksum(pairs);
        expect(checksum([...pairs].reverse())).toBe(original);
        const i = at % pairs.length;
        const parts = [pairs.slice(0, i), pairs.slice(i)].map((part) => checksum(part) ?? 0);
        expect((parts[0]! + parts[1]!) % 2 ** 32).toBe(original);
        const other: Pair[] = [...pairs];
        other.splice(i, 1, ...(drop ? [] : [[pairs[i]![0], 'another value'] as Pair]));
        if (pairs[i]![1] !== 'another value') expect(checksum(other)).not.toBe(original);
      }),
      { numRuns: 60 },
    );
  });

  test('rows with cycles arrive', () => {
    const node: Record<string, unknown> = { name: 'a' };
    node['left'] = node;
    node['right'] = { up: node, again: node };
    const [[, back]] = read(inputOf([writePairs(0, 1, [['k', node]])]), 0) as [[string, typeof node]];
    expect((back['right'] as typeof node)['up']).toBe(back);
  });

  test('an aborted attempt leaves no file, an early close no descriptor', () => {
    const memory = new MemoryManager(1 << 20);
    const out = writer(0, { kind: 'hash', numPartitions: 2 }, memory);
    for (let i = 0; i < 200_000; i++) out.writePair(i, `some text ${i}`);
    out.abort();
    expect(filesIn(directory)).toEqual([]);
    expect(memory.executionUsed).toBe(0);
    const reader = new ShuffleReader(inputOf([writePairs(0, 1, [['a', 1]])]), 0);
    expect(reader.nextPairs()).toEqual({ keys: ['a'], values: [1] });
    reader.close();
    expect(reader.nextPairs()).toBeUndefined();
  });

  test('a row that cannot travel names itself and leaves nothing behind', () => {
    const out = writer(0, { kind: 'hash', numPartitions: 1 });
    out.writePair('a', 1);
    out.writePair('b', [() => 1]);
    expect(() => out.commit()).toThrow(
      'row 1 cannot travel between processes: it holds a value of type function at [1][0]',
    );
    out.abort();
    expect(filesIn(directory)).toEqual([]);
  });
});

describe('a damaged map output', () => {
  const pairs: Pair[] = Array.from({ length: 50 }, (_, i) => [`key ${i}`, i]);

  /** Reads every partition; each must be right or refused. Returns how many were refused. */
  function refusals(input: ShuffleInput, numPartitions: number, expected: readonly string[][]): number {
    let refused = 0;
    for (let reduceId = 0; reduceId < numPartitions; reduceId++) {
      try {
        expect(sorted(read(input, reduceId))).toEqual(expected[reduceId]);
      } catch (error) {
        if (!(error instanceof FetchFailedError)) throw error;
        expect(error).toMatchObject({ shuffleId: 3, mapIndex: 1, reduceId, executorId: 'executor-1' });
        refused++;
      }
    }
    return refused;
  }

  test('any flipped byte or truncation of either file gives FetchFailedError, never wrong rows', () => {
    const statuses = [0, 1].map((mapIndex) => writePairs(mapIndex, 3, pairs));
    const input = inputOf(statuses);
    const expected = [0, 1, 2].map((r) => sorted(read(input, r)));
    const { path: data } = statuses[1]!;
    for (const file of [data, indexPath(data)]) {
      const intact = readFileSync(file);
      fc.assert(
        fc.property(fc.nat(intact.length - 1), fc.integer({ min: 0, max: 255 }), (at, flip) => {
          const bytes = Buffer.from(intact);
          bytes[at]! ^= flip;
          writeFileSync(file, bytes);
          const refused = refusals(input, 3, expected);
          if (flip !== 0 && file === data) expect(refused).toBe(1);
          if (flip === 0) truncateSync(file, at);
          if (flip === 0) expect(refusals(input, 3, expected)).toBeGreaterThan(0);
        }),
        { numRuns: 200 },
      );
      rmSync(file);
      expect(refusals(input, 3, expected)).toBe(3);
      writeFileSync(file, intact);
      expect(refusals(input, 3, expected)).toBe(0);
    }
  });

  test('files of an earlier attempt in the place of a later one are refused', () => {
    const [stale, fresh] = [7, 8].map((row) => writePairs(1, 1, [['row', row]])) as [MapStatus, MapStatus];
    for (const fileOf of [(file: string) => file, indexPath])
      copyFileSync(fileOf(stale.path), fileOf(fresh.path));
    expect(read(inputOf([stale]), 0)).toEqual([['row', 7]]);
    expect(() => read(inputOf([fresh]), 0)).toThrow('map output 1 for partition 0: the index is damaged');
    expect(() => read({ ...inputOf([fresh]), stage: 'stage 2 (map)' }, 0)).toThrow(
      'map output 1 of stage 2 (map) for partition 0: the index is damaged',
    );
  });

  test('files of two maps swapped are refused', () => {
    const statuses = [1, 0].map((mapIndex) => writePairs(mapIndex, 1, [[`of ${mapIndex}`, mapIndex]]));
    const [one, zero] = statuses.map((status) => status.path) as [string, string];
    for (const fileOf of [(file: string) => file, indexPath]) {
      renameSync(fileOf(one), `${directory}/kept`);
      renameSync(fileOf(zero), fileOf(one));
      renameSync(`${directory}/kept`, fileOf(zero));
      expect(() => read(inputOf([statuses[0]!]), 0)).toThrow(FetchFailedError);
    }
    expect(() => read(inputOf([statuses[0]!]), 0)).toThrow(
      'map output 1 for partition 0: the index is damaged',
    );
  });
});
