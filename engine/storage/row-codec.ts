/**
 * Rows as compact bytes, columnar by kind, and back, exactly: NaN, −0, undefined, lone surrogates, nesting.
 *
 * Arrays travel as their elements, records as their own enumerable fields, values of builtin classes by structured
 * clone. Encoded rows are a sequence of frames; a frame is a row count, a size, and one column.
 */
import { ByteReader, CorruptBlockError } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { rowNotSerializable } from './clone-check.ts';
import { ColumnKind } from './column-kind.ts';
import { readColumn } from './column-reader.ts';
import { TooDeep, Unserializable, writeClone, writeColumn } from './column-writer.ts';

export const FRAME_ROWS = 4096;
const scratch = new ByteWriter();

function writeFrame(
  writer: ByteWriter,
  rows: readonly unknown[],
  firstIndex: number,
  body: () => void,
): void {
  writer.align();
  const start = writer.position;
  writer.u32(rows.length);
  writer.u32(0);
  try {
    try {
      body();
    } catch (error) {
      if (!(error instanceof TooDeep)) throw error;
      writer.position = start + 8;
      writeClone(writer, rows);
    }
  } catch (error) {
    if (error instanceof Unserializable || (error as Error).name === 'DataCloneError') {
      throw rowNotSerializable(rows, firstIndex);
    }
    throw error;
  }
  writer.align();
  writer.view.setUint32(start + 4, writer.position - start - 8, true);
}

/** Appends one frame. `firstIndex` is the index of the first row, for messages. */
export function writeRowFrame(writer: ByteWriter, rows: readonly unknown[], firstIndex = 0): void {
  writeFrame(writer, rows, firstIndex, () => writeColumn(writer, rows, 0));
}

/** Appends one frame of the rows [keys[i], values[i]]. */
export function writePairFrame(
  writer: ByteWriter,
  keys: readonly unknown[],
  values: readonly unknown[],
  firstIndex = 0,
): void {
  const start = writer.position;
  try {
    writeFrame(writer, keys, firstIndex, () => {
      writer.u32(ColumnKind.TUPLE);
      writer.u32(2);
      writeColumn(writer, keys, 1);
      writeColumn(writer, values, 1);
    });
  } catch {
    // The slow way knows whole rows: it can clone what is too deep and name what cannot travel.
    writer.position = start;
    writeRowFrame(
      writer,
      keys.map((key, i) => [key, values[i]]),
      firstIndex,
    );
  }
}

export function encodeRows(rows: readonly unknown[]): Uint8Array {
  scratch.reset();
  for (let start = 0; start < rows.length; start += FRAME_ROWS) {
    const part = rows.length <= FRAME_ROWS ? rows : rows.slice(start, start + FRAME_ROWS);
    writeRowFrame(scratch, part, start);
  }
  return scratch.copyFrom(0);
}

/** Reads the frames of a block one after the other. The bytes must stay as they are while reading. */
export class FrameReader {
  private readonly reader: ByteReader;

  constructor(bytes: Uint8Array) {
    this.reader = new ByteReader(bytes);
  }

  /** The row count of the next frame; −1 at the end. */
  private next(): number {
    const { reader } = this;
    if (reader.position === reader.buffer.length) return -1;
    const count = reader.u32();
    const size = reader.u32();
    if (size > reader.buffer.length - reader.position) throw new CorruptBlockError('a frame is cut short');
    return count;
  }

  nextRows(): unknown[] | undefined {
    const count = this.next();
    if (count < 0) return undefined;
    const rows = readColumn(this.reader, count);
    this.reader.align();
    return rows;
  }

  /** The next rows, which must be pairs, as two arrays. */
  nextPairs(): { keys: unknown[]; values: unknown[] } | undefined {
    const count = this.next();
    if (count < 0) return undefined;
    const { reader } = this;
    const start = reader.position;
    if (reader.u32() === ColumnKind.TUPLE && reader.u32() === 2) {
      const keys = readColumn(reader, count);
      const values = readColumn(reader, count);
      reader.align();
      return { keys, values };
    }
    reader.position = start;
    const rows = readColumn(reader, count) as [unknown, unknown][];
    reader.align();
    return { keys: rows.map((row) => row[0]), values: rows.map((row) => row[1]) };
  }
}

export function decodeRows(bytes: Uint8Array): unknown[] {
  const reader = new FrameReader(bytes);
  const all = reader.nextRows();
  if (all === undefined) return [];
  for (let rows = reader.nextRows(); rows !== undefined; rows = reader.nextRows()) {
    for (let i = 0; i < rows.length; i++) all.push(rows[i]);
  }
  return all;
}
