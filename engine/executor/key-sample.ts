/** A uniform sample of bounded size of a stream of keys: what the bounds of a range partitioner are chosen from. */
import { Random } from '../rdd/random.ts';
import { compareKeys } from '../storage/compare-keys.ts';

export class KeySample {
  readonly #size: number;
  readonly #random: Random;
  readonly #keys: unknown[] = [];
  #count = 0;

  constructor(size: number, seed: number, partition: number) {
    this.#size = size;
    this.#random = new Random(seed, partition);
  }

  add(key: unknown): void {
    // Here the row is known; the bounds are made far from it.
    const type = typeof key;
    if ((type === 'object' && key !== null) || type === 'function' || type === 'symbol')
      compareKeys(key, key);
    this.#count++;
    if (this.#keys.length < this.#size) {
      this.#keys.push(key);
      return;
    }
    const at = Math.floor(this.#random.next() * this.#count);
    if (at < this.#size) this.#keys[at] = key;
  }

  finish(): unknown[] {
    return [[this.#count, this.#keys]];
  }
}
