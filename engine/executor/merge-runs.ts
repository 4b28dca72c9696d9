/** Merges sorted runs of pairs into one, batch by batch; of equal keys those of an earlier run come first. */
import type { PairBatch } from '../shuffle/shuffle-reader.ts';
import { compareKeys } from '../storage/compare-keys.ts';
import { BATCH_ROWS } from './batches.ts';
import type { KeyOrdering } from './sort-pairs.ts';

interface Cursor {
  keys: unknown[];
  /** Of the same pairs; values are asked for when their pair is next, because they may be large and still on disk. */
  batch: PairBatch;
  /** Place of the run among all. */
  run: number;
  at: number;
  source: Iterator<PairBatch, void>;
}

/** Moves on to the next pair; false at the end of the run. */
function advance(cursor: Cursor): boolean {
  cursor.at++;
  while (cursor.at >= cursor.keys.length) {
    const step = cursor.source.next();
    if (step.done) return false;
    cursor.batch = step.value;
    cursor.keys = step.value.keys;
    cursor.at = 0;
  }
  return true;
}

/** A heap of cursors, the one with the next pair on top. */
class Cursors {
  readonly #heap: Cursor[];
  readonly #sign: number;

  constructor(cursors: Cursor[], ordering: KeyOrdering) {
    this.#heap = cursors;
    this.#sign = ordering === 'ascending' ? 1 : -1;
    for (let at = (cursors.length >> 1) - 1; at >= 0; at--) this.#sink(at);
  }

  get top(): Cursor | undefined {
    return this.#heap[0];
  }

  #isBefore(a: Cursor, b: Cursor): boolean {
    const order = this.#sign * compareKeys(a.keys[a.at], b.keys[b.at]);
    return order < 0 || (order === 0 && a.run < b.run);
  }

  #sink(from: number): void {
    const heap = this.#heap;
    const cursor = heap[from]!;
    let at = from;
    for (let child = at * 2 + 1; child < heap.length; child = at * 2 + 1) {
      if (child + 1 < heap.length && this.#isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (this.#isBefore(cursor, heap[child]!)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = cursor;
  }

  /** After the pair on top was taken. */
  next(): void {
    const heap = this.#heap;
    if (!advance(heap[0]!)) {
      const last = heap.pop()!;
      if (heap.length === 0) return;
      heap[0] = last;
    }
    this.#sink(0);
  }
}

export function* mergeRuns(
  runs: Iterator<PairBatch, void>[],
  ordering: KeyOrdering,
): Generator<PairBatch, void> {
  const none: PairBatch = { keys: [], values: [] };
  const open: Cursor[] = runs.map((source, run) => ({ run, source, at: -1, keys: [], batch: none }));
  const cursors = new Cursors(open.filter(advance), ordering);
  let batch: PairBatch = { keys: [], values: [] };
  for (let top = cursors.top; top !== undefined; top = cursors.top) {
    batch.keys.push(top.keys[top.at]);
    // Runs have few rows to a batch when rows are large; what is merged has no more.
    const full = batch.values.push(top.batch.values[top.at]) >= Math.min(BATCH_ROWS, top.keys.length);
    cursors.next();
    if (!full) continue;
    yield batch;
    batch = { keys: [], values: [] };
  }
  if (batch.keys.length > 0) yield batch;
}
