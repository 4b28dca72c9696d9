/** The cached partitions of one executor: in memory as rows, on disk as encoded blocks, by storage level. */
import { StagelightError } from '../errors.ts';
import type { StorageLevel } from '../rdd/plan.ts';
import { DiskStore } from './disk-store.ts';
import type { MemoryManager } from './memory-manager.ts';
import { MemoryStore } from './memory-store.ts';
import { estimateRowsSize } from './size-estimate.ts';

/** Called when a partition is no longer cached here at all (moving from memory to disk is no eviction). */
export type OnEvicted = (rddId: number, partition: number, reason: string) => void;

export interface StoredPartition {
  bytes: number;
  onDisk: boolean;
}

export class BlockManager {
  private readonly memory: MemoryManager;
  private readonly onEvicted: OnEvicted;
  private readonly memoryStore = new MemoryStore();
  private readonly diskStore: DiskStore;
  private readonly levels = new Map<number, StorageLevel>();
  private computingRddId: number | undefined;

  /** `directory` is where this executor, and no other, keeps blocks on disk. */
  constructor(memory: MemoryManager, directory: string, onEvicted: OnEvicted) {
    this.memory = memory;
    this.onEvicted = onEvicted;
    this.diskStore = new DiskStore(directory);
    memory.setEvictor((bytes, reason) => this.evict(bytes, reason));
  }

  /** Where the partition ended up; undefined when it was not kept (no memory, and no disk allowed or none free). */
  putPartition(
    rddId: number,
    partition: number,
    rows: unknown[],
    level: StorageLevel,
  ): StoredPartition | undefined {
    this.dropPartition(rddId, partition);
    this.levels.set(rddId, level);
    if (level.useMemory) {
      const bytes = estimateRowsSize(rows);
      // An RDD never pushes out its own partitions: storing the next would evict the one just computed, in a circle.
      this.computingRddId = rddId;
      const granted = this.memory.acquireStorage(bytes);
      this.computingRddId = undefined;
      if (granted) {
        this.memoryStore.put({ rddId, partition, rows, bytes });
        return { bytes, onDisk: false };
      }
    }
    if (!level.useDisk) return undefined;
    try {
      return { bytes: this.diskStore.put(rddId, partition, rows), onDisk: true };
    } catch (error) {
      if (error instanceof StagelightError) throw error;
      // A full disk costs the cached partition, not the job: the rows are there.
      return undefined;
    }
  }

  /** The rows, shared with the cache: they must not be changed. Undefined when not cached or damaged. */
  getPartition(rddId: number, partition: number): unknown[] | undefined {
    const rows = this.memoryStore.get(rddId, partition);
    if (rows !== undefined) return rows;
    if (!this.diskStore.has(rddId, partition)) return undefined;
    const read = this.diskStore.get(rddId, partition);
    if (read === undefined) this.onEvicted(rddId, partition, 'the block on disk was missing or damaged');
    return read;
  }

  dropRdd(rddId: number): void {
    for (const entry of this.memoryStore.removeRdd(rddId)) this.memory.releaseStorage(entry.bytes);
    this.diskStore.removeRdd(rddId);
    this.levels.delete(rddId);
  }

  private dropPartition(rddId: number, partition: number): void {
    const entry = this.memoryStore.remove(rddId, partition);
    if (entry !== undefined) this.memory.releaseStorage(entry.bytes);
    this.diskStore.remove(rddId, partition);
  }

  private evict(bytes: number, reason: string): number {
    let freed = 0;
    for (const { rddId, partition, rows, bytes: size } of this.memoryStore.victims(
      bytes,
      this.computingRddId,
    )) {
      this.memoryStore.remove(rddId, partition);
      this.memory.releaseStorage(size);
      freed += size;
      if (!this.levels.get(rddId)?.useDisk) this.onEvicted(rddId, partition, reason);
      else this.moveToDisk(rddId, partition, rows, reason);
    }
    return freed;
  }

  private moveToDisk(rddId: number, partition: number, rows: unknown[], reason: string): void {
    try {
      this.diskStore.put(rddId, partition, rows);
    } catch (error) {
      // Whoever needed the memory must not fail for rows of another RDD that cannot be written.
      this.onEvicted(
        rddId,
        partition,
        `${reason}, and could not be moved to disk: ${(error as Error).message}`,
      );
    }
  }
}
