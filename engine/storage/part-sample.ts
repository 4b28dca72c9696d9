/**
 * Some parts of a long collection that stand for all of it. They are chosen at even steps of what can be seen of them from
 * outside, so that a long list among a thousand small records is not missed. (Systematic sampling with probabilities
 * proportional to size: Madow, "On the theory of systematic sampling, II", Ann. Math. Statist. 20, 1949; each part counts
 * for the inverse of its probability: Horvitz and Thompson, J. Amer. Statist. Assoc. 47, 1952.)
 */

import { care } from './care.ts';
import { itemCount } from './sparse-array.ts';

/** Characters, or bytes, that take the room of one place. */
const TO_A_PLACE_SHIFT = 3;

/** Lists with more places may be tables of a few. */
const LONG = 1 << 16;

/** At least 1; for what is no collection just that. */
function placesOf(part: unknown): number {
  if (typeof part === 'number') return 1;
  if (typeof part === 'string') return 1 + (part.length >> TO_A_PLACE_SHIFT);
  if (typeof part !== 'object' || part === null) return 1;
  const places = placesOfCollection(part);
  return places === 0 && care.isTaken ? placesWithin(part) : 1 + places;
}

function placesOfCollection(part: object): number {
  if (Array.isArray(part)) return part.length > LONG ? itemCount(part) : part.length;
  if (ArrayBuffer.isView(part)) return part.byteLength >> TO_A_PLACE_SHIFT;
  if (part instanceof Map || part instanceof Set) return part.size;
  if (part instanceof ArrayBuffer) return part.byteLength >> TO_A_PLACE_SHIFT;
  return part instanceof Error ? messageLength(part) >> TO_A_PLACE_SHIFT : 0;
}

function messageLength(error: Error): number {
  const message: unknown = Object.getOwnPropertyDescriptor(error, 'message')?.value;
  return typeof message === 'string' ? message.length : 0;
}

/** Of a record those of the collections in its fields; what lies in records within it is not seen. */
function placesWithin(record: object): number {
  let places = 1;
  for (const field of Object.values(record)) {
    if (typeof field === 'string') places += field.length >> TO_A_PLACE_SHIFT;
    else if (typeof field === 'object' && field !== null) places += placesOfCollection(field);
  }
  return places;
}

export interface Some {
  parts: readonly unknown[];
  /** For how many each stands; absent where all are looked at. */
  stand: readonly number[] | undefined;
}

/** The parts, where they are no more than `most`. Else that many, and those that would be chosen several times: each of these stands for itself. */
export function someOf(all: readonly unknown[], most: number): Some {
  return all.length > most ? choose(all, most) : { parts: all, stand: undefined };
}

/** For how many the part at `i` stands. */
export function standsFor({ stand }: Some, i: number): number {
  return stand === undefined ? 1 : stand[i]!;
}

function choose(all: readonly unknown[], most: number): Some {
  const { length } = all;
  let places = 0;
  for (let i = 0; i < length; i++) places += placesOf(all[i]);
  const parts: unknown[] = [];
  const stand: number[] = [];
  if (places === length) {
    const step = length / most;
    for (let i = 0; i < most; i++) {
      parts.push(all[Math.floor(i * step)]);
      stand.push(step);
    }
    return { parts, stand };
  }
  const large = places / most;
  let rest = 0;
  for (let i = 0; i < length; i++) {
    const own = placesOf(all[i]);
    if (own < large) rest += own;
    else {
      parts.push(all[i]);
      stand.push(1);
    }
  }
  const step = rest / most;
  let passed = 0;
  let next = step / 2;
  for (let i = 0; i < length && next < rest; i++) {
    const own = placesOf(all[i]);
    if (own >= large) continue;
    passed += own;
    if (next >= passed) continue;
    const from = next;
    while (next < passed) next += step;
    parts.push(all[i]);
    stand.push((next - from) / own);
  }
  return { parts, stand };
}
