/** The pairs of the left side whose keys the right side does not have; right keys that do not fit are set aside in buckets. */
import type { PairBatch } from '../shuffle/shuffle-reader.ts';
import { Reservation } from '../storage/memory-manager.ts';
import type { Sides } from './external-cogroup.ts';
import { DEEPEST_BUCKET, KeyBuckets } from './key-buckets.ts';
import { KeyTable } from './key-table.ts';
import { eachBatch } from './pair-source.ts';
import { inOrderOrNot, type Part, type PartsInOrder, type Ranked, type RankedRow } from './ranked-runs.ts';
import type { PairSource } from './source.ts';
import { groupTooLarge } from './spilling.ts';
import type { TaskRun } from './task-run.ts';

function* without(source: PairSource, table: KeyTable<unknown>): Generator<PairBatch, void> {
  try {
    for (let batch = source.next(); batch !== undefined; batch = source.next()) {
      const { keys, values } = batch;
      const kept: PairBatch = { keys: [], values: [] };
      for (let i = 0; i < keys.length; i++) {
        if (table.get(keys[i]) !== undefined) continue;
        kept.keys.push(keys[i]);
        kept.values.push(values[i]);
      }
      yield kept;
    }
  } finally {
    source.close();
  }
}

interface Remaining extends Part {
  pairs: Iterable<PairBatch>;
}

/** Each is to be used up before the next is asked for. */
function* remainingParts(
  task: TaskRun,
  side: Sides,
  keepsOrder: boolean,
  depth: number,
): Generator<Remaining, void> {
  const table = new KeyTable<{ key: unknown }>((key) => ({ key }));
  const memory = new Reservation(task.memory);
  let buckets: KeyBuckets | undefined;
  try {
    eachBatch(task, side(1), ({ keys }) => {
      if (buckets !== undefined) {
        for (const key of keys) buckets.write(1, key, null);
        return;
      }
      for (const key of keys) table.slot(key);
      if (memory.grow(table.takeGrowth())) return;
      if (table.size > 1 && depth < DEEPEST_BUCKET) {
        buckets = new KeyBuckets(task, ['row', 'nothing'], keepsOrder, depth);
        for (const { key } of table.slots()) buckets.write(1, key, null);
        table.clear();
        memory.release();
      } else if (!memory.insist()) {
        const [first] = table.slots();
        throw groupTooLarge(task, first!.key, memory.held);
      }
    });
    if (buckets === undefined) {
      yield { isBucket: depth > 0, pairs: without(side(0), table) };
      return;
    }
    const all: KeyBuckets = buckets;
    eachBatch(task, side(0), (batch) => all.writeAll(0, batch));
    for (const bucket of all.buckets()) yield* remainingParts(task, bucket, keepsOrder, depth + 1);
  } finally {
    // Who asked for this part may still hold it while the next is made.
    table.clear();
    buckets?.close();
    memory.release();
  }
}

function* rankedPairs({ pairs }: Remaining): Generator<RankedRow, void> {
  for (const { keys, values } of pairs) {
    for (let i = 0; i < keys.length; i++) {
      const [rank, value] = values[i] as Ranked;
      yield { rank, key: keys[i], value };
    }
  }
}

const PARTS: PartsInOrder<Remaining, PairBatch> = {
  ranked: rankedPairs,
  asItIs: ({ pairs }) => pairs,
  merged: (pairs) => pairs,
};

/** `keepsOrder`: pairs come in the order of the left side, whatever was set aside. */
export function subtractedPairs(task: TaskRun, side: Sides, keepsOrder: boolean): Generator<PairBatch, void> {
  return inOrderOrNot(task, remainingParts(task, side, keepsOrder, 0), keepsOrder, PARTS);
}
