/** Count, mean, variance and range of numbers, mergeable without losing precision (Spark's StatCounter). */
import { inspect } from 'node:util';

export class StatCounter {
  #count = 0;
  #mean = 0;
  /** Sum of squared deviations from the mean. */
  #m2 = 0;
  #min = Infinity;
  #max = -Infinity;
  #sum = 0;

  /** Takes in one row of the `stats` action: [count, mean, sum of squared deviations, min, max, sum]. */
  merge([count, mean, m2, min, max, sum]: readonly [number, number, number, number, number, number]): this {
    if (count === 0) return this;
    const total = this.#count + count;
    const delta = mean - this.#mean;
    this.#m2 += m2 + (delta * delta * this.#count * count) / total;
    this.#mean = this.#count === 0 ? mean : this.#mean + (delta * count) / total;
    this.#count = total;
    this.#min = Math.min(this.#min, min);
    this.#max = Math.max(this.#max, max);
    this.#sum += sum;
    return this;
  }

  get count(): number {
    return this.#count;
  }

  get mean(): number {
    return this.#mean;
  }

  get sum(): number {
    return this.#sum;
  }

  get min(): number {
    return this.#min;
  }

  get max(): number {
    return this.#max;
  }

  /** Of the rows as a whole population; NaN when there are none. */
  get variance(): number {
    return this.#count === 0 ? Number.NaN : this.#m2 / this.#count;
  }

  get stdev(): number {
    return Math.sqrt(this.variance);
  }

  /** Estimated from the rows as a sample; NaN for fewer than two. */
  get sampleVariance(): number {
    return this.#count <= 1 ? Number.NaN : this.#m2 / (this.#count - 1);
  }

  get sampleStdev(): number {
    return Math.sqrt(this.sampleVariance);
  }

  toString(): string {
    return `(count: ${this.count}, mean: ${this.mean}, stdev: ${this.stdev}, max: ${this.max}, min: ${this.min})`;
  }

  [inspect.custom](): string {
    return `StatCounter ${this}`;
  }
}
