/**
 * HyperLogLog: how many different values there are, from a few kilobytes. Registers of Flajolet et al. (2007), read
 * with Ertl's improved estimator ("New cardinality estimation algorithms for HyperLogLog sketches", 2017), which
 * needs neither tables nor corrections for small and large counts.
 */
import { StagelightError } from '../errors.ts';
import { hashKey } from '../storage/key-encoding.ts';

const HASH_BITS = 64;

/** Registers for a relative standard deviation of `relativeSD`: 2^p of them, p from 4 to 18. */
export function emptySketch(relativeSD: number, operator: string): Uint8Array {
  if (!(relativeSD >= 0.0021 && relativeSD < 1)) {
    throw new StagelightError(
      'INVALID_ARGUMENT',
      `${operator}: relativeSD ${String(relativeSD)} is out of range`,
      {
        hint: 'Give a relative standard deviation between 0.0021 (256 KB) and 1, for example 0.05.',
      },
    );
  }
  return new Uint8Array(2 ** Math.min(18, Math.max(4, Math.ceil(2 * Math.log2(1.04 / relativeSD)))));
}

/** Takes in one value; values are told apart as keys are. Returns `registers`. */
export function addToSketch(registers: Uint8Array, value: unknown): Uint8Array {
  const precision = 31 - Math.clz32(registers.length);
  const high = hashKey(value) >>> 0;
  // The same value within an array is hashed from another seed: 32 further bits.
  const low = hashKey([value]) >>> 0;
  const index = high >>> (32 - precision);
  const rest = (high << precision) >>> 0;
  const restBits = 32 - precision;
  const zeros = rest !== 0 ? Math.clz32(rest) : restBits + (low === 0 ? 32 : Math.clz32(low));
  const rank = Math.min(zeros, HASH_BITS - precision) + 1;
  if (rank > registers[index]!) registers[index] = rank;
  return registers;
}

/** The sketch of both inputs together, in `into`. */
export function mergeSketches(into: Uint8Array, other: Uint8Array): Uint8Array {
  for (let i = 0; i < into.length; i++) if (other[i]! > into[i]!) into[i] = other[i]!;
  return into;
}

/** The estimated number of different values. */
export function sketchEstimate(registers: Uint8Array): number {
  const m = registers.length;
  const q = HASH_BITS - Math.log2(m);
  const counts = new Float64Array(q + 2);
  for (const rank of registers) counts[rank]!++;
  let z = m * tau(1 - counts[q + 1]! / m);
  for (let k = q; k >= 1; k--) z = 0.5 * (z + counts[k]!);
  z += m * sigma(counts[0]! / m);
  return Math.round((m * m) / (2 * Math.LN2 * z));
}

function sigma(share: number): number {
  if (share === 1) return Number.POSITIVE_INFINITY;
  let x = share;
  let y = 1;
  let z = x;
  for (let before = -1; z !== before; ) {
    x *= x;
    before = z;
    z += x * y;
    y += y;
  }
  return z;
}

function tau(share: number): number {
  if (share === 0 || share === 1) return 0;
  let x = share;
  let y = 1;
  let z = 1 - x;
  for (let before = -1; z !== before; ) {
    x = Math.sqrt(x);
    before = z;
    y *= 0.5;
    z -= (1 - x) ** 2 * y;
  }
  return z / 3;
}
