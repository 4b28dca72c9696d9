/** Groups the pairs of several sides by key, in the memory there is: what does not fit is set aside in buckets. */

import { Reservation } from '../storage/memory-manager.ts';
import { TextCut, withOwnText } from '../storage/own-text.ts';
import { RowSample } from '../storage/row-sample.ts';
import { BATCH_ROWS } from './batches.ts';
import { DEEPEST_BUCKET, KeyBuckets } from './key-buckets.ts';
import { KeyTable } from './key-table.ts';
import { eachBatch } from './pair-source.ts';
import type { PairSource } from './source.ts';
import { groupTooLarge } from './spilling.ts';
import type { TaskRun } from './task-run.ts';
import { ValueLists } from './value-lists.ts';

/** A place in the table and a slot, and for each side a list of one value or none. */
const SLOT_BYTES = 130;
const GROUP_BYTES = 64;

/** Opens one of the sides, which are read one after the other. */
export type Sides = (index: number) => PairSource;

interface Slot {
  key: unknown;
  groups: unknown[][];
}

/** Rows [key, groups] in batches. */
function* rowsOfSlots(slots: Iterable<Slot>): Generator<unknown[], void> {
  let rows: unknown[] = [];
  for (const { key, groups } of slots) {
    if (rows.push([key, groups]) < BATCH_ROWS) continue;
    yield rows;
    rows = [];
  }
  yield rows;
}

export function* cogroupedRows(
  task: TaskRun,
  side: Sides,
  count: number,
  depth = 0,
): Generator<unknown[], void> {
  const table = new KeyTable<Slot>(
    (key) => ({ key, groups: Array.from({ length: count }, (): unknown[] => []) }),
    SLOT_BYTES + count * GROUP_BYTES,
  );
  const lists = new ValueLists();
  const text = new TextCut();
  const sample = new RowSample();
  const memory = new Reservation(task.memory);
  let buckets: KeyBuckets | undefined;
  const spill = () => {
    buckets = new KeyBuckets(task, count, depth);
    for (const { key, groups } of table.slots()) {
      for (let index = 0; index < count; index++) {
        for (const value of groups[index]!) buckets.write(index, key, value);
      }
    }
    table.clear();
    memory.release();
  };
  try {
    for (let index = 0; index < count; index++) {
      eachBatch(task, side(index), ({ keys, values }) => {
        if (buckets !== undefined) {
          buckets.writeAll(index, keys, values);
          return;
        }
        const bytes = sample.take(values);
        const isSparse = text.takes(sample.take(keys) + bytes);
        for (let i = 0; i < keys.length; i++) {
          const { groups } = table.slot(isSparse ? withOwnText(keys[i]) : keys[i]);
          groups[index] = lists.add(groups[index]!, isSparse ? withOwnText(values[i]) : values[i]);
        }
        if (memory.grow(bytes + table.takeGrowth() + lists.takeGrowth())) return;
        if (table.size > 1 && depth < DEEPEST_BUCKET) spill();
        else if (!memory.insist()) {
          const [first] = table.slots();
          throw groupTooLarge(task, first!.key, memory.held);
        }
      });
    }
    if (buckets === undefined) yield* rowsOfSlots(table.slots());
    else {
      for (const bucket of (buckets as KeyBuckets).buckets()) {
        yield* cogroupedRows(task, bucket, count, depth + 1);
      }
    }
  } finally {
    buckets?.close();
    memory.release();
  }
}
