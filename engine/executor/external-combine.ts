/**
 * Combines pairs by key on the reading side, in the memory there is: what does not fit is set aside in buckets, which are
 * combined one after the other. The values of a key are merged in the order in which they came.
 */
import type { AggregatorSpec } from '../rdd/plan.ts';
import type { PairBatch } from '../shuffle/shuffle-reader.ts';
import { makeAwaitingCombiner, makeCombiner } from './aggregation.ts';
import { PairSorter, sortedPairs } from './external-sort.ts';
import { DEEPEST_BUCKET, KeyBuckets } from './key-buckets.ts';
import { eachBatch } from './pair-source.ts';
import type { KeyOrdering } from './sort-pairs.ts';
import { type PairSource, pairsOfGenerator } from './source.ts';
import { groupTooLarge } from './spilling.ts';
import type { TaskRun } from './task-run.ts';

export interface Combining {
  aggregator: AggregatorSpec;
  inserts: 'values' | 'combiners';
  /** Tells apart the combiners of one stage. */
  place: string;
  ordering?: KeyOrdering | undefined;
}

interface Holder {
  size: number;
  held: number;
  insist(): boolean;
}

/** Whether a combiner that was refused memory is to be emptied; throws when that would not help. */
function mustSpill(task: TaskRun, holder: Holder, firstKey: () => unknown, depth: number): boolean {
  if (holder.size > 1 && depth < DEEPEST_BUCKET) return true;
  if (holder.insist()) return false;
  throw groupTooLarge(task, firstKey(), holder.held);
}

function* unordered(
  task: TaskRun,
  source: PairSource,
  combining: Combining,
  depth: number,
): Generator<PairBatch, void> {
  const { aggregator, inserts, place } = combining;
  let buckets: KeyBuckets | undefined;
  const combiner = makeCombiner(task, aggregator, {
    place,
    onMemoryRefused(full) {
      if (!mustSpill(task, full, () => full.toPairs().keys[0], depth)) return;
      buckets ??= new KeyBuckets(task, 1, depth);
      full.drain((key, value) => buckets!.write(0, key, value));
    },
  });
  const insert = inserts === 'combiners' ? combiner.insertCombiners : combiner.insertValues;
  try {
    eachBatch(task, source, ({ keys, values }) => insert(keys, values));
    if (buckets === undefined) {
      yield combiner.toPairs();
      return;
    }
    combiner.drain((key, value) => buckets!.write(0, key, value));
    const again: Combining = { aggregator, inserts: 'combiners', place };
    for (const bucket of buckets.buckets()) yield* unordered(task, bucket(0), again, depth + 1);
  } finally {
    combiner.release();
    buckets?.close();
  }
}

export function combinedPairs(
  task: TaskRun,
  source: PairSource,
  combining: Combining,
): Generator<PairBatch, void> {
  const pairs = unordered(task, source, combining, 0);
  const { ordering } = combining;
  return ordering === undefined ? pairs : sortedPairs(task, pairsOfGenerator(pairs), ordering);
}

/** The same where the functions return promises. */
async function* unorderedAwaiting(
  task: TaskRun,
  source: PairSource,
  combining: Combining,
  depth: number,
): AsyncGenerator<PairBatch, void> {
  const { aggregator, inserts, place } = combining;
  let buckets: KeyBuckets | undefined;
  const spill = async () => {
    buckets ??= new KeyBuckets(task, 1, depth);
    const { keys, values } = await combiner.takePairs();
    buckets.writeAll(0, keys, values);
  };
  const combiner = makeAwaitingCombiner(task, aggregator, inserts, async () => {
    if (mustSpill(task, combiner, () => combiner.firstKey, depth)) await spill();
  });
  try {
    for (let batch = source.next(); batch !== undefined; batch = source.next()) {
      task.cancellation.check();
      const { keys, values } = batch;
      for (let i = 0; i < keys.length; i++) await combiner.insert(keys[i], values[i]);
    }
    if (buckets === undefined) {
      yield await combiner.takePairs();
      return;
    }
    await spill();
    const again: Combining = { aggregator, inserts: 'combiners', place };
    for (const bucket of (buckets as KeyBuckets).buckets()) {
      yield* unorderedAwaiting(task, bucket(0), again, depth + 1);
    }
  } finally {
    source.close();
    combiner.release();
    buckets?.close();
  }
}

export async function* combinedPairsAwaiting(
  task: TaskRun,
  source: PairSource,
  combining: Combining,
): AsyncGenerator<PairBatch, void> {
  const pairs = unorderedAwaiting(task, source, combining, 0);
  const { ordering } = combining;
  if (ordering === undefined) {
    yield* pairs;
    return;
  }
  const sorter = new PairSorter(task, ordering);
  try {
    for await (const batch of pairs) sorter.add(batch);
    yield* sorter.sorted();
  } finally {
    sorter.close();
  }
}
