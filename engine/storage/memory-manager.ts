/**
 * One accounted budget per executor, shared by execution (combiners, shuffle buffers, sorts) and storage (cached
 * partitions), as Spark's unified memory: each may use what the other leaves; execution may evict storage down to
 * the share reserved for it, storage never evicts execution.
 */

/** What an operator that may grow asks of its executor. */
export interface ExecutionMemory {
  /** True when `bytes` more are granted; the asker must give up memory (spill) or go on small otherwise. */
  acquire(bytes: number): boolean;
  release(bytes: number): void;
}

/** Frees cached partitions; returns the bytes it freed (which it has already released). */
export type StorageEvictor = (bytes: number, reason: string) => number;

const DEFAULT_STORAGE_SHARE = 0.5;

export class MemoryManager {
  readonly budget: number;
  private readonly storageFloor: number;
  private execution = 0;
  private storage = 0;
  private peak = 0;
  private evictor: StorageEvictor = () => 0;

  constructor(budget: number, storageShare = DEFAULT_STORAGE_SHARE) {
    this.budget = budget;
    this.storageFloor = budget * storageShare;
  }

  get executionUsed(): number {
    return this.execution;
  }

  get storageUsed(): number {
    return this.storage;
  }

  setEvictor(evictor: StorageEvictor): void {
    this.evictor = evictor;
  }

  acquireExecution(bytes: number): boolean {
    const missing = this.execution + this.storage + bytes - this.budget;
    if (missing > 0) {
      const evictable = this.storage - this.storageFloor;
      if (evictable > 0) this.evictor(Math.min(missing, evictable), 'execution needed the memory');
    }
    if (this.execution + this.storage + bytes > this.budget) return false;
    this.execution += bytes;
    this.peak = Math.max(this.peak, this.execution);
    return true;
  }

  releaseExecution(bytes: number): void {
    this.execution = Math.max(0, this.execution - bytes);
  }

  /** Execution memory of one task: whatever it still holds is given back by `close`. */
  forTask(): TaskMemory {
    this.peak = this.execution;
    return new TaskMemory(this);
  }

  /** The most execution memory in use since the latest task began. */
  get peakExecution(): number {
    return this.peak;
  }

  acquireStorage(bytes: number): boolean {
    if (bytes > this.budget) return false;
    const missing = this.execution + this.storage + bytes - this.budget;
    if (missing > 0) this.evictor(missing, 'newer cached partitions needed the memory');
    if (this.execution + this.storage + bytes > this.budget) return false;
    this.storage += bytes;
    return true;
  }

  releaseStorage(bytes: number): void {
    this.storage = Math.max(0, this.storage - bytes);
  }
}

export class TaskMemory implements ExecutionMemory {
  private readonly manager: MemoryManager;
  private held = 0;

  constructor(manager: MemoryManager) {
    this.manager = manager;
  }

  acquire(bytes: number): boolean {
    if (!this.manager.acquireExecution(bytes)) return false;
    this.held += bytes;
    return true;
  }

  release(bytes: number): void {
    const given = Math.min(bytes, this.held);
    this.held -= given;
    this.manager.releaseExecution(given);
  }

  close(): void {
    this.release(this.held);
  }
}
