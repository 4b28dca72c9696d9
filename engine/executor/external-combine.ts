/**
 * Combines pairs by key on the reading side, in the memory there is: what does not fit is set aside in buckets, which are
 * combined one after the other. The values of a key are merged in the order in which they came.
 */
import type { AggregatorSpec } from '../rdd/plan.ts';
import type { PairBatch } from '../shuffle/shuffle-reader.ts';
import { makeAwaitingCombiner, makeCombiner } from './aggregation.ts';
import { PairSorter, sortedPairs } from './external-sort.ts';
import { DEEPEST_BUCKET, KeyBuckets } from './key-buckets.ts';
import { KeyRanks } from './key-ranks.ts';
import { eachBatch } from './pair-source.ts';
import { inOrderOrNot, type Part, type PartsInOrder, type RankedRow, RankedRuns } from './ranked-runs.ts';
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
  /** Keys come in the order in which they first came, whatever was set aside. */
  keepsOrder: boolean;
}

interface Holder {
  size: number;
  held: number;
  insist(): boolean;
}

interface Combined extends PairBatch, Part {
  ranks: KeyRanks;
}

/** Whether a combiner that was refused memory is to be emptied; throws when that would not help. */
function mustSpill(task: TaskRun, holder: Holder, firstKey: () => unknown, depth: number): boolean {
  if (holder.size > 1 && depth < DEEPEST_BUCKET) return true;
  if (holder.insist()) return false;
  throw groupTooLarge(task, firstKey(), holder.held);
}

function deeper({ aggregator, place, keepsOrder }: Combining): Combining {
  return { aggregator, inserts: 'combiners', place, keepsOrder };
}

/** Each is to be used up before the next is asked for. */
function* combinedParts(
  task: TaskRun,
  source: PairSource,
  combining: Combining,
  depth: number,
): Generator<Combined, void> {
  const { aggregator, inserts, place } = combining;
  const ranks = new KeyRanks(combining.keepsOrder, depth);
  let buckets: KeyBuckets | undefined;
  const combiner = makeCombiner(task, aggregator, {
    place,
    onMemoryRefused(full) {
      if (!mustSpill(task, full, () => full.toPairs().keys[0], depth)) return;
      buckets ??= new KeyBuckets(task, ['row'], combining.keepsOrder, depth);
      full.drain((key, value) => buckets!.write(0, key, ranks.setAside(value)));
      ranks.emptied();
    },
  });
  const insertAll = inserts === 'combiners' ? combiner.insertCombiners : combiner.insertValues;
  try {
    eachBatch(task, source, ({ keys, values }) => {
      if (!ranks.areRead) {
        insertAll(keys, values);
        return;
      }
      for (let i = 0; i < keys.length; i++)
        combiner.insertCombiner(keys[i], ranks.read(combiner.size, values[i]));
    });
    if (buckets === undefined) {
      const pairs = combiner.toPairs();
      yield { ...pairs, isBucket: depth > 0, ranks };
      // Who asked for this part may still hold it while the next is made.
      pairs.keys.length = pairs.values.length = 0;
      return;
    }
    combiner.drain((key, value) => buckets!.write(0, key, ranks.setAside(value)));
    for (const bucket of buckets.buckets())
      yield* combinedParts(task, bucket(0), deeper(combining), depth + 1);
  } finally {
    combiner.release();
    buckets?.close();
  }
}

function* rankedRows({ keys, values, ranks }: Combined): Generator<RankedRow, void> {
  for (let i = 0; i < keys.length; i++) yield { rank: ranks.of(i), key: keys[i], value: values[i] };
}

const PARTS: PartsInOrder<Combined, PairBatch> = {
  ranked: rankedRows,
  asItIs: (part) => [part],
  merged: (pairs) => pairs,
};

export function combinedPairs(
  task: TaskRun,
  source: PairSource,
  combining: Combining,
): Generator<PairBatch, void> {
  const { ordering, keepsOrder } = combining;
  const parts = combinedParts(task, source, combining, 0);
  if (ordering === undefined) return inOrderOrNot(task, parts, keepsOrder, PARTS);
  return sortedPairs(task, pairsOfGenerator(parts), ordering);
}

/** The same where the functions return promises. */
async function* combinedPartsAwaiting(
  task: TaskRun,
  source: PairSource,
  combining: Combining,
  depth: number,
): AsyncGenerator<Combined, void> {
  const { aggregator, inserts } = combining;
  const ranks = new KeyRanks(combining.keepsOrder, depth);
  let buckets: KeyBuckets | undefined;
  const spill = async () => {
    buckets ??= new KeyBuckets(task, ['row'], combining.keepsOrder, depth);
    const { keys, values } = await combiner.takePairs();
    for (let i = 0; i < keys.length; i++) buckets.write(0, keys[i], ranks.setAside(values[i]));
    ranks.emptied();
  };
  const combiner = makeAwaitingCombiner(task, aggregator, inserts, async () => {
    if (mustSpill(task, combiner, () => combiner.firstKey, depth)) await spill();
  });
  try {
    for (let batch = source.next(); batch !== undefined; batch = source.next()) {
      task.cancellation.check();
      const { keys, values } = batch;
      for (let i = 0; i < keys.length; i++)
        await combiner.insert(keys[i], ranks.areRead ? ranks.read(combiner.size, values[i]) : values[i]);
    }
    if (buckets === undefined) {
      const pairs = await combiner.takePairs();
      yield { ...pairs, isBucket: depth > 0, ranks };
      pairs.keys.length = pairs.values.length = 0;
      return;
    }
    await spill();
    for (const bucket of (buckets as KeyBuckets).buckets())
      yield* combinedPartsAwaiting(task, bucket(0), deeper(combining), depth + 1);
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
  const parts = combinedPartsAwaiting(task, source, combining, 0);
  const { ordering, keepsOrder } = combining;
  const sorter = ordering && new PairSorter(task, ordering);
  let runs: RankedRuns | undefined;
  try {
    for await (const part of parts) {
      if (sorter) sorter.add(part);
      else if (keepsOrder && part.isBucket) (runs ??= new RankedRuns(task)).add(rankedRows(part));
      else {
        task.disordered ||= part.isBucket;
        yield part;
      }
    }
    if (sorter) yield* sorter.sorted();
    if (runs) yield* runs.pairs();
  } finally {
    sorter?.close();
    runs?.close();
  }
}
