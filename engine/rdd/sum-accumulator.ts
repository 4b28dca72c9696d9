/** Accumulators of numbers: their sum, count and mean. */
import type { ShippedHandle } from '../closure/closure.ts';
import { Accumulator, HANDLE, type MergedPartial, type Merging, merging } from './accumulator.ts';
import { notAddable, overflow } from './accumulator-errors.ts';

interface Sum {
  sum: number;
  count: number;
}

abstract class SumAccumulator extends Accumulator<number, number> {
  #sum = 0;
  #count = 0;

  protected abstract override readonly kind: 'long' | 'double';

  override get value(): number {
    return this.#sum;
  }

  /** The same as `value`. */
  get sum(): number {
    return this.#sum;
  }

  /** How many numbers were added. */
  get count(): number {
    return this.#count;
  }

  /** The mean of the numbers added; NaN when there are none. */
  get avg(): number {
    return this.#sum / this.#count;
  }

  /** Adds a number: in a task when its stage is over, in the driver at once. */
  override add(value: number): void {
    if (this.kind === 'long' ? !Number.isSafeInteger(value) : typeof value !== 'number')
      throw notAddable(this.kind, this.title, value);
    this.#take({ sum: value, count: 1 });
  }

  override reset(): void {
    this.#sum = 0;
    this.#count = 0;
  }

  #take({ sum, count }: Sum): void {
    const total = this.#sum + sum;
    if (this.kind === 'long' && !Number.isSafeInteger(total)) throw overflow(this.title);
    this.#sum = total;
    this.#count += count;
  }

  override get [HANDLE](): ShippedHandle {
    return { type: 'accumulator', data: this.handle() };
  }

  override get [merging](): Merging<Sum> {
    return {
      start: () => ({ sum: 0, count: 0 }),
      add: (total, partial: MergedPartial) => {
        if (!('sum' in partial)) return total;
        return { sum: total.sum + partial.sum, count: total.count + partial.count };
      },
      finish: (total) => this.#take(total),
      show: (total) => total.sum,
    };
  }
}

/** A sum of whole numbers; one too large to be exact is an error. */
export class LongAccumulator extends SumAccumulator {
  protected override readonly kind = 'long';
}

/** A sum of numbers, added up in the order of partitions: the same to the last bit in every run. */
export class DoubleAccumulator extends SumAccumulator {
  protected override readonly kind = 'double';
}
