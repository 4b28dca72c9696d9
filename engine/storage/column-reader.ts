/** Reads back the columns that column-writer wrote, as arrays of values. */
import type { ByteReader } from './byte-reader.ts';
import { CorruptBlockError } from './byte-reader.ts';
import { ColumnKind } from './column-kind.ts';
import { readDeep } from './deep-reader.ts';
import { readClone } from './read-clone.ts';
import { recordShape } from './record-shape.ts';
import { sparseArray } from './sparse-array.ts';
import { readStrings, readTexts } from './string-column.ts';

export function readColumn(reader: ByteReader, count: number): unknown[] {
  reader.align();
  const kind = reader.u32();
  return readColumnOfKind(reader, kind, reader.u32(), count);
}

function readColumnOfKind(reader: ByteReader, kind: number, argument: number, count: number): unknown[] {
  switch (kind) {
    case ColumnKind.UNDEFINED:
      return new Array(count).fill(undefined);
    case ColumnKind.NULL:
      return new Array(count).fill(null);
    case ColumnKind.BOOLEAN: {
      const column = reader.bytes(count);
      const values: boolean[] = [];
      for (let i = 0; i < count; i++) values.push(column[i] === 1);
      return values;
    }
    case ColumnKind.I32:
      return numbers(reader.i32(count));
    case ColumnKind.F64:
      return numbers(reader.f64(count));
    case ColumnKind.LATIN1:
    case ColumnKind.UTF8:
    case ColumnKind.UTF16:
      return readStrings(reader, kind, argument, count);
    case ColumnKind.TEXTS:
      return readTexts(reader, count);
    case ColumnKind.I64: {
      const column = reader.bytes(count * 8);
      return Array.from({ length: count }, (_, i) => column.readBigInt64LE(i * 8));
    }
    case ColumnKind.BIGINT:
      return readColumn(reader, count).map((text) => bigintOf(text as string));
    case ColumnKind.DATE:
      return Array.from(reader.f64(count), (time) => new Date(time));
    case ColumnKind.TUPLE:
      return readTuples(reader, argument, count);
    case ColumnKind.LIST:
      return readLists(reader, argument, count);
    case ColumnKind.RECORD:
      return readRecords(reader, argument, count);
    case ColumnKind.UNION:
      return readUnion(reader, argument, count);
    case ColumnKind.CLONE: {
      const values = readClone(reader.bytes(argument));
      if (!Array.isArray(values) || values.length !== count)
        throw new CorruptBlockError('a clone has other rows');
      return values;
    }
    case ColumnKind.SPARSE:
      return readSparse(reader, argument, count);
    case ColumnKind.DEEP:
      return readDeep(reader, argument, count);
    default:
      throw new CorruptBlockError(`unknown kind of column ${kind}`);
  }
}

function numbers(column: Int32Array | Float64Array): number[] {
  const values: number[] = [];
  for (let i = 0; i < column.length; i++) values.push(column[i]!);
  return values;
}

function bigintOf(text: string): bigint {
  return text.startsWith('-') ? -BigInt(`0x${text.slice(1)}`) : BigInt(`0x${text}`);
}

function readTuples(reader: ByteReader, width: number, count: number): unknown[][] {
  const rows: unknown[][] = [];
  if (width === 2) {
    const first = readColumn(reader, count);
    const second = readColumn(reader, count);
    for (let i = 0; i < count; i++) rows.push([first[i], second[i]]);
    return rows;
  }
  const columns = Array.from({ length: width }, () => readColumn(reader, count));
  for (let i = 0; i < count; i++) {
    const row: unknown[] = [];
    for (let at = 0; at < width; at++) row.push(columns[at]![i]);
    rows.push(row);
  }
  return rows;
}

function readLists(reader: ByteReader, total: number, count: number): unknown[][] {
  const lengths = reader.i32(count);
  const elements = readColumn(reader, total);
  const rows: unknown[][] = [];
  let start = 0;
  for (let i = 0; i < count; i++) {
    const end = start + lengths[i]!;
    rows.push(elements.slice(start, end));
    start = end;
  }
  return rows;
}

function readSparse(reader: ByteReader, total: number, count: number): unknown[][] {
  const lengths = u32s(reader, count);
  const counts = u32s(reader, count);
  const positions = u32s(reader, total);
  const items = readColumn(reader, total);
  let start = 0;
  return lengths.map((length, i) => {
    const end = start + counts[i]!;
    if (end > total) throw new CorruptBlockError('there are fewer items than their counts say');
    const array = sparseArray(length, positions, items, start, end);
    if (array.length !== length) throw new CorruptBlockError('an item lies behind the end of its array');
    start = end;
    return array;
  });
}

function u32s(reader: ByteReader, count: number): number[] {
  return Array.from(reader.i32(count), (value) => value >>> 0);
}

function readRecords(reader: ByteReader, fields: number, count: number): unknown[] {
  const names = fields > 0 ? (readColumn(reader, fields) as string[]) : [];
  const columns = names.map(() => readColumn(reader, count));
  return recordShape(names, count).join(columns, count);
}

function readUnion(reader: ByteReader, kinds: number, count: number): unknown[] {
  const tags = reader.bytes(count);
  reader.align();
  const counts = Array.from({ length: kinds }, () => reader.u32());
  const columns = counts.map((rows) => readColumn(reader, rows));
  const next = new Uint32Array(kinds);
  const rows: unknown[] = [];
  for (let i = 0; i < count; i++) {
    const tag = tags[i]!;
    rows.push(columns[tag]![next[tag]!++]);
  }
  return rows;
}
