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
import { type JoinPart, pairsOfGenerator, type Source, sourceOfPairs } from './source.ts';
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

/** Each part is to be used up before the next is asked for. */
function* joinParts(task: TaskRun, side: Sides, type: JoinType, depth: number): Generator<JoinPart, void> {
  const table = new JoinTable();
  const memory = new Reservation(task.memory);
  let buckets: KeyBuckets | undefined;
  const spill = () => {
    buckets = new KeyBuckets(task, 2, depth);
    for (const { key, values } of table.slots()) for (const value of values) buckets.write(0, key, value);
    table.clear();
    memory.release();
  };
  let hot: HotKey | undefined;
  const setAside = (only: JoinSlot) => {
    hot = new HotKey(task, only.key);
    hot.takeLeft({ keys: only.values.map(() => only.key), values: only.values });
    task.spilled.memoryBytesSpilled += memory.held;
    table.clear();
    memory.release();
  };
  const restOf = (left: JoinTable) =>
    type === 'left' || type === 'full' ? pairsOfGenerator(unmatched(left)) : undefined;
  try {
    eachBatch(task, side(0), (batch) => {
      const { keys, values } = hot === undefined ? batch : hot.takeLeft(batch);
      if (buckets !== undefined) {
        buckets.writeAll(0, keys, values);
        return;
      }
      if (memory.grow(table.add(keys, values))) return;
      const [first] = table.slots();
      if (first === undefined) return;
      // Only what lies in a bucket can be read as often as there are blocks of a hot key.
      const isDivisible = table.size > 1 || hot !== undefined || depth === 0;
      if (isDivisible && depth < DEEPEST_BUCKET) spill();
      else if (!isDivisible) setAside(first);
      else if (!memory.insist()) throw groupTooLarge(task, first.key, memory.held);
    });
    const hotKey = hot as HotKey | undefined;
    hotKey?.takeRight(side(1));
    const right = hotKey === undefined ? side(1) : hotKey.without(side(1));
    const all = buckets as KeyBuckets | undefined;
    if (all === undefined) {
      const keepPassing = type === 'right' || type === 'full';
      yield { table, holdsRight: false, passing: right, keepPassing, rest: restOf(table) };
      table.clear();
      memory.release();
    } else {
      eachBatch(task, right, ({ keys, values }) => all.writeAll(1, keys, values));
      for (const bucket of all.buckets()) yield* joinParts(task, bucket, type, depth + 1);
    }
    // Every right value of a hot key has a left one.
    for (const { table: some, right: passing } of hotKey?.blocks() ?? [])
      yield { table: some, holdsRight: false, passing, keepPassing: false, rest: restOf(some) };
  } finally {
    buckets?.close();
    hot?.close();
    memory.release();
  }
}

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

export function joinSource(task: TaskRun, side: Sides, type: JoinType): Source {
  return sourceOfParts(() => joinParts(task, side, type, 0));
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
