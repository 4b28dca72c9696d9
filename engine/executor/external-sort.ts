/**
 * Sorts pairs by key in the memory there is: what does not fit is written as sorted runs, which are merged while they are
 * read. Pairs of equal keys keep their order.
 */
import type { PairBatch } from '../shuffle/shuffle-reader.ts';
import { Reservation } from '../storage/memory-manager.ts';
import { TextCut, withOwnText } from '../storage/own-text.ts';
import { RowSample } from '../storage/row-sample.ts';
import type { SpillFile } from '../storage/spill-file.ts';
import { SpilledRows } from '../storage/spilled-rows.ts';
import { BATCH_ROWS } from './batches.ts';
import { mergeRuns } from './merge-runs.ts';
import { eachBatch } from './pair-source.ts';
import { type KeyOrdering, sortedOrder } from './sort-pairs.ts';
import type { PairSource } from './source.ts';
import { openSpill } from './spilling.ts';
import type { TaskRun } from './task-run.ts';

/** More runs are first merged into one: a frame of each is in memory during a merge. */
const MOST_RUNS = 32;

/** Keys and values in another order, in batches. */
export function* inOrder(
  keys: readonly unknown[],
  values: readonly unknown[],
  order: Uint32Array,
): Generator<PairBatch, void> {
  for (let from = 0; from < order.length; from += BATCH_ROWS) {
    const batch: PairBatch = { keys: [], values: [] };
    for (const at of order.subarray(from, from + BATCH_ROWS)) {
      batch.keys.push(keys[at]);
      batch.values.push(values[at]);
    }
    yield batch;
  }
}

/** Runs that came one after the other, in a file of their own. */
interface RunLevel {
  file: SpillFile;
  runs: SpilledRows[];
}

/**
 * Sorted runs on disk. A level is as many as are merged at once; when it is full they become one run of the level above,
 * which has what came before: nothing is written more often than there are levels.
 */
export class SortedRuns {
  readonly #task: TaskRun;
  readonly #ordering: KeyOrdering;
  readonly #levels: RunLevel[] = [];

  constructor(task: TaskRun, ordering: KeyOrdering) {
    this.#task = task;
    this.#ordering = ordering;
  }

  add(batches: Iterable<PairBatch>): void {
    this.#add(0, batches);
  }

  #add(at: number, batches: Iterable<PairBatch>): void {
    if (this.#levels[at]?.runs.length === MOST_RUNS) this.#raise(at);
    this.#levels[at] ??= { file: openSpill(this.#task), runs: [] };
    const { file, runs } = this.#levels[at];
    const run = new SpilledRows(file, this.#task.memory.budget);
    for (const { keys, values } of batches) {
      this.#task.cancellation.check();
      run.writePairs(keys, values);
    }
    runs.push(run);
  }

  /** Makes one run of a level; the file of those it is made of goes. */
  #raise(at: number): void {
    const { file, runs } = this.#levels[at]!;
    this.#add(at + 1, this.#merge(runs));
    file.close();
    this.#levels[at] = { file: openSpill(this.#task), runs: [] };
  }

  /** All pairs in order; those of `last` came after all others. */
  merged(...last: Generator<PairBatch, void>[]): Generator<PairBatch, void> {
    const all = () => this.#levels.toReversed().flatMap(({ runs }) => runs);
    for (let at = 0; all().length > MOST_RUNS; at++) if (this.#levels[at]!.runs.length > 0) this.#raise(at);
    return this.#merge(all(), last);
  }

  #merge(runs: readonly SpilledRows[], last: Generator<PairBatch, void>[] = []): Generator<PairBatch, void> {
    return mergeRuns([...runs.map((run) => run.readPairs()), ...last], this.#ordering);
  }

  close(): void {
    for (const { file } of this.#levels) file.close();
  }
}

export class PairSorter {
  readonly #task: TaskRun;
  readonly #ordering: KeyOrdering;
  readonly #memory: Reservation;
  readonly #text = new TextCut();
  readonly #sample = new RowSample();
  #keys: unknown[] = [];
  #values: unknown[] = [];
  #runs: SortedRuns | undefined;

  constructor(task: TaskRun, ordering: KeyOrdering) {
    this.#task = task;
    this.#ordering = ordering;
    this.#memory = new Reservation(task.memory);
  }

  add({ keys, values }: PairBatch): void {
    const bytes = this.#sample.take(keys) + this.#sample.take(values);
    const isSparse = this.#text.takes(bytes);
    for (let i = 0; i < keys.length; i++) {
      this.#keys.push(isSparse ? withOwnText(keys[i]) : keys[i]);
      this.#values.push(isSparse ? withOwnText(values[i]) : values[i]);
    }
    if (this.#memory.grow(bytes)) return;
    this.#runs ??= new SortedRuns(this.#task, this.#ordering);
    this.#runs.add(this.#takeSorted());
    this.#task.spilled.memoryBytesSpilled += this.#memory.held;
    this.#memory.release();
  }

  #takeSorted(): Generator<PairBatch, void> {
    const [keys, values] = [this.#keys, this.#values];
    this.#keys = [];
    this.#values = [];
    return inOrder(keys, values, sortedOrder(keys, this.#ordering));
  }

  /** All pairs in order. */
  sorted(): Generator<PairBatch, void> {
    const rest = this.#takeSorted();
    return this.#runs === undefined ? rest : this.#runs.merged(rest);
  }

  close(): void {
    this.#runs?.close();
    this.#memory.release();
  }
}

export function* sortedPairs(
  task: TaskRun,
  source: PairSource,
  ordering: KeyOrdering,
): Generator<PairBatch, void> {
  const sorter = new PairSorter(task, ordering);
  try {
    eachBatch(task, source, (batch) => sorter.add(batch));
    yield* sorter.sorted();
  } finally {
    sorter.close();
  }
}
