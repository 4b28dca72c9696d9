/**
 * Estimates how much memory values take as they come one by one, from samples: every value while they are large, one in
 * a few hundred while they are small.
 */
import { KnownShapes } from './known-shapes.ts';
import { estimateSize } from './size-estimate.ts';

const MOST_INTERVAL = 256;
/** Between two samples no more than about this much should come in unseen. */
const UNSEEN_BYTES = 1 << 16;
/** The place of a value in an array. */
const SLOT_BYTES = 8;

export class GrowthMeter {
  /** Values until the next sample: count down, and call `look` at 0. */
  left = 1;
  #interval = 1;
  readonly #shapes = new KnownShapes();

  /** The estimated size of one value, with its place in an array. */
  size(value: unknown): number {
    return SLOT_BYTES + estimateSize(value, this.#shapes);
  }

  /** The estimated size of all values since the last look, of which this one stands for all. */
  look(value: unknown, more?: unknown): number {
    const size = this.size(value) + (more === undefined ? 0 : this.size(more));
    const grown = size * this.#interval;
    if (size * this.#interval * 2 <= UNSEEN_BYTES)
      this.#interval = Math.min(MOST_INTERVAL, this.#interval * 2);
    else while (this.#interval > 1 && size * this.#interval > UNSEEN_BYTES) this.#interval >>= 1;
    this.left = this.#interval;
    return grown;
  }
}
