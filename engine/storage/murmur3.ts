/**
 * Murmur3 (x86, 32 bits) with Spark's treatment of tails, so that strings, booleans, doubles and longs hash as
 * Spark's SQL function `hash` does. Nothing here allocates.
 */

const f64 = new Float64Array(1);
const words = new Uint32Array(f64.buffer);

function mixK(k: number): number {
  k = Math.imul(k, 0xcc9e2d51);
  return Math.imul((k << 15) | (k >>> 17), 0x1b873593);
}

function mixH(h: number, k: number): number {
  h ^= mixK(k);
  h = (h << 13) | (h >>> 19);
  return (Math.imul(h, 5) + 0xe6546b64) | 0;
}

function finish(h: number, length: number): number {
  h ^= length;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

export function hashInt(value: number, seed: number): number {
  return finish(mixH(seed, value), 4);
}

/** A 64-bit integer given as its two halves. */
export function hashLong(low: number, high: number, seed: number): number {
  return finish(mixH(mixH(seed, low), high), 8);
}

/** By the IEEE bits, with one NaN and one zero. */
export function hashDouble(value: number, seed: number): number {
  if (Number.isNaN(value)) return hashLong(0, 0x7ff80000, seed);
  f64[0] = value + 0 === 0 ? 0 : value;
  return hashLong(words[0]!, words[1]!, seed);
}

/** By the UTF-8 bytes; a lone surrogate counts as the three bytes its code would have. */
export function hashString(text: string, seed: number): number {
  const length = text.length;
  const whole = length & ~3;
  let h = seed;
  let i = 0;
  for (; i < whole; i += 4) {
    const a = text.charCodeAt(i);
    const b = text.charCodeAt(i + 1);
    const c = text.charCodeAt(i + 2);
    const d = text.charCodeAt(i + 3);
    if ((a | b | c | d) > 0x7f) return hashUtf8(text, i, h);
    h = mixH(h, a | (b << 8) | (c << 16) | (d << 24));
  }
  for (; i < length; i++) {
    if (text.charCodeAt(i) > 0x7f) return hashUtf8(text, whole, rehash(text, whole, seed));
    h = mixH(h, text.charCodeAt(i));
  }
  return finish(h, length);
}

/** The state after the ASCII blocks before `end`. */
function rehash(text: string, end: number, seed: number): number {
  let h = seed;
  for (let i = 0; i < end; i += 4) {
    h = mixH(
      h,
      text.charCodeAt(i) |
        (text.charCodeAt(i + 1) << 8) |
        (text.charCodeAt(i + 2) << 16) |
        (text.charCodeAt(i + 3) << 24),
    );
  }
  return h;
}

/** Continues at code unit `start`, a block boundary of the bytes. */
function hashUtf8(text: string, start: number, state: number): number {
  let h = state;
  let block = 0;
  let filled = 0;
  let length = start;
  for (let i = start; i < text.length; i++) {
    const code = text.codePointAt(i)!;
    if (code > 0xffff) i++;
    const size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    length += size;
    for (let at = 0; at < size; at++) {
      block |= utf8Byte(code, size, at) << (filled * 8);
      if (++filled === 4) {
        h = mixH(h, block);
        block = 0;
        filled = 0;
      }
    }
  }
  // Spark mixes each byte of the tail as a signed block of its own.
  for (let at = 0; at < filled; at++) h = mixH(h, ((block >>> (at * 8)) << 24) >> 24);
  return finish(h, length);
}

function utf8Byte(code: number, size: number, at: number): number {
  if (size === 1) return code;
  const bits = (code >>> (6 * (size - 1 - at))) & 0x3f;
  if (at > 0) return 0x80 | bits;
  return size === 2 ? 0xc0 | bits : size === 3 ? 0xe0 | (bits & 0x0f) : 0xf0 | (bits & 0x07);
}
