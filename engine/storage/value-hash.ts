/**
 * The parts of rows that hashes of whole rows are made of. By what they hold and never by what V8 makes of it: the same
 * number may be a small integer or a double there, the same text have bytes of one or two, a NaN either sign, and an array
 * keep its places or a table of its items, as the function that made it is compiled.
 */
import { types } from 'node:util';
import { crc32 } from 'node:zlib';
import { hashDouble, hashInt, hashString } from './murmur3.ts';
import { isSparse, itemPositions, LEAST_SPARSE } from './sparse-array.ts';

/** Everything but objects; functions count for nothing. */
export function hashPrimitive(value: unknown, seed: number): number {
  switch (typeof value) {
    case 'number':
      return hashDouble(value, seed);
    case 'string':
      return hashString(value, seed);
    case 'boolean':
      return hashInt(value ? 1 : 0, seed);
    case 'bigint':
      return hashString(value.toString(16), hashInt(-4, seed));
    case 'symbol':
      return hashString(value.description ?? '', hashInt(-5, seed));
    case 'object':
      return hashInt(-2, seed);
    default:
      return hashInt(-1, seed);
  }
}

/** Built-in values without parts of their own; undefined for others. Throws where one cannot be looked at. */
export function hashBuiltin(value: object, seed: number): number | undefined {
  if (types.isDate(value)) return hashDouble(Date.prototype.getTime.call(value), seed);
  if (ArrayBuffer.isView(value)) return hashView(value, seed);
  if (types.isAnyArrayBuffer(value)) return hashInt(crc32(new Uint8Array(value)), seed);
  if (types.isRegExp(value)) return hashString(value.flags, hashString(value.source, seed));
  // Its stack tells how the function was called, which differs from run to run.
  if (types.isNativeError(value)) return hashString(String(value.message), hashString(value.name, seed));
  return types.isBoxedPrimitive(value) ? hashPrimitive(value.valueOf(), seed) : undefined;
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

/** The items of an array by `hashItem`, which takes one into a hash; with their positions behind a gap where there are many. */
export function hashItems(
  array: readonly unknown[],
  seed: number,
  hashItem: (item: unknown, h: number) => number,
): number {
  let h = seed;
  if (array.length <= LEAST_SPARSE) {
    for (let i = 0; i < array.length; i++) h = hashItem(array[i], h);
    return h;
  }
  const positions = isSparse(array) ? itemPositions(array) : undefined;
  const count = positions?.length ?? array.length;
  let next = 0;
  for (let at = 0; at < count; at++) {
    const i = positions === undefined ? at : positions[at]!;
    const item = array[i];
    if (item === undefined) continue;
    if (i !== next) h = hashInt(i, h);
    h = hashItem(item, h);
    next = i + 1;
  }
  return next === array.length ? h : hashInt(array.length, h);
}
