/**
 * Pairs set aside on disk by the hash of their keys, when they outgrow memory: all pairs of a key, from all sides, are in
 * one bucket and keep their order, and a bucket takes a sixteenth of the memory.
 */

import { GrowthMeter } from '../storage/growth-meter.ts';
import { hashKey } from '../storage/key-encoding.ts';
import { Reservation } from '../storage/memory-manager.ts';
import type { SpillFile } from '../storage/spill-file.ts';
import { SpilledRows } from '../storage/spilled-rows.ts';
import { type PairSource, pairsOfGenerator } from './source.ts';
import { openSpill } from './spilling.ts';
import type { TaskRun } from './task-run.ts';

const BUCKETS = 16;
const BUCKET_BITS = 4;
/** Pairs that wait until they are worth writing, as a share of the budget. */
const WAITING_SHARE = 1 / 32;
const LEAST_WAITING_BYTES = 1 << 16;
/** Keys whose hashes are equal in all bits stay together at any depth. */
export const DEEPEST_BUCKET = 8;

/** Another hash for every depth, and none that tells of the partition, which the same hash has chosen. */
function bucketOf(key: unknown, depth: number): number {
  let h = Math.imul(hashKey(key) ^ Math.imul(depth + 1, 0x9e3779b1), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> (32 - BUCKET_BITS);
}

interface Waiting {
  keys: unknown[];
  values: unknown[];
  spilled: SpilledRows | undefined;
}

export class KeyBuckets {
  readonly #task: TaskRun;
  readonly #file: SpillFile;
  readonly #depth: number;
  readonly #sides: number;
  readonly #waiting: Waiting[];
  readonly #meter = new GrowthMeter();
  readonly #memory: Reservation;
  readonly #mostWaitingBytes: number;
  #waitingBytes = 0;

  /** `sides` datasets are brought together; `depth` is how many buckets this is inside of. */
  constructor(task: TaskRun, sides: number, depth: number) {
    this.#task = task;
    this.#file = openSpill(task);
    this.#sides = sides;
    this.#depth = depth;
    this.#memory = new Reservation(task.memory);
    this.#mostWaitingBytes = Math.max(LEAST_WAITING_BYTES, task.memory.budget * WAITING_SHARE);
    this.#waiting = Array.from({ length: BUCKETS * sides }, () => ({
      keys: [],
      values: [],
      spilled: undefined,
    }));
  }

  write(side: number, key: unknown, value: unknown): void {
    const waiting = this.#waiting[bucketOf(key, this.#depth) * this.#sides + side]!;
    waiting.keys.push(key);
    waiting.values.push(value);
    if (--this.#meter.left === 0) {
      this.#waitingBytes += this.#meter.look(key, value);
      if (this.#waitingBytes > this.#mostWaitingBytes) this.#flush();
    }
  }

  writeAll(side: number, keys: readonly unknown[], values: readonly unknown[]): void {
    for (let i = 0; i < keys.length; i++) this.write(side, keys[i], values[i]);
  }

  #flush(): void {
    this.#memory.grow(this.#waitingBytes);
    for (const waiting of this.#waiting) {
      if (waiting.keys.length === 0) continue;
      waiting.spilled ??= new SpilledRows(this.#file, this.#task.memory.budget);
      waiting.spilled.writePairs(waiting.keys, waiting.values);
      waiting.keys = [];
      waiting.values = [];
    }
    this.#task.spilled.memoryBytesSpilled += this.#waitingBytes;
    this.#waitingBytes = 0;
    this.#memory.release();
  }

  /** The buckets that hold anything, with the pairs of one side each. Nothing can be written any more. */
  *buckets(): Generator<(side: number) => PairSource, void> {
    this.#flush();
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const sides = this.#waiting.slice(bucket * this.#sides, (bucket + 1) * this.#sides);
      if (sides.every(({ spilled }) => spilled === undefined)) continue;
      yield (side) => pairsOfGenerator(readPairs(sides[side]!.spilled));
    }
  }

  close(): void {
    this.#file.close();
    this.#memory.release();
  }
}

function* readPairs(spilled: SpilledRows | undefined) {
  if (spilled !== undefined) yield* spilled.readPairs();
}
