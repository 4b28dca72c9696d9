/** A hash of whole rows for the order-independent checksum of a map output: it only has to notice other rows. */
import { serialize } from 'node:v8';
import { crc32 } from 'node:zlib';
import { hashDouble, hashInt, hashString } from '../storage/murmur3.ts';
import { isPlainObject } from '../storage/plain-object.ts';

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
    return hashInt(crc32(serialize(value)), seed);
  } catch {
    // Encoding the row will say what is wrong with it.
    return seed;
  }
}
