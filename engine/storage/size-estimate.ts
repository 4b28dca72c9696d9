/** Estimates how much heap rows occupy, from a sample of them. */

const SAMPLED_ROWS = 64;
const MAX_VISITED = 4096;
/** Of longer collections as many parts, evenly spread, stand for all. */
const SAMPLED_PARTS = 64;

/** Bytes an object of its own adds in V8, with compressed pointers off. */
const HEADER = 24;
const SLOT = 8;

function partsOf(value: object): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (value instanceof Map) return [...value.keys(), ...value.values()];
  return value instanceof Set ? [...value] : Object.values(value);
}

function estimatePrimitive(value: unknown): number {
  switch (typeof value) {
    case 'string':
      return HEADER + value.length;
    case 'bigint':
      return HEADER;
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
      total += weight * (HEADER + SLOT + part.byteLength);
      continue;
    }
    const parts = partsOf(part);
    total += weight * (HEADER + SLOT + parts.length * SLOT);
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
