/**
 * Small frames of a zstd file, unpacked at once: a stream for each costs more than what is in it. Where a frame ends is told
 * by the headers of its blocks (RFC 8878, 3.1.1), without unpacking.
 */
import { zstdDecompressSync } from 'node:zlib';

const MAGIC = 0xfd2fb528;
/** Packed; larger ones are worth a stream. */
const SMALL = 1 << 14;
const DICTIONARY_BYTES = [0, 1, 2, 4];
const CONTENT_SIZE_BYTES = [0, 2, 4, 8];
const CHECKSUM_BYTES = 4;
const BLOCK_HEADER_BYTES = 3;
/** A byte that is repeated so often. */
const RUN_BLOCK = 1;
const RESERVED_BLOCK = 3;

/** The length of the frame that begins at `start`, when all of it is there and it is one with data; else undefined. */
export function frameLength(bytes: Buffer, start: number): number | undefined {
  if (bytes.length - start < 5 || bytes.readUInt32LE(start) !== MAGIC) return undefined;
  const descriptor = bytes[start + 4]!;
  const isSingleSegment = (descriptor & 0x20) !== 0;
  let at = start + 5 + DICTIONARY_BYTES[descriptor & 3]!;
  // One byte says the size of the window or, of a single segment, may be that of the content.
  at += isSingleSegment
    ? Math.max(1, CONTENT_SIZE_BYTES[descriptor >> 6]!)
    : 1 + CONTENT_SIZE_BYTES[descriptor >> 6]!;
  for (let isLast = false; !isLast; ) {
    if (at + BLOCK_HEADER_BYTES > bytes.length) return undefined;
    const header = bytes.readUIntLE(at, BLOCK_HEADER_BYTES);
    const type = (header >> 1) & 3;
    if (type === RESERVED_BLOCK) return undefined;
    isLast = (header & 1) !== 0;
    at += BLOCK_HEADER_BYTES + (type === RUN_BLOCK ? 1 : header >> 3);
  }
  if ((descriptor & 4) !== 0) at += CHECKSUM_BYTES;
  return at <= bytes.length ? at - start : undefined;
}

/** What small frames give. */
export interface Unpacked {
  /** Packed bytes that it comes from: 0 where a stream is to look at what comes next. */
  length: number;
  text: Buffer;
}

const NONE = Buffer.alloc(0);

/** Of the small frames that the bytes begin with, no more than `most` bytes of text. What is damaged, or no frame, is left to others. */
export function unpackSmallFrames(bytes: Buffer, most: number): Unpacked {
  let from = 0;
  let text = NONE;
  let size = 0;
  while (size < most) {
    const length = frameLength(bytes, from);
    if (length === undefined || length > SMALL) break;
    let part: Buffer;
    try {
      part = zstdDecompressSync(bytes.subarray(from, from + length), { maxOutputLength: most - size });
    } catch {
      break;
    }
    // Copied at once: each lies in a buffer that is much larger.
    if (text === NONE && part.length > 0) text = Buffer.allocUnsafe(most);
    size += part.copy(text, size);
    from += length;
  }
  return { length: from, text: text.subarray(0, size) };
}
