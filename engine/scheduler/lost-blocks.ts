/** Cached partitions that were there and are nowhere now, until somebody caches them again: why whoever reads one computes it. */

export interface LostBlock {
  /** Of those that held it, the last. */
  executorId: string;
  reason: string;
  faultId?: number;
}

/** What is remembered: a dataset of more lost partitions forgets the causes of the others. */
const MOST_LOST = 10_000;

export class LostBlocks {
  readonly #rdds = new Map<number, Map<number, LostBlock>>();
  #count = 0;

  get size(): number {
    return this.#count;
  }

  get(rddId: number, partition: number): LostBlock | undefined {
    return this.#rdds.get(rddId)?.get(partition);
  }

  add(rddId: number, partition: number, lost: LostBlock): void {
    let partitions = this.#rdds.get(rddId);
    if (!partitions?.has(partition) && this.#count >= MOST_LOST) return;
    if (!partitions) this.#rdds.set(rddId, (partitions = new Map()));
    if (!partitions.has(partition)) this.#count++;
    partitions.set(partition, lost);
  }

  /** It is cached again. */
  found(rddId: number, partition: number): void {
    const partitions = this.#rdds.get(rddId);
    if (!partitions?.delete(partition)) return;
    this.#count--;
    if (partitions.size === 0) this.#rdds.delete(rddId);
  }

  /** The RDD is not cached any more at all. */
  removeRdd(rddId: number): void {
    this.#count -= this.#rdds.get(rddId)?.size ?? 0;
    this.#rdds.delete(rddId);
  }
}
