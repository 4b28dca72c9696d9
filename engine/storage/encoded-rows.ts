/** Rows of a cached partition as bytes, in buffers outside the heap of JavaScript; every pass decodes them anew. */
import { ByteWriter } from './byte-writer.ts';
import { FRAME_ROWS, FrameReader, writeRowFrame } from './row-codec.ts';

/** Not shared with other writers: rows may be encoded here while those encode. */
const scratch = new ByteWriter();

export class EncodedRows implements Iterable<unknown[]> {
  readonly #parts: Uint8Array[] = [];

  /** Throws ROW_NOT_SERIALIZABLE for rows that cannot be encoded. */
  static encode(rows: readonly unknown[]): Uint8Array[] {
    const parts: Uint8Array[] = [];
    for (let from = 0; from < rows.length; from += FRAME_ROWS) {
      scratch.reset();
      writeRowFrame(scratch, rows.length <= FRAME_ROWS ? rows : rows.slice(from, from + FRAME_ROWS), from);
      parts.push(scratch.copyFrom(0));
    }
    return parts;
  }

  add(parts: Uint8Array[]): void {
    for (const part of parts) this.#parts.push(part);
  }

  *[Symbol.iterator](): Generator<unknown[], void> {
    for (const part of this.#parts) {
      const frames = new FrameReader(part);
      for (let rows = frames.nextRows(); rows !== undefined; rows = frames.nextRows()) yield rows;
    }
  }
}
