/**
 * Which of what was added while shared blocks were computed has been counted: any of the tasks that use a block may bring
 * it, the attempt that computed the block need not be among those that end well.
 */
import type { BlockPartial } from '../rdd/accumulation.ts';

type Generation = Pick<BlockPartial, 'rddId' | 'generation'>;

export class CountedBlocks {
  /** Notes by generation, by RDD. */
  readonly #notes = new Map<number, Map<number, Set<string>>>();

  /** RDDs of which any is counted. */
  get size(): number {
    return this.#notes.size;
  }

  /** False when it was counted before. */
  add({ rddId, generation, note }: BlockPartial): boolean {
    let generations = this.#notes.get(rddId);
    if (!generations) this.#notes.set(rddId, (generations = new Map()));
    let notes = generations.get(generation);
    if (!notes) generations.set(generation, (notes = new Set()));
    if (notes.has(note)) return false;
    notes.add(note);
    return true;
  }

  /** The next who brings it counts. */
  takeBack({ rddId, generation, note }: BlockPartial): void {
    this.#notes.get(rddId)?.get(generation)?.delete(note);
  }

  /** Its blocks are gone. */
  forget({ rddId, generation }: Generation): void {
    const generations = this.#notes.get(rddId);
    generations?.delete(generation);
    if (generations?.size === 0) this.#notes.delete(rddId);
  }

  /** All its blocks are gone. */
  forgetRdd(rddId: number): void {
    this.#notes.delete(rddId);
  }
}
