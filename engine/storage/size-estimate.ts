/** Estimates how much heap rows occupy, from a sample of them. */

const SAMPLED_ROWS = 64;
const MAX_VISITED = 4096;

/** Bytes an object of its own adds in V8, with compressed pointers off. */
const HEADER = 24;
const SLOT = 8;

/** The estimated heap size of one value with all it refers to. */
export function estimateSize(value: unknown): number {
  const seen = new Set<object>();
  const stack: unknown[] = [value];
  let total = 0;
  while (stack.length > 0 && seen.size < MAX_VISITED) {
    const part = stack.pop();
    if (typeof part === 'string') total += HEADER + part.length;
    else if (typeof part === 'bigint') total += HEADER;
    else if (typeof part === 'number') total += Number.isInteger(part) ? 0 : HEADER - SLOT;
    if (typeof part !== 'object' || part === null || seen.has(part)) continue;
    seen.add(part);
    total += HEADER + SLOT;
    if (ArrayBuffer.isView(part)) {
      total += part.byteLength;
      continue;
    }
    const parts = Array.isArray(part)
      ? part
      : part instanceof Map
        ? [...part.keys(), ...part.values()]
        : part instanceof Set
          ? [...part]
          : Object.values(part);
    total += parts.length * SLOT;
    const visited = Math.min(parts.length, MAX_VISITED);
    for (let i = 0; i < visited; i++) stack.push(parts[i]);
  }
  return total;
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
