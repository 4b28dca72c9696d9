/**
 * Brings rows that come bucket by bucket back into the order in which they would have come had memory held them all. What is
 * set aside carries its rank in that order; the rows of each bucket are a run, and the runs are merged by rank.
 */
import type { PairBatch } from '../shuffle/shuffle-reader.ts';
import { BATCH_ROWS } from './batches.ts';
import { SortedRuns } from './external-sort.ts';
import { isScalar } from './key-table.ts';
import type { TaskRun } from './task-run.ts';

/** A value that was set aside, or comes back: what it was, and the rank of its row or key. */
export type Ranked = [rank: number, value: unknown];

/** Tables hand out keys that are texts, numbers or booleans before all others. */
const OTHERS = 2 ** 52;
/** Rows of a join that found no partner come last. */
const UNMATCHED = 2 ** 51;

/** The rank of a key of a table of keys, the `at`-th that came. */
export function rankOfKey(key: unknown, at: number): number {
  return isScalar(key) ? at : OTHERS + at;
}

/** The rank of the rows of a key without a partner, by that of the key. */
export function rankOfUnmatched(rank: number): number {
  return UNMATCHED + rank;
}

export interface RankedRow {
  rank: number;
  key: unknown;
  value: unknown;
}

export class RankedRuns {
  readonly #runs: SortedRuns;

  constructor(task: TaskRun) {
    this.#runs = new SortedRuns(task, 'ascending');
  }

  /** Rows of rising rank, those of equal ranks in their order. */
  add(rows: Iterable<RankedRow>): void {
    this.#runs.add(inBatches(rows));
  }

  /** The pairs of all runs, by rank; of equal ranks those of an earlier run come first. */
  *pairs(): Generator<PairBatch, void> {
    for (const { values } of this.#runs.merged()) {
      const pairs = values as [unknown, unknown][];
      yield { keys: pairs.map(([key]) => key), values: pairs.map(([, value]) => value) };
    }
  }

  close(): void {
    this.#runs.close();
  }
}

/** What came of keys that were in memory together: all there are, or those of one bucket. */
export interface Part {
  isBucket: boolean;
}

/** How parts become what an operator hands out. */
export interface PartsInOrder<P, T> {
  /** The rows of a bucket, with the ranks that its pairs came with. */
  ranked(part: P): Iterable<RankedRow>;
  /** Of what was all in memory, or is needed in no order. */
  asItIs(part: P): Iterable<T>;
  /** Of the rows of all buckets. */
  merged(pairs: Generator<PairBatch, void>): Iterable<T>;
}

/** Parts as they come, where they are all in memory; else by rank if `keepsOrder`, and if not the task says that they are in none. */
export function* inOrderOrNot<P extends Part, T>(
  task: TaskRun,
  parts: Iterable<P>,
  keepsOrder: boolean,
  { ranked, asItIs, merged }: PartsInOrder<P, T>,
): Generator<T, void> {
  let runs: RankedRuns | undefined;
  try {
    for (const part of parts) {
      if (keepsOrder && part.isBucket) (runs ??= new RankedRuns(task)).add(ranked(part));
      else {
        task.disordered ||= part.isBucket;
        yield* asItIs(part);
      }
    }
    if (runs) yield* merged(runs.pairs());
  } finally {
    runs?.close();
  }
}

function* inBatches(rows: Iterable<RankedRow>): Generator<PairBatch, void> {
  let batch: PairBatch = { keys: [], values: [] };
  for (const { rank, key, value } of rows) {
    batch.keys.push(rank);
    if (batch.values.push([key, value]) < BATCH_ROWS) continue;
    yield batch;
    batch = { keys: [], values: [] };
  }
  yield batch;
}
