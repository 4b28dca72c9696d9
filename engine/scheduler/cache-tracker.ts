/** Which executors hold which cached partitions. */

export class CacheTracker {
  /** RDD → partition → executors, in the order they cached it. */
  readonly #rdds = new Map<number, Map<number, string[]>>();

  get size(): number {
    return this.#rdds.size;
  }

  rddIds(): number[] {
    return [...this.#rdds.keys()];
  }

  /** Partitions of the RDD that some executor holds. */
  count(rddId: number): number {
    return this.#rdds.get(rddId)?.size ?? 0;
  }

  /** The partitions of the RDD that some executor holds. */
  partitions(rddId: number): number[] {
    return [...(this.#rdds.get(rddId)?.keys() ?? [])];
  }

  locations(rddId: number, partition: number): string[] | undefined {
    return this.#rdds.get(rddId)?.get(partition);
  }

  add(rddId: number, partition: number, executorId: string): void {
    let partitions = this.#rdds.get(rddId);
    if (!partitions) this.#rdds.set(rddId, (partitions = new Map()));
    const executors = partitions.get(partition);
    if (!executors) partitions.set(partition, [executorId]);
    else if (!executors.includes(executorId)) executors.push(executorId);
  }

  remove(rddId: number, partition: number, executorId: string): void {
    const partitions = this.#rdds.get(rddId);
    const left = partitions?.get(partition)?.filter((id) => id !== executorId);
    if (!partitions || !left) return;
    if (left.length > 0) partitions.set(partition, left);
    else partitions.delete(partition);
    if (partitions.size === 0) this.#rdds.delete(rddId);
  }

  /** Returns the partitions that nobody holds now. */
  removeExecutor(executorId: string): { rddId: number; partition: number }[] {
    const lost: { rddId: number; partition: number }[] = [];
    for (const [rddId, partitions] of [...this.#rdds]) {
      for (const [partition, executors] of [...partitions]) {
        if (!executors.includes(executorId)) continue;
        this.remove(rddId, partition, executorId);
        if (!this.locations(rddId, partition)) lost.push({ rddId, partition });
      }
    }
    return lost;
  }

  removeRdd(rddId: number): boolean {
    return this.#rdds.delete(rddId);
  }
}
