/**
 * Texts that are cut from a larger one are views of it in V8 and keep all of it on the heap: one line of a file keeps the
 * 256 kB that were read with it. Where most of what is read is held that costs nothing; where little of it is, what is
 * held gets texts of its own.
 */
import { getHeapStatistics } from 'node:v8';
import { isPlainObject } from './plain-object.ts';
import { isSparse } from './sparse-array.ts';
import { eachField, eachMember, objectsWithin } from './texts-within.ts';

const { forEach: ofMap, set: putInto } = Map.prototype;

/** V8 copies what is shorter. */
const LEAST_VIEW = 13;
/** What may be kept by views beyond twice what is held. */
const SLACK = 1 << 19;
/** What is read may be held about so many times over, as far as it is known to be held. */
const MOST_KEPT = 2;

let cut = 0;

/** A text of so many characters is cut into others. */
export function textIsCut(characters: number): void {
  cut += characters;
}

function ownString(text: string): string {
  // Joined by V8 into one new text; `+` would make a tree of views.
  return text.length < LEAST_VIEW ? text : [text.slice(0, 1), text.slice(1)].join('');
}

/** The hash of longer names is their length in V8: one is compared with all of its length that there are. */
const LONG_NAME = 16_000;
/** So many are not too many to be compared with. */
const MOST_ALIKE = 1024;
/** By their lengths, how many long names there may be. */
const alike = new Uint16Array(1 << 12);
/** Of all of them. */
let longNames = 0;
const MOST_LONG = getHeapStatistics().heap_size_limit;
const NAMES = Object.create(null) as object;

function mayBeName(length: number): boolean {
  if (length < LONG_NAME) return true;
  longNames += length;
  if (longNames > MOST_LONG) {
    // More than there is room for: the earlier ones are gone.
    alike.fill(0);
    longNames = length;
  }
  const place = length % alike.length;
  if (alike[place]! >= MOST_ALIKE) return false;
  alike[place]!++;
  return true;
}

/**
 * Gives a text that cannot be replaced where it is one of its own: V8 keeps every name that an object was asked for as a
 * text of its own, and makes the text that it was asked by a reference to that.
 */
function ownInPlace(text: string): void {
  if (text.length >= LEAST_VIEW && mayBeName(text.length)) Reflect.has(NAMES, text);
}

/**
 * The value with texts of its own; whoever else has it sees no difference. Arrays, plain objects and Maps get other
 * texts as items, fields and values. Keys of Maps and what is in Sets, frozen or of a class is changed in itself, but for all
 * beyond a thousand very long texts of one length. What only a class can see (#private) stays as it is, and so does the rest of very many parts.
 */
export function withOwnText<T>(value: T): T {
  if (typeof value === 'string') return ownString(value) as T;
  if (typeof value !== 'object' || value === null) return value;
  objectsWithin(value, (part, take) => {
    const keep = (inner: unknown): void => {
      if (typeof inner === 'string') ownInPlace(inner);
      else take(inner);
    };
    if (part instanceof Map) ownEntries(part, take);
    else if (part instanceof Set) eachMember(part, keep);
    else if (Array.isArray(part) && !Object.isFrozen(part) && !isSparse(part)) ownItems(part, take);
    else {
      const isOpen = Array.isArray(part) || isPlainObject(part);
      const fields = isOpen ? (part as Record<string, unknown>) : undefined;
      eachField(part, (inner, name, isWritable) => {
        if (typeof inner !== 'string') take(inner);
        else if (fields !== undefined && isWritable) fields[name] = ownString(inner);
        else ownInPlace(inner);
      });
    }
  });
  return value;
}

/** Another value for a key that a Map has leaves it in its place. */
function ownEntries(entries: Map<unknown, unknown>, take: (inner: unknown) => void): void {
  ofMap.call(entries, (inner, key) => {
    if (typeof key === 'string') ownInPlace(key);
    else take(key);
    if (typeof inner === 'string') putInto.call(entries, key, ownString(inner));
    else take(inner);
  });
}

function ownItems(items: unknown[], take: (inner: unknown) => void): void {
  for (let i = 0; i < items.length; i++) {
    const inner = items[i];
    if (typeof inner === 'string') items[i] = ownString(inner);
    else take(inner);
  }
}

/** Of one holder of rows: whether much more text was cut than it has taken in. */
export class TextCut {
  readonly #before = cut;
  #held = 0;

  /** `held`: the estimated bytes of all that it has taken in, whether or not that has left memory since. */
  isSparse(held: number): boolean {
    return cut - this.#before > MOST_KEPT * held + SLACK;
  }

  /** So many bytes more are taken in. */
  takes(bytes: number): boolean {
    this.#held += bytes;
    return this.isSparse(this.#held);
  }

  /** The rows that are taken in, with texts of their own where that is needed, in the same array. */
  keep(rows: unknown[], bytes: number): unknown[] {
    if (this.takes(bytes)) for (let i = 0; i < rows.length; i++) rows[i] = withOwnText(rows[i]);
    return rows;
  }
}
