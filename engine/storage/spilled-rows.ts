/** Rows or pairs that left memory: encoded frames in a spill file, read back in the order they were written. */
import { ByteWriter } from './byte-writer.ts';
import { FrameReader, writePairFrame, writeRowFrame } from './row-codec.ts';
import type { SpillExtent, SpillFile } from './spill-file.ts';

const MOST_FRAME_BYTES = 1 << 18;
const LEAST_FRAME_BYTES = 1 << 12;
const FIRST_FRAME_ROWS = 16;
const MOST_FRAME_ROWS = 4096;
/** Of the budget: several frames are in memory at once when runs are merged. */
const FRAME_SHARE = 1 / 512;

/** Not shared with other writers: rows may be spilled while those encode. */
const scratch = new ByteWriter();

export class SpilledRows {
  readonly #file: SpillFile;
  readonly #frameBytes: number;
  readonly #extents: SpillExtent[] = [];
  #frameRows = FIRST_FRAME_ROWS;
  rows = 0;

  constructor(file: SpillFile, budget: number) {
    this.#file = file;
    this.#frameBytes = Math.min(MOST_FRAME_BYTES, Math.max(LEAST_FRAME_BYTES, budget * FRAME_SHARE));
  }

  writePairs(keys: readonly unknown[], values: readonly unknown[]): void {
    this.#write(keys.length, (from, to) =>
      writePairFrame(scratch, keys.slice(from, to), values.slice(from, to), from),
    );
  }

  writeRows(rows: readonly unknown[]): void {
    this.#write(rows.length, (from, to) => writeRowFrame(scratch, rows.slice(from, to), from));
  }

  /** Frames of few rows at first, then of as many as make about the wanted size. */
  #write(length: number, encode: (from: number, to: number) => void): void {
    for (let from = 0; from < length; ) {
      const to = Math.min(length, from + this.#frameRows);
      scratch.reset();
      encode(from, to);
      this.#extents.push(this.#file.append(scratch.buffer.subarray(0, scratch.position)));
      const fitting = Math.floor((this.#frameBytes * (to - from)) / scratch.position);
      this.#frameRows = Math.max(1, Math.min(MOST_FRAME_ROWS, this.#frameRows * 4, fitting));
      from = to;
    }
    this.rows += length;
  }

  *readPairs(): Generator<{ keys: unknown[]; values: unknown[] }, void> {
    for (const extent of this.#extents) {
      const frames = new FrameReader(this.#file.read(extent));
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
