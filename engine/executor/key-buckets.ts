/**
 * Pairs set aside on disk by the hash of their keys, when they outgrow memory: all pairs of a key, from all sides, are in
 * one bucket and keep their order, and a bucket takes a sixteenth of the memory. Where the order is to be kept in which rows
 * would have come had memory held them all, what is set aside first gets its rank in it, and keeps that in further buckets.
 */

import type { PairBatch } from '../shuffle/shuffle-reader.ts';
import { GrowthMeter } from '../storage/growth-meter.ts';
import { hashKey } from '../storage/key-encoding.ts';
import { Reservation } from '../storage/memory-manager.ts';
import type { SpillFile } from '../storage/spill-file.ts';
import { SpilledRows } from '../storage/spilled-rows.ts';
import { rankOfKey } from './ranked-runs.ts';
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

/** What tells the order of the pairs of a side: the places of their keys in a table, or their own; or they need none. */
export type RankedBy = 'key' | 'row' | 'nothing';

/** A key of a table with all that the sides gave it; `rank`: what its first value came with, if values come with ranks. */
interface Slot {
  key: unknown;
  rank: number;
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
  readonly #keepsOrder: boolean;
  /** Not where values come with their ranks. */
  readonly #givesRanks: boolean;
  readonly #rankedBy: readonly RankedBy[];
  /** How many ranks were given. */
  #ranks = 0;
  readonly #waiting: Waiting[];
  readonly #meter = new GrowthMeter();
  readonly #memory: Reservation;
  readonly #mostWaitingBytes: number;
  #waitingBytes = 0;

  /** One of `sides` for each dataset that is brought together; `depth` is how many buckets this is inside of. */
  constructor(task: TaskRun, sides: readonly RankedBy[], keepsOrder: boolean, depth: number) {
    this.#task = task;
    this.#file = openSpill(task);
    this.#sides = sides.length;
    this.#keepsOrder = keepsOrder;
    this.#givesRanks = keepsOrder && depth === 0;
    this.#rankedBy = this.#givesRanks ? sides : sides.map(() => 'nothing');
    this.#depth = depth;
    this.#memory = new Reservation(task.memory);
    this.#mostWaitingBytes = Math.max(LEAST_WAITING_BYTES, task.memory.budget * WAITING_SHARE);
    this.#waiting = Array.from({ length: BUCKETS * sides.length }, () => ({
      keys: [],
      values: [],
      spilled: undefined,
    }));
  }

  /** Pairs of a side in the order they came; their values with ranks, if those have any. */
  write(side: number, key: unknown, value: unknown): void {
    const by = this.#rankedBy[side];
    if (by === 'key') this.#put(side, key, [rankOfKey(key, this.#ranks++), value]);
    else if (by === 'row') this.#put(side, key, [this.#ranks++, value]);
    else this.#put(side, key, value);
  }

  writeAll(side: number, { keys, values }: PairBatch): void {
    for (let i = 0; i < keys.length; i++) this.write(side, keys[i], values[i]);
  }

  /** A key of a table that is emptied, with its values of the first sides: before all other pairs, in the table's order. */
  writeSlot({ key, rank }: Slot, ...values: readonly unknown[][]): void {
    const at = this.#givesRanks ? rankOfKey(key, this.#ranks++) : rank;
    for (let side = 0; side < values.length; side++)
      for (const value of values[side]!) this.#put(side, key, this.#keepsOrder ? [at, value] : value);
  }

  #put(side: number, key: unknown, value: unknown): void {
    const waiting = this.#waiting[bucketOf(key, this.#depth) * this.#sides + side]!;
    waiting.keys.push(key);
    waiting.values.push(value);
    if (--this.#meter.left === 0) {
      this.#waitingBytes += this.#meter.look(key, value);
      if (this.#waitingBytes > this.#mostWaitingBytes) this.#flush();
    }
  }

  #flush(): void {
    this.#memory.take(this.#waitingBytes);
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
