/**
 * A hash of whole rows for the order-independent checksum of a map output: it only has to notice other rows, but equal
 * ones must have the same.
 */
import { types } from 'node:util';
import { hashDouble } from '../storage/murmur3.ts';
import { isPlainObject } from '../storage/plain-object.ts';
import { LEAST_SPARSE } from '../storage/sparse-array.ts';
import { hashBuiltin, hashItems, hashPrimitive } from '../storage/value-hash.ts';

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
  return typeof value === 'object' && value !== null
    ? hashObject(value, seed, depth)
    : hashPrimitive(value, seed);
}

function hashObject(value: object, seed: number, depth: number): number {
  if (depth > MAX_DEPTH || --objectsLeft < 0) return seed;
  let h = seed;
  if (Array.isArray(value)) {
    if (value.length > LEAST_SPARSE)
      return hashItems(value, seed, (item, h) => hashValue(item, h, depth + 1));
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
    return hashCollection(value, seed, depth) ?? hashBuiltin(value, seed) ?? seed;
  } catch {
    // Encoding the row will say what is wrong with it.
    return seed;
  }
}

function hashCollection(value: object, seed: number, depth: number): number | undefined {
  let h = seed;
  if (types.isMap(value)) {
    for (const [key, mapped] of value) h = hashValue(mapped, hashValue(key, h, depth + 1), depth + 1);
    return h;
  }
  if (!types.isSet(value)) return undefined;
  for (const element of value) h = hashValue(element, h, depth + 1);
  return h;
}
