/** Estimates how much heap rows occupy, from a sample of them. */
import { hasHiddenClass, isFlat } from './heap-probe.ts';
import { KnownShapes } from './known-shapes.ts';
import { isSparse } from './sparse-array.ts';

const SAMPLED_ROWS = 64;
const MAX_VISITED = 4096;
/** So many are searched one by one, which is faster than to make a table. */
const FEW = 16;
/** Of longer collections as many parts, evenly spread, stand for all. */
const SAMPLED_PARTS = 64;

/** Bytes an object of its own adds in V8, with compressed pointers off. */
const HEADER = 24;
const SLOT = 8;
/** An array besides its places: itself, and what holds them. */
const ARRAY = 48;
const DATE = 96;
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

interface Parts {
  own: number;
  parts: readonly unknown[];
}

function placesFor(entries: number): number {
  return Math.max(LEAST_PLACES, 2 ** Math.ceil(Math.log2(entries)));
}

/** What an object takes besides its parts, and these. Most parts of rows are arrays and records: they come first. */
function take(value: object, shapes: KnownShapes | undefined): Parts {
  if (Array.isArray(value) && !isSparse(value)) return { own: ARRAY + value.length * SLOT, parts: value };
  if (Object.getPrototypeOf(value) === Object.prototype) return takeFields(value, shapes);
  if (ArrayBuffer.isView(value)) return { own: VIEW + value.byteLength, parts: [] };
  if (value instanceof Date) return { own: DATE, parts: [] };
  if (value instanceof Map)
    return { own: TABLE + placesFor(value.size) * MAP_PLACE, parts: [...value.keys(), ...value.values()] };
  if (value instanceof Set) return { own: TABLE + placesFor(value.size) * SET_PLACE, parts: [...value] };
  return Array.isArray(value) ? takeItems(value) : takeFields(value, shapes);
}

function takeItems(value: readonly unknown[]): Parts {
  const parts = Object.values(value);
  return { own: ARRAY + placesFor(parts.length * 1.5) * NAMED_PLACE, parts };
}

function takeFields(value: object, shapes: KnownShapes | undefined): Parts {
  const parts = Object.values(value);
  const count = parts.length;
  if (hasHiddenClass(value)) {
    const classes = shapes?.classBytes(Object.keys(value)) ?? 0;
    return { own: HEADER + SLOT + count * SLOT + classes, parts };
  }
  let own = HEADER + placesFor(count * 1.5) * NAMED_PLACE;
  if (shapes !== undefined || count > SHARED_NAMES)
    own += (shapes ?? new KnownShapes()).nameBytes(Object.keys(value));
  return { own, parts };
}

function estimateBigInt(value: bigint): number {
  if (BigInt.asIntN(64, value) === value) return HEADER;
  return HEADER + Math.ceil(value.toString(16).length / 2);
}

function estimatePrimitive(value: unknown, sample: Sample | undefined): number {
  switch (typeof value) {
    case 'string':
      if (sample !== undefined && !isFlat(value)) sample.sawTree = true;
      return HEADER + (WIDE.test(value) ? 2 : 1) * value.length;
    case 'bigint':
      return estimateBigInt(value);
    case 'number':
      return Number.isInteger(value) ? 0 : HEADER - SLOT;
    default:
      return 0;
  }
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
  for (let at = 0; at < met.length; at++) {
    const { own, parts } = take(met[at]!, sample?.shapes);
    const weight = weights[at]!;
    total += weight * own;
    const sampled = Math.min(parts.length, SAMPLED_PARTS);
    const each = (weight * parts.length) / sampled;
    for (let i = 0; i < sampled; i++) {
      const part = sampled === parts.length ? parts[i] : parts[Math.floor((i * parts.length) / sampled)];
      if (typeof part !== 'object' || part === null) {
        total += each * estimatePrimitive(part, sample);
        continue;
      }
      if (met.length >= MAX_VISITED || (many === undefined ? met.includes(part) : many.has(part))) continue;
      met.push(part);
      weights.push(each);
      if (many !== undefined) many.add(part);
      else if (met.length > FEW) many = new Set(met);
    }
  }
  return Math.ceil(total);
}

/** The estimated heap size of rows with their places in an array. `sample`: of the holder that other rows came to before. */
export function estimateRowsSize(
  rows: readonly unknown[],
  sample: Sample = { shapes: new KnownShapes(), sawTree: false },
): number {
  const step = Math.max(1, Math.floor(rows.length / SAMPLED_ROWS));
  let sampled = 0;
  let bytes = 0;
  for (let i = 0; i < rows.length; i += step) {
    bytes += estimateSize(rows[i], sample);
    sampled++;
  }
  return HEADER + rows.length * SLOT + (sampled === 0 ? 0 : Math.ceil((bytes / sampled) * rows.length));
}
