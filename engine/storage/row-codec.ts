/**
 * Rows as compact bytes, columnar by kind, and back, exactly: NaN, −0, undefined, lone surrogates, nesting.
 *
 * Arrays travel as their elements, records as their own enumerable fields, values of builtin classes by structured
 * clone, what is nested too deeply for columns object by object. Encoded rows are a sequence of frames; a frame is a row count, a size, and one column.
 */
import { StagelightError } from '../errors.ts';
import { ByteReader, CorruptBlockError } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { rowNotSerializable } from './clone-check.ts';
import { ColumnKind } from './column-kind.ts';
import { readColumn } from './column-reader.ts';
import { TooDeep, writeColumn } from './column-writer.ts';
import { writeDeep } from './deep-writer.ts';
import { FrameFull, frameHasRoom, frameHeapTaken, frameRoomTaken } from './frame-room.ts';
import { OLD_LIMIT } from './heap-room.ts';
import { Unserializable } from './unserializable.ts';

export const FRAME_ROWS = 4096;
export const FRAME_HEADER_BYTES = 8;
const scratch = new ByteWriter();
/** Longer rows are encoded in parts, so that the scratch does not become as large as they are. */
const MUCH_SCRATCH = 1 << 22;

/** A frame's size is a 32-bit number; half of that leaves room for a mistake. */
const MAX_FRAME_BYTES = 2 ** 31;
/**
 * Larger ones have one row: who reads a frame has all its rows in memory, where they take up to thirty times what they take
 * here, and whoever wrote them together may have taken them for smaller.
 */
export const MOST_FRAME_BYTES: number = Math.min(1 << 23, Math.max(1 << 18, OLD_LIMIT / 128));
/** Nor do several take more than this on the heap. */
const MOST_FRAME_HEAP = 1 << 21;
/** One that takes more is written as a deep one: object by object, with nothing gathered, and what it shares once. */
const MOST_COLUMNS_HEAP = Math.max(MOST_FRAME_HEAP, OLD_LIMIT / 8);
/** A frame begins with its rows in these bits, and in the others what they take on the heap, in so many bytes; then its size. */
const ROW_BITS = 16;
const MOST_ROWS = 2 ** ROW_BITS - 1;
const HEAP_UNIT = 1 << 16;
const MOST_HEAP_UNITS = 2 ** (32 - ROW_BITS) - 1;

/** `body` returns how many rows it wrote. False when several take more than `most`, or one more than a frame can; nothing is written then. */
function writeFrame(writer: ByteWriter, body: () => number, most = MAX_FRAME_BYTES): boolean {
  writer.align();
  const start = writer.position;
  writer.u32(0);
  writer.u32(0);
  let rows: number;
  try {
    rows = body();
  } catch (error) {
    writer.position = start;
    if (error instanceof FrameFull) return false;
    throw error;
  }
  writer.align();
  const size = writer.position - start - FRAME_HEADER_BYTES;
  if (size >= (rows > 1 ? most : MAX_FRAME_BYTES)) {
    writer.position = start;
    return false;
  }
  const heap = Math.min(MOST_HEAP_UNITS, Math.floor(frameHeapTaken() / HEAP_UNIT));
  writer.view.setUint32(start, ((heap << ROW_BITS) | rows) >>> 0, true);
  writer.view.setUint32(start + 4, size, true);
  return true;
}

/** Whether the last frame, of so many bytes, would have fitted twice. */
export function hadRoomForMore(bytes: number, mostBytes: number = MOST_FRAME_BYTES): boolean {
  return bytes < mostBytes / 2 && frameRoomTaken() < MOST_FRAME_HEAP / 2;
}

function openFrame(rows: number): void {
  frameHasRoom(rows > 1 ? MOST_FRAME_HEAP : MOST_COLUMNS_HEAP);
}

/**
 * Appends the rows as a frame, or as several of up to `mostBytes` or one row each. `firstIndex` is the first row's, for
 * messages. Returns whether they were too many for one, which was found out by trying.
 */
export function writeRowFrame(
  writer: ByteWriter,
  rows: readonly unknown[],
  firstIndex = 0,
  mostBytes: number = MOST_FRAME_BYTES,
): boolean {
  let fits: boolean;
  try {
    const body = () => {
      openFrame(rows.length);
      writeColumn(writer, rows, 0);
      return rows.length;
    };
    fits = rows.length <= MOST_ROWS && writeFrame(writer, body, mostBytes);
  } catch (error) {
    if (!(error instanceof TooDeep)) throw refusalOf(error, rows, firstIndex);
    writeDeepFrames(writer, rows, firstIndex);
    return false;
  }
  if (fits) return false;
  if (rows.length === 1) {
    writeLarge(writer, rows, firstIndex);
    return false;
  }
  const half = rows.length >> 1;
  writeRowFrame(writer, rows.slice(0, half), firstIndex, mostBytes);
  writeRowFrame(writer, rows.slice(half), firstIndex + half, mostBytes);
  return true;
}

/** One row that takes much. What shows itself as something else (a proxy) has no place in deep ones. */
function writeLarge(writer: ByteWriter, rows: readonly unknown[], firstIndex: number): void {
  try {
    writeDeepFrames(writer, rows, firstIndex);
  } catch (error) {
    if (!(error instanceof StagelightError && error.code === 'ROW_NOT_SERIALIZABLE')) throw error;
    const body = () => {
      frameHasRoom(OLD_LIMIT / 4);
      writeColumn(writer, rows, 0);
      return rows.length;
    };
    try {
      if (writeFrame(writer, body)) return;
    } catch {
      // The first refusal tells more.
    }
    throw error;
  }
}

function tooLarge(index: number): StagelightError {
  return new StagelightError('ROW_TOO_LARGE', `row ${index} takes more than 2 GB when encoded`, {
    hint: 'Split the row into several before it is shuffled, stored or collected.',
  });
}

/** As many frames as bound what is read at a time. */
function writeDeepFrames(writer: ByteWriter, rows: readonly unknown[], firstIndex: number): void {
  const start = writer.position;
  try {
    for (let at = 0; at < rows.length; ) {
      const from = at;
      const wrote = () => {
        at += writeDeep(writer, rows, from, (row) => `row ${firstIndex + row}`);
        return at - from;
      };
      if (!writeFrame(writer, wrote)) throw tooLarge(firstIndex + from);
    }
  } catch (error) {
    writer.position = start;
    throw refusalOf(error, rows, firstIndex);
  }
}

/** Memory or a limit of strings and buffers, not the rows. */
function isOfEngine(error: unknown): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  return code !== undefined || (error instanceof RangeError && !/call stack/.test(message));
}

function refusalOf(error: unknown, rows: readonly unknown[], firstIndex: number): unknown {
  if (error instanceof StagelightError || isOfEngine(error)) return error;
  return rowNotSerializable(rows, firstIndex, error instanceof Unserializable ? undefined : error);
}

/** Appends the rows [keys[i], values[i]] as writeRowFrame does, whose answer it gives. */
export function writePairFrame(
  writer: ByteWriter,
  keys: readonly unknown[],
  values: readonly unknown[],
  firstIndex = 0,
  mostBytes: number = MOST_FRAME_BYTES,
): boolean {
  const body = () => {
    openFrame(keys.length);
    writer.u32(ColumnKind.TUPLE);
    writer.u32(2);
    writeColumn(writer, keys, 1);
    writeColumn(writer, values, 1);
    return keys.length;
  };
  let fits: boolean;
  try {
    fits = keys.length <= MOST_ROWS && writeFrame(writer, body, mostBytes);
  } catch {
    // The slow way knows whole rows: it can write what is too deep and name what cannot travel.
    const rows = keys.map((key, i) => [key, values[i]]);
    return writeRowFrame(writer, rows, firstIndex, mostBytes);
  }
  if (fits) return false;
  if (keys.length === 1) return writeRowFrame(writer, [[keys[0], values[0]]], firstIndex, mostBytes);
  const half = keys.length >> 1;
  writePairFrame(writer, keys.slice(0, half), values.slice(0, half), firstIndex, mostBytes);
  writePairFrame(writer, keys.slice(half), values.slice(half), firstIndex + half, mostBytes);
  return true;
}

export function encodeRows(
  rows: readonly unknown[],
  mostBytes: number = MOST_FRAME_BYTES,
  firstIndex = 0,
): Uint8Array {
  const parts: Uint8Array[] = [];
  scratch.reset();
  let frameRows = FRAME_ROWS;
  for (let from = 0; from < rows.length; ) {
    const to = Math.min(rows.length, from + frameRows);
    const some = to - from === rows.length ? rows : rows.slice(from, to);
    const start = scratch.position;
    if (writeRowFrame(scratch, some, firstIndex + from, mostBytes)) frameRows = Math.max(1, frameRows >> 1);
    else if (hadRoomForMore(scratch.position - start, mostBytes))
      frameRows = Math.min(FRAME_ROWS, frameRows * 2);
    from = to;
    if (scratch.position < MUCH_SCRATCH) continue;
    parts.push(scratch.copyFrom(0));
    scratch.reset();
  }
  const last = scratch.copyFrom(0);
  return parts.length === 0 ? last : Buffer.concat([...parts, last]);
}

/** Reads the frames of a block one after the other. The bytes must stay as they are while reading. */
export class FrameReader {
  private readonly reader: ByteReader;

  constructor(bytes: Uint8Array) {
    this.reader = new ByteReader(bytes);
  }

  /** Bytes read. */
  get position(): number {
    return this.reader.position;
  }

  /** The row count of the next frame; −1 at the end. */
  private next(): number {
    const { reader } = this;
    if (reader.position === reader.buffer.length) return -1;
    const count = reader.u32() & MOST_ROWS;
    const size = reader.u32();
    if (size > reader.buffer.length - reader.position) throw new CorruptBlockError('a frame is cut short');
    return count;
  }

  /** About so many bytes of heap the next rows will take, and what is made on the way. */
  get heapOfNext(): number {
    const { buffer, position } = this.reader;
    return position < buffer.length ? (buffer.readUInt32LE(position) >>> ROW_BITS) * HEAP_UNIT : 0;
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

/** Of rows that may be more than memory; both may throw. */
export interface RowRoom {
  /** The next frame says that it takes so many bytes. */
  comes(heap: number): void;
  /** So many rows were in a frame of so many bytes. */
  took(rows: number, bytes: number): void;
}

const MUCH_ROOM: RowRoom = { comes() {}, took() {} };

export function decodeRows(bytes: Uint8Array): unknown[] {
  return decodeRowsIn(bytes, MUCH_ROOM);
}

export function decodeRowsIn(bytes: Uint8Array, room: RowRoom): unknown[] {
  const reader = new FrameReader(bytes);
  let all: unknown[] | undefined;
  for (let read = 0; ; read = reader.position) {
    room.comes(reader.heapOfNext);
    const rows = reader.nextRows();
    if (rows === undefined) return all ?? [];
    if (all === undefined) all = rows;
    else for (let i = 0; i < rows.length; i++) all.push(rows[i]);
    room.took(rows.length, reader.position - read);
  }
}
