/** Estimates how much heap rows occupy, from a sample of them. */

const SAMPLED_ROWS = 64;
const MAX_VISITED = 4096;
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

/** An object of more properties is a table of its own: no others share its names. */
const SHARED_NAMES = 128;
const NAMED_PLACE = 24;

function placesFor(entries: number): number {
  return Math.max(LEAST_PLACES, 2 ** Math.ceil(Math.log2(entries)));
}

interface Parts {
  /** What the object takes besides them. */
  own: number;
  parts: readonly unknown[];
}

function partsOf(value: object): Parts {
  if (Array.isArray(value)) return { own: ARRAY + value.length * SLOT, parts: value };
  if (value instanceof Map)
    return { own: TABLE + placesFor(value.size) * MAP_PLACE, parts: [...value.keys(), ...value.values()] };
  if (value instanceof Set) return { own: TABLE + placesFor(value.size) * SET_PLACE, parts: [...value] };
  const parts = Object.values(value);
  if (parts.length <= SHARED_NAMES) return { own: HEADER + SLOT + parts.length * SLOT, parts };
  return {
    own: HEADER + placesFor(parts.length * 1.5) * NAMED_PLACE,
    parts: [...Object.keys(value), ...parts],
  };
}

function estimateBigInt(value: bigint): number {
  if (BigInt.asIntN(64, value) === value) return HEADER;
  return HEADER + Math.ceil(value.toString(16).length / 2);
}

function estimatePrimitive(value: unknown): number {
  switch (typeof value) {
    case 'string':
      return HEADER + (WIDE.test(value) ? 2 : 1) * value.length;
    case 'bigint':
      return estimateBigInt(value);
    case 'number':
      return Number.isInteger(value) ? 0 : HEADER - SLOT;
    default:
      return 0;
  }
}

/** The estimated heap size of one value with all it refers to. */
export function estimateSize(value: unknown): number {
  if (typeof value !== 'object' || value === null) return estimatePrimitive(value);
  const seen = new Set<object>();
  const stack: unknown[] = [value];
  /** For how many values each on the stack stands. */
  const weights = [1];
  let total = 0;
  while (stack.length > 0 && seen.size < MAX_VISITED) {
    const part = stack.pop();
    const weight = weights.pop()!;
    if (typeof part !== 'object' || part === null) {
      total += weight * estimatePrimitive(part);
      continue;
    }
    if (seen.has(part)) continue;
    seen.add(part);
    if (ArrayBuffer.isView(part)) {
      total += weight * (VIEW + part.byteLength);
      continue;
    }
    if (part instanceof Date) {
      total += weight * DATE;
      continue;
    }
    const { own, parts } = partsOf(part);
    total += weight * own;
    const sampled = Math.min(parts.length, SAMPLED_PARTS);
    for (let i = 0; i < sampled; i++) {
      stack.push(parts[Math.floor((i * parts.length) / sampled)]);
      weights.push((weight * parts.length) / sampled);
    }
  }
  return Math.ceil(total);
}

export function estimateRowsSize(rows: readonly unknown[]): number {
  const step = Math.max(1, Math.floor(rows.length / SAMPLED_ROWS));
  let sampled = 0;
  let bytes = 0;
  for (let i = 0; i < rows.length; i += step) {
    bytes += estimateSize(rows[i]);
    sampled++;
  }
  return HEADER + rows.length * SLOT + (sampled === 0 ? 0 : Math.ceil((bytes / sampled) * rows.length));
}
