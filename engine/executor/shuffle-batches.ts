/** Rows that come out of shuffles: read, combined, sorted, grouped and joined by key. */

import { StagelightError } from '../errors.ts';
import type { AggregatorSpec, RddNode, ShuffleDependency } from '../rdd/plan.ts';
import { makeCombiner } from './aggregation.ts';
import { BATCH_ROWS, type Batches, batchesOfGenerator } from './batches.ts';
import { KeyTable } from './key-table.ts';
import { eachBatch, type PairSource, pairsOf, shuffledPairs, shuffledRows } from './pair-source.ts';
import { type KeyOrdering, sortedOrder } from './sort-pairs.ts';
import type { TaskRun } from './task-run.ts';

/** Batches of the narrow dependency with this index. */
type Parent = (index: number) => Batches;

function* pairRows(keys: unknown[], values: unknown[], order?: Uint32Array): Generator<unknown[], void> {
  for (let from = 0; from < keys.length; from += BATCH_ROWS) {
    const rows: unknown[] = [];
    const to = Math.min(keys.length, from + BATCH_ROWS);
    for (let i = from; i < to; i++) {
      const at = order === undefined ? i : order[i]!;
      rows.push([keys[at], values[at]]);
    }
    yield rows;
  }
}

function* combined(
  task: TaskRun,
  aggregator: AggregatorSpec,
  source: PairSource,
  from: { place: string; combiners: boolean; ordering?: KeyOrdering },
): Generator<unknown[], void> {
  const combiner = makeCombiner(task, aggregator, { place: from.place });
  const insert = from.combiners ? combiner.insertCombiners : combiner.insertValues;
  eachBatch(task, source, ({ keys, values }) => insert(keys, values));
  const { keys, values } = combiner.toPairs();
  combiner.release();
  yield* pairRows(keys, values, from.ordering && sortedOrder(keys, from.ordering));
}

export function combinedBatches(
  task: TaskRun,
  node: RddNode,
  aggregator: AggregatorSpec,
  rows: Batches,
): Batches {
  const from = { place: `rdd${node.rddId}`, combiners: false };
  return batchesOfGenerator(combined(task, aggregator, pairsOf(task, rows), from));
}

function* sorted(task: TaskRun, source: PairSource, ordering: KeyOrdering): Generator<unknown[], void> {
  const keys: unknown[] = [];
  const values: unknown[] = [];
  eachBatch(task, source, (batch) => {
    for (let i = 0; i < batch.keys.length; i++) {
      keys.push(batch.keys[i]);
      values.push(batch.values[i]);
    }
  });
  yield* pairRows(keys, values, sortedOrder(keys, ordering));
}

export function shuffledBatches(task: TaskRun, node: RddNode, partition: number): Batches {
  const { shuffleId, aggregator, keyOrdering } = shuffleDependency(node, 0);
  if (aggregator !== undefined) {
    const pairs = shuffledPairs(task, shuffleId, partition);
    const from = { place: `rdd${node.rddId}`, combiners: aggregator.mapSideCombine, ordering: keyOrdering };
    return batchesOfGenerator(combined(task, aggregator, pairs, from));
  }
  if (keyOrdering === undefined) return shuffledRows(task, shuffleId, partition);
  return batchesOfGenerator(sorted(task, shuffledPairs(task, shuffleId, partition), keyOrdering));
}

function shuffleDependency(node: RddNode, index: number): ShuffleDependency {
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

interface JoinSlot {
  key: unknown;
  values: unknown[];
  matched: boolean;
}

/** Holds the left side by key and lets the right side pass, so the product never exists as a whole. */
function* joined(
  task: TaskRun,
  type: JoinType,
  left: () => PairSource,
  right: () => PairSource,
): Generator<unknown[], void> {
  const table = new KeyTable<JoinSlot>((key) => ({ key, values: [], matched: false }), task.memory);
  eachBatch(task, left(), ({ keys, values }) => {
    for (let i = 0; i < keys.length; i++) table.slot(keys[i]).values.push(values[i]);
  });
  let rows: unknown[] = [];
  const others = right();
  try {
    for (let batch = others.next(); batch !== undefined; batch = others.next()) {
      const { keys, values } = batch;
      for (let i = 0; i < keys.length; i++) {
        const slot = table.get(keys[i]);
        if (slot === undefined) {
          if (type === 'right' || type === 'full') rows.push([keys[i], [undefined, values[i]]]);
          continue;
        }
        slot.matched = true;
        for (let j = 0; j < slot.values.length; j++) {
          if (rows.push([slot.key, [slot.values[j], values[i]]]) < BATCH_ROWS) continue;
          yield rows;
          rows = [];
        }
      }
      if (rows.length < BATCH_ROWS) continue;
      yield rows;
      rows = [];
    }
  } finally {
    others.close();
  }
  yield rows;
  if (type !== 'left' && type !== 'full') return;
  rows = [];
  for (const slot of table.slots()) {
    if (slot.matched) continue;
    for (const value of slot.values) {
      if (rows.push([slot.key, [value, undefined]]) < BATCH_ROWS) continue;
      yield rows;
      rows = [];
    }
  }
  yield rows;
}

export function joinBatches(
  task: TaskRun,
  node: RddNode,
  partition: number,
  type: JoinType,
  parent: Parent,
): Batches {
  const open = (index: number) => () => side(task, node, partition, index, parent);
  return batchesOfGenerator(joined(task, type, open(0), open(1)));
}

function* subtracted(
  task: TaskRun,
  node: RddNode,
  partition: number,
  parent: Parent,
): Generator<unknown[], void> {
  const table = new KeyTable(() => true, task.memory);
  eachBatch(task, side(task, node, partition, 1, parent), ({ keys }) => {
    for (const key of keys) table.slot(key);
  });
  const source = side(task, node, partition, 0, parent);
  try {
    for (let batch = source.next(); batch !== undefined; batch = source.next()) {
      const { keys, values } = batch;
      const rows: unknown[] = [];
      for (let i = 0; i < keys.length; i++) {
        if (table.get(keys[i]) === undefined) rows.push([keys[i], values[i]]);
      }
      yield rows;
    }
  } finally {
    source.close();
  }
}

export function subtractBatches(task: TaskRun, node: RddNode, partition: number, parent: Parent): Batches {
  return batchesOfGenerator(subtracted(task, node, partition, parent));
}
