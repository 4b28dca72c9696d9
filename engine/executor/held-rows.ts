/**
 * The rows of a partition that are needed as a whole, or more than once: in memory while that has room, then in a spill
 * file, in the order they came. They can be read as often as wanted.
 */

import { Reservation } from '../storage/memory-manager.ts';
import { TextCut } from '../storage/own-text.ts';
import { RowSample } from '../storage/row-sample.ts';
import type { SpillFile } from '../storage/spill-file.ts';
import { SpilledRows } from '../storage/spilled-rows.ts';
import type { Batches } from './batches.ts';
import { openSpill } from './spilling.ts';
import type { TaskRun } from './task-run.ts';

export class HeldRows {
  readonly #task: TaskRun;
  readonly #memory: Reservation;
  readonly #text = new TextCut();
  readonly #sample = new RowSample();
  #held: unknown[][] = [];
  #file: SpillFile | undefined;
  #spilled: SpilledRows | undefined;

  constructor(task: TaskRun) {
    this.#task = task;
    this.#memory = new Reservation(task.memory);
  }

  add(rows: unknown[]): void {
    if (this.#spilled !== undefined) {
      this.#spilled.writeRows(rows);
      return;
    }
    // The array is the source's once that is asked again.
    const bytes = this.#sample.take(rows);
    this.#held.push(this.#text.keep(rows.slice(), bytes));
    if (!this.#memory.grow(bytes)) this.#spill();
  }

  #spill(): void {
    this.#file = openSpill(this.#task);
    this.#spilled = new SpilledRows(this.#file, this.#task.memory.budget);
    for (const rows of this.#held) this.#spilled.writeRows(rows);
    this.#task.spilled.memoryBytesSpilled += this.#memory.held;
    this.#held = [];
    this.#memory.release();
  }

  /** Takes all rows of a source, and closes it. */
  addAll(batches: Batches): this {
    try {
      for (let rows = batches.next(); rows !== undefined; rows = batches.next()) {
        this.#task.cancellation.check();
        this.add(rows);
      }
      return this;
    } catch (error) {
      this.close();
      throw error;
    } finally {
      batches.close();
    }
  }

  get isSpilled(): boolean {
    return this.#spilled !== undefined;
  }

  /** From the first to the last. */
  read(): Iterable<unknown[]> {
    return this.#spilled?.readRows() ?? this.#held;
  }

  /** The same, for who pulls. */
  batches(): Batches {
    const rows = this.read()[Symbol.iterator]();
    return {
      next() {
        const step = rows.next();
        return step.done ? undefined : step.value;
      },
      close: () => void rows.return?.(),
    };
  }

  close(): void {
    this.#file?.close();
    this.#file = undefined;
    this.#held = [];
    this.#memory.release();
  }
}
