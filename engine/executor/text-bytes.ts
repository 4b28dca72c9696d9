/** The bytes of a text file, plain or unpacked on the way. A path that no longer names a regular file is refused. */
import { constants as limits } from 'node:buffer';
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { Checksums } from '../storage/checksum-file.ts';
import { GunzipReader, UnpackingError } from './gunzip.ts';
import { fileTooLarge, inputShrank, notAFile, notUtf8, unpackingBroken } from './input-error.ts';
import type { InputCounters } from './text-lines.ts';
import type { Packing } from './unpack-pieces.ts';

export interface TextBytes {
  /** How many bytes of the text from `position` on were put into the buffer; 0 at its end. */
  read(buffer: Buffer, offset: number, length: number, position: number): number;
  /** The length of the text where it is known beforehand. */
  readonly size: number;
  close(): void;
}

/** The longest string a task may make of a file: what it is made from is in memory beside it. */
export function longestText(budget: number): number {
  return Math.min(limits.MAX_STRING_LENGTH, Math.floor(budget / 2));
}

/** What a path names that is neither file nor directory. */
export function specialKind(stats: Stats): string | undefined {
  if (stats.isFIFO()) return 'a named pipe';
  if (stats.isSocket()) return 'a socket';
  if (stats.isCharacterDevice() || stats.isBlockDevice()) return 'a device';
  return undefined;
}

/** Opens a regular file; a named pipe that took its place does not make us wait. */
function openRegular(path: string): { fd: number; size: number } {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const stats = fstatSync(fd);
  if (stats.isFile()) return { fd, size: stats.size };
  closeSync(fd);
  throw notAFile(path, stats.isDirectory() ? 'a directory now' : (specialKind(stats) ?? 'something else'));
}

/** UTF-16 would come out as garbage without a word; nothing in UTF-8 begins with either of its marks. */
export function refuseOtherEncodings(path: string, start: Uint8Array): void {
  const [a, b, c, d] = start;
  if (a === 0xff && b === 0xfe) throw notUtf8(path, c === 0 && d === 0 ? 'UTF-32LE' : 'UTF-16LE');
  if (a === 0xfe && b === 0xff) throw notUtf8(path, 'UTF-16BE');
}

function packingOf(path: string): Packing | undefined {
  if (path.endsWith('.gz')) return 'gzip';
  return path.endsWith('.zst') ? 'zstd' : undefined;
}

/** `end` is where the part that is to be read ends, −1 for the end of the file. */
export function openTextBytes(
  path: string,
  end: number,
  counters: InputCounters,
  check: () => void = () => {},
  wanted: 'lines' | 'text' = 'lines',
): TextBytes {
  const { fd, size } = openRegular(path);
  const packing = packingOf(path);
  let sums: Checksums | undefined;
  try {
    sums = Checksums.of(path, size);
    // Before anything is unpacked: what a damaged stream would give is no one's text.
    if (packing) sums?.verifyAllOf(fd);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  if (packing) return unpacked(path, fd, packing, counters, check, wanted);
  if (size < end) {
    closeSync(fd);
    throw inputShrank(path, end, size);
  }
  const until = end < 0 ? size : end;
  return {
    size: until,
    read(buffer, offset, length, position) {
      const count = readSync(fd, buffer, offset, length, position);
      if (count === 0 && position < until) throw inputShrank(path, until, position);
      if (count > 0) sums?.verify(fd, position, position + count);
      // What lies behind the range is read for its last line but counted by the range it belongs to.
      counters.inputBytes += Math.max(0, Math.min(count, until - position));
      return count;
    },
    close: () => closeSync(fd),
  };
}

function unpacked(
  path: string,
  fd: number,
  packing: Packing,
  counters: InputCounters,
  check: () => void,
  wanted: 'lines' | 'text',
): TextBytes {
  const reader = new GunzipReader(fd, packing, check);
  const linesBefore = counters.inputRecords;
  let counted = 0;
  const count = () => {
    counters.inputBytes += reader.consumed - counted;
    counted = reader.consumed;
  };
  return {
    size: Number.POSITIVE_INFINITY,
    read(buffer, offset, length) {
      try {
        return reader.read(buffer, offset, length);
      } catch (error) {
        if (!(error instanceof UnpackingError) || !error.isOfZlib) throw error;
        const lines = wanted === 'lines' ? counters.inputRecords - linesBefore : undefined;
        throw unpackingBroken(path, packing, error.failure, lines);
      } finally {
        count();
      }
    },
    close: () => reader.close(),
  };
}

/** A whole file as one string, for which it must not be larger than `limit` bytes. */
export function readText(path: string, limit: number, counters: InputCounters, check: () => void): string {
  const bytes = openTextBytes(path, -1, counters, check, 'text');
  try {
    if (Number.isFinite(bytes.size) && bytes.size > limit) throw fileTooLarge(path, bytes.size, limit);
    let buffer = Buffer.allocUnsafe(Math.min(bytes.size, 1 << 18));
    let length = 0;
    for (;;) {
      if (length === buffer.length) {
        if (length >= bytes.size) break;
        if (length >= limit) {
          if (bytes.read(Buffer.alloc(1), 0, 1, length) === 0) break;
          throw fileTooLarge(path, undefined, limit);
        }
        const larger = Buffer.allocUnsafe(Math.min(limit, Math.max(64, length * 2)));
        buffer.copy(larger);
        buffer = larger;
      }
      const count = bytes.read(buffer, length, buffer.length - length, length);
      if (count === 0) break;
      length += count;
    }
    refuseOtherEncodings(path, buffer.subarray(0, length));
    const text = buffer.toString('utf8', 0, length);
    return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  } finally {
    bytes.close();
  }
}
