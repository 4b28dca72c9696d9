/** Reads rows of any depth (deep-form.ts): every object is made when it is come to, and filled with its parts as they come. */
import { type ByteReader, CorruptBlockError } from './byte-reader.ts';
import { DeepCursors } from './deep-cursors.ts';
import { AGAIN_TEXT, AGGREGATE, CONSTANTS, DeepTag, HOLE, LONG_TEXT, TAG_BITS } from './deep-form.ts';
import { needRoomToRead } from './deep-room.ts';
import { readClone } from './read-clone.ts';
import { recordShape } from './record-shape.ts';
import { sparseArray } from './sparse-array.ts';

const TAG = (1 << TAG_BITS) - 1;
/** Shorter texts are read by a loop, which is faster than a call. */
const SHORT = 12;
/** A loop that makes objects of one shape at once is compiled for it once so many were made. */
const COMPILED = 16;

/** What is filled; shapes of records have their numbers from 0 on. */
const ARRAY = -1;
const SPARSE = -2;
const NAMED = -3;
const MAP = -4;
const SET = -5;

/** What stands for a hole in an array. */
const NOTHING = Symbol('hole');

type Fields = Record<string | number, unknown>;

interface Shape {
  names: string[];
  made: number;
  /** With all fields, to be copied. */
  empty: object;
}

class DeepReader {
  readonly #reader: ByteReader;
  readonly #end: number;
  readonly #left = new DeepCursors();
  readonly #shapes: Shape[] = [];
  /** The names, positions or keys whose values come next, of what is being filled. */
  readonly #keys: unknown[] = [];
  /** Numbers of objects that are met again, and how many of these were made. */
  readonly #again: Int32Array;
  #madeAgain = 0;
  readonly #known = new Map<number, object>();
  #made = 0;
  /** The long ones. */
  readonly #texts: string[] = [];
  /** Of the object that was read last: how many parts are still to come, and how it is filled. */
  #parts = 0;
  #kind = 0;

  constructor(reader: ByteReader, end: number, again: Int32Array) {
    this.#reader = reader;
    this.#end = end;
    this.#again = again;
  }

  read(): unknown {
    const row = this.#value();
    this.#enter(row);
    const left = this.#left;
    while (left.depth >= 0) this.#goOn();
    return row;
  }

  #enter(object: unknown): void {
    if (this.#parts === 0) return;
    this.#left.push(object, this.#parts, this.#kind, 0);
    this.#parts = 0;
  }

  /** With filling the innermost object, up to the next that has parts. */
  #goOn(): void {
    const left = this.#left;
    const { holder, end, extra: kind, depth } = left;
    const names = kind >= 0 ? this.#shapes[kind]!.names : undefined;
    for (let i = left.at; i < end; i++) {
      const part = this.#value();
      if (names !== undefined) (holder as Fields)[names[i]!] = part;
      else if (kind === ARRAY) {
        if (part !== NOTHING) (holder as unknown[])[i] = part;
      } else if (kind === SET) (holder as Set<unknown>).add(part);
      else if ((i & 1) === 0) this.#keys[depth] = part;
      else put(holder, kind, this.#keys[depth], part);
      if (this.#parts === 0) continue;
      if (i + 1 === end) left.pop();
      else left.at = i + 1;
      this.#enter(part);
      return;
    }
    left.pop();
  }

  #value(): unknown {
    const reader = this.#reader;
    const word = reader.u32();
    const argument = word >>> TAG_BITS;
    switch (word & TAG) {
      case DeepTag.SMALL:
        return (word | 0) >> TAG_BITS;
      case DeepTag.INT:
        return reader.u32() | 0;
      case DeepTag.DOUBLE:
        return reader.double();
      case DeepTag.LATIN1:
      case DeepTag.UTF16: {
        const text = this.#text(word);
        if (text.length >= LONG_TEXT) this.#texts.push(text);
        return text;
      }
      case DeepTag.CONSTANT:
        if (argument === HOLE) return NOTHING;
        return CONSTANTS[argument];
      case DeepTag.BIGINT:
        return bigintOf(this.#text(reader.u32()));
      case DeepTag.DATE:
        return this.#opened(new Date(reader.double()), 0, 0);
      case DeepTag.ARRAY: {
        const length = this.#count(1);
        return this.#opened(new Array(length), length, ARRAY);
      }
      case DeepTag.SPARSE: {
        const length = reader.u32();
        return this.#opened(sparseArray(length, [], [], 0, 0), 2 * this.#count(2), SPARSE);
      }
      case DeepTag.RECORD:
        return this.#record(argument);
      case DeepTag.NAMED:
        return this.#opened({}, 2 * this.#count(2), NAMED);
      case DeepTag.MAP:
        return this.#opened(new Map(), 2 * this.#count(2), MAP);
      case DeepTag.SET:
        return this.#opened(new Set(), this.#count(1), SET);
      case DeepTag.AGAIN: {
        const number = reader.u32();
        const known = argument === AGAIN_TEXT ? this.#texts[number] : this.#known.get(number);
        if (known === undefined) throw new CorruptBlockError('a row refers to what is not there');
        return known;
      }
      default:
        return this.#clone(argument);
    }
  }

  /** How many parts of at least so many words come next. */
  #count(words: number): number {
    const count = this.#reader.u32();
    if (count * words * 4 > this.#end - this.#reader.position)
      throw new CorruptBlockError('a row has more parts than its block');
    return count;
  }

  #opened<T extends object>(object: T, parts: number, kind: number): T {
    const number = this.#made++;
    if (this.#again[this.#madeAgain] === number) {
      this.#madeAgain++;
      this.#known.set(number, object);
    }
    this.#parts = parts;
    this.#kind = kind;
    return object;
  }

  #text(word: number): string {
    const reader = this.#reader;
    const length = reader.u32();
    let text: string;
    if ((word & TAG) === DeepTag.UTF16) text = reader.utf16(2 * length);
    else if ((word & TAG) !== DeepTag.LATIN1)
      throw new CorruptBlockError('there is no text where there should be');
    else if (length >= SHORT) text = reader.latin1(length);
    else {
      const at = reader.skip(length);
      text = '';
      for (let i = 0; i < length; i++) text += String.fromCharCode(reader.buffer[at + i]!);
    }
    reader.skip(-reader.position & 3);
    return text;
  }

  #record(id: number): object {
    let shape = this.#shapes[id];
    if (shape === undefined) {
      if (id !== this.#shapes.length) throw new CorruptBlockError('a row has fields that nobody named');
      const names = Array.from({ length: this.#count(2) }, () => this.#text(this.#reader.u32()));
      shape = { names, made: 0, empty: Object.fromEntries(names.map((name) => [name, undefined])) };
      this.#shapes.push(shape);
    }
    const { names } = shape;
    // By a literal in compiled text: it has places for these fields and no others.
    if (++shape.made === COMPILED)
      shape.empty = recordShape(names).join(
        names.map(() => [undefined]),
        1,
      )[0] as object;
    return this.#opened({ ...shape.empty }, names.length, id);
  }

  #clone(argument: number): object {
    const reader = this.#reader;
    const value = readClone(reader.bytes(reader.u32()));
    reader.skip(-reader.position & 3);
    if (typeof value !== 'object' || value === null) throw new CorruptBlockError('a clone is no object');
    if (argument === AGGREGATE) return this.#opened(aggregateOf(value as Error), 2, NAMED);
    return this.#opened(value, 0, 0);
  }
}

/** Its errors come next. */
function aggregateOf(error: Error): AggregateError {
  const aggregate = new AggregateError([], error.message, 'cause' in error ? { cause: error.cause } : {});
  Object.defineProperty(aggregate, 'stack', { value: error.stack, writable: true, configurable: true });
  return aggregate;
}

function put(holder: unknown, kind: number, key: unknown, value: unknown): void {
  if (kind === MAP) (holder as Map<unknown, unknown>).set(key, value);
  else if (kind === SPARSE) (holder as unknown[])[key as number] = value;
  // An assignment would set the prototype.
  else if (key === '__proto__')
    Object.defineProperty(holder, key, { value, writable: true, enumerable: true, configurable: true });
  else (holder as Fields)[key as string] = value;
}

function bigintOf(text: string): bigint {
  return text.startsWith('-') ? -BigInt(`0x${text.slice(1)}`) : BigInt(`0x${text}`);
}

/** The rows of a column that writeDeep wrote, of so many bytes. */
export function readDeep(reader: ByteReader, length: number, count: number): unknown[] {
  const heap = reader.double();
  const objects = reader.u32();
  const levels = reader.u32();
  const references = reader.u32();
  reader.u32();
  const start = reader.position;
  reader.skip(length);
  const again = reader.i32(references);
  const end = reader.position;
  reader.position = start;
  needRoomToRead(() => (count === 1 ? 'a row' : `one of ${count} rows`), { heap, objects, levels });
  const deep = new DeepReader(reader, start + length, again);
  const rows: unknown[] = [];
  for (let i = 0; i < count; i++) rows.push(deep.read());
  if (reader.position !== start + length)
    throw new CorruptBlockError('a row does not end where its bytes do');
  reader.position = end;
  return rows;
}
