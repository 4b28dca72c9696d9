/** Reads the region of one reducer from one map output, verified before a row of it is seen. */
import { closeSync, openSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { ShuffleInput } from '../rdd/plan.ts';
import { readFully } from '../storage/nameless-file.ts';
import { FetchFailedError } from './fetch-failed-error.ts';
import {
  decodeIndexEntry,
  INDEX_ENTRY_BYTES,
  INDEX_HEADER_BYTES,
  type IndexEntry,
  indexPath,
} from './map-output-index.ts';

const WINDOW_BYTES = 1 << 22;

export class MapOutputFile {
  readonly entry: IndexEntry;
  private readonly fd: number;
  private readonly fail: (message: string, cause?: unknown) => FetchFailedError;

  /** Throws FetchFailedError when the output is missing or its index is damaged. */
  constructor(shuffleId: number, map: ShuffleInput['maps'][number], reduceId: number) {
    const { mapIndex, path, executorId } = map;
    this.fail = (message, cause) =>
      new FetchFailedError(
        { shuffleId, mapIndex, reduceId, executorId },
        `map output ${mapIndex} of shuffle ${shuffleId} for partition ${reduceId}: ${message}`,
        cause === undefined ? undefined : { cause },
      );
    this.entry = this.readEntry(indexPath(path), shuffleId, mapIndex, reduceId);
    this.fd = this.entry.length === 0 ? -1 : this.open(path);
  }

  private open(path: string): number {
    try {
      return openSync(path, 'r');
    } catch (error) {
      throw this.fail('the file is missing', error);
    }
  }

  private readEntry(path: string, shuffleId: number, mapIndex: number, reduceId: number): IndexEntry {
    const fd = this.open(path);
    try {
      const bytes = Buffer.alloc(INDEX_ENTRY_BYTES);
      for (let attempt = 0; attempt < 2; attempt++) {
        const position = INDEX_HEADER_BYTES + reduceId * INDEX_ENTRY_BYTES;
        const entry = readFully(fd, bytes, position)
          ? decodeIndexEntry(bytes, shuffleId, mapIndex, reduceId)
          : undefined;
        if (entry !== undefined) return entry;
      }
      throw this.fail('the index is damaged');
    } finally {
      closeSync(fd);
    }
  }

  /** The whole region in `buffer`, which must have its length. */
  readRegion(buffer: Buffer): void {
    this.twice(() => readFully(this.fd, buffer, this.entry.offset) && crc32(buffer) === this.entry.crc);
  }

  /** Verifies a region too large to hold, window by window. */
  verifyRegion(): void {
    this.twice(() => {
      const window = Buffer.allocUnsafe(WINDOW_BYTES);
      let crc = 0;
      for (let done = 0; done < this.entry.length; ) {
        const part = window.subarray(0, Math.min(WINDOW_BYTES, this.entry.length - done));
        if (!readFully(this.fd, part, this.entry.offset + done)) return false;
        crc = crc32(part, crc);
        done += part.length;
      }
      return crc === this.entry.crc;
    });
  }

  /** Part of a verified region. */
  readPart(bytes: Buffer, start: number): void {
    if (start + bytes.length > this.entry.length || !readFully(this.fd, bytes, this.entry.offset + start)) {
      throw this.fail('the file changed while it was read');
    }
  }

  /** A second look, because memory and disks sometimes err in reading only. */
  private twice(isIntact: () => boolean): void {
    let cause: unknown;
    for (let attempt = 0; attempt < 2; attempt++) {
      try {
        if (isIntact()) return;
      } catch (error) {
        cause = error;
      }
    }
    throw this.fail('the bytes are cut short or damaged', cause);
  }

  /** What to throw when verified bytes cannot be decoded. */
  undecodable(cause: unknown): FetchFailedError {
    return this.fail('the rows cannot be decoded', cause);
  }

  close(): void {
    if (this.fd >= 0) closeSync(this.fd);
  }
}
