/**
 * A hash of whole rows for the order-independent checksum of a map output: it only has to notice other rows, but equal
 * ones must have the same. So it is made of what rows hold and never of what V8 makes of it: the same number may be a
 * small integer or a double there, the same text have bytes of one or two, a NaN either sign, as the function that made
 * it is compiled.
 */
import { types } from 'node:util';
import { crc32 } from 'node:zlib';
import { hashDouble, hashInt, hashString } from '../storage/murmur3.ts';
import { isPlainObject } from '../storage/plain-object.ts';
import { isSparse, itemPositions, LEAST_SPARSE } from '../storage/sparse-array.ts';

const SEED = 42;
const MAX_DEPTH = 24;
/** A cycle with two ways round doubles with every level: so many objects of a row are looked at, no more. */
const MAX_OBJECTS = 1 << 16;
let objectsLeft = 0;

export function hashRow(row: unknown): number {
  objectsLeft = MAX_OBJECTS;
  return hashValue(row, SEED, 0);
}

/** The hash of the row [key, value]. */
export function hashPair(key: unknown, value: unknown): number {
  objectsLeft = MAX_OBJECTS;
  return hashValue(value, hashValue(key, SEED, 1), 1);
}

function hashValue(value: unknown, seed: number, depth: number): number {
  switch (typeof value) {
    case 'number':
      return hashDouble(value, seed);
    case 'string':
      return hashString(value, seed);
    case 'boolean':
      return hashInt(value ? 1 : 0, seed);
    case 'bigint':
      return hashString(value.toString(16), seed);
    case 'object':
      return value === null ? hashInt(-2, seed) : hashObject(value, seed, depth);
    default:
      return hashInt(-1, seed);
  }
}

function hashObject(value: object, seed: number, depth: number): number {
  if (depth > MAX_DEPTH || --objectsLeft < 0) return seed;
  let h = seed;
  if (Array.isArray(value)) {
    if (value.length > LEAST_SPARSE) return hashLongArray(value, seed, depth);
    for (let i = 0; i < value.length; i++) h = hashValue(value[i], h, depth + 1);
    return h;
  }
  if (value instanceof Date) return hashDouble(value.getTime(), seed);
  if (isPlainObject(value)) {
    for (const name in value) {
      // The names of fields cost more to hash than they tell: a program that makes other rows makes other values.
      h = hashValue((value as Record<string, unknown>)[name], h, depth + 1);
    }
    return h;
  }
  try {
    return hashBuiltin(value, seed, depth);
  } catch {
    // Encoding the row will say what is wrong with it.
    return seed;
  }
}

/** By its items, with their positions behind a gap: of the same array V8 may keep the places or a table of the items. */
function hashLongArray(array: readonly unknown[], seed: number, depth: number): number {
  const positions = isSparse(array) ? itemPositions(array) : undefined;
  const count = positions?.length ?? array.length;
  let h = seed;
  let next = 0;
  for (let at = 0; at < count; at++) {
    const i = positions === undefined ? at : positions[at]!;
    const item = array[i];
    if (item === undefined) continue;
    if (i !== next) h = hashInt(i, h);
    h = hashValue(item, h, depth + 1);
    next = i + 1;
  }
  return next === array.length ? h : hashInt(array.length, h);
}

/** What cannot travel hashes to anything. */
function hashBuiltin(value: object, seed: number, depth: number): number {
  let h = seed;
  if (types.isMap(value)) {
    for (const [key, mapped] of value) h = hashValue(mapped, hashValue(key, h, depth + 1), depth + 1);
    return h;
  }
  if (types.isSet(value)) {
    for (const element of value) h = hashValue(element, h, depth + 1);
    return h;
  }
  if (ArrayBuffer.isView(value)) return hashView(value, seed);
  if (types.isAnyArrayBuffer(value)) return hashInt(crc32(new Uint8Array(value)), seed);
  if (types.isRegExp(value)) return hashString(value.flags, hashString(value.source, seed));
  // Its stack tells how the function was called, which differs from run to run.
  if (types.isNativeError(value)) return hashString(String(value.message), hashString(value.name, seed));
  if (types.isBoxedPrimitive(value)) return hashValue(value.valueOf(), seed, depth + 1);
  return h;
}

function hashView(view: ArrayBufferView, seed: number): number {
  const numbers = view as Float64Array;
  if (numbers[Symbol.toStringTag].startsWith('Float') && numbers.some(Number.isNaN)) {
    let h = seed;
    for (const number of numbers) h = hashDouble(number, h);
    return h;
  }
  return hashInt(crc32(new Uint8Array(view.buffer, view.byteOffset, view.byteLength)), seed);
}
