/**
 * What makes two keys the same, in every process and after every restart: a canonical form for grouping and a
 * hash for partitioning. Types stay apart (1 ≠ "1" ≠ 1n ≠ true, null ≠ undefined), −0 is 0, there is one NaN,
 * a Date is its time, arrays and records are compared by content, records without regard to the order of fields.
 */
import { StagelightError } from '../errors.ts';
import { hashDouble, hashInt, hashLong, hashString } from './murmur3.ts';
import { isPlainObject, typeName } from './plain-object.ts';
import { isSparse } from './sparse-array.ts';

const SEED = 42;
const MAX_DEPTH = 64;
const LOW_64 = (1n << 64n) - 1n;

function notHashable(what: string): StagelightError {
  return new StagelightError('KEY_NOT_HASHABLE', `a key cannot be ${what}`, {
    hint: 'Use a string, number, bigint, boolean, Date, null, or an array or plain object of those as the key.',
  });
}

/** Its form would have a part for every place. */
function sparseKey(key: readonly unknown[]): StagelightError {
  return notHashable(`an array of ${key.length} places that are mostly empty`);
}

function describe(key: object): string {
  const name = typeName(key);
  return name === 'object' ? 'an object with a prototype of its own' : `an instance of ${name}`;
}

/** Murmur3 (32 bits, seed 42) of the key: a signed 32-bit integer. Scalars hash as in Spark's SQL. */
export function hashKey(key: unknown): number {
  if (typeof key === 'string') return hashString(key, SEED);
  if (typeof key === 'number') return hashDouble(key, SEED);
  return hashInto(key, SEED, 0);
}

function hashInto(key: unknown, seed: number, depth: number): number {
  switch (typeof key) {
    case 'string':
      return hashString(key, seed);
    case 'number':
      return hashDouble(key, seed);
    case 'boolean':
      return hashInt(key ? 1 : 0, seed);
    case 'bigint':
      return hashBigInt(key, seed);
    case 'undefined':
      return hashInt(-1, seed);
    case 'object':
      return key === null ? seed : hashObject(key, seed, depth);
    default:
      throw notHashable(`a ${typeof key}`);
  }
}

function fits64(key: bigint): boolean {
  return BigInt.asIntN(64, key) === key;
}

function hashBigInt(key: bigint, seed: number): number {
  if (fits64(key)) {
    const bits = key & LOW_64;
    return hashLong(Number(bits & 0xffffffffn) | 0, Number(bits >> 32n) | 0, seed);
  }
  return hashString(key.toString(16), seed);
}

function hashObject(key: object, seed: number, depth: number): number {
  if (depth > MAX_DEPTH) throw notHashable(`nested more than ${MAX_DEPTH} levels deep`);
  if (Array.isArray(key)) {
    if (isSparse(key)) throw sparseKey(key);
    let h = seed;
    for (let i = 0; i < key.length; i++) h = hashInto(key[i], h, depth + 1);
    return h;
  }
  if (key instanceof Date) return hashDouble(key.getTime(), seed);
  if (!isPlainObject(key)) throw notHashable(describe(key));
  let h = seed;
  for (const name of Object.keys(key).sort()) {
    h = hashInto((key as Record<string, unknown>)[name], hashString(name, h), depth + 1);
  }
  return h;
}

/**
 * A value that a JS Map treats as the same exactly when the keys are the same: a primitive is itself (strings
 * beginning with NUL are moved aside), anything else a string beginning with NUL. So are bigints beyond 64 bits: V8
 * hashes a bigint by its lowest 64 bits alone, and numbers that differ above them only (prefixes of IPv6 addresses,
 * fixed-point numbers) would all share one bucket of a Map.
 */
export function keyToMapKey(key: unknown): unknown {
  switch (typeof key) {
    case 'string':
      return key.charCodeAt(0) === 0 ? `\0s${key}` : key;
    case 'number':
      return key === 0 ? 0 : key;
    case 'bigint':
      return fits64(key) ? key : `\0${canonical(key, 0)}`;
    case 'object':
      return key === null ? null : `\0${canonical(key, 0)}`;
    case 'function':
    case 'symbol':
      throw notHashable(`a ${typeof key}`);
    default:
      return key;
  }
}

const ANY = /^/;
/** Of a long form the pieces are put together before there are so many that they take many times what they say. */
const LONG_PIECE = 4096;

/**
 * The same form to be kept in a Map: V8 keeps a text that was put together as a tree of its parts, five times as large,
 * until something (a match) needs it in one piece.
 */
export function inOnePiece(form: unknown): unknown {
  if (typeof form === 'string') ANY.test(form);
  return form;
}

function canonical(key: unknown, depth: number): string {
  switch (typeof key) {
    case 'string':
      return `s${key.length}:${key}`;
    case 'number':
      return `n${key};`;
    case 'boolean':
      return key ? 't' : 'f';
    case 'bigint':
      // Decimal digits of a large one take a hundred times as long.
      return fits64(key) ? `i${key};` : `I${key.toString(16)};`;
    case 'undefined':
      return 'u';
    case 'object':
      break;
    default:
      throw notHashable(`or contain a ${typeof key}`);
  }
  if (key === null) return 'z';
  if (depth > MAX_DEPTH) throw notHashable(`nested more than ${MAX_DEPTH} levels deep`);
  if (Array.isArray(key)) {
    if (isSparse(key)) throw sparseKey(key);
    let whole = '';
    let text = '[';
    for (let i = 0; i < key.length; i++) {
      text += canonical(key[i], depth + 1);
      if (text.length < LONG_PIECE) continue;
      inOnePiece(text);
      whole += text;
      text = '';
    }
    return `${whole}${text}]`;
  }
  if (key instanceof Date) return `d${key.getTime()};`;
  if (!isPlainObject(key)) throw notHashable(describe(key));
  let text = '{';
  for (const name of Object.keys(key).sort()) {
    text += `${name.length}:${name}${canonical((key as Record<string, unknown>)[name], depth + 1)}`;
  }
  return `${text}}`;
}
