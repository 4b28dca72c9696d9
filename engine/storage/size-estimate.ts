/** Estimates how much heap rows occupy, from a sample of them. */
import { getHeapStatistics } from 'node:v8';
import { care } from './care.ts';
import { hasHiddenClass, isFlat } from './heap-probe.ts';
import { KnownShapes } from './known-shapes.ts';
import { estimateRest } from './many-parts.ts';
import { someOf, standsFor } from './part-sample.ts';
import { isSparse } from './sparse-array.ts';

const SAMPLED_ROWS = 64;
/** What has more is looked at level by level from there on. */
const MAX_VISITED = 4096;
/** So many are searched one by one, which is faster than to make a table. */
const FEW = 16;
/** Of longer collections as many parts stand for all. */
const SAMPLED_PARTS = 64;

/** Bytes an object of its own adds in V8, with compressed pointers off. */
export const HEADER_BYTES = 24;
/** The place of a value in an array or a record. */
export const SLOT_BYTES = 8;
/** An array besides its places: itself, and what holds them. */
const ARRAY = 48;
export const DATE_BYTES = 96;
/** A number that is no small integer, besides its place. */
export const NUMBER_BYTES: number = HEADER_BYTES - SLOT_BYTES;
/** The view and its ArrayBuffer. */
const VIEW = 208;

/** One such character makes two bytes of every character of its string. */
const WIDE = /[^\0-\xff]/;

/** The hash tables of Map and Set have a power of two of places, each with its part of the buckets. */
const TABLE = 72;
const LEAST_PLACES = 8;
const SET_PLACE = 20;
const MAP_PLACE = 28;

/** An object or array that is a table of its own: its places besides it, at most two thirds of them in use. */
const NAMED_PLACE = 24;
/** The names of larger ones are counted even where nobody knows which came before. */
const SHARED_NAMES = 128;

/** What is learned while rows are looked at. */
export interface Sample {
  readonly shapes: KnownShapes;
  /** Set when a text was met that V8 keeps as a tree of pieces; it is in one piece since. */
  sawTree: boolean;
}

function placesFor(entries: number): number {
  return Math.max(LEAST_PLACES, 2 ** Math.ceil(Math.log2(entries)));
}

export function textBytes(text: string): number {
  return HEADER_BYTES + (WIDE.test(text) ? 2 : 1) * text.length;
}

export function bigintBytes(value: bigint): number {
  if (BigInt.asIntN(64, value) === value) return HEADER_BYTES;
  return HEADER_BYTES + Math.ceil(value.toString(16).length / 2);
}

export function arrayBytes(length: number): number {
  return ARRAY + length * SLOT_BYTES;
}

/** Of an array that is a table of its items. */
export function itemsBytes(items: number): number {
  return ARRAY + placesFor(items * 1.5) * NAMED_PLACE;
}

/** Of a record whose names lie in a hidden class. */
export function recordBytes(fields: number): number {
  return HEADER_BYTES + SLOT_BYTES + fields * SLOT_BYTES;
}

/** Of a record that is a table. */
export function tableBytes(fields: number): number {
  return HEADER_BYTES + placesFor(fields * 1.5) * NAMED_PLACE;
}

export function mapBytes(size: number): number {
  return TABLE + placesFor(size) * MAP_PLACE;
}

export function setBytes(size: number): number {
  return TABLE + placesFor(size) * SET_PLACE;
}

export function viewBytes(length: number): number {
  return VIEW + length;
}

export interface Parts {
  own: number;
  parts: readonly unknown[];
}

/** What an object takes besides its parts, and these. Most parts of rows are arrays and records: they come first. */
export function takeObject(value: object, shapes: KnownShapes | undefined): Parts {
  if (Array.isArray(value) && !isSparse(value)) return { own: arrayBytes(value.length), parts: value };
  if (Object.getPrototypeOf(value) === Object.prototype) return takeFields(value, shapes);
  if (ArrayBuffer.isView(value)) return { own: viewBytes(value.byteLength), parts: [] };
  if (value instanceof Date) return { own: DATE_BYTES, parts: [] };
  if (value instanceof Map) return { own: mapBytes(value.size), parts: [...value.keys(), ...value.values()] };
  if (value instanceof Set) return { own: setBytes(value.size), parts: [...value] };
  if (value instanceof ArrayBuffer) return { own: viewBytes(value.byteLength), parts: [] };
  if (value instanceof Error) return takeError(value, shapes);
  return Array.isArray(value) ? takeItems(value) : takeFields(value, shapes);
}

/** Those that a view or a buffer is of, which lie outside of the heap. */
export function bytesBehind(value: object): number {
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer ? value.byteLength : 0;
}

/** What an object takes besides its parts. */
export function ownBytes(value: object): number {
  if (Array.isArray(value) && !isSparse(value)) return arrayBytes(value.length);
  if (Object.getPrototypeOf(value) === Object.prototype) return fieldBytes(Object.keys(value).length);
  if (value instanceof Map) return mapBytes(value.size);
  if (value instanceof Set) return setBytes(value.size);
  const { own, parts } = takeObject(value, undefined);
  if (!(value instanceof Error)) return own;
  return own + parts.reduce<number>((bytes, part) => bytes + estimatePrimitive(part, undefined), 0);
}

/** Whatever it is here: a reader makes hidden classes for few names. */
function fieldBytes(fields: number): number {
  return fields > SHARED_NAMES ? tableBytes(fields) : recordBytes(fields);
}

function takeItems(value: readonly unknown[]): Parts {
  const parts = Object.values(value);
  return { own: itemsBytes(parts.length), parts };
}

/** Its message and its stack, which begins with the message, are among no values. */
function takeError(error: Error, shapes: KnownShapes | undefined): Parts {
  const { own, parts } = takeFields(error, shapes);
  return { own: own + recordBytes(3), parts: [...errorParts(error), ...parts] };
}

function errorParts(error: Error): unknown[] {
  try {
    const parts = [error.message, error.stack, error.cause];
    return error instanceof AggregateError ? [...parts, error.errors] : parts;
  } catch {
    // Getters of a class of the user's.
    return [];
  }
}

function takeFields(value: object, shapes: KnownShapes | undefined): Parts {
  const parts = Object.values(value);
  const count = parts.length;
  if (hasHiddenClass(value)) {
    const classes = shapes?.classBytes(Object.keys(value)) ?? 0;
    return { own: recordBytes(count) + classes, parts };
  }
  let own = tableBytes(count);
  if (shapes !== undefined || count > SHARED_NAMES)
    own += (shapes ?? new KnownShapes()).nameBytes(Object.keys(value));
  return { own, parts };
}

export function estimatePrimitive(value: unknown, sample: Sample | undefined): number {
  switch (typeof value) {
    case 'string':
      if (sample !== undefined && !isFlat(value)) sample.sawTree = true;
      return textBytes(value);
    case 'bigint':
      return bigintBytes(value);
    case 'number':
      return Number.isInteger(value) ? 0 : NUMBER_BYTES;
    default:
      return 0;
  }
}

/** The total with that of what was met, from `from` on. Apart, for its functions would make each call of the other keep its names for them. */
function withRest(
  total: number,
  objects: object[],
  weights: number[],
  from: number,
  met: ReadonlySet<object>,
  sample: Sample | undefined,
): number {
  const rest = estimateRest({ objects, weights }, from, met, {
    sampledParts: SAMPLED_PARTS,
    take: (object) => takeObject(object, sample?.shapes),
    primitive: (part) => estimatePrimitive(part, sample),
  });
  // What is come to in several ways counts for several where it was not looked at: no value takes more than there is.
  return Math.min(total + rest, getHeapStatistics().used_heap_size);
}

/**
 * The estimated heap size of one value with all it refers to. `sample` knows the records that came before, so that names
 * and hidden classes which no other has are counted; without it those of all but the largest tables count as shared.
 */
export function estimateSize(value: unknown, sample?: Sample): number {
  if (typeof value !== 'object' || value === null) return estimatePrimitive(value, sample);
  /** All that was met, each once; those behind `at` are still to be looked at. */
  const met: object[] = [value];
  /** For how many values each stands. */
  const weights = [1];
  let many: Set<object> | undefined;
  let total = 0;
  let at = 0;
  for (; at < met.length && met.length < MAX_VISITED; at++) {
    const { own, parts } = takeObject(met[at]!, sample?.shapes);
    const weight = weights[at]!;
    total += weight * own;
    const some = someOf(parts, SAMPLED_PARTS);
    for (let i = 0; i < some.parts.length; i++) {
      const part = some.parts[i];
      const stands = weight * standsFor(some, i);
      if (typeof part !== 'object' || part === null) {
        total += stands * estimatePrimitive(part, sample);
        continue;
      }
      if (many === undefined ? met.includes(part) : many.has(part)) continue;
      met.push(part);
      weights.push(stands);
      if (many !== undefined) many.add(part);
      else if (met.length > FEW) many = new Set(met);
    }
  }
  return Math.ceil(at < met.length ? withRest(total, met, weights, at, many!, sample) : total);
}

/** The estimated heap size of rows with their places in an array. `sample`: of the holder that other rows came to before. */
export function estimateRowsSize(
  rows: readonly unknown[],
  sample: Sample = { shapes: new KnownShapes(), sawTree: false },
): number {
  const some = someOf(rows, care.isTaken ? rows.length : SAMPLED_ROWS);
  let bytes = HEADER_BYTES + rows.length * SLOT_BYTES;
  for (let i = 0; i < some.parts.length; i++)
    bytes += standsFor(some, i) * estimateSize(some.parts[i], sample);
  return Math.ceil(bytes);
}
