/** Rows combined by key with functions that return promises, on the reading side. */
import type { RddNode } from '../rdd/plan.ts';
import { BATCH_ROWS } from './batches.ts';
import { type Combining, combinedPairsAwaiting } from './external-combine.ts';
import { narrowDependency, type Path } from './lineage-path.ts';
import type { OperatorClock } from './operator-clock.ts';
import { pairsOf, shuffledPairs } from './pair-source.ts';
import { placeOf, shuffleDependency } from './shuffle-batches.ts';
import type { PairSource } from './source.ts';
import type { Pull } from './source-batches.ts';
import type { TaskRun } from './task-run.ts';

function openCombining(
  task: TaskRun,
  node: RddNode,
  partition: number,
  pull: Pull,
): { combining: Combining; pairs: PairSource } {
  if (node.op.kind === 'combineByKey') {
    const parent = task.stage.node(narrowDependency(node, 0).rddId);
    const pairs = pairsOf(task, pull(parent, partition));
    return { combining: { aggregator: node.op.aggregator, inserts: 'values', ...placeOf(node) }, pairs };
  }
  const { shuffleId, aggregator, keyOrdering } = shuffleDependency(node, 0);
  if (aggregator === undefined) throw new Error(`RDD ${node.rddId} combines nothing`);
  const inserts = aggregator.mapSideCombine ? 'combiners' : 'values';
  return {
    combining: { aggregator, inserts, ...placeOf(node), ordering: keyOrdering },
    pairs: shuffledPairs(task, shuffleId, partition),
  };
}

/** The rows of a source whose aggregator must be awaited, once all of its input is combined. */
export async function* combinedAwaiting(
  task: TaskRun,
  { source: node, partition }: Path,
  pull: Pull,
): AsyncGenerator<unknown[], void> {
  const { combining, pairs } = openCombining(task, node, partition, pull);
  const slot = task.stage.slot(node);
  const combined = combinedPairsAwaiting(task, pairs, combining);
  for await (const { keys, values } of awaitedItems(task.loop.clock, slot, combined)) {
    for (let from = 0; from < keys.length; from += BATCH_ROWS) {
      const rows: unknown[] = [];
      for (let i = from; i < Math.min(keys.length, from + BATCH_ROWS); i++) rows.push([keys[i], values[i]]);
      task.loop.rows[slot]! += rows.length;
      yield rows;
    }
  }
}

/** The items of a generator; the time until each has come is the place's. */
async function* awaitedItems<T>(
  clock: OperatorClock,
  place: number,
  items: AsyncGenerator<T, void>,
): AsyncGenerator<T, void> {
  try {
    for (;;) {
      const step = await clock.until(place, items.next());
      if (step.done) return;
      yield step.value;
    }
  } finally {
    await items.return();
  }
}
