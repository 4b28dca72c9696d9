/** Writes rows of any depth (deep-form.ts), and counts what they will take on the heap of whoever reads them. */
import { types } from 'node:util';
import { serialize } from 'node:v8';
import type { ByteWriter } from './byte-writer.ts';
import { isAggregateError, isCloneable } from './clone-check.ts';
import { ColumnKind } from './column-kind.ts';
import { DeepCursors } from './deep-cursors.ts';
import {
  AGAIN_TEXT,
  AGGREGATE,
  CONSTANTS,
  DeepTag,
  HOLE,
  MOST_FIELDS,
  MOST_NAMES,
  TAG_BITS,
} from './deep-form.ts';
import { needRoomToWrite } from './deep-room.ts';
import { frameHasRoom, takeFrameRoom } from './frame-room.ts';
import { MetObjects } from './met-objects.ts';
import { MetTexts } from './met-texts.ts';
import { isPlainObject } from './plain-object.ts';
import { sameNames } from './record-shape.ts';
import {
  arrayBytes,
  bigintBytes,
  bytesBehind,
  DATE_BYTES,
  estimateSize,
  itemsBytes,
  mapBytes,
  NUMBER_BYTES,
  recordBytes,
  SLOT_BYTES,
  setBytes,
  tableBytes,
  textBytes,
  viewBytes,
} from './size-estimate.ts';
import { isSparse, itemPositions } from './sparse-array.ts';
import { Unserializable } from './unserializable.ts';

const { forEach: ofMap } = Map.prototype;
const { forEach: ofSet } = Set.prototype;

/** After so many bytes on the heap the next rows get a frame of their own: a frame is read as a whole. */
const FRAME_BYTES = 1 << 20;
const SMALL_BITS = 32 - TAG_BITS;
/** Shorter texts are written by a loop, which is faster than a call. */
const SHORT = 24;
const NOT_LATIN1 = /[^\0-\xff]/;

/** Numbers in these are no objects. */
const LONG_ARRAY = 64;

function isAllNumbers(array: readonly unknown[]): array is readonly number[] {
  // A hole is undefined here.
  for (let i = 0; i < array.length; i++) if (typeof array[i] !== 'number') return false;
  return true;
}

class DeepWriter {
  readonly #writer: ByteWriter;
  readonly met: MetObjects;
  readonly #texts = new MetTexts();
  readonly #which: () => string;
  #row: unknown;
  /** Objects and bytes that were met before this row. */
  #before = { objects: 0, heap: 0, textsAgain: 0 };
  /** The estimated bytes of a row that has many objects, which counts a text in each of its places. */
  #rowHeap = 0;
  /** Bytes of texts in further places. */
  #textsAgain = 0;
  readonly #left = new DeepCursors();
  readonly #shapes: (readonly string[])[] = [];
  readonly #shapeIds = new Map<string, number>();
  /** By number of names: the shape that was met last. */
  readonly #latest: (number | undefined)[] = [];
  #names = 0;
  levels = 0;
  /** The estimated bytes of all that was written. */
  heap = 0;

  constructor(writer: ByteWriter, which: () => string) {
    this.#writer = writer;
    this.#which = which;
    this.met = new MetObjects(() => this.#needRoom());
  }

  /** For what is still to be met of a large row: nobody else is asked how large it is, and V8 would end the process. */
  #needRoom(): void {
    this.#rowHeap ||= estimateSize(this.#row);
    const objects = this.met.size - this.#before.objects;
    const gone = this.heap - this.#before.heap + this.#textsAgain - this.#before.textsAgain;
    const heap = Math.max(gone, this.#rowHeap);
    const all = Math.max(objects, Math.round((objects * heap) / gone));
    needRoomToWrite(this.#which, { heap, objects: all, levels: this.levels });
  }

  write(row: unknown): void {
    this.#row = row;
    this.#before = { objects: this.met.size, heap: this.heap, textsAgain: this.#textsAgain };
    this.#rowHeap = 0;
    if (typeof row !== 'object' || row === null) {
      this.#primitive(row);
      return;
    }
    this.#object(row, 1);
    const left = this.#left;
    while (left.depth >= 0) this.#goOn();
  }

  /** With the parts of the innermost object, up to the next that is an object. */
  #goOn(): void {
    const left = this.#left;
    const holder = left.holder as Record<string | number, unknown>;
    const { end, extra: shape, level } = left;
    const names = shape >= 0 ? this.#shapes[shape]! : undefined;
    for (let i = left.at; i < end; i++) {
      const part = holder[names === undefined ? i : names[i]!];
      if (typeof part === 'object' && part !== null) {
        if (i + 1 === end) left.pop();
        else left.at = i + 1;
        this.#object(part, level + 1);
        return;
      }
      if (part === undefined && names === undefined && !(i in holder)) this.#tag(DeepTag.CONSTANT, HOLE);
      else this.#primitive(part);
    }
    left.pop();
  }

  #tag(tag: number, argument = 0): void {
    this.#writer.u32(((argument << TAG_BITS) | tag) >>> 0);
  }

  #primitive(value: unknown): void {
    switch (typeof value) {
      case 'number':
        if ((value | 0) !== value) this.heap += NUMBER_BYTES;
        this.#number(value);
        return;
      case 'string':
        this.#value(value);
        return;
      case 'bigint':
        this.heap += bigintBytes(value);
        this.#tag(DeepTag.BIGINT);
        this.#text(value.toString(16));
        return;
      case 'undefined':
      case 'boolean':
        this.#tag(DeepTag.CONSTANT, CONSTANTS.indexOf(value));
        return;
      case 'object':
        this.#tag(DeepTag.CONSTANT, CONSTANTS.indexOf(null));
        return;
      default:
        throw new Unserializable();
    }
  }

  #value(text: string): void {
    const before = this.#texts.take(text);
    if (before >= 0) {
      this.#textsAgain += textBytes(text);
      this.#tag(DeepTag.AGAIN, AGAIN_TEXT);
      this.#writer.u32(before);
      return;
    }
    this.heap += textBytes(text);
    this.#text(text);
  }

  #number(value: number): void {
    const writer = this.#writer;
    if ((value | 0) !== value || (value === 0 && 1 / value < 0)) {
      this.#tag(DeepTag.DOUBLE);
      this.#double(value);
    } else if ((value << TAG_BITS) >> TAG_BITS === value)
      this.#tag(DeepTag.SMALL, value & (2 ** SMALL_BITS - 1));
    else {
      this.#tag(DeepTag.INT);
      writer.u32(value >>> 0);
    }
  }

  #double(value: number): void {
    const writer = this.#writer;
    writer.reserve(8);
    writer.view.setFloat64(writer.position, value, true);
    writer.position += 8;
  }

  #text(text: string): void {
    const { length } = text;
    const writer = this.#writer;
    const isLatin1 = !NOT_LATIN1.test(text);
    this.#tag(isLatin1 ? DeepTag.LATIN1 : DeepTag.UTF16);
    writer.u32(length);
    writer.reserve(length * 2 + 4);
    if (isLatin1 && length < SHORT) {
      const { buffer, position } = writer;
      for (let i = 0; i < length; i++) buffer[position + i] = text.charCodeAt(i);
      writer.position += length;
    } else writer.position += writer.buffer.write(text, writer.position, isLatin1 ? 'latin1' : 'utf16le');
    this.#fill();
  }

  /** Up to the next word. */
  #fill(): void {
    const writer = this.#writer;
    writer.reserve(4);
    while ((writer.position & 3) !== 0) writer.buffer[writer.position++] = 0;
  }

  #object(value: object, level: number): void {
    const before = this.met.take(value);
    if (before >= 0) {
      this.#tag(DeepTag.AGAIN);
      this.#writer.u32(before);
      return;
    }
    if (level > this.levels) this.levels = level;
    // As a row it travels as what it shows; here nobody knows how often it was met.
    if (types.isProxy(value)) throw new Unserializable();
    if (Array.isArray(value)) this.#array(value, level);
    else if (isPlainObject(value)) this.#record(value, level);
    else if (isAggregateError(value)) {
      this.#clone(value, AGGREGATE);
      this.#left.push(['errors', value.errors], 2, -1, level);
    } else if (!isCloneable(value)) throw new Unserializable();
    else if (types.isMap(value)) this.#map(value, level);
    else if (types.isSet(value)) this.#set(value, level);
    else if (types.isDate(value)) {
      this.heap += DATE_BYTES;
      this.#tag(DeepTag.DATE);
      this.#double(value.getTime());
    } else this.#clone(value);
  }

  #array(array: readonly unknown[], level: number): void {
    const { length } = array;
    if (isSparse(array)) {
      const positions = itemPositions(array);
      this.#tag(DeepTag.SPARSE);
      this.#writer.u32(length);
      this.#writer.u32(positions.length);
      this.heap += itemsBytes(positions.length);
      this.#left.push(
        positions.flatMap((at) => [at, array[at]]),
        2 * positions.length,
        -1,
        level,
      );
      return;
    }
    this.heap += arrayBytes(length);
    this.#tag(DeepTag.ARRAY);
    this.#writer.u32(length);
    if (length >= LONG_ARRAY && isAllNumbers(array)) {
      // A reader's array changes its kind at the first double: for a moment there are two.
      this.heap += length * SLOT_BYTES;
      for (let i = 0; i < length; i++) this.#number(array[i]!);
    } else if (length > 0) this.#left.push(array, length, -1, level);
  }

  #record(record: object, level: number): void {
    const names = Object.keys(record);
    const { length } = names;
    const shape = this.#shapeOf(names);
    if (shape < 0) {
      this.heap += tableBytes(length);
      this.#tag(DeepTag.NAMED);
      this.#writer.u32(length);
      const parts = names.flatMap((name) => [name, (record as Record<string, unknown>)[name]]);
      this.#left.push(parts, parts.length, -1, level);
      return;
    }
    this.heap += recordBytes(length);
    const isNew = shape === this.#shapes.length;
    this.#tag(DeepTag.RECORD, shape);
    if (isNew) {
      this.#shapes.push(names);
      this.#writer.u32(length);
      for (const name of names) this.#text(name);
    }
    if (length > 0) this.#left.push(record, length, shape, level);
  }

  /** The number of a list of names, the next one for a new list; −1 when there are too many. */
  #shapeOf(names: readonly string[]): number {
    const { length } = names;
    const latest = this.#latest[length];
    if (latest !== undefined && sameNames(this.#shapes[latest]!, names)) return latest;
    if (length > MOST_FIELDS) return -1;
    const id = JSON.stringify(names);
    let shape = this.#shapeIds.get(id);
    if (shape === undefined) {
      this.#names += length + 1;
      if (this.#names > MOST_NAMES) return -1;
      shape = this.#shapes.length;
      this.#shapeIds.set(id, shape);
    }
    this.#latest[length] = shape;
    return shape;
  }

  #map(map: Map<unknown, unknown>, level: number): void {
    const parts = new Array<unknown>(2 * map.size);
    let i = 0;
    ofMap.call(map, (value, key) => {
      parts[i++] = key;
      parts[i++] = value;
    });
    this.heap += mapBytes(map.size);
    this.#tag(DeepTag.MAP);
    this.#writer.u32(map.size);
    if (i > 0) this.#left.push(parts, i, -1, level);
  }

  #set(set: Set<unknown>, level: number): void {
    const parts = new Array<unknown>(set.size);
    let i = 0;
    ofSet.call(set, (member) => {
      parts[i++] = member;
    });
    this.heap += setBytes(set.size);
    this.#tag(DeepTag.SET);
    this.#writer.u32(set.size);
    if (i > 0) this.#left.push(parts, i, -1, level);
  }

  #clone(value: object, argument = 0): void {
    const bytes = serialize(value);
    // What is seen through views lies outside of the heap.
    this.heap += viewBytes(Math.max(0, bytes.length - bytesBehind(value)));
    this.#tag(DeepTag.CLONE, argument);
    this.#writer.u32(bytes.length);
    this.#writer.bytes(bytes);
    this.#fill();
  }
}

/**
 * Writes rows from `from` on as one column, as many as make about a frame, and returns how many. `which` names a row in the
 * error for one that is too large for the memory of this process (ROW_TOO_LARGE). Throws Unserializable.
 */
export function writeDeep(
  writer: ByteWriter,
  rows: readonly unknown[],
  from: number,
  which: (row: number) => string,
): number {
  let at = from;
  const deep = new DeepWriter(writer, () => which(at));
  writer.u32(ColumnKind.DEEP);
  const header = writer.position;
  writer.reserve(28);
  writer.position += 28;
  const start = writer.position;
  for (; at < rows.length && (at === from || deep.heap < FRAME_BYTES); at++) deep.write(rows[at]);
  const again = deep.met.again();
  frameHasRoom(Number.POSITIVE_INFINITY);
  takeFrameRoom(deep.heap);
  const { view } = writer;
  view.setUint32(header, writer.position - start, true);
  view.setFloat64(header + 4, deep.heap, true);
  view.setUint32(header + 12, deep.met.size, true);
  view.setUint32(header + 16, deep.levels, true);
  view.setUint32(header + 20, again.length, true);
  view.setUint32(header + 24, 0, true);
  for (const id of again) writer.u32(id);
  return at - from;
}
