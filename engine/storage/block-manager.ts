/** The cached partitions of one executor: in memory as rows, on disk as encoded blocks, by storage level. */
import type { StorageLevel } from '../rdd/plan.ts';
import { DiskStore } from './disk-store.ts';
import type { MemoryManager } from './memory-manager.ts';
import { MemoryStore } from './memory-store.ts';
import { type FillTarget, PartitionFill } from './partition-fill.ts';

/** Called when a partition is no longer cached here at all (moving from memory to disk is no eviction). */
export type OnEvicted = (rddId: number, partition: number, reason: string) => void;

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

  /** Takes in a partition; what was cached of it before is gone. */
  fill(rddId: number, partition: number, level: StorageLevel): PartitionFill {
    this.dropPartition(rddId, partition);
    this.levels.set(rddId, level);
    const target: FillTarget = {
      acquire: (bytes) => {
        // An RDD never pushes out its own partitions: storing the next would evict the one just computed, in a circle.
        this.computingRddId = rddId;
        const granted = this.memory.acquireStorage(bytes);
        this.computingRddId = undefined;
        return granted;
      },
      release: (bytes) => this.memory.releaseStorage(bytes),
      openDisk: () => this.diskStore.writer(rddId, partition),
      keepInMemory: (rows, bytes) => this.memoryStore.put({ rddId, partition, rows, bytes }),
      keepOnDisk: (writer) => this.diskStore.finish(rddId, partition, writer),
    };
    return new PartitionFill(target, level);
  }

  /** The rows in batches, in memory shared with the cache: they must not be changed. Undefined when not cached or damaged. */
  read(rddId: number, partition: number): Iterable<unknown[]> | undefined {
    const rows = this.memoryStore.get(rddId, partition);
    if (rows !== undefined) return [rows];
    if (!this.diskStore.has(rddId, partition)) return undefined;
    const read = this.diskStore.read(rddId, partition);
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
