/** Cached partitions in memory, as rows or encoded, least recently used first out. */
import { rddBlockId } from './block-id.ts';

export interface CachedPartition {
  rddId: number;
  partition: number;
  /** Its rows, batch by batch; may be gone through more than once. */
  batches: Iterable<unknown[]>;
  bytes: number;
}

export class MemoryStore {
  /** In order of use: a Map iterates in insertion order, and every use inserts anew. */
  private readonly entries = new Map<string, CachedPartition>();

  put(entry: CachedPartition): void {
    this.entries.set(rddBlockId(entry.rddId, entry.partition), entry);
  }

  get(rddId: number, partition: number): Iterable<unknown[]> | undefined {
    const id = rddBlockId(rddId, partition);
    const entry = this.entries.get(id);
    if (entry === undefined) return undefined;
    this.entries.delete(id);
    this.entries.set(id, entry);
    return entry.batches;
  }

  has(rddId: number, partition: number): boolean {
    return this.entries.has(rddBlockId(rddId, partition));
  }

  remove(rddId: number, partition: number): CachedPartition | undefined {
    const id = rddBlockId(rddId, partition);
    const entry = this.entries.get(id);
    this.entries.delete(id);
    return entry;
  }

  /** Removes and returns all partitions of an RDD. */
  removeRdd(rddId: number): CachedPartition[] {
    const removed = [...this.entries.values()].filter((entry) => entry.rddId === rddId);
    for (const entry of removed) this.entries.delete(rddBlockId(rddId, entry.partition));
    return removed;
  }

  /** The partitions to give up for `bytes`, oldest first; none of `sparedRddId`, and none when they are not enough. */
  victims(bytes: number, sparedRddId: number | undefined): CachedPartition[] {
    const chosen: CachedPartition[] = [];
    let freed = 0;
    for (const entry of this.entries.values()) {
      if (freed >= bytes) break;
      if (entry.rddId === sparedRddId) continue;
      chosen.push(entry);
      freed += entry.bytes;
    }
    return freed >= bytes ? chosen : [];
  }
}
