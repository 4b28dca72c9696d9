/**
 * Some parts of a long collection that stand for all of it. They are chosen at even steps of what can be seen of them from
 * outside, so that a long list among a thousand small records is not missed. (Systematic sampling with probabilities
 * proportional to size: Madow, "On the theory of systematic sampling, II", Ann. Math. Statist. 20, 1949; each part counts
 * for the inverse of its probability: Horvitz and Thompson, J. Amer. Statist. Assoc. 47, 1952.)
 */

import { care } from './care.ts';

/** Characters, or bytes, that take the room of one place. */
const TO_A_PLACE_SHIFT = 3;

/** At least 1; for what is no collection just that. */
function placesOf(part: unknown): number {
  if (typeof part === 'number') return 1;
  if (typeof part === 'string') return 1 + (part.length >> TO_A_PLACE_SHIFT);
  if (typeof part !== 'object' || part === null) return 1;
  if (Array.isArray(part)) return 1 + part.length;
  if (ArrayBuffer.isView(part)) return 1 + (part.byteLength >> TO_A_PLACE_SHIFT);
  if (part instanceof Map || part instanceof Set) return 1 + part.size;
  return care.isTaken ? placesWithin(part) : 1;
}

/** Of a record those of its fields; what lies in records within it is not seen. */
function placesWithin(record: object): number {
  let places = 1;
  for (const field of Object.values(record))
    if (Array.isArray(field) || Object.getPrototypeOf(field ?? 0) !== Object.prototype)
      places += placesOf(field);
  return places;
}

export interface Some {
  parts: readonly unknown[];
  /** For how many each stands. */
  stand: readonly number[];
}

/** At most `most` of the parts, which are more. */
export function someOf(all: readonly unknown[], most: number): Some {
  const { length } = all;
  let places = 0;
  for (let i = 0; i < length; i++) places += placesOf(all[i]);
  const step = places / most;
  const parts: unknown[] = [];
  const stand: number[] = [];
  if (places === length) {
    for (let i = 0; i < most; i++) {
      parts.push(all[Math.floor(i * step)]);
      stand.push(step);
    }
    return { parts, stand };
  }
  let passed = 0;
  let next = step / 2;
  for (let i = 0; i < length && next < places; i++) {
    const own = placesOf(all[i]);
    passed += own;
    if (next >= passed) continue;
    const from = next;
    while (next < passed) next += step;
    parts.push(all[i]);
    stand.push((next - from) / own);
  }
  return { parts, stand };
}
