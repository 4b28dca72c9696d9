import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { gather } from './batches.ts';
import { textLines } from './text-lines.ts';

const directory = mkdtempSync(join(tmpdir(), 'stagelight-lines-'));
afterAll(() => rmSync(directory, { recursive: true }));

let files = 0;
function file(bytes: Uint8Array | string, suffix = ''): string {
  const path = join(directory, `${files++}${suffix}`);
  writeFileSync(path, bytes);
  return path;
}

function read(path: string, cuts: number[], chunk?: number): unknown[][] {
  const ends = [...cuts, -1];
  return ends.map((end, i) => {
    const counters = { inputBytes: 0, inputRecords: 0 };
    const start = i === 0 ? 0 : ends[i - 1]!;
    return gather(textLines(() => path, [{ file: 0, start, end }], counters, { chunk }));
  });
}

const text = fc
  .array(
    fc.tuple(
      fc.string({ unit: fc.constantFrom('a', 'é', '€', '😀', ' ', '\r') }),
      fc.constantFrom('\n', '\r\n'),
    ),
  )
  .chain((lines) => fc.tuple(fc.constant(lines), fc.constantFrom('', 'tail', 'ü')));

test('every cutting into splits and every chunk size gives the same lines, each in the split where it starts', () => {
  fc.assert(
    fc.property(
      text,
      fc.array(fc.nat(200)),
      fc.integer({ min: 16, max: 40 }),
      ([parts, tail], positions, chunk) => {
        const whole = parts.map(([line, end]) => line + end).join('') + tail;
        const bytes = Buffer.from(whole);
        const expected = whole.split('\n').map((line) => line.replace(/\r$/, ''));
        if (whole === '' || whole.endsWith('\n')) expected.pop();
        const cuts = [...new Set(positions.map((at) => at % (bytes.length + 1)))]
          .filter((at) => at > 0)
          .sort((a, b) => a - b);
        const splits = read(file(bytes), cuts, chunk);
        expect(splits.flat()).toEqual(expected);
        const starts = [0, ...[...bytes.keys()].filter((at) => bytes[at] === 10).map((at) => at + 1)];
        const bounds = [0, ...cuts, bytes.length];
        expect(splits.map((lines) => lines.length)).toEqual(
          splits.map((_, i) => starts.filter((at) => at >= bounds[i]! && at < bounds[i + 1]!).length),
        );
      },
    ),
    { seed: 1, numRuns: 300 },
  );
});

test('a byte order mark is not part of the first line', () => {
  expect(read(file('\ufeffa\nb\n'), [])).toEqual([['a', 'b']]);
  expect(read(file(gzipSync('\ufeffa\r\nb\n\n'), '.gz'), [])).toEqual([['a', 'b', '']]);
  expect(read(file('\ufeff\n'), [])).toEqual([['']]);
});

test('a compressed file of several members is read whole', () => {
  expect(read(file(Buffer.concat([gzipSync('a\nb'), gzipSync('c\n')]), '.gz'), [])).toEqual([['a', 'bc']]);
  expect(read(file(gzipSync(''), '.gz'), [])).toEqual([[]]);
});

test('a missing file is named', () => {
  expect(() => read('/nowhere/words.txt', [])).toThrow('the input file /nowhere/words.txt does not exist');
});

test('the bytes of all splits add up to the file', () => {
  const path = file('one\ntwo\nthree\n');
  const counters = { inputBytes: 0, inputRecords: 0 };
  const splits = [
    { file: 0, start: 0, end: 5 },
    { file: 0, start: 5, end: -1 },
  ];
  gather(textLines(() => path, splits, counters));
  expect(counters).toEqual({ inputBytes: 15, inputRecords: 3 });
});
