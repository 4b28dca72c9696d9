/**
 * When the driver looks for datasets and broadcasts that nobody can reach any more. V8 does so when memory is short, which
 * it never is in a driver whose rows are elsewhere, while what those keep on disk grows. Spark's context cleaner has every
 * half hour for it; here the end of a job does, if the last time is a minute ago, or the disk is full.
 */
import type { ErrorData } from '../protocol.ts';
import { heapInUse } from '../storage/heap-in-use.ts';

const INTERVAL_MS = 60_000;
/** A larger heap takes longer, and is collected by V8 itself before long. */
const LARGEST_HEAP = 256 << 20;

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
    const isFull = outOfSpace(error);
    if (!isFull && (this.#now() - this.#last < INTERVAL_MS || this.#used() > LARGEST_HEAP)) return;
    this.#collect();
    this.#last = this.#now();
  }
}

function outOfSpace(error: ErrorData | undefined): boolean {
  for (let each = error; each !== undefined; each = each.cause) if (each.code === 'NO_SPACE') return true;
  return false;
}
