/**
 * The one key of a join whose left values do not fit into memory, set aside on disk with the right values of the same key:
 * joined block by block of left values, each against all right values (a block nested loop join).
 */
import type { PairBatch } from '../shuffle/shuffle-reader.ts';
import { keyToMapKey } from '../storage/key-encoding.ts';
import { Reservation } from '../storage/memory-manager.ts';
import type { SpillFile } from '../storage/spill-file.ts';
import { SpilledRows } from '../storage/spilled-rows.ts';
import { JoinTable } from './join-table.ts';
import { eachBatch } from './pair-source.ts';
import type { Ranked } from './ranked-runs.ts';
import { type PairSource, pairsOfGenerator } from './source.ts';
import { openSpill } from './spilling.ts';
import type { TaskRun } from './task-run.ts';

export class HotKey {
  readonly #task: TaskRun;
  readonly #rank: number | undefined;
  readonly #form: unknown;
  readonly #file: SpillFile;
  readonly #left: SpilledRows;
  readonly #right: SpilledRows;

  /** `rank`: of the key, where the order of rows is kept; values come with their ranks then, and those of the right side go with them. */
  constructor(task: TaskRun, key: unknown, rank: number | undefined) {
    this.#task = task;
    this.#rank = rank;
    this.#form = keyToMapKey(key);
    this.#file = openSpill(task);
    this.#left = new SpilledRows(this.#file, task.memory.budget);
    this.#right = new SpilledRows(this.#file, task.memory.budget);
  }

  /** Sets the left pairs of this key aside; returns the others. */
  takeLeft(batch: PairBatch): PairBatch {
    return this.#take(this.#left, batch);
  }

  /** The same for the whole right side, once the left side has passed. */
  takeRight(source: PairSource): void {
    eachBatch(this.#task, source, (batch) => this.#take(this.#right, batch));
  }

  #take(side: SpilledRows, batch: PairBatch): PairBatch {
    const [mine, others] = this.#divided(batch);
    if (mine.keys.length > 0) side.writePairs(mine.keys, mine.values);
    return others;
  }

  #divided({ keys, values }: PairBatch): [mine: PairBatch, others: PairBatch] {
    const mine: PairBatch = { keys: [], values: [] };
    const others: PairBatch = { keys: [], values: [] };
    for (let i = 0; i < keys.length; i++) {
      // `is`, for NaN is a key.
      const to = Object.is(keyToMapKey(keys[i]), this.#form) ? mine : others;
      to.keys.push(keys[i]);
      to.values.push(values[i]);
    }
    return [mine, others];
  }

  /** The pairs of all other keys. */
  without(source: PairSource): PairSource {
    return {
      next: () => {
        const batch = source.next();
        return batch && this.#divided(batch)[1];
      },
      close: () => source.close(),
    };
  }

  /** Tables of left values that fit into memory, one after the other, each with all right values. */
  *blocks(): Generator<{ table: JoinTable; right: PairSource }, void> {
    const memory = new Reservation(this.#task.memory);
    const right = () => pairsOfGenerator(this.#right.readPairs());
    try {
      let table = new JoinTable();
      for (const { keys, values } of this.#left.readPairs()) {
        if (memory.grow(this.#add(table, keys, values))) continue;
        yield { table, right: right() };
        table = new JoinTable();
        memory.release();
      }
      if (table.size > 0) yield { table, right: right() };
    } finally {
      memory.release();
    }
  }

  #add(table: JoinTable, keys: unknown[], values: unknown[]): number {
    if (this.#rank === undefined) return table.add(keys, values);
    const bytes = table.addRanked(keys, values as Ranked[]);
    for (const slot of table.slots()) slot.rank = this.#rank;
    return bytes;
  }

  close(): void {
    this.#file.close();
  }
}
