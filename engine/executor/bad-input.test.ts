/** Files that are not as they should be: each gives an error with a name and a place, or what is said here. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { errorToData } from '../errors.ts';
import type { ErrorData } from '../protocol.ts';
import { gather } from './batches.ts';
import { readText } from './text-bytes.ts';
import { type LineOptions, textLines } from './text-lines.ts';

const directory = mkdtempSync(join(tmpdir(), 'stagelight-bad-'));
afterAll(() => rmSync(directory, { recursive: true }));

let files = 0;
function file(bytes: Uint8Array | string, suffix = ''): string {
  const path = join(directory, `${files++}${suffix}`);
  writeFileSync(path, bytes);
  return path;
}

function lines(
  path: string,
  { start = 0, end = -1, ...options }: LineOptions & { start?: number; end?: number } = {},
) {
  const counters = { inputBytes: 0, inputRecords: 0 };
  return gather(textLines(() => path, [{ file: 0, start, end }], counters, options));
}

function errorOf(read: () => unknown): ErrorData {
  try {
    read();
  } catch (error) {
    return errorToData(error);
  }
  throw new Error('nothing was thrown');
}

function whole(path: string, limit = 1 << 20): string {
  return readText(path, limit, { inputBytes: 0, inputRecords: 0 }, () => {});
}

const rows = Array.from({ length: 30_000 }, (_, i) => `row ${i} ${Math.sin(i)}`);
const packed = gzipSync(`${rows.join('\n')}\n`);

test('a line beyond the limit is refused with the byte at which it starts, before it is in memory', () => {
  const path = file('short\n');
  truncateSync(path, 1 << 30);
  expect(errorOf(() => lines(path, { limit: 1 << 20 }))).toMatchObject({
    code: 'LINE_TOO_LONG',
    message: `${path} has a line longer than 1.0 MB: it starts at byte 6 of it`,
  });
  // Ranges in the middle of the line have no line of their own, and do not look for its end.
  const counters = { inputBytes: 0, inputRecords: 0 };
  const middle = { file: 0, start: 1 << 20, end: 1 << 21 };
  expect(gather(textLines(() => path, [middle], counters))).toEqual([]);
  expect(counters.inputBytes).toBeLessThan(2 << 20);
  const short = file(`a\n${'b'.repeat(999)}\nc\n`);
  expect(lines(short, { chunk: 64, limit: 1100 })).toEqual(['a', 'b'.repeat(999), 'c']);
  expect(errorOf(() => lines(short, { chunk: 64, limit: 900 })).message).toMatch('it starts at byte 2 of it');
  const zipped = file(gzipSync(`ab\n${'c'.repeat(1 << 22)}`), '.gz');
  expect(errorOf(() => lines(zipped, { limit: 1 << 20 }))).toMatchObject({
    code: 'LINE_TOO_LONG',
    message: `${zipped} has a line longer than 1.0 MB: it starts at byte 3 of the text in it`,
  });
});

test('a file larger than a string may be is refused by name, compressed or not', () => {
  const path = file('x');
  truncateSync(path, 1 << 30);
  expect(errorOf(() => whole(path))).toMatchObject({
    code: 'FILE_TOO_LARGE',
    message: `wholeTextFiles makes one string of each file, of 1.0 MB at most: ${path} has 1024 MB`,
  });
  const bomb = file(gzipSync(Buffer.alloc(1 << 22)), '.gz');
  expect(errorOf(() => whole(bomb))).toMatchObject({ code: 'FILE_TOO_LARGE' });
  expect(whole(file(gzipSync('a'.repeat(1 << 20)), '.gz')).length).toBe(1 << 20);
});

test('a gzip file that is cut short is refused with how far it could be read', () => {
  const path = file(packed.subarray(0, 200_000), '.gz');
  const error = errorOf(() => lines(path));
  expect(error).toMatchObject({ code: 'INPUT_GZIP_BROKEN' });
  expect(error.message).toMatch(
    /\.gz is cut short: it ends at byte 200000 in the middle of its data, after \d{4,} lines$/,
  );
  expect(errorOf(() => whole(path)).message).toMatch(/after \d{6,} bytes of text$/);
  // As a copy that was begun leaves it.
  expect(errorOf(() => lines(file('', '.gz'))).message).toMatch('is cut short: it ends at byte 0');
});

test('a gzip file with a wrong checksum, damaged data or other bytes behind it is refused', () => {
  const badSum = Buffer.from(packed);
  badSum[badSum.length - 6]! ^= 0xff;
  const damaged = Buffer.from(packed);
  damaged.fill(0xa5, 100_000, 100_100);
  for (const bytes of [badSum, damaged]) {
    const error = errorOf(() => lines(file(bytes, '.gz')));
    expect(error).toMatchObject({ code: 'INPUT_GZIP_BROKEN' });
    expect(error.message).toMatch(/is damaged near byte \d{5,}, after \d+ lines/);
  }
  const trailing = errorOf(() => lines(file(Buffer.concat([packed, Buffer.from('junk')]), '.gz')));
  expect(trailing.message).toMatch(/has something behind its compressed data that is none, near byte \d+/);
  expect(errorOf(() => lines(file('plain text\n', '.gz')))).toMatchObject({
    code: 'INPUT_GZIP_BROKEN',
    message: expect.stringMatching(/is no gzip file, though its name ends in \.gz$/),
  });
});

test('gzip files of several members, or padded with zeros as on tapes, are read whole', () => {
  const text = `${rows.join('\n')}\n`;
  const members = [text.slice(0, 400_001), text.slice(400_001)].map((part) => gzipSync(part));
  expect(lines(file(Buffer.concat(members), '.gz'))).toEqual(rows);
  expect(lines(file(Buffer.concat([packed, Buffer.alloc(10_000)]), '.gz'))).toEqual(rows);
});

test('zstd files of any number of frames are read whole, and in pieces', () => {
  const text = `${rows.join('\n')}\n`;
  const cut = (bytes: number) => {
    const frames: Buffer[] = [];
    for (let at = 0; at < text.length; at += bytes) frames.push(zstdCompressSync(text.slice(at, at + bytes)));
    return Buffer.concat(frames);
  };
  for (const bytes of [9_001, 262_144, 400_001, text.length])
    expect(lines(file(cut(bytes), '.zst'))).toEqual(rows);
  expect(lines(file(zstdCompressSync(''), '.zst'))).toEqual([]);
  // What it unpacks to may be more than may be in memory at once.
  const bomb = file(zstdCompressSync(Buffer.alloc(1 << 22)), '.zst');
  expect(errorOf(() => whole(bomb))).toMatchObject({ code: 'FILE_TOO_LARGE' });
  expect(errorOf(() => lines(bomb, { limit: 1 << 20 }))).toMatchObject({ code: 'LINE_TOO_LONG' });
});

test('a zstd file that is cut short, damaged, none, or followed by other bytes is refused with its place', () => {
  const frame = zstdCompressSync(`${rows.join('\n')}\n`);
  const broken = (bytes: Uint8Array | string) => {
    const { code, message, hint } = errorOf(() => lines(file(bytes, '.zst')));
    expect(code).toBe('INPUT_ZSTD_BROKEN');
    expect(hint).toBeTruthy();
    return message;
  };
  expect(broken(frame.subarray(0, 200_000))).toMatch(
    /\.zst is cut short: it ends at byte 200000 in the middle of its data, after \d{4,} lines$/,
  );
  const second = Buffer.concat([frame, frame.subarray(0, 100)]);
  expect(broken(second)).toMatch(`is cut short: it ends at byte ${second.length}`);
  expect(broken('')).toMatch('is cut short: it ends at byte 0');
  const damaged = Buffer.from(frame);
  damaged.fill(0xa5, 100_000, 100_100);
  expect(broken(damaged)).toMatch(/is damaged near byte \d{5,}, after \d+ lines/);
  expect(broken(Buffer.concat([frame, Buffer.from('other bytes')]))).toMatch(
    /has something behind its compressed data that is none, near byte \d+/,
  );
  expect(broken('plain text\n')).toMatch(/is no zstd file, though its name ends in \.zst$/);
});

test('a slow reader of much compressed text gets all of it', () => {
  const line = 'over and over again the same line of text';
  const path = file(gzipSync(`${line}\n`.repeat(200_000)), '.gz');
  const reading = textLines(() => path, [{ file: 0, start: 0, end: -1 }], { inputBytes: 0, inputRecords: 0 });
  let count = 0;
  for (let some = reading.next(); some !== undefined; some = reading.next()) {
    // The thread runs ahead meanwhile, as far as it may.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
    count += some.filter((each) => each === line).length;
  }
  expect(count).toBe(200_000);
});

test('several compressed files are read at once, and a reader that gives up early holds up nobody', () => {
  const path = file(packed, '.gz');
  const open = () =>
    textLines(() => path, [{ file: 0, start: 0, end: -1 }], { inputBytes: 0, inputRecords: 0 });
  const [a, b, c] = [open(), open(), open()];
  const first = a.next()!;
  expect(b.next()).toEqual(first);
  expect(c.next()).toEqual(first);
  c.close();
  expect([...first, ...gather(a)]).toEqual(rows);
  expect([...first, ...gather(b)]).toEqual(rows);
});

test('bytes that are no UTF-8 become replacement characters, wherever a read ends', () => {
  const bytes = Buffer.from([0x6f, 0xff, 0xc3, 0x28, 0x0a, 0xe2, 0x82, 0x0a, 0xf0, 0x9f, 0x98, 0x80, 0x0a]);
  const expected = ['o\ufffd\ufffd(', '\ufffd', '😀'];
  for (let chunk = 16; chunk < 20; chunk++) expect(lines(file(bytes), { chunk })).toEqual(expected);
  const path = file(bytes);
  for (let cut = 1; cut < bytes.length; cut++) {
    expect([...lines(path, { end: cut }), ...lines(path, { start: cut })], `cut at ${cut}`).toEqual(expected);
  }
  expect(whole(path)).toBe(`${expected.join('\n')}\n`);
});

test('a file that begins with the mark of UTF-16 or UTF-32 is refused by the name of its encoding', () => {
  const cases: [Buffer, string][] = [
    [Buffer.from('\ufeffhello\n', 'utf16le'), 'UTF-16LE'],
    [Buffer.from('\ufeffhello\n', 'utf16le').swap16(), 'UTF-16BE'],
    [Buffer.from([0xff, 0xfe, 0, 0, 0x41, 0, 0, 0]), 'UTF-32LE'],
  ];
  for (const [bytes, encoding] of cases) {
    for (const path of [file(bytes), file(gzipSync(bytes), '.gz')]) {
      const expected = {
        code: 'INPUT_NOT_UTF8',
        message: `${path} begins with the mark of ${encoding}: text is read as UTF-8`,
      };
      expect(errorOf(() => lines(path))).toMatchObject(expected);
      expect(errorOf(() => whole(path))).toMatchObject(expected);
    }
  }
});

test('a lone CR and NUL bytes are part of their lines', () => {
  expect(lines(file('a\rb\r\nc\0d\n\0'))).toEqual(['a\rb', 'c\0d', '\0']);
});

test('a file that became shorter than planned is refused; what was appended is not read', () => {
  const path = file('one\ntwo\nthree\n');
  expect(errorOf(() => lines(path, { end: 20 }))).toMatchObject({
    code: 'INPUT_CHANGED',
    message: `${path} became shorter: it had 20 bytes or more when the job was planned, and has 14 now`,
  });
  // The planned end is inside "two": that line is complete by now.
  expect(lines(path, { end: 6 })).toEqual(['one', 'two']);
  const counters = { inputBytes: 0, inputRecords: 0 };
  const reading = textLines(() => path, [{ file: 0, start: 0, end: 14 }], counters, { chunk: 16 });
  writeFileSync(path, `${'x'.repeat(40)}\n`);
  const long = textLines(() => path, [{ file: 0, start: 0, end: 41 }], counters, { chunk: 16 });
  expect(reading.next()).toEqual(['x'.repeat(40)]);
  truncateSync(path, 20);
  expect(errorOf(() => long.next())).toMatchObject({ code: 'INPUT_CHANGED' });
});

test('what took the place of a file since the job was planned is refused and not waited for', () => {
  const pipe = join(directory, 'pipe');
  execFileSync('mkfifo', [pipe]);
  expect(errorOf(() => lines(pipe, { end: 5 }))).toMatchObject({
    code: 'INPUT_NOT_A_FILE',
    message: `${pipe} is a named pipe, not a file that can be read twice`,
  });
  expect(errorOf(() => lines(directory, { end: 5 })).message).toMatch('is a directory now');
  const link = join(directory, 'link');
  symlinkSync('/dev/zero', link);
  expect(errorOf(() => whole(link)).message).toMatch('is a device');
  const moved = file('gone\n');
  renameSync(moved, `${moved}.old`);
  expect(errorOf(() => lines(moved))).toMatchObject({ code: 'INPUT_NOT_FOUND' });
});
