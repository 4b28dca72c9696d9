/**
 * The order in which the keys of a combiner first came, of all that ever came: what was combined so far may have been set
 * aside, and what was set aside comes back with its rank.
 */
import type { Ranked } from './ranked-runs.ts';

export class KeyRanks {
  /** Whether what is combined was set aside before, and comes with its rank. */
  readonly areRead: boolean;
  readonly #areKept: boolean;
  /** By place in the combiner; of what was read. */
  readonly #read: number[] = [];
  /** Keys that were set aside. */
  #gone = 0;
  /** Of the combiner that is being emptied. */
  #at = 0;

  constructor(areKept: boolean, depth: number) {
    this.#areKept = areKept;
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
    return this.#areKept ? [this.of(this.#at++), value] : value;
  }

  /** The combiner was emptied. */
  emptied(): void {
    this.#gone += this.#at;
    this.#at = 0;
  }

  /** The rank of the key at a place of the combiner. */
  of(at: number): number {
    return this.areRead ? this.#read[at]! : this.#gone + at;
  }
}
