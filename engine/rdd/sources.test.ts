import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Context } from '../context.ts';
import { StagelightError } from '../errors.ts';
import { rangeBatches } from '../executor/range-rows.ts';
import { decodeRows, FrameReader } from '../storage/row-codec.ts';
import { estimateRowsSize } from '../storage/size-estimate.ts';
import { RecordingRunner } from '../testing.ts';
import { groupFiles, splitText } from './file-splits.ts';
import { splitPaths } from './input-files.ts';
import type { Operator } from './operator.ts';
import type { AnyRDD } from './rdd.ts';

let folder: string;
let sc: Context;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sources-'));
  sc = new Context(new RecordingRunner(undefined, folder));
  mkdirSync(join(folder, 'logs/deep'), { recursive: true });
  const sizes = {
    'book.txt': 1000,
    'logs/a.txt': 10,
    'logs/b.txt': 20,
    'logs/c.gz': 30,
    'logs/deep/d.txt': 5,
  };
  for (const [name, size] of Object.entries(sizes)) writeFileSync(join(folder, name), 'x'.repeat(size));
  for (const name of ['logs/_SUCCESS', 'logs/.a.crc']) writeFileSync(join(folder, name), 'hidden');
});
afterAll(() => rmSync(folder, { recursive: true }));

function operator<K extends Operator['kind']>(rdd: AnyRDD, kind: K): Extract<Operator, { kind: K }> {
  const { op } = rdd.node();
  expect(op.kind).toBe(kind);
  return op as Extract<Operator, { kind: K }>;
}
const filesOf = (path: string) =>
  operator(sc.textFile(path), 'textFile').paths.map((file) => file.slice(folder.length + 1));

describe('textFile', () => {
  test('takes a file, a directory, a glob and lists of them, without hidden files and deeper directories', () => {
    expect(filesOf('book.txt')).toEqual(['book.txt']);
    expect(filesOf('logs')).toEqual(['logs/a.txt', 'logs/b.txt', 'logs/c.gz']);
    expect(filesOf('logs/*.txt')).toEqual(['logs/a.txt', 'logs/b.txt']);
    expect(filesOf('logs/{a,c}.*, book.txt')).toEqual(['logs/a.txt', 'logs/c.gz', 'book.txt']);
    expect(filesOf(`file://${folder}/book.txt`)).toEqual(['book.txt']);
  });

  test('looks for its files when the partitions are first used, and says where it looked', async () => {
    const missing = sc.textFile('bok.txt').map((line) => line.length);
    const error = await missing.collect().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StagelightError);
    expect(error).toMatchObject({
      code: 'INPUT_NOT_FOUND',
      message: `textFile: no file matches "bok.txt" (relative paths start at ${folder})`,
      hint: 'Check the name, or pass an absolute path. That folder has book.txt, logs/.',
    });
    expect(() => filesOf('logs/*.csv')).toThrow('no file matches "logs/*.csv"');
  });

  test('refuses what is no file by name, wherever it is named', () => {
    const strange = join(folder, 'strange');
    mkdirSync(strange);
    execFileSync('mkfifo', [join(strange, 'pipe')]);
    symlinkSync('/nowhere/at/all', join(strange, 'link'));
    const codeOf = (path: string) => {
      try {
        return filesOf(path);
      } catch (error) {
        const { code, message } = error as StagelightError;
        return `${code}: ${message}`;
      }
    };
    const pipe = `INPUT_NOT_A_FILE: ${strange}/pipe is a named pipe, not a file that can be read twice`;
    expect(codeOf('strange/pipe')).toBe(pipe);
    expect(codeOf('strange/p*')).toBe(pipe);
    expect(codeOf('strange/l*')).toBe(
      `INPUT_NOT_FOUND: ${strange}/link is a link to a file that does not exist`,
    );
    expect(codeOf('strange')).toMatch(/^INPUT_NOT_FOUND: .* is a link/);
    expect(codeOf('/dev/zero')).toBe(
      'INPUT_NOT_A_FILE: /dev/zero is a device, not a file that can be read twice',
    );
    expect(codeOf('/proc/meminfo')).toMatch('a file that the system makes up while it is read');
    rmSync(strange, { recursive: true });
  });

  test('cuts files into byte ranges, leaves gzip whole', () => {
    expect(operator(sc.textFile('book.txt', 4), 'textFile').splits).toEqual(
      [0, 250, 500, 750].map((start) => [{ file: 0, start, end: start + 250 }]),
    );
    expect(operator(sc.textFile('logs', 3), 'textFile').splits).toEqual([
      [{ file: 0, start: 0, end: 10 }],
      [{ file: 1, start: 0, end: 20 }],
      [{ file: 2, start: 0, end: -1 }],
    ]);
  });

  test('splits as Hadoop does: at most 32 MB, a last split up to a tenth larger, one for an empty file', () => {
    const ends = (size: number, minPartitions: number) =>
      splitText([{ path: 'f', size }], minPartitions).map(([split]) => split!.end);
    const MB = 1024 * 1024;
    expect(ends(100 * MB, 2)).toEqual([32 * MB, 64 * MB, 96 * MB, 100 * MB]);
    expect(ends(35 * MB, 1)).toEqual([35 * MB]);
    expect(ends(0, 2)).toEqual([0]);
    expect(ends(3, 10)).toEqual([1, 2, 3]);
  });
});

test('wholeTextFiles groups neighbouring files by bytes', () => {
  expect(operator(sc.wholeTextFiles('logs', 2), 'wholeTextFiles').groups).toEqual([[0, 1], [2]]);
  expect(groupFiles([], 2)).toEqual([]);
});

test('paths are separated by commas outside braces', () => {
  expect(splitPaths('a, b/{c,d}.txt ,e')).toEqual(['a', 'b/{c,d}.txt', 'e']);
});

describe('parallelize', () => {
  test('cuts rows evenly and keeps them as they were', () => {
    const rows = [1, 2, 3, 4, 5];
    const rdd = sc.parallelize(rows, 3);
    rows.push(6);
    const { slices } = operator(rdd, 'parallelize');
    expect('inline' in slices && slices.inline.map(decodeRows)).toEqual([[1], [2, 3], [4, 5]]);
    expect(sc.parallelize(new Set(['a'])).getNumPartitions()).toBe(2);
  });

  test('puts large data into one file of blocks', () => {
    const rows = Array.from({ length: 100_000 }, (_, i) => `row ${i}`);
    const { slices } = operator(sc.parallelize(rows, 2), 'parallelize');
    if ('inline' in slices) throw new Error('expected a file');
    const bytes = readFileSync(slices.file);
    const [start, middle, end] = slices.offsets as [number, number, number];
    expect([start, end]).toEqual([0, bytes.byteLength]);
    expect([bytes.subarray(0, middle), bytes.subarray(middle)].flatMap((b) => decodeRows(b))).toEqual(rows);
  });
});

test('range counts from 0 when given one number', () => {
  expect(operator(sc.range(5), 'range')).toEqual({ kind: 'range', start: 0, end: 5, step: 1 });
  expect(sc.range(10, 0, -2, 4).node()).toMatchObject({
    op: { start: 10, end: 0, step: -2 },
    numPartitions: 4,
  });
  expect(() => sc.range(0, 5, 0)).toThrow('range: cannot count from 0 to 5 by 0');
});

describe('range refuses numbers that are not told apart', () => {
  const most = 2 ** 53;
  test.each([
    [most - 2, most + 4, 1],
    [most - 2, most + 2, 1],
    [0, most + 2, 1],
    [most + 4, most - 2, -1],
    [-most, most, 3],
    [most, most + 10, 3],
    [1, 1 + 1e-14, 1e-16],
    [-1e308, 1e308, 1e307],
  ])('from %d to %d by %d', (start, end, step) => {
    expect(() => sc.range(start, end, step)).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: expect.stringMatching(/^range: cannot count from /),
      }),
    );
  });

  test.each([
    [most - 4, most, 1],
    [-most, -most + 4, 1],
    [0, most, 2 ** 50],
    [most, most + 10, 2],
    [1.7e18, 1.7e18 + 4e12, 1e12],
    [0, 1, 0.1],
    [0.5, 4, 1],
    [2 ** 40 + 0.5, 2 ** 40 + 5, 0.5],
    [5e-324, 2e-323, 5e-324],
    [1, 1e300, -1],
    [most, most, 1],
  ])('and counts from %d to %d by %d', (start, end, step) => {
    const op = operator(sc.range(start, end, step, 1), 'range');
    const rows: number[] = [];
    const batches = rangeBatches(op, { numPartitions: 1 } as never, 0);
    for (let some = batches.next(); some !== undefined; some = batches.next())
      rows.push(...(some as number[]));
    expect(new Set(rows).size).toBe(rows.length);
    expect(rows.length).toBe(Math.max(0, Math.ceil((end - start) / step)));
    if (Number.isInteger(start) && Number.isInteger(step))
      expect(rows.map(BigInt)).toEqual(rows.map((_, i) => BigInt(start) + BigInt(i) * BigInt(step)));
  });
});

test('what is parallelized lies in frames that take little where they are read, also when little is left of them encoded', () => {
  const rows = Array.from({ length: 300 }, (_, n) => (n % 2 === 0 ? new Array(10_000).fill(null) : [n]));
  const { slices } = operator(sc.parallelize(rows, 1), 'parallelize');
  const reader = new FrameReader('inline' in slices ? slices.inline[0]! : readFileSync(slices.file));
  const frames: unknown[][] = [];
  for (let some = reader.nextRows(); some !== undefined; some = reader.nextRows()) frames.push(some);
  expect(frames.flat()).toEqual(rows);
  for (const frame of frames) expect(estimateRowsSize(frame)).toBeLessThan(2.2 * 2 ** 20);
});
