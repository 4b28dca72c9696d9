/**
 * What the tasks of one stage added to accumulators, by partition: from the first accepted success of each, until the
 * driver is told. A partition that was counted is not counted again, however often it is computed.
 */
import { type AccumulatorPartial, joinSums } from '../rdd/accumulation.ts';
import { resultSize } from './job.ts';

export class Accumulation {
  readonly #counted = new Set<number>();
  readonly #waiting = new Map<number, AccumulatorPartial[]>();
  #bytes = 0;

  /** How many partitions wait to be told. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Of values that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  /** False when the partition was counted before. */
  add(index: number, partials: AccumulatorPartial[]): boolean {
    if (this.#counted.has(index)) return false;
    this.#counted.add(index);
    this.#waiting.set(index, partials);
    this.#bytes += sizeOf(partials);
    return true;
  }

  /** In the order of partitions; from now on nothing of it can be taken back. */
  take(): AccumulatorPartial[] {
    const indices = [...this.#waiting.keys()].sort((a, b) => a - b);
    const partials = joinSums(indices.flatMap((index) => this.#waiting.get(index)!));
    this.#waiting.clear();
    this.#bytes = 0;
    return partials;
  }

  /** The rows a partition was made from are gone, and what it added with them, unless it was taken. */
  takeBack(index: number): AccumulatorPartial[] {
    const partials = this.#waiting.get(index);
    if (!partials) return [];
    this.#waiting.delete(index);
    this.#counted.delete(index);
    this.#bytes -= sizeOf(partials);
    return partials;
  }

  takeAllBack(): AccumulatorPartial[] {
    return [...this.#waiting.keys()].flatMap((index) => this.takeBack(index));
  }
}

function sizeOf(partials: AccumulatorPartial[]): number {
  let bytes = 0;
  for (const partial of partials) if (partial.kind !== 'sum') bytes += resultSize(partial.value);
  return bytes;
}
