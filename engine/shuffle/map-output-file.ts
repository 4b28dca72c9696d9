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
import type { ReadAhead } from './read-ahead.ts';

const WINDOW_BYTES = 1 << 22;

export class MapOutputFile {
  readonly entry: IndexEntry;
  private readonly path: string;
  private readonly ahead: ReadAhead | undefined;
  /** −1 until the file itself is needed. */
  private fd = -1;
  private readonly fail: (message: string, cause?: unknown) => FetchFailedError;

  /** Throws FetchFailedError when the output is missing or its index is damaged. */
  constructor(
    { shuffleId, stage }: ShuffleInput,
    { mapIndex, path, executorId }: ShuffleInput['maps'][number],
    reduceId: number,
    ahead?: ReadAhead,
  ) {
    this.fail = (message, cause) =>
      new FetchFailedError(
        { shuffleId, mapIndex, reduceId, executorId },
        `map output ${mapIndex}${stage === undefined ? '' : ` of ${stage}`} for partition ${reduceId}: ${message}`,
        cause === undefined ? undefined : { cause },
      );
    this.path = path;
    this.ahead = ahead;
    this.entry = this.entryAhead(reduceId) ?? this.readEntry(reduceId);
    if (ahead === undefined && this.entry.length > 0) this.fd = this.open(path);
  }

  private entryAhead(reduceId: number): IndexEntry | undefined {
    const bytes = this.path === '' ? undefined : this.ahead?.entry(this.path, reduceId);
    const entry = bytes && decodeIndexEntry(bytes, this.path, reduceId);
    if (bytes && !entry) this.ahead?.forget(this.path);
    return entry;
  }

  private get data(): number {
    if (this.fd < 0) this.fd = this.open(this.path);
    return this.fd;
  }

  private open(path: string): number {
    try {
      return openSync(path, 'r');
    } catch (error) {
      throw this.fail('the file is missing', error);
    }
  }

  private readEntry(reduceId: number): IndexEntry {
    const fd = this.open(indexPath(this.path));
    try {
      const bytes = Buffer.alloc(INDEX_ENTRY_BYTES);
      for (let attempt = 0; attempt < 2; attempt++) {
        const position = INDEX_HEADER_BYTES + reduceId * INDEX_ENTRY_BYTES;
        const entry = readFully(fd, bytes, position)
          ? decodeIndexEntry(bytes, this.path, reduceId)
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
    const { offset, length, crc } = this.entry;
    const ahead = this.ahead?.region(this.path, offset, length);
    if (ahead && crc32(ahead) === crc) {
      ahead.copy(buffer);
      return;
    }
    if (ahead) this.ahead?.forget(this.path);
    this.twice(() => readFully(this.data, buffer, offset) && crc32(buffer) === crc);
  }

  /** Verifies a region too large to hold, window by window. */
  verifyRegion(): void {
    this.twice(() => {
      const window = Buffer.allocUnsafe(WINDOW_BYTES);
      let crc = 0;
      for (let done = 0; done < this.entry.length; ) {
        const part = window.subarray(0, Math.min(WINDOW_BYTES, this.entry.length - done));
        if (!readFully(this.data, part, this.entry.offset + done)) return false;
        crc = crc32(part, crc);
        done += part.length;
      }
      return crc === this.entry.crc;
    });
  }

  /** Part of a verified region. */
  readPart(bytes: Buffer, start: number): void {
    if (start + bytes.length > this.entry.length || !readFully(this.data, bytes, this.entry.offset + start)) {
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
