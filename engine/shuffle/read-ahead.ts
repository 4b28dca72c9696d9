/**
 * What lies behind the region that is read now: when one task computes several adjacent reduce partitions, their
 * entries and their regions are next to each other in every map output, and are read in one piece.
 *
 * Bytes from here are verified like any others; what cannot be had from here is read from the file itself.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { INDEX_ENTRY_BYTES, INDEX_HEADER_BYTES, indexPath } from './map-output-index.ts';

const MOST_BYTES = 1 << 23;
const MEMORY_SHARE = 1 / 32;
/** Less in one piece is not worth the copy. */
const LEAST_WINDOW = 4 * INDEX_ENTRY_BYTES;

interface Window {
  /** Where in the file the bytes begin. */
  start: number;
  bytes: Buffer;
}

const NOTHING: Window = { start: 0, bytes: Buffer.alloc(0) };

export class ReadAhead {
  readonly #windows = new Map<string, Window>();
  readonly #partitions: number;
  readonly #windowBytes: number;

  /** For so many adjacent partitions of so many map outputs; `memory` is the budget of the executor. */
  constructor(partitions: number, mapOutputs: number, memory: number) {
    this.#partitions = partitions;
    const bytes = Math.min(MOST_BYTES, memory * MEMORY_SHARE);
    // An index and a data file of each are held at once.
    this.#windowBytes = Math.floor(bytes / (2 * Math.max(1, mapOutputs)));
  }

  /** The entry of a reducer in the index beside a data file; undefined when it has to be read from there. */
  entry(dataPath: string, reduceId: number): Buffer | undefined {
    const from = INDEX_HEADER_BYTES + reduceId * INDEX_ENTRY_BYTES;
    return this.#read(indexPath(dataPath), from, INDEX_ENTRY_BYTES, this.#partitions * INDEX_ENTRY_BYTES);
  }

  /** Bytes of a data file; undefined when they have to be read from there. */
  region(dataPath: string, from: number, length: number): Buffer | undefined {
    return this.#read(dataPath, from, length, Number.POSITIVE_INFINITY);
  }

  /** Forgets what a file held, because it did not pass. */
  forget(dataPath: string): void {
    this.#windows.delete(dataPath);
    this.#windows.delete(indexPath(dataPath));
  }

  #read(path: string, from: number, length: number, useful: number): Buffer | undefined {
    let window = this.#windows.get(path) ?? NOTHING;
    if (from < window.start || from + length > window.start + window.bytes.length) {
      const size = Math.min(this.#windowBytes, useful);
      if (size < Math.max(2 * length, LEAST_WINDOW)) return undefined;
      const reused = window.bytes.buffer.byteLength >= size ? window.bytes.buffer : undefined;
      window = {
        start: from,
        bytes: readPiece(path, from, reused ? Buffer.from(reused, 0, size) : Buffer.alloc(size)),
      };
      this.#windows.set(path, window);
      if (length > window.bytes.length) return undefined;
    }
    return window.bytes.subarray(from - window.start, from - window.start + length);
  }
}

/** As much as the file has from there on; nothing when it cannot be read, which whoever reads it directly will tell. */
function readPiece(path: string, from: number, into: Buffer): Buffer {
  try {
    const fd = openSync(path, 'r');
    try {
      return into.subarray(0, readSync(fd, into, 0, into.length, from));
    } finally {
      closeSync(fd);
    }
  } catch {
    return into.subarray(0, 0);
  }
}
