/**
 * One accounted budget per executor, shared by execution (combiners, shuffle buffers, sorts) and storage (cached
 * partitions), as Spark's unified memory: each may use what the other leaves; execution may evict storage down to
 * the share reserved for it, storage never evicts execution.
 */
import { care } from './care.ts';
import { countedSize } from './counted-size.ts';
import { type HeapRoom, heapRoom } from './heap-room.ts';

/** What an operator that may grow asks of its executor. */
export interface ExecutionMemory {
  /** All there is for execution and storage. */
  readonly budget: number;
  /** True when `bytes` more are granted; the asker must give up memory (spill) or go on small otherwise. */
  acquire(bytes: number): boolean;
  /** Takes what cannot be done without; the budget may be exceeded by it. */
  force(bytes: number): void;
  release(bytes: number): void;
  /** True when more is on the heap than all askers together know of: they are to give up what they hold. */
  isHeapShort(): boolean;
  /** Nobody holds more bytes than this, whatever was estimated. Not cheap: garbage is collected. */
  mostHeld(): number;
}

/** Frees cached partitions; returns the bytes it freed (which it has already released). */
export type StorageEvictor = (bytes: number, reason: string) => number;

const DEFAULT_STORAGE_SHARE = 0.5;
/** Of what is cached so much is given up at once when the heap is short. */
const RELIEF_SHARE = 1 / 4;

export class MemoryManager {
  readonly budget: number;
  private readonly storageFloor: number;
  private execution = 0;
  private storage = 0;
  private peak = 0;
  private evictor: StorageEvictor = () => 0;

  private readonly heap: HeapRoom;

  constructor(budget: number, storageShare = DEFAULT_STORAGE_SHARE, heap: HeapRoom = heapRoom) {
    this.heap = heap;
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
    // Never for nothing: when what may be evicted is not enough, the asker is refused and spills.
    if (missing > 0 && missing <= this.storage - this.storageFloor) {
      this.evictor(missing, 'execution needed the memory');
    }
    if (this.execution + this.storage + bytes > this.budget) return false;
    this.execution += bytes;
    this.peak = Math.max(this.peak, this.execution);
    return true;
  }

  forceExecution(bytes: number): void {
    this.execution += bytes;
    this.peak = Math.max(this.peak, this.execution);
  }

  releaseExecution(bytes: number): void {
    this.execution = Math.max(0, this.execution - bytes);
  }

  /** Whether the heap is nearly full whatever is accounted for; part of what is cached is given up then. */
  isHeapShort(): boolean {
    if (!this.heap.isShort()) return false;
    const why = 'the heap was nearly full';
    if (this.storage > 0) this.evictor(this.storage * RELIEF_SHARE, why) || this.evictor(1, why);
    return true;
  }

  mostHeld(): number {
    return this.heap.mostHeld();
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
    // What execution holds it keeps: where there is no room without it, nothing is evicted in vain.
    if (bytes > this.budget - this.execution) return false;
    if (this.isHeapShort()) return false;
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

  get budget(): number {
    return this.manager.budget;
  }

  force(bytes: number): void {
    this.manager.forceExecution(bytes);
    this.held += bytes;
  }

  acquire(bytes: number): boolean {
    if (!this.manager.acquireExecution(bytes)) return false;
    this.held += bytes;
    return true;
  }

  isHeapShort(): boolean {
    return this.manager.isHeapShort();
  }

  mostHeld(): number {
    return this.manager.mostHeld();
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

/** Each holder of rows may have this share of the budget whatever the others hold, or it would spill every few rows. */
const LEAST_SHARE = 1 / 16;
/** With care none has more than this, whatever is free. */
const MOST_WITH_CARE = 1 / 3;
/** What cannot be divided, the values of one key, may have this share. */
const SHARE_OF_ONE = 1 / 2;

/** What one holder of rows has taken. */
export class Reservation {
  readonly #memory: ExecutionMemory | undefined;
  #held = 0;
  #isGranted = true;
  /** At the last growth: estimates are not to be trusted, and what is held is to be given up whatever it seems to take. */
  isHeapShort = false;

  constructor(memory: ExecutionMemory | undefined) {
    this.#memory = memory;
  }

  get held(): number {
    return this.#held;
  }

  /** What is there, granted or not. */
  take(bytes: number): void {
    this.#isGranted = this.#memory?.acquire(bytes) ?? true;
    if (!this.#isGranted) this.#memory!.force(bytes);
    this.#held += bytes;
  }

  /** The same; false when the holder is to give up all it holds. What is not `onHeap` frees none of it when it is given up. */
  grow(bytes: number, onHeap = true): boolean {
    const memory = this.#memory;
    if (memory === undefined) return true;
    this.take(bytes);
    this.isHeapShort = onHeap && memory.isHeapShort();
    if (this.isHeapShort || (care.isTaken && this.#held > memory.budget * MOST_WITH_CARE)) return false;
    return this.#isGranted || this.#held <= memory.budget * LEAST_SHARE;
  }

  /**
   * Whether a holder that can give up nothing may go on all the same, because others hold the memory. `values`: all it holds,
   * to be counted before it is refused; not gone through otherwise.
   */
  insist(values?: Iterable<unknown>): boolean {
    const memory = this.#memory;
    if (memory === undefined || this.insistAhead()) return true;
    const most = memory.budget * SHARE_OF_ONE;
    // Before anybody is refused for good: what a sample stood for may be a tenth of what it was taken for.
    this.shrinkTo(memory.mostHeld());
    if (this.#held >= most && values !== undefined)
      this.shrinkTo(countedSize(Array.isArray(values) ? values : [...values], most));
    return this.#held < most;
  }

  /** The same when what was asked for last is not there yet: nothing can be found to be smaller. */
  insistAhead(): boolean {
    if (this.#memory === undefined) return true;
    if (care.isTaken && this.#isGranted && !this.isHeapShort) return true;
    return this.#held < this.#memory.budget * SHARE_OF_ONE;
  }

  /** Gives back what turned out not to be used. */
  shrinkTo(bytes: number): void {
    if (bytes >= this.#held) return;
    const left = Math.max(0, bytes);
    this.#memory?.release(this.#held - left);
    this.#held = left;
  }

  release(): void {
    this.shrinkTo(0);
  }
}
