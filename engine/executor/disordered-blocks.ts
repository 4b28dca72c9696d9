/**
 * Cached partitions of an executor whose rows came in an order that depended on memory. Control is told at the end of the task
 * that cached them; the next task here may read them before it has heard of it.
 */
export class DisorderedBlocks {
  readonly #rdds = new Map<number, Set<number>>();

  has(rddId: number, partition: number): boolean {
    return this.#rdds.get(rddId)?.has(partition) ?? false;
  }

  add(rddId: number, partition: number): void {
    let partitions = this.#rdds.get(rddId);
    if (!partitions) this.#rdds.set(rddId, (partitions = new Set()));
    partitions.add(partition);
  }

  /** It is gone, or cached anew. */
  delete(rddId: number, partition: number): void {
    this.#rdds.get(rddId)?.delete(partition);
  }

  /** All of the dataset are gone. */
  deleteRdd(rddId: number): void {
    this.#rdds.delete(rddId);
  }
}
