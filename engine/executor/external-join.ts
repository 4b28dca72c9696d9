/**
 * Joins two sides by key: the left side is held while the right side passes. A left side that does not fit is set aside in
 * buckets, and the right side with it; then each bucket is a join of its own. A single key that does not fit is joined block by block.
 */
import type { PairBatch } from '../shuffle/shuffle-reader.ts';
import { Reservation } from '../storage/memory-manager.ts';
import { BATCH_ROWS } from './batches.ts';
import type { Sides } from './external-cogroup.ts';
import { HotKey } from './hot-key.ts';
import { type JoinSlot, JoinTable } from './join-table.ts';
import { DEEPEST_BUCKET, KeyBuckets } from './key-buckets.ts';
import { eachBatch } from './pair-source.ts';
import {
  inOrderOrNot,
  type Part,
  type PartsInOrder,
  type Ranked,
  type RankedRow,
  rankOfUnmatched,
} from './ranked-runs.ts';
import { type JoinPart, type PairSource, pairsOfGenerator, type Source, sourceOfPairs } from './source.ts';
import { groupTooLarge } from './spilling.ts';
import type { TaskRun } from './task-run.ts';

export type JoinType = 'inner' | 'left' | 'right' | 'full';

function* unmatched(table: JoinTable): Generator<PairBatch, void> {
  let batch: PairBatch = { keys: [], values: [] };
  for (const { key, values } of table.unmatched()) {
    for (const value of values) {
      batch.keys.push(key);
      if (batch.values.push([value, undefined]) < BATCH_ROWS) continue;
      yield batch;
      batch = { keys: [], values: [] };
    }
  }
  yield batch;
}

/** What is joined in memory: all, or one bucket, or one key with some of its left values. */
type JoinedPart = JoinPart & Part;

/** Each part is to be used up before the next is asked for. */
function* joinedParts(
  task: TaskRun,
  side: Sides,
  type: JoinType,
  keepsOrder: boolean,
  depth: number,
): Generator<JoinedPart, void> {
  const areRanked = keepsOrder && depth > 0;
  const table = new JoinTable();
  const memory = new Reservation(task.memory);
  let buckets: KeyBuckets | undefined;
  const spill = () => {
    buckets = new KeyBuckets(task, ['key', 'row'], keepsOrder, depth);
    for (const slot of table.slots()) buckets.writeSlot(slot, slot.values);
    table.clear();
    memory.release();
  };
  let hot: HotKey | undefined;
  const setApart = ({ key, values, rank }: JoinSlot) => {
    hot = new HotKey(task, key, areRanked ? rank : undefined);
    hot.takeLeft({
      keys: values.map(() => key),
      values: areRanked ? values.map((value) => [rank, value]) : values,
    });
    task.spilled.memoryBytesSpilled += memory.held;
    table.clear();
    memory.release();
  };
  const restOf = (left: JoinTable) =>
    type === 'left' || type === 'full' ? pairsOfGenerator(unmatched(left)) : undefined;
  const isBucket = depth > 0;
  try {
    eachBatch(task, side(0), (batch) => {
      const { keys, values } = hot === undefined ? batch : hot.takeLeft(batch);
      if (buckets !== undefined) {
        buckets.writeAll(0, { keys, values });
        return;
      }
      if (memory.grow(areRanked ? table.addRanked(keys, values as Ranked[]) : table.add(keys, values)))
        return;
      const [first] = table.slots();
      if (first === undefined) return;
      // Only what lies in a bucket can be read as often as there are blocks of a hot key.
      const isDivisible = table.size > 1 || hot !== undefined || depth === 0;
      if (isDivisible && depth < DEEPEST_BUCKET) spill();
      else if (!isDivisible) setApart(first);
      else if (!memory.insist(table.slots())) throw groupTooLarge(task, first.key, memory.held);
    });
    const hotKey = hot as HotKey | undefined;
    hotKey?.takeRight(side(1));
    const right = hotKey === undefined ? side(1) : hotKey.without(side(1));
    const all = buckets as KeyBuckets | undefined;
    if (all === undefined) {
      const keepPassing = type === 'right' || type === 'full';
      yield { table, holdsRight: false, passing: right, keepPassing, rest: restOf(table), isBucket };
      table.clear();
      memory.release();
    } else {
      eachBatch(task, right, (batch) => all.writeAll(1, batch));
      for (const bucket of all.buckets()) yield* joinedParts(task, bucket, type, keepsOrder, depth + 1);
    }
    // Every right value of a hot key has a left one.
    for (const { table: some, right: passing } of hotKey?.blocks() ?? [])
      yield { table: some, holdsRight: false, passing, keepPassing: false, rest: restOf(some), isBucket };
  } finally {
    buckets?.close();
    hot?.close();
    memory.release();
  }
}

/** Rows in the order of the right side, those of one right pair in that of the left; last those of the left side alone. */
function* rankedRows({ table, passing, keepPassing, rest }: JoinedPart): Generator<RankedRow, void> {
  try {
    for (let batch = passing.next(); batch !== undefined; batch = passing.next()) {
      for (const [i, key] of batch.keys.entries()) {
        const [rank, value] = batch.values[i] as Ranked;
        const slot = table.get(key);
        if (slot !== undefined) slot.matched = true;
        else if (keepPassing) yield { rank, key, value: [undefined, value] };
        for (const held of slot?.values ?? []) yield { rank, key, value: [held, value] };
      }
    }
  } finally {
    passing.close();
  }
  if (rest === undefined) return;
  for (const { key, values, rank } of table.unmatched())
    for (const value of values) yield { rank: rankOfUnmatched(rank), key, value: [value, undefined] };
}

/** All rows, when none are to be joined any more. */
function joinedAlready(pairs: PairSource): JoinPart {
  return {
    table: new JoinTable(),
    holdsRight: false,
    passing: { next: () => undefined, close: () => {} },
    keepPassing: false,
    rest: pairs,
  };
}

const PARTS: PartsInOrder<JoinedPart, JoinPart> = {
  ranked: rankedRows,
  asItIs: (part) => [part],
  merged: (pairs) => [joinedAlready(pairsOfGenerator(pairs))],
};

/** The product of a join as rows, for those who pull: batch by batch, never as a whole. */
function* joinedRows(parts: Iterable<JoinPart>): Generator<unknown[], void> {
  for (const { table, holdsRight, passing, keepPassing, rest } of parts) {
    let rows: unknown[] = [];
    try {
      for (let batch = passing.next(); batch !== undefined; batch = passing.next()) {
        for (const [i, key] of batch.keys.entries()) {
          const slot = table.get(key);
          if (slot === undefined && !keepPassing) continue;
          if (slot !== undefined) slot.matched = true;
          const other = batch.values[i];
          for (const held of slot === undefined ? [undefined] : slot.values) {
            if (rows.push([key, holdsRight ? [other, held] : [held, other]]) < BATCH_ROWS) continue;
            yield rows;
            rows = [];
          }
        }
      }
    } finally {
      passing.close();
    }
    yield rows;
    const last = rest && sourceOfPairs(rest);
    for (let some = last?.next(); some !== undefined; some = last?.next()) yield some;
  }
}

/** `keepsOrder`: rows come in the order of the right side, last those of the left side alone, whatever was set aside. */
export function joinSource(task: TaskRun, side: Sides, type: JoinType, keepsOrder: boolean): Source {
  return sourceOfParts(() =>
    inOrderOrNot(task, joinedParts(task, side, type, keepsOrder, 0), keepsOrder, PARTS),
  );
}

export function sourceOfParts(join: () => Iterable<JoinPart>): Source {
  let rows: Generator<unknown[], void> | undefined;
  return {
    join,
    next() {
      rows ??= joinedRows(join());
      const step = rows.next();
      return step.done ? undefined : step.value;
    },
    close() {
      rows?.return();
    },
  };
}
