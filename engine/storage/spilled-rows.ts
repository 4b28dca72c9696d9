/** Rows or pairs that left memory: encoded frames in a spill file, read back in the order they were written. */
import { ByteWriter } from './byte-writer.ts';
import { FrameReader, writePairFrame, writeRowFrame } from './row-codec.ts';
import { rowsThatFit } from './row-limit.ts';
import { estimateSize } from './size-estimate.ts';
import type { SpillExtent, SpillFile } from './spill-file.ts';

const MOST_FRAME_BYTES = 1 << 18;
const LEAST_FRAME_BYTES = 1 << 12;
/** What was taken for smaller, and is so many times as large when it is encoded, is written as several. */
const MUCH_LARGER = 8;
const FIRST_FRAME_ROWS = 16;
const MOST_FRAME_ROWS = 4096;
/** Of the budget: several frames are in memory at once when runs are merged. */
const FRAME_SHARE = 1 / 512;

/** Not shared with other writers: rows may be spilled while those encode. */
const scratch = new ByteWriter();

/** A part of the file: rows, pairs, or the keys alone of pairs whose values are another part. */
interface Part extends SpillExtent {
  values?: SpillExtent;
}

/** A pair with a large value, which is read when it is asked for. */
class LargePair {
  readonly keys: unknown[];
  readonly #read: () => unknown[];

  constructor(keys: unknown[], read: () => unknown[]) {
    this.keys = keys;
    this.#read = read;
  }

  get values(): unknown[] {
    return this.#read();
  }
}

export class SpilledRows {
  readonly #file: SpillFile;
  readonly #frameBytes: number;
  readonly #extents: Part[] = [];
  #frameRows = 1;
  rows = 0;

  constructor(file: SpillFile, budget: number) {
    this.#file = file;
    this.#frameBytes = Math.min(MOST_FRAME_BYTES, Math.max(LEAST_FRAME_BYTES, budget * FRAME_SHARE));
  }

  /** A large value is written by itself: those who merge sorted runs need its key long before. */
  writePairs(keys: readonly unknown[], values: readonly unknown[]): void {
    this.#write(values, (from, to) => {
      const some = values.slice(from, to);
      if (to - from === 1 && this.#isLarge(some[0])) {
        const part: Part = this.#append(() => writeRowFrame(scratch, keys.slice(from, to), from));
        part.values = this.#append(() => writeRowFrame(scratch, some, from));
        return part;
      }
      return this.#append(() =>
        writePairFrame(scratch, keys.slice(from, to), some, from, this.#frameBytes * MUCH_LARGER),
      );
    });
  }

  writeRows(rows: readonly unknown[]): void {
    this.#write(rows, (from, to) =>
      this.#append(() => writeRowFrame(scratch, rows.slice(from, to), from, this.#frameBytes * MUCH_LARGER)),
    );
  }

  #isLarge(value: unknown): boolean {
    return estimateSize(value) > this.#frameBytes;
  }

  /** How many are written together before anybody knows how large they are when written. */
  #firstRows(rows: readonly unknown[]): number {
    let heap = 0;
    let count = 0;
    for (; count < Math.min(rows.length, FIRST_FRAME_ROWS); count++) {
      heap += estimateSize(rows[count]);
      if (heap > this.#frameBytes) break;
    }
    return Math.max(1, count);
  }

  #append(encode: () => void): SpillExtent {
    scratch.reset();
    encode();
    return this.#file.append(scratch.buffer.subarray(0, scratch.position));
  }

  /** Frames of few rows at first, then of as many as make about the wanted size. `rows`: the part of them that may be large. */
  #write(rows: readonly unknown[], append: (from: number, to: number) => Part): void {
    const { length } = rows;
    if (this.#extents.length === 0) this.#frameRows = this.#firstRows(rows);
    for (let from = 0; from < length; ) {
      const to = Math.min(length, from + this.#frameRows);
      const part = append(from, to);
      this.#extents.push(part);
      const size = part.size + (part.values?.size ?? 0);
      const fitting = rowsThatFit(rows.slice(from, to), size, this.#frameBytes);
      this.#frameRows = Math.min(MOST_FRAME_ROWS, this.#frameRows * 4, fitting);
      from = to;
    }
    this.rows += length;
  }

  *readPairs(): Generator<{ keys: unknown[]; values: unknown[] }, void> {
    for (const extent of this.#extents) {
      const frames = new FrameReader(this.#file.read(extent));
      const { values } = extent;
      if (values !== undefined) {
        yield new LargePair(frames.nextRows()!, () => new FrameReader(this.#file.read(values)).nextRows()!);
        continue;
      }
      for (let pairs = frames.nextPairs(); pairs !== undefined; pairs = frames.nextPairs()) yield pairs;
    }
  }

  *readRows(): Generator<unknown[], void> {
    for (const extent of this.#extents) {
      const frames = new FrameReader(this.#file.read(extent));
      for (let rows = frames.nextRows(); rows !== undefined; rows = frames.nextRows()) yield rows;
    }
  }
}
