/** Rows combined by key with functions that return promises, on the reading side. */
import type { AggregatorSpec, RddNode } from '../rdd/plan.ts';
import { makeAwaitingCombiner } from './aggregation.ts';
import { BATCH_ROWS } from './batches.ts';
import { narrowDependency, type Path } from './lineage-path.ts';
import { pairsOf, shuffledPairs } from './pair-source.ts';
import { shuffleDependency } from './shuffle-batches.ts';
import { type KeyOrdering, sortedOrder } from './sort-pairs.ts';
import type { PairSource } from './source.ts';
import type { Pull } from './source-batches.ts';
import type { TaskRun } from './task-run.ts';

interface Combining {
  aggregator: AggregatorSpec;
  inserts: 'values' | 'combiners';
  ordering?: KeyOrdering;
  pairs: PairSource;
}

function openCombining(task: TaskRun, node: RddNode, partition: number, pull: Pull): Combining {
  if (node.op.kind === 'combineByKey') {
    const parent = task.stage.node(narrowDependency(node, 0).rddId);
    const pairs = pairsOf(task, pull(parent, partition));
    return { aggregator: node.op.aggregator, inserts: 'values', pairs };
  }
  const { shuffleId, aggregator, keyOrdering } = shuffleDependency(node, 0);
  if (aggregator === undefined) throw new Error(`RDD ${node.rddId} combines nothing`);
  return {
    aggregator,
    inserts: aggregator.mapSideCombine ? 'combiners' : 'values',
    ordering: keyOrdering,
    pairs: shuffledPairs(task, shuffleId, partition),
  };
}

/** The rows of a source whose aggregator must be awaited, once all of its input is combined. */
export async function* combinedAwaiting(
  task: TaskRun,
  { source: node, partition }: Path,
  pull: Pull,
): AsyncGenerator<unknown[], void> {
  const { aggregator, inserts, ordering, pairs } = openCombining(task, node, partition, pull);
  const combiner = makeAwaitingCombiner(task, aggregator, inserts);
  try {
    for (let batch = pairs.next(); batch !== undefined; batch = pairs.next()) {
      task.cancellation.check();
      const { keys, values } = batch;
      for (let i = 0; i < keys.length; i++) await combiner.insert(keys[i], values[i]);
    }
    const { keys, values } = await combiner.takePairs();
    const order = ordering === undefined ? undefined : sortedOrder(keys, ordering);
    const slot = task.stage.slot(node);
    for (let from = 0; from < keys.length; from += BATCH_ROWS) {
      const rows: unknown[] = [];
      for (let i = from; i < Math.min(keys.length, from + BATCH_ROWS); i++) {
        const at = order === undefined ? i : order[i]!;
        rows.push([keys[at], values[at]]);
      }
      task.loop.rows[slot]! += rows.length;
      yield rows;
    }
  } finally {
    pairs.close();
    combiner.release();
  }
}
