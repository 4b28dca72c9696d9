/** Blocks on disk are compressed by zstd at its quickest useful level, unless that hardly makes them smaller. */
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';

const OPTIONS = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
/** Smaller blocks gain nothing that would be noticed. */
const LEAST_BYTES = 512;
/** What stays larger than this share of itself is kept as it is: reading it costs less so. */
const WORTHWHILE = 0.9;

/** The bytes themselves, or fewer. */
export function compressed(bytes: Buffer): Buffer {
  if (bytes.length < LEAST_BYTES) return bytes;
  const packed = zstdCompressSync(bytes, OPTIONS);
  return packed.length < bytes.length * WORTHWHILE ? packed : bytes;
}

/** `size` is the length before compression; equal to that of `bytes` when they were not compressed. */
export function decompressed(bytes: Buffer, size: number): Buffer {
  return bytes.length === size ? bytes : zstdDecompressSync(bytes, { maxOutputLength: size });
}
