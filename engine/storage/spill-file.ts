/** One task's file for rows that do not fit into memory: parts, compressed where that makes them smaller, each with a checksum. */
import { closeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { StagelightError } from '../errors.ts';
import { compressed, decompressed } from './compression.ts';
import { openNameless, readFully, writeFully } from './nameless-file.ts';
import { blockNotWritten } from './write-error.ts';

/** What spilling adds to the metrics of a task. */
export interface SpillMetrics {
  /** The estimated size in memory of what was spilled. */
  memoryBytesSpilled: number;
  /** What was written for it. */
  diskBytesSpilled: number;
}

/** Where in a spill file a part lies. */
export interface SpillExtent {
  offset: number;
  /** As written. */
  length: number;
  /** Before it was compressed; equal to `length` when it was not. */
  size: number;
  crc: number;
}

export class SpillFile {
  readonly #directory: string;
  readonly #metrics: SpillMetrics;
  #fd = -1;
  #end = 0;

  constructor(directory: string, metrics: SpillMetrics) {
    this.#directory = directory;
    this.#metrics = metrics;
  }

  append(bytes: Buffer): SpillExtent {
    const packed = compressed(bytes);
    try {
      if (this.#fd < 0) this.#fd = openNameless(this.#directory);
      writeFully(this.#fd, packed);
    } catch (error) {
      throw blockNotWritten(error, this.#directory, 'what does not fit into memory');
    }
    const extent = { offset: this.#end, length: packed.length, size: bytes.length, crc: crc32(packed) };
    this.#end += packed.length;
    this.#metrics.diskBytesSpilled += packed.length;
    return extent;
  }

  read({ offset, length, size, crc }: SpillExtent): Buffer {
    const bytes = Buffer.allocUnsafeSlow(length);
    if (readFully(this.#fd, bytes, offset) && crc32(bytes) === crc) return decompressed(bytes, size);
    throw new StagelightError(
      'SPILL_DAMAGED',
      `what was spilled to ${this.#directory} does not read as it was written`,
      { hint: 'If it happens again, check the disk, or set TMPDIR to a folder on another one.' },
    );
  }

  close(): void {
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
  }
}
