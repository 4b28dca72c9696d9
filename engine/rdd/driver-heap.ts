/**
 * The heap of the driver's thread: whether all that is in it is in use, where it seems nearly full. Garbage is collected to
 * find out, and what lies about in many pages moved together, for it is pages that V8 bounds. Both are looked at in pages
 * then: a heap half of which is holes is not found full again before it is.
 */
import { getHeapStatistics } from 'node:v8';
import { resourceLimits } from 'node:worker_threads';
import { type HeapSpaces, heapInUse, heapSpaces } from '../storage/heap-in-use.ts';

/** Of the heap of old objects: the rest is for what runs beside. */
const SHARE = 0.9;
/** Just after a look so much may seem to be taken before the next one. */
const SHARE_BETWEEN_LOOKS = 0.95;
/** No more than this share of the time goes to looks as long as what they save from is not near. */
const TIME_SHARE = 0.2;

/** What V8 tells, and a clock, in bytes and milliseconds. */
export interface HeapReadings {
  /** The limit of old objects. */
  readonly size: number;
  /** Of all objects, used or not, and of their pages. Cheap. */
  statistics(): { used: number; pages: number };
  spaces(): HeapSpaces;
  /** What is left when garbage is collected; in pages, moved together, from so many on. */
  inUse(full: number, crowded: number): number;
  now(): number;
}

export class DriverHeap {
  readonly #readings: HeapReadings;
  /** Bytes. */
  readonly size: number;
  /** What rows and all else may take. */
  readonly limit: number;
  readonly #mostBetweenLooks: number;
  #notBefore = Number.NEGATIVE_INFINITY;

  constructor(readings: HeapReadings) {
    this.#readings = readings;
    this.size = readings.size;
    this.limit = readings.size * SHARE;
    this.#mostBetweenLooks = readings.size * SHARE_BETWEEN_LOOKS;
  }

  /** Bytes of all objects, in use or not. */
  get used(): number {
    return this.#readings.statistics().used;
  }

  /**
   * The bytes in use, where those and `reserve` more may be beyond the limit; undefined where they are not, or were not a
   * moment ago and `next` more have room still.
   */
  inUse(reserve: number, next: number): number | undefined {
    const full = this.limit - reserve;
    const { used, pages } = this.#readings.statistics();
    if (pages <= full) return undefined;
    const { young, oldPages } = this.#readings.spaces();
    // Young objects become old ones.
    const taken = Math.max(used, young + oldPages);
    if (taken <= full) return undefined;
    const most = this.#mostBetweenLooks - reserve;
    const began = this.#readings.now();
    if (began < this.#notBefore && taken + next <= most) return undefined;
    // From so many pages on it would soon seem full again.
    const inUse = this.#readings.inUse(full, full - (most - full));
    const ended = this.#readings.now();
    this.#notBefore = ended + (ended - began) / TIME_SHARE;
    return inUse;
  }
}

/** Of a worker's own heap, where it has one. */
const { maxOldGenerationSizeMb = 0 } = resourceLimits;

/** Of this thread; all its jobs share it. */
export const driverHeap: DriverHeap = new DriverHeap({
  size: maxOldGenerationSizeMb > 0 ? maxOldGenerationSizeMb * 2 ** 20 : getHeapStatistics().heap_size_limit,
  statistics() {
    const { used_heap_size: used, total_heap_size: pages } = getHeapStatistics();
    return { used, pages };
  },
  spaces: heapSpaces,
  inUse: heapInUse,
  now: () => performance.now(),
});
