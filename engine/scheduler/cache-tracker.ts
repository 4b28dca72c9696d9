/** Which executors hold which cached partitions. */

export class CacheTracker {
  /** RDD → partition → executors, in the order they cached it. */
  readonly #rdds = new Map<number, Map<number, string[]>>();
  /** Executor → RDD → partitions: a lost executor costs what it held, not what all hold. */
  readonly #held = new Map<string, Map<number, Set<number>>>();

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
    let held = this.#held.get(executorId);
    if (!held) this.#held.set(executorId, (held = new Map()));
    const ofRdd = held.get(rddId);
    if (ofRdd) ofRdd.add(partition);
    else held.set(rddId, new Set([partition]));
  }

  remove(rddId: number, partition: number, executorId: string): void {
    const partitions = this.#rdds.get(rddId);
    const left = partitions?.get(partition)?.filter((id) => id !== executorId);
    if (!partitions || !left) return;
    if (left.length > 0) partitions.set(partition, left);
    else partitions.delete(partition);
    if (partitions.size === 0) this.#rdds.delete(rddId);
    this.#held.get(executorId)?.get(rddId)?.delete(partition);
  }

  /** Returns the partitions that nobody holds now. */
  removeExecutor(executorId: string): { rddId: number; partition: number }[] {
    const lost: { rddId: number; partition: number }[] = [];
    for (const [rddId, partitions] of this.#held.get(executorId) ?? []) {
      for (const partition of [...partitions]) {
        this.remove(rddId, partition, executorId);
        if (!this.locations(rddId, partition)) lost.push({ rddId, partition });
      }
    }
    this.#held.delete(executorId);
    return lost;
  }

  removeRdd(rddId: number): boolean {
    for (const held of this.#held.values()) held.delete(rddId);
    return this.#rdds.delete(rddId);
  }
}
