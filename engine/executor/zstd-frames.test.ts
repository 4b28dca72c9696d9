/** Files of many zstd frames, small and large, whole and damaged. */
import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constants, zstdCompressSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { seededRandom } from '../testing.ts';
import { unpackPieces } from './unpack-pieces.ts';
import { frameLength, unpackSmallFrames } from './zstd-frames.ts';

const folder = mkdtempSync(join(tmpdir(), 'zstd-frames-'));
afterAll(() => rmSync(folder, { recursive: true }));

const PIECE = 1 << 18;
const random = seededRandom(11);
const below = (n: number) => Math.floor(random() * n);
/** Bytes that are packed well, badly, or as runs. */
const KINDS = [
  (length: number) => Buffer.from('ab c '.repeat(length)).subarray(0, length),
  (length: number) => Buffer.from(Array.from({ length }, () => below(256))),
  (length: number) => Buffer.alloc(length, 'z'),
];
const texts = (count: number, most: number) =>
  Array.from({ length: count }, (_, i) => KINDS[i % KINDS.length]!(Math.floor(most ** random()) - 1));

function packed(text: Buffer): Buffer {
  const params = {
    [constants.ZSTD_c_checksumFlag]: 1,
    [constants.ZSTD_c_contentSizeFlag]: below(2),
    [constants.ZSTD_c_windowLog]: 10 + below(12),
  };
  return zstdCompressSync(text, { params });
}

async function unpack(bytes: Buffer): Promise<{ out: Buffer; error?: unknown; understood: number }> {
  const file = join(folder, 'file.zst');
  writeFileSync(file, bytes);
  const unpacking = unpackPieces(openSync(file, 'r'), 'zstd', PIECE);
  const pieces: Buffer[] = [];
  let error: unknown;
  try {
    for await (const piece of unpacking.pieces) pieces.push(piece);
  } catch (thrown) {
    error = thrown;
  }
  const understood = unpacking.understood();
  await unpacking.close();
  return { out: Buffer.concat(pieces), error, understood };
}

test('where a frame ends is told without unpacking it, and not before all of it is there', () => {
  for (const text of [...texts(60, 1000), ...texts(9, 400_000)]) {
    const frame = packed(text);
    const behind = Buffer.concat([Buffer.from('xx'), frame, Buffer.from('behind')]);
    expect(frameLength(behind, 2)).toBe(frame.length);
    const step = Math.ceil(frame.length / 200);
    for (let end = 0; end < frame.length; end += step) {
      const cut = frameLength(frame.subarray(0, end), 0);
      expect(cut, `${end} of ${frame.length}`).toBeUndefined();
    }
  }
  expect(frameLength(Buffer.from('no frame at all'), 0)).toBeUndefined();
});

test('small frames are unpacked as far as there is room; what is more is left', () => {
  const frames = ['a'.repeat(60), 'b'.repeat(60), 'c'].map((text) => zstdCompressSync(text));
  const all = Buffer.concat(frames);
  const [first, second] = frames.map(({ length }) => length) as [number, number];
  expect(unpackSmallFrames(all, 1000)).toEqual({
    length: all.length,
    text: Buffer.from(`${'a'.repeat(60)}${'b'.repeat(60)}c`),
  });
  expect(unpackSmallFrames(all, 100)).toEqual({ length: first, text: Buffer.from('a'.repeat(60)) });
  expect(unpackSmallFrames(all, 120)).toEqual({
    length: first + second,
    text: Buffer.from(`${'a'.repeat(60)}${'b'.repeat(60)}`),
  });
  expect(unpackSmallFrames(all, 59)).toEqual({ length: 0, text: Buffer.alloc(0) });
  expect(unpackSmallFrames(Buffer.concat([zstdCompressSync(''), frames[2]!]), 10).text.toString()).toBe('c');
  // A frame of a few bytes may hold gigabytes.
  const bomb = zstdCompressSync(Buffer.alloc(50_000_000));
  expect(bomb.length).toBeLessThan(1 << 14);
  expect(unpackSmallFrames(bomb, PIECE).length).toBe(0);
});

test('frames of all sizes, among them skippable and empty ones, come out whole', async () => {
  for (let round = 0; round < 8; round++) {
    const parts = [...texts(40, 2000), ...texts(4, 300_000), Buffer.alloc(0), ...texts(400, 300)];
    for (let i = parts.length - 1; i > 0; i--) {
      const j = below(i + 1);
      [parts[i], parts[j]] = [parts[j]!, parts[i]!];
    }
    const skipped = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
    const frames = parts.flatMap((text, i) => (i % 50 === 7 ? [skipped, packed(text)] : [packed(text)]));
    const bytes = Buffer.concat(frames);
    const { out, error, understood } = await unpack(bytes);
    expect(error).toBeUndefined();
    expect(out.equals(Buffer.concat(parts))).toBe(true);
    expect(understood).toBe(bytes.length);
  }
});

test('a damaged or cut file gives what comes before, then an error where it is', async () => {
  const parts = texts(300, 300);
  const frames = parts.map(packed);
  const bytes = Buffer.concat(frames);
  const whole = Buffer.concat(parts);
  for (let round = 0; round < 40; round++) {
    const at = 1 + below(bytes.length - 1);
    const damaged = Buffer.from(bytes);
    damaged[at]! ^= 1 << below(8);
    let frame = 0;
    let start = 0;
    while (start + frames[frame]!.length <= at) start += frames[frame++]!.length;
    const before = Buffer.concat(parts.slice(0, frame));
    for (const broken of [damaged, bytes.subarray(0, at)]) {
      const { out, error, understood } = await unpack(broken);
      if (error === undefined) {
        // One bit of a frame means nothing; and a cut between two frames is none.
        expect(out.equals(broken === damaged ? whole : before)).toBe(true);
        if (broken !== damaged) expect(at).toBe(start);
        continue;
      }
      expect(out.subarray(0, before.length).equals(before)).toBe(true);
      expect(understood).toBeGreaterThanOrEqual(start);
      expect(understood).toBeLessThanOrEqual(broken.length);
    }
  }
});
