/** The cached partitions of one executor: in memory as rows or encoded, on disk as block files, by storage level. */
import { copyFileSync, constants as fsConstants, linkSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { StorageLevel } from '../rdd/plan.ts';
import { rddBlockId } from './block-id.ts';
import { BlockWriter, DiskStore, readBlock } from './disk-store.ts';
import type { MemoryManager } from './memory-manager.ts';
import { MemoryStore } from './memory-store.ts';
import { type FillTarget, PartitionFill, type StoredPartition } from './partition-fill.ts';

/** Called when a partition is no longer cached here at all (moving from memory to disk is no eviction). */
export type OnEvicted = (rddId: number, partition: number, reason: string) => void;

/** Called when a partition has left memory for the disk; `bytes` is what it takes there. */
export type OnMoved = (rddId: number, partition: number, bytes: number) => void;

export class BlockManager {
  private readonly memory: MemoryManager;
  private readonly onEvicted: OnEvicted;
  private readonly onMoved: OnMoved;
  private readonly memoryStore = new MemoryStore();
  private readonly diskStore: DiskStore;
  private readonly directory: string;
  private readonly levels = new Map<number, StorageLevel>();
  /** Of RDDs whose rows may be given up for others: which of them are cached here. */
  private readonly generations = new Map<number, number>();
  private computingRddId: number | undefined;

  /** `directory` is where this executor, and no other, keeps blocks on disk. */
  constructor(memory: MemoryManager, directory: string, onEvicted: OnEvicted, onMoved: OnMoved = () => {}) {
    this.memory = memory;
    this.onEvicted = onEvicted;
    this.onMoved = onMoved;
    this.directory = directory;
    this.diskStore = new DiskStore(directory);
    memory.setEvictor((bytes, reason) => this.evict(bytes, reason));
  }

  /** Takes in a partition; what was cached of it before is gone, and what of the RDD is of another generation of its rows. */
  fill(rddId: number, partition: number, level: StorageLevel, generation?: number): PartitionFill {
    if (generation !== undefined && this.generations.get(rddId) !== generation) this.dropRdd(rddId);
    if (generation !== undefined) this.generations.set(rddId, generation);
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
      keepInMemory: (batches, bytes) => this.memoryStore.put({ rddId, partition, batches, bytes }),
      keepOnDisk: (writer) => this.diskStore.finish(rddId, partition, writer),
    };
    return new PartitionFill(target, level);
  }

  has(rddId: number, partition: number): boolean {
    return this.memoryStore.has(rddId, partition) || this.diskStore.has(rddId, partition);
  }

  /** Has a partition that is cached here on disk as well; false when that cannot be, or it is of another generation than this. */
  writeThrough(rddId: number, partition: number, generation?: number): boolean {
    if (generation !== undefined && this.generations.get(rddId) !== generation) return false;
    if (this.diskStore.has(rddId, partition)) return true;
    const held = this.memoryStore.get(rddId, partition);
    if (held === undefined) return false;
    this.diskStore.put(rddId, partition, held);
    return true;
  }

  /** Writes a partition to a new block file; false when it is not cached here. */
  copyTo(rddId: number, partition: number, file: string): boolean {
    if (!this.has(rddId, partition)) return false;
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    const onDisk = this.diskStore.fileOf(rddId, partition);
    if (onDisk !== undefined) {
      copyFileSync(onDisk, file, fsConstants.COPYFILE_EXCL);
      return true;
    }
    const writer = new BlockWriter(file, rddId, partition);
    try {
      for (const rows of this.memoryStore.get(rddId, partition) ?? []) writer.write(rows);
      writer.finish();
      return true;
    } catch (error) {
      writer.abort();
      throw error;
    }
  }

  /**
   * Gives a partition that is cached here a file of this name, which stays whatever becomes of the partition. `before` is
   * called with the file that gets the name. Throws EEXIST when the name is taken, ROW_NOT_SERIALIZABLE for rows that cannot
   * be encoded, or that the disk is full.
   */
  publish(rddId: number, partition: number, file: string, before?: (own: string) => void): void {
    const onDisk = this.diskStore.fileOf(rddId, partition);
    if (onDisk !== undefined) {
      before?.(onDisk);
      linkSync(onDisk, file);
      return;
    }
    const own = path.join(this.directory, `shared_${rddBlockId(rddId, partition)}`);
    try {
      // It is there under its name when it is whole.
      if (!this.copyTo(rddId, partition, own)) throw new Error(`partition ${partition} is not cached`);
      before?.(own);
      linkSync(own, file);
    } finally {
      rmSync(own, { force: true });
    }
  }

  /** Takes in, as far as the level allows, the block file of another executor; the file is gone then. */
  adopt(rddId: number, partition: number, level: StorageLevel, file: string): StoredPartition | undefined {
    try {
      if (this.has(rddId, partition)) return undefined;
      if (!level.useMemory) {
        const bytes = this.diskStore.adopt(rddId, partition, file);
        return bytes === undefined ? undefined : { bytes, onDisk: true };
      }
      return this.fillFrom(rddId, partition, level, file);
    } finally {
      rmSync(file, { force: true });
    }
  }

  private fillFrom(
    rddId: number,
    partition: number,
    level: StorageLevel,
    file: string,
  ): StoredPartition | undefined {
    const batches = readBlock(file, rddId, partition);
    if (batches === undefined) return undefined;
    const fill = this.fill(rddId, partition, level);
    try {
      for (const rows of batches) if (!fill.add(rows)) return undefined;
      return fill.finish();
    } finally {
      fill.close();
    }
  }

  /**
   * The rows in batches, in memory shared with the cache: they must not be changed. Undefined when not cached or damaged,
   * or of another generation than this.
   */
  read(rddId: number, partition: number, generation?: number): Iterable<unknown[]> | undefined {
    if (generation !== undefined && this.generations.get(rddId) !== generation) return undefined;
    const held = this.memoryStore.get(rddId, partition);
    if (held !== undefined) return held;
    if (!this.diskStore.has(rddId, partition)) return undefined;
    const read = this.diskStore.read(rddId, partition);
    if (read === undefined) this.onEvicted(rddId, partition, 'the block on disk was missing or damaged');
    return read;
  }

  dropRdd(rddId: number): void {
    for (const entry of this.memoryStore.removeRdd(rddId)) this.memory.releaseStorage(entry.bytes);
    this.diskStore.removeRdd(rddId);
    this.levels.delete(rddId);
    this.generations.delete(rddId);
  }

  /** One partition that is not wanted any more; no eviction is told of. */
  dropPartition(rddId: number, partition: number): void {
    const entry = this.memoryStore.remove(rddId, partition);
    if (entry !== undefined) this.memory.releaseStorage(entry.bytes);
    this.diskStore.remove(rddId, partition);
  }

  private evict(bytes: number, reason: string): number {
    let freed = 0;
    for (const { rddId, partition, batches, bytes: size } of this.memoryStore.victims(
      bytes,
      this.computingRddId,
    )) {
      this.memoryStore.remove(rddId, partition);
      this.memory.releaseStorage(size);
      freed += size;
      if (!this.levels.get(rddId)?.useDisk) this.onEvicted(rddId, partition, reason);
      else this.moveToDisk(rddId, partition, batches, reason);
    }
    return freed;
  }

  private moveToDisk(rddId: number, partition: number, batches: Iterable<unknown[]>, reason: string): void {
    try {
      this.onMoved(rddId, partition, this.diskStore.put(rddId, partition, batches));
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
