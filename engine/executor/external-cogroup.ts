/** Groups the pairs of several sides by key, in the memory there is: what does not fit is set aside in buckets. */

import type { PairBatch } from '../shuffle/shuffle-reader.ts';
import { Reservation } from '../storage/memory-manager.ts';
import { TextCut, withOwnText } from '../storage/own-text.ts';
import { RowSample } from '../storage/row-sample.ts';
import { BATCH_ROWS } from './batches.ts';
import { DEEPEST_BUCKET, KeyBuckets } from './key-buckets.ts';
import { KeyTable } from './key-table.ts';
import { eachBatch } from './pair-source.ts';
import { inOrderOrNot, type Part, type PartsInOrder, type Ranked, type RankedRow } from './ranked-runs.ts';
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
  /** Of a key that was set aside, where the order of keys is kept. */
  rank: number;
}

interface Grouped extends Part {
  slots: Iterable<Slot>;
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

/** Each is to be used up before the next is asked for. */
function* groupedParts(
  task: TaskRun,
  side: Sides,
  count: number,
  keepsOrder: boolean,
  depth: number,
): Generator<Grouped, void> {
  const areRanked = keepsOrder && depth > 0;
  const table = new KeyTable<Slot>(
    (key) => ({ key, groups: Array.from({ length: count }, (): unknown[] => []), rank: 0 }),
    SLOT_BYTES + count * GROUP_BYTES,
  );
  const lists = new ValueLists();
  const text = new TextCut();
  const sample = new RowSample();
  const memory = new Reservation(task.memory);
  let buckets: KeyBuckets | undefined;
  const spill = () => {
    buckets = new KeyBuckets(task, new Array(count).fill('key'), keepsOrder, depth);
    for (const slot of table.slots()) buckets.writeSlot(slot, ...slot.groups);
    table.clear();
    memory.release();
  };
  const slotOf = (key: unknown, ranked: unknown): Slot => {
    const before = table.size;
    const slot = table.slot(key);
    if (table.size > before) [slot.rank] = ranked as Ranked;
    return slot;
  };
  try {
    for (let index = 0; index < count; index++) {
      eachBatch(task, side(index), (batch) => {
        if (buckets !== undefined) {
          buckets.writeAll(index, batch);
          return;
        }
        const { keys, values } = batch;
        const bytes = sample.take(values);
        const isSparse = text.takes(sample.take(keys) + bytes);
        for (let i = 0; i < keys.length; i++) {
          const key = isSparse ? withOwnText(keys[i]) : keys[i];
          const { groups } = areRanked ? slotOf(key, values[i]) : table.slot(key);
          const value = areRanked ? (values[i] as Ranked)[1] : values[i];
          groups[index] = lists.add(groups[index]!, isSparse ? withOwnText(value) : value);
        }
        if (memory.grow(bytes + table.takeGrowth() + lists.takeGrowth())) return;
        if (table.size > 1 && depth < DEEPEST_BUCKET) spill();
        else if (!memory.insist(table.slots())) {
          const [first] = table.slots();
          throw groupTooLarge(task, first!.key, memory.held);
        }
      });
    }
    if (buckets === undefined) yield { isBucket: depth > 0, slots: table.slots() };
    else {
      for (const bucket of (buckets as KeyBuckets).buckets())
        yield* groupedParts(task, bucket, count, keepsOrder, depth + 1);
    }
  } finally {
    // Who asked for this part may still hold it while the next is made.
    table.clear();
    buckets?.close();
    memory.release();
  }
}

function* rankedGroups({ slots }: Grouped): Generator<RankedRow, void> {
  for (const { rank, key, groups } of slots) yield { rank, key, value: groups };
}

function* rowsOfPairs(pairs: Iterable<PairBatch>): Generator<unknown[], void> {
  for (const { keys, values } of pairs) yield keys.map((key, i) => [key, values[i]]);
}

const PARTS: PartsInOrder<Grouped, unknown[]> = {
  ranked: rankedGroups,
  asItIs: ({ slots }) => rowsOfSlots(slots),
  merged: rowsOfPairs,
};

/** Rows [key, groups]. `keepsOrder`: keys come in the order in which they first came, whatever was set aside. */
export function cogroupedRows(
  task: TaskRun,
  side: Sides,
  count: number,
  keepsOrder: boolean,
): Generator<unknown[], void> {
  return inOrderOrNot(task, groupedParts(task, side, count, keepsOrder, 0), keepsOrder, PARTS);
}
