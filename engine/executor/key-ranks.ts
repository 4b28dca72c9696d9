/** The ranks of the keys of a combiner whose input was set aside, and comes back with them (key-buckets.ts). */
import type { Ranked } from './ranked-runs.ts';

export class KeyRanks {
  /** Whether what is combined comes with its rank. */
  readonly areRead: boolean;
  /** By place in the combiner. */
  readonly #read: number[] = [];
  /** Of the combiner that is being emptied. */
  #at = 0;

  constructor(areKept: boolean, depth: number) {
    this.areRead = areKept && depth > 0;
  }

  /** Takes the rank off a value that comes back; `at` is its key's place in the combiner, if the key is new. */
  read(at: number, value: unknown): unknown {
    const [rank, own] = value as Ranked;
    this.#read[at] = rank;
    return own;
  }

  /** The next value of a combiner that is being emptied, as it is set aside. */
  setAside(value: unknown): unknown {
    return this.areRead ? [this.of(this.#at++), value] : value;
  }

  /** The combiner was emptied. */
  emptied(): void {
    this.#at = 0;
  }

  /** The rank of the key at a place of the combiner. */
  of(at: number): number {
    return this.#read[at]!;
  }
}
