/**
 * When the driver looks for datasets and broadcasts that nobody can reach any more. V8 does so when memory is short, which
 * it never is in a driver whose rows are elsewhere, while what those keep on disk grows. Spark's context cleaner has every
 * half hour for it; here the end of a job does, if the last time is a minute ago, and a task or a job that finds the disk full.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ErrorData } from '../protocol.ts';
import { heapInUse } from '../storage/heap-in-use.ts';
import { isOutOfSpace } from '../storage/write-error.ts';

const INTERVAL_MS = 60_000;
/** A larger heap takes longer, and is collected by V8 itself before long. */
const LARGEST_HEAP = 256 << 20;
const FINALIZER_TURNS = 4;

export class GarbageRounds {
  readonly #now: () => number;
  readonly #used: () => number;
  readonly #collect: () => void;
  #last: number;

  constructor(
    now: () => number = () => performance.now(),
    used: () => number = () => process.memoryUsage().heapUsed,
    collect: () => void = heapInUse,
  ) {
    this.#now = now;
    this.#used = used;
    this.#collect = collect;
    this.#last = now();
  }

  jobEnded(error?: ErrorData): void {
    const isTime = this.#now() - this.#last >= INTERVAL_MS && this.#used() <= LARGEST_HEAP;
    if (isTime || isOutOfSpace(error)) this.#look();
  }

  /** A task found the disk full. Resolves when what is let go of was told. */
  async diskIsFull(): Promise<void> {
    this.#look();
    // Finalizers run in turns of the event loop after the collection.
    for (let turn = 0; turn < FINALIZER_TURNS; turn++) await nextTurn();
  }

  #look(): void {
    this.#collect();
    this.#last = this.#now();
  }
}
