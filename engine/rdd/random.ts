/** Seeded random numbers for sampling: the same for every attempt of a partition. */

function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** xoshiro128**, its state spread from two integers by murmur's finaliser. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(seed: number, stream: number) {
    const high = Math.trunc(seed / 4294967296);
    this.#a = mix(seed + 0x9e3779b9);
    this.#b = mix(this.#a ^ high ^ 0x7f4a7c15);
    this.#c = mix(this.#b ^ stream);
    this.#d = mix(this.#c + 0x165667b1) | 1;
  }

  /** Uniform in [0, 1), 32 bits fine. */
  next(): number {
    const product = Math.imul(this.#b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result / 4294967296;
  }

  /** A Poisson variate by inversion; large means are split, where exp(−mean) would vanish. */
  poisson(mean: number): number {
    if (mean > 30) return this.poisson(mean / 2) + this.poisson(mean / 2);
    const limit = Math.exp(-mean);
    let count = 0;
    for (let product = this.next(); product > limit; product *= this.next()) count++;
    return count;
  }
}
