/** Rows that come out of shuffles: read, combined, sorted, grouped and joined by key. */

import { StagelightError } from '../errors.ts';
import type { AggregatorSpec, RddNode, ShuffleDependency } from '../rdd/plan.ts';
import type { PairBatch } from '../shuffle/shuffle-reader.ts';
import { estimateRowsSize } from '../storage/size-estimate.ts';
import { makeCombiner } from './aggregation.ts';
import { BATCH_ROWS, type Batches, batchesOfGenerator } from './batches.ts';
import { JoinTable } from './join-table.ts';
import { KeyTable } from './key-table.ts';
import { eachBatch, pairsOf, shuffledPairs, shuffledRows } from './pair-source.ts';
import { type KeyOrdering, sortedOrder } from './sort-pairs.ts';
import { type JoinSource, type PairSource, pairsOfGenerator, type Source, sourceOfPairs } from './source.ts';
import type { TaskRun } from './task-run.ts';

/** Batches of the narrow dependency with this index. */
type Parent = (index: number) => Batches;

/** Keys and values in another order, in batches. */
function* inOrder(keys: unknown[], values: unknown[], order: Uint32Array): Generator<PairBatch, void> {
  for (let from = 0; from < order.length; from += BATCH_ROWS) {
    const batch: PairBatch = { keys: [], values: [] };
    for (const at of order.subarray(from, from + BATCH_ROWS)) {
      batch.keys.push(keys[at]);
      batch.values.push(values[at]);
    }
    yield batch;
  }
}

function* combined(
  task: TaskRun,
  aggregator: AggregatorSpec,
  source: PairSource,
  from: { place: string; combiners: boolean; ordering?: KeyOrdering },
): Generator<PairBatch, void> {
  const combiner = makeCombiner(task, aggregator, { place: from.place });
  const insert = from.combiners ? combiner.insertCombiners : combiner.insertValues;
  eachBatch(task, source, ({ keys, values }) => insert(keys, values));
  const pairs = combiner.toPairs();
  combiner.release();
  if (from.ordering === undefined) yield pairs;
  else yield* inOrder(pairs.keys, pairs.values, sortedOrder(pairs.keys, from.ordering));
}

export function combinedBatches(
  task: TaskRun,
  node: RddNode,
  aggregator: AggregatorSpec,
  rows: Batches,
): Source {
  const from = { place: `rdd${node.rddId}`, combiners: false };
  return sourceOfPairs(pairsOfGenerator(combined(task, aggregator, pairsOf(task, rows), from)));
}

function* sorted(task: TaskRun, source: PairSource, ordering: KeyOrdering): Generator<PairBatch, void> {
  const keys: unknown[] = [];
  const values: unknown[] = [];
  eachBatch(task, source, (batch) => {
    // Refused or not, it goes on, here as in all that holds rows: until it can spill there is nothing to give up.
    task.memory.acquire(estimateRowsSize(batch.keys) + estimateRowsSize(batch.values));
    for (let i = 0; i < batch.keys.length; i++) {
      keys.push(batch.keys[i]);
      values.push(batch.values[i]);
    }
  });
  yield* inOrder(keys, values, sortedOrder(keys, ordering));
}

export function shuffledBatches(task: TaskRun, node: RddNode, partition: number): Source {
  const { shuffleId, aggregator, keyOrdering, keyed } = shuffleDependency(node, 0);
  if (!keyed) return shuffledRows(task, shuffleId, partition);
  const pairs = shuffledPairs(task, shuffleId, partition);
  if (aggregator !== undefined) {
    const from = {
      place: `rdd${node.rddId}`,
      combiners: aggregator.mapSideCombine,
      ordering: keyOrdering,
    };
    return sourceOfPairs(pairsOfGenerator(combined(task, aggregator, pairs, from)));
  }
  if (keyOrdering === undefined) return sourceOfPairs(pairs);
  return sourceOfPairs(pairsOfGenerator(sorted(task, pairs, keyOrdering)));
}

export function shuffleDependency(node: RddNode, index: number): ShuffleDependency {
  const dependency = node.dependencies[index];
  if (dependency?.kind !== 'shuffle') {
    throw new StagelightError(
      'PLAN_INCOMPLETE',
      `RDD ${node.rddId} (${node.name}) has no shuffle dependency ${index}`,
    );
  }
  return dependency;
}

/** One side of a cogroup: a shuffle, or an RDD that is partitioned the same way. */
function side(task: TaskRun, node: RddNode, partition: number, index: number, parent: Parent): PairSource {
  const dependency = node.dependencies[index]!;
  return dependency.kind === 'shuffle'
    ? shuffledPairs(task, dependency.shuffleId, partition)
    : pairsOf(task, parent(index));
}

function* cogrouped(
  task: TaskRun,
  node: RddNode,
  partition: number,
  parent: Parent,
): Generator<unknown[], void> {
  const sides = node.dependencies.length;
  const table = new KeyTable(
    (key) => ({ key, groups: Array.from({ length: sides }, (): unknown[] => []) }),
    task.memory,
  );
  for (let index = 0; index < sides; index++) {
    eachBatch(task, side(task, node, partition, index, parent), ({ keys, values }) => {
      task.memory.acquire(estimateRowsSize(values));
      for (let i = 0; i < keys.length; i++) table.slot(keys[i]).groups[index]!.push(values[i]);
    });
  }
  let rows: unknown[] = [];
  for (const { key, groups } of table.slots()) {
    if (rows.push([key, groups]) < BATCH_ROWS) continue;
    yield rows;
    rows = [];
  }
  yield rows;
}

export function cogroupBatches(task: TaskRun, node: RddNode, partition: number, parent: Parent): Batches {
  return batchesOfGenerator(cogrouped(task, node, partition, parent));
}

type JoinType = 'inner' | 'left' | 'right' | 'full';

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

/** The product of a join as rows, for those who pull: batch by batch, never as a whole. */
function* joined(join: JoinSource): Generator<unknown[], void> {
  let rows: unknown[] = [];
  try {
    for (let batch = join.right.next(); batch !== undefined; batch = join.right.next()) {
      for (const [i, key] of batch.keys.entries()) {
        const slot = join.table.get(key);
        if (slot === undefined && !join.keepRight) continue;
        if (slot !== undefined) slot.matched = true;
        for (const left of slot === undefined ? [undefined] : slot.values) {
          if (rows.push([key, [left, batch.values[i]]]) < BATCH_ROWS) continue;
          yield rows;
          rows = [];
        }
      }
    }
  } finally {
    join.right.close();
  }
  yield rows;
  const rest = join.rest && sourceOfPairs(join.rest);
  for (let some = rest?.next(); some !== undefined; some = rest?.next()) yield some;
}

/** Holds the left side by key and lets the right side pass. */
export function joinBatches(
  task: TaskRun,
  node: RddNode,
  partition: number,
  type: JoinType,
  parent: Parent,
): Source {
  const open = (): JoinSource => {
    const table = new JoinTable(task.memory);
    eachBatch(task, side(task, node, partition, 0, parent), ({ keys, values }) => table.add(keys, values));
    const keepsLeft = type === 'left' || type === 'full';
    return {
      table,
      right: side(task, node, partition, 1, parent),
      keepRight: type === 'right' || type === 'full',
      rest: keepsLeft ? pairsOfGenerator(unmatched(table)) : undefined,
    };
  };
  let rows: Generator<unknown[], void> | undefined;
  return {
    join: open,
    next() {
      rows ??= joined(open());
      const step = rows.next();
      return step.done ? undefined : step.value;
    },
    close() {
      rows?.return();
    },
  };
}

function* subtracted(
  task: TaskRun,
  node: RddNode,
  partition: number,
  parent: Parent,
): Generator<PairBatch, void> {
  const table = new KeyTable(() => true, task.memory);
  eachBatch(task, side(task, node, partition, 1, parent), ({ keys }) => {
    for (const key of keys) table.slot(key);
  });
  const source = side(task, node, partition, 0, parent);
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

export function subtractBatches(task: TaskRun, node: RddNode, partition: number, parent: Parent): Source {
  return sourceOfPairs(pairsOfGenerator(subtracted(task, node, partition, parent)));
}
