/** The names of the language itself. */

/** Globals no cell is expected to redefine while older functions run: read directly. */
export const BUILTINS: ReadonlySet<string> = new Set(
  `undefined NaN Infinity globalThis Object Function Array Number String Boolean Symbol BigInt Math JSON Date RegExp Map Set
  WeakMap WeakSet WeakRef Promise Proxy Reflect Error TypeError RangeError SyntaxError ReferenceError EvalError URIError
  AggregateError ArrayBuffer SharedArrayBuffer Atomics DataView Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array
  Int32Array Uint32Array Float32Array Float64Array Float16Array BigInt64Array BigUint64Array Intl Iterator parseInt parseFloat isNaN
  isFinite encodeURIComponent decodeURIComponent encodeURI decodeURI structuredClone`.split(/\s+/),
);
