/**
 * Estimates how much memory values take as they come one by one, from samples: every value while they are large, one in
 * a few hundred while they are small.
 */
import { care } from './care.ts';
import { flattenTexts } from './flat-text.ts';
import { RowSample } from './row-sample.ts';
import { SLOT_BYTES } from './size-estimate.ts';

const MOST_INTERVAL = 256;
/** Between two samples no more than about this much should come in unseen. */
const UNSEEN_BYTES = 1 << 16;

export class GrowthMeter {
  /** Values until the next sample: count down, and call `look` at 0. */
  left = 1;
  #interval = 1;
  readonly #sample = new RowSample();
  /** While samples have texts in pieces, all that come between two of them are put in one piece, one after the other. */
  #flattened = 0;
  #size = 0;

  /** The estimated size of one value, with its place in an array. */
  size(value: unknown): number {
    return SLOT_BYTES + this.#sample.size(value);
  }

  /** The estimated size of all values since the last look, of which this one stands for all. */
  look(value: unknown, more?: unknown): number {
    this.left = 1;
    if (this.#flattened > 0) {
      this.#flattened--;
      flattenTexts(value);
      flattenTexts(more);
      return this.#size;
    }
    const size = this.size(value) + (more === undefined ? 0 : this.size(more));
    const sawTree = this.#sample.takeSawTree();
    const grown = size * (this.#size === 0 ? this.#interval : 1);
    if (care.isTaken) this.#interval = 1;
    else if (size * this.#interval * 2 <= UNSEEN_BYTES)
      this.#interval = Math.min(MOST_INTERVAL, this.#interval * 2);
    else while (this.#interval > 1 && size * this.#interval > UNSEEN_BYTES) this.#interval >>= 1;
    this.#size = sawTree ? size : 0;
    if (sawTree) this.#flattened = this.#interval - 1;
    else this.left = this.#interval;
    return grown;
  }
}
