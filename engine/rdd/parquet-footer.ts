/** What a Parquet file says of itself at its end: read by the driver to plan, and by each task that reads rows. */
import { closeSync, fstatSync, openSync } from 'node:fs';
import type { FileMetaData } from 'hyparquet';
import { StagelightError } from '../errors.ts';
import { Checksums } from '../storage/checksum-file.ts';
import { readFully } from '../storage/nameless-file.ts';
import { parquetReading } from '../storage/parquet-library.ts';

const TAIL_BYTES = 8;
const MAGIC = 'PAR1';

/** An open Parquet file, its checksums if it has any, and its footer. */
export interface ParquetInput {
  fd: number;
  path: string;
  sums: Checksums | undefined;
  metadata: FileMetaData;
}

/** Opens a file and reads its footer; the caller closes `fd`. Throws PARQUET_BROKEN for what is no Parquet file. */
export function openParquet(path: string): ParquetInput {
  const fd = openSync(path, 'r');
  try {
    const { size } = fstatSync(fd);
    const sums = Checksums.of(path, size);
    const tail = readRange(fd, path, Math.max(0, size - TAIL_BYTES), size, sums);
    if (tail.length < TAIL_BYTES || tail.toString('latin1', 4) !== MAGIC)
      throw parquetBroken(path, 'it does not end as one');
    const length = tail.readUInt32LE(0);
    if (length > size - TAIL_BYTES) throw parquetBroken(path, 'its footer is larger than the file');
    const footer = readRange(fd, path, size - TAIL_BYTES - length, size, sums);
    return {
      fd,
      path,
      sums,
      metadata: readable(path, () => parquetReading().format.parquetMetadata(footer, { geoparquet: false })),
    };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** Bytes of the file, verified where somebody wrote checksums down; in an ArrayBuffer of their own. */
export function readRange(
  fd: number,
  path: string,
  from: number,
  to: number,
  sums: Checksums | undefined,
): Buffer {
  const bytes = Buffer.from(new ArrayBuffer(Math.max(0, to - from)));
  if (!(from >= 0) || !readFully(fd, bytes, from)) throw parquetBroken(path, 'it ends early');
  sums?.verify(fd, from, to);
  return bytes;
}

/** Whatever the reader of the format stumbles over is the file's fault, by name. */
export function readable<R>(path: string, read: () => R): R {
  try {
    return read();
  } catch (error) {
    if (error instanceof StagelightError) throw error;
    throw parquetBroken(path, (error as Error).message, error);
  }
}

export function parquetBroken(path: string, why: string, cause?: unknown): StagelightError {
  return new StagelightError('PARQUET_BROKEN', `the Parquet file ${path} cannot be read: ${why}`, {
    hint: 'Is it complete, and a Parquet file at all? Files in LZ4 are to be written again with SNAPPY, GZIP, BROTLI or ZSTD.',
    cause,
  });
}
