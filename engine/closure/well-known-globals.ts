/** The functions and objects of the language that every process has: they travel by name. */

const ROOTS =
  `Object Function Array Number String Boolean Symbol BigInt Math JSON Date RegExp Map Set WeakMap WeakSet WeakRef
Promise Proxy Reflect Error TypeError RangeError SyntaxError ReferenceError EvalError URIError AggregateError ArrayBuffer
SharedArrayBuffer Atomics DataView Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array
Float32Array Float64Array Float16Array BigInt64Array BigUint64Array Intl Iterator parseInt parseFloat isNaN isFinite encodeURIComponent
decodeURIComponent encodeURI decodeURI structuredClone globalThis console process performance crypto fetch URL
URLSearchParams TextEncoder TextDecoder Buffer AbortController AbortSignal Headers Request Response FormData Blob atob btoa
setTimeout clearTimeout setInterval clearInterval setImmediate clearImmediate queueMicrotask Event EventTarget`.split(
    /\s+/,
  );

/** Looked into one level deep, and at their prototype. `globalThis` itself is only a name. */
const OPAQUE = new Set(['globalThis', 'process', 'fetch']);

let paths: Map<unknown, string> | undefined;

function isReference(value: unknown): boolean {
  return typeof value === 'function' || (typeof value === 'object' && value !== null);
}

function members(home: object, prefix: string, into: Map<unknown, string>): void {
  for (const [key, { value }] of Object.entries(Object.getOwnPropertyDescriptors(home))) {
    if (isReference(value) && key !== 'constructor' && !into.has(value)) into.set(value, `${prefix}.${key}`);
  }
}

function collect(): Map<unknown, string> {
  const found = new Map<unknown, string>();
  const globals = globalThis as unknown as Record<string, unknown>;
  for (const root of ROOTS)
    if (isReference(globals[root]) && !found.has(globals[root])) found.set(globals[root], root);
  for (const root of ROOTS) {
    const value = globals[root];
    if (!isReference(value) || OPAQUE.has(root)) continue;
    members(value as object, root, found);
    const prototype = (value as { prototype?: unknown }).prototype;
    if (isReference(prototype)) members(prototype as object, `${root}.prototype`, found);
  }
  return found;
}

/** `Math.max` for Math.max; undefined for what is no global. */
export function globalPath(value: unknown): string | undefined {
  paths ??= collect();
  return paths.get(value);
}

/** The inverse; only names this file lists lead anywhere. */
export function globalAt(path: string): unknown {
  const [root, ...steps] = path.split('.');
  if (!ROOTS.includes(root as string)) throw new RangeError(`${path} is no known global`);
  let value: unknown = (globalThis as unknown as Record<string, unknown>)[root as string];
  for (const step of steps) value = Object.getOwnPropertyDescriptor(value as object, step)?.value;
  return value;
}
