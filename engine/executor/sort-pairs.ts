/** Sorts pairs, held as two arrays, by key: stable; by radix over typed arrays when every key is a number. */
import { compareKeys } from '../storage/compare-keys.ts';

export type KeyOrdering = 'ascending' | 'descending';

/** Below this a comparison sort is done before the radix has cleared its counters. */
const RADIX_FROM = 2048;
const DIGITS = 4;
const BUCKETS = 1 << 16;

/** The positions of the keys in order. */
export function sortedOrder(keys: readonly unknown[], ordering: KeyOrdering): Uint32Array {
  const { length } = keys;
  if (length >= RADIX_FROM && keys.every((key) => typeof key === 'number')) {
    return radixOrder(keys as readonly number[], ordering);
  }
  const sign = ordering === 'ascending' ? 1 : -1;
  // Array.sort checks equal keys for nothing but order of position, which it keeps by itself.
  const order = Array.from({ length }, (_, i) => i);
  order.sort((a, b) => sign * compareKeys(keys[a], keys[b]));
  return Uint32Array.from(order);
}

/**
 * A double's bits, with the sign flipped for positive and all bits for negative numbers, order like the number as an
 * unsigned integer. NaN comes last, as compareKeys has it; −0 counts as 0. Descending complements every bit.
 */
function radixOrder(keys: readonly number[], ordering: KeyOrdering): Uint32Array {
  const { length } = keys;
  const bits = new Uint32Array(length * 2);
  const doubles = new Float64Array(bits.buffer);
  for (let i = 0; i < length; i++) doubles[i] = keys[i]! + 0;
  const flip = ordering === 'ascending' ? 0 : 0xffffffff;
  for (let i = 0; i < length; i++) {
    const value = doubles[i]!;
    const low = i * 2;
    if (Number.isNaN(value)) {
      bits[low] = 0xffffffff ^ flip;
      bits[low + 1] = 0xffffffff ^ flip;
      continue;
    }
    const negative = (bits[low + 1]! & 0x80000000) !== 0;
    bits[low] = bits[low]! ^ (negative ? 0xffffffff : 0) ^ flip;
    bits[low + 1] = bits[low + 1]! ^ (negative ? 0xffffffff : 0x80000000) ^ flip;
  }
  let order = new Uint32Array(length);
  let other = new Uint32Array(length);
  for (let i = 0; i < length; i++) order[i] = i;
  const digits = new Uint16Array(bits.buffer);
  const places = new Uint32Array(BUCKETS);
  for (let digit = 0; digit < DIGITS; digit++) {
    places.fill(0);
    for (let i = 0; i < length; i++) places[digits[i * DIGITS + digit]!]!++;
    if (places[digits[digit]!] === length) continue;
    for (let bucket = 0, next = 0; bucket < BUCKETS; bucket++) {
      const count = places[bucket]!;
      places[bucket] = next;
      next += count;
    }
    for (let i = 0; i < length; i++) {
      const at = order[i]!;
      other[places[digits[at * DIGITS + digit]!]!++] = at;
    }
    [order, other] = [other, order];
  }
  return order;
}
