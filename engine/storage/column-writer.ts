/** Writes a column of values of any kind, taking them apart until only columns of one simple kind are left. */
import { serialize } from 'node:v8';
import type { ByteWriter } from './byte-writer.ts';
import { whyNotCloned } from './clone-check.ts';
import { ColumnKind } from './column-kind.ts';
import { takeFrameRoom } from './frame-room.ts';
import { isPlainObject } from './plain-object.ts';
import { recordShape, sameNames } from './record-shape.ts';
import { arrayBytes, DATE_BYTES, itemsBytes, recordBytes, SLOT_BYTES } from './size-estimate.ts';
import { isSparse, itemPositions } from './sparse-array.ts';
import { writeStrings } from './string-column.ts';
import { Unserializable } from './unserializable.ts';

/** What a value is, as a bit. */
const INT = 1;
const DOUBLE = 2;
const STRING = 4;
const BOOLEAN = 8;
const UNDEFINED = 16;
const NULL = 32;
const BIGINT = 64;
const DATE = 128;
const ARRAY = 256;
const RECORD = 512;
const OTHER = 1024;

const MAX_DEPTH = 24;
/**
 * A cycle with two ways round doubles with every level, so below this depth only so many values are unrolled.
 */
const UNBOUNDED_DEPTH = 4;
const MAX_DEEP_VALUES = 1 << 20;
let valuesSeen = 0;
const MAX_SHAPES = 8;
const MAX_FIELDS = 256;
const MAX_TUPLE = 16;

/** Thrown when rows are nested too deeply (or in a cycle) for columns: deep-writer.ts writes them. */
export class TooDeep extends Error {}

function kindBit(value: unknown): number {
  switch (typeof value) {
    case 'number':
      return (value | 0) === value && (value !== 0 || 1 / value > 0) ? INT : DOUBLE;
    case 'string':
      return STRING;
    case 'boolean':
      return BOOLEAN;
    case 'undefined':
      return UNDEFINED;
    case 'bigint':
      return BIGINT;
    case 'object':
      if (value === null) return NULL;
      if (Array.isArray(value)) return ARRAY;
      if (isPlainObject(value)) return RECORD;
      return Object.getPrototypeOf(value) === Date.prototype ? DATE : OTHER;
    default:
      throw new Unserializable();
  }
}

export function writeColumn(writer: ByteWriter, values: readonly unknown[], depth: number): void {
  const count = values.length;
  valuesSeen = depth <= 1 ? 0 : valuesSeen + count;
  if (depth > MAX_DEPTH || (depth > UNBOUNDED_DEPTH && valuesSeen > MAX_DEEP_VALUES)) throw new TooDeep();
  takeFrameRoom(count * SLOT_BYTES);
  let bits = 0;
  for (let i = 0; i < count; i++) bits |= kindBit(values[i]);
  writer.align();
  switch (bits) {
    case INT: {
      header(writer, ColumnKind.I32, 0);
      const column = writer.i32(count);
      for (let i = 0; i < count; i++) column[i] = values[i] as number;
      return;
    }
    case DOUBLE:
    case INT | DOUBLE:
      writeDoubles(writer, ColumnKind.F64, values as readonly number[]);
      return;
    case STRING:
      writeStrings(writer, values as readonly string[]);
      return;
    case BOOLEAN: {
      header(writer, ColumnKind.BOOLEAN, 0);
      const column = writer.u8(count);
      for (let i = 0; i < count; i++) column[i] = values[i] ? 1 : 0;
      return;
    }
    case 0:
    case UNDEFINED:
      header(writer, ColumnKind.UNDEFINED, 0);
      return;
    case NULL:
      header(writer, ColumnKind.NULL, 0);
      return;
    case BIGINT:
      writeBigInts(writer, values as readonly bigint[]);
      return;
    case DATE:
      takeFrameRoom(count * DATE_BYTES);
      writeDoubles(
        writer,
        ColumnKind.DATE,
        (values as readonly Date[]).map((date) => date.getTime()),
      );
      return;
    case ARRAY:
      writeArrays(writer, values as readonly unknown[][], depth);
      return;
    case RECORD:
      writeRecords(writer, values as readonly Record<string, unknown>[], depth);
      return;
    case OTHER:
      writeClone(writer, values);
      return;
    default: {
      // Integers and doubles share a column; every other kind has its own.
      writeUnion(writer, values, depth, (value) => {
        const bit = kindBit(value);
        return bit === DOUBLE ? INT : bit;
      });
    }
  }
}

function header(writer: ByteWriter, kind: number, argument: number): void {
  writer.u32(kind);
  writer.u32(argument);
}

function writeDoubles(writer: ByteWriter, kind: number, values: readonly number[]): void {
  header(writer, kind, 0);
  const column = writer.f64(values.length);
  for (let i = 0; i < values.length; i++) column[i] = values[i]!;
}

function writeBigInts(writer: ByteWriter, values: readonly bigint[]): void {
  if (values.every((value) => BigInt.asIntN(64, value) === value)) {
    header(writer, ColumnKind.I64, 0);
    writer.reserve(values.length * 8);
    for (const value of values) {
      writer.view.setBigInt64(writer.position, value, true);
      writer.position += 8;
    }
  } else {
    header(writer, ColumnKind.BIGINT, 0);
    const texts: string[] = [];
    for (const value of values) {
      const text = value.toString(16);
      takeFrameRoom(text.length);
      texts.push(text);
    }
    writeStrings(writer, texts);
  }
}

function hasHole(array: readonly unknown[]): boolean {
  for (let i = 0; i < array.length; i++) if (array[i] === undefined && !(i in array)) return true;
  return false;
}

function writeArrays(writer: ByteWriter, values: readonly unknown[][], depth: number): void {
  const width = values[0]!.length;
  let total = 0;
  let same = true;
  let holes = false;
  for (let i = 0; i < values.length; i++) {
    const array = values[i]!;
    takeFrameRoom(isSparse(array) ? 0 : arrayBytes(array.length));
    total += array.length;
    if (array.length !== width) same = false;
    if (!holes) holes = hasHole(array);
  }
  if (holes) {
    if (values.some(isSparse)) writeSparse(writer, values, depth);
    else writeClone(writer, values);
    return;
  }
  // A long run of numbers is a vector: one column of all of them beats a column per position.
  const isVector = width > 3 && values[0]!.every((element) => typeof element === 'number');
  if (same && width <= MAX_TUPLE && !isVector) {
    header(writer, ColumnKind.TUPLE, width);
    for (let at = 0; at < width; at++) {
      const column: unknown[] = [];
      for (let i = 0; i < values.length; i++) column.push(values[i]![at]);
      writeColumn(writer, column, depth + 1);
    }
    return;
  }
  header(writer, ColumnKind.LIST, total);
  const lengths = writer.i32(values.length);
  const elements: unknown[] = [];
  for (let i = 0; i < values.length; i++) {
    const array = values[i]!;
    lengths[i] = array.length;
    for (let at = 0; at < array.length; at++) elements.push(array[at]);
  }
  writeColumn(writer, elements, depth + 1);
}

/** A clone of them would be read with room for every place. */
function writeSparse(writer: ByteWriter, values: readonly unknown[][], depth: number): void {
  const positions: number[][] = [];
  for (const array of values) {
    const some = itemPositions(array);
    takeFrameRoom(itemsBytes(some.length));
    positions.push(some);
  }
  header(
    writer,
    ColumnKind.SPARSE,
    positions.reduce((total, some) => total + some.length, 0),
  );
  const items: unknown[] = [];
  const u32 = (value: number) => writer.u32(value);
  for (const { length } of values) u32(length);
  for (const { length } of positions) u32(length);
  for (let i = 0; i < values.length; i++) {
    for (const position of positions[i]!) {
      u32(position);
      items.push(values[i]![position]);
    }
  }
  writeColumn(writer, items, depth + 1);
}

function writeRecords(writer: ByteWriter, values: readonly Record<string, unknown>[], depth: number): void {
  const shapes: string[][] = [];
  const shapeOf = new Uint8Array(values.length);
  let last = 0;
  for (let i = 0; i < values.length; i++) {
    const names = Object.keys(values[i]!);
    if (shapes.length === 0 || !sameNames(names, shapes[last]!)) {
      last = shapes.findIndex((shape) => sameNames(names, shape));
      if (last < 0) {
        if (shapes.length === MAX_SHAPES || names.length > MAX_FIELDS) {
          writeClone(writer, values);
          return;
        }
        last = shapes.push(names) - 1;
      }
    }
    shapeOf[i] = last;
  }
  if (shapes.length > 1) {
    let i = 0;
    writeUnion(writer, values, depth, () => shapeOf[i++]!);
    return;
  }
  const names = shapes[0]!;
  takeFrameRoom(values.length * recordBytes(names.length));
  header(writer, ColumnKind.RECORD, names.length);
  if (names.length > 0) writeStrings(writer, names);
  for (const column of recordShape(names, values.length).split(values))
    writeColumn(writer, column, depth + 1);
}

function writeUnion(
  writer: ByteWriter,
  values: readonly unknown[],
  depth: number,
  groupOf: (value: unknown) => number,
): void {
  const tagOfGroup = new Map<number, number>();
  const columns: unknown[][] = [];
  const tags = Buffer.allocUnsafe(values.length);
  for (let i = 0; i < values.length; i++) {
    const group = groupOf(values[i]);
    let tag = tagOfGroup.get(group);
    if (tag === undefined) {
      tag = columns.push([]) - 1;
      tagOfGroup.set(group, tag);
    }
    tags[i] = tag;
    columns[tag]!.push(values[i]);
  }
  header(writer, ColumnKind.UNION, columns.length);
  writer.bytes(tags);
  writer.align();
  for (const column of columns) writer.u32(column.length);
  for (const column of columns) writeColumn(writer, column, depth + 1);
}

/** Values of builtin classes, arrays with holes, records of too many shapes. Checked first: cloning would strip classes. */
function writeClone(writer: ByteWriter, values: readonly unknown[]): void {
  const why = whyNotCloned(values, takeFrameRoom);
  if (why !== undefined) throw why === 'too deep' ? new TooDeep() : new Unserializable();
  const bytes = serialize(values);
  header(writer, ColumnKind.CLONE, bytes.length);
  writer.bytes(bytes);
}
