/** Any value as text of bounded size and cost, whatever it holds. */
import { inspect, types } from 'node:util';

/** Parts of a value that are visited before a shallower view of it is taken. */
const MAX_PARTS = 5_000;
const MAX_ENTRIES = 100;
const MAX_KEYS = 1_000;

export interface BoundedText {
  text: string;
  /** Characters of the whole; equal to `text.length` unless it was cut. */
  total: number;
}

export function cutText(text: string, limit: number): BoundedText {
  if (text.length <= limit) return { text, total: text.length };
  // Never between the two halves of a surrogate pair.
  const end = /[\ud800-\udbff]/.test(text[limit - 1]!) ? limit - 1 : limit;
  return { text: text.slice(0, end), total: text.length };
}

/** A string as it is; anything else as `util.inspect` shows it, as deep as keeps it readable. */
export function boundedText(value: unknown, limit: number): BoundedText {
  if (typeof value === 'string') return cutText(value, limit);
  const depth = affordableDepth(value);
  const shown = inspect(withFewKeys(value), {
    depth,
    maxArrayLength: MAX_ENTRIES,
    maxStringLength: Math.min(limit, 10_000),
    breakLength: 100,
    // A getter may run user code of any length.
    getters: false,
  });
  return cutText(shown, limit);
}

/** One line, for a cell of a table. */
export function compactText(value: unknown, limit: number): string {
  const shown = inspect(withFewKeys(value), {
    depth: 2,
    maxArrayLength: 20,
    maxStringLength: limit,
    breakLength: Number.POSITIVE_INFINITY,
  });
  const { text, total } = cutText(shown, limit);
  return total > text.length ? `${text}…` : text;
}

function affordableDepth(value: unknown): number {
  for (let depth = 4; depth > 0; depth--) {
    if (countParts(value, depth, MAX_PARTS) < MAX_PARTS) return depth;
  }
  return 0;
}

function countParts(value: unknown, depth: number, budget: number): number {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || types.isProxy(value))
    return 1;
  let count = 1;
  const visit = (part: unknown) => {
    count += depth > 0 ? countParts(part, depth - 1, budget - count) : 1;
    return count < budget;
  };
  if (Array.isArray(value)) {
    for (const part of value.slice(0, MAX_ENTRIES)) if (!visit(part)) break;
    return count;
  }
  if (value instanceof Map || value instanceof Set) {
    let entries = 0;
    for (const part of value.values()) if (!visit(part) || ++entries >= MAX_ENTRIES) break;
    return count;
  }
  for (const key in value) {
    const property = Object.getOwnPropertyDescriptor(value, key);
    if (!property) break;
    if (!visit(property.value)) break;
  }
  return count;
}

/** Plain objects have no length limit in `inspect`: of one with very many keys the first are shown. */
function withFewKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || types.isProxy(value)) return value;
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  const keys = Object.keys(value);
  if (keys.length <= MAX_KEYS) return value;
  const few: PropertyDescriptorMap = {};
  for (const key of keys.slice(0, MAX_KEYS)) few[key] = Object.getOwnPropertyDescriptor(value, key)!;
  return Object.defineProperties({ '…': `${keys.length - MAX_KEYS} more` }, few);
}
