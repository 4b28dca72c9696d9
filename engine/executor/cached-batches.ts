/** Partitions of cached RDDs in the middle of a chain: read when present, else computed once and stored. */
import type { RddNode } from '../rdd/plan.ts';
import type { CachedBlock } from '../scheduler/backend.ts';
import type { PartitionFill } from '../storage/partition-fill.ts';
import { type Batches, batchesOfGenerator } from './batches.ts';
import { replicate } from './replicas.ts';
import type { Pull } from './source-batches.ts';
import type { TaskRun } from './task-run.ts';

export function cachedRows(task: TaskRun, node: RddNode, partition: number): Iterable<unknown[]> | undefined {
  return task.services.blocks.read(node.rddId, partition);
}

export function openFill({ services }: TaskRun, node: RddNode, partition: number): PartitionFill {
  return services.blocks.fill(node.rddId, partition, node.storageLevel);
}

/** After the last batch was added: the rows, from where they are now. */
export function* filled(
  task: TaskRun,
  node: RddNode,
  partition: number,
  fill: PartitionFill,
): Generator<unknown[], void> {
  const stored = fill.finish();
  if (stored === undefined) return;
  const block: CachedBlock = { rddId: node.rddId, partition, ...stored };
  const { replication } = node.storageLevel;
  if (replication > 1) block.replicas = replicate(task, block, replication);
  task.cachedBlocks.push(block);
  yield* cachedRows(task, node, partition) ?? [];
}

/** They were counted when computed, and will be when they are read. */
export function uncount(task: TaskRun, node: RddNode, rows: unknown[]): void {
  task.loop.rows[task.stage.slot(node)]! -= rows.length;
}

function* computed(
  task: TaskRun,
  node: RddNode,
  partition: number,
  source: Batches,
): Generator<unknown[], void> {
  const fill = openFill(task, node, partition);
  try {
    for (let rows = source.next(); rows !== undefined; rows = source.next()) {
      uncount(task, node, rows);
      if (!fill.add(rows)) yield* fill.handOut();
    }
    yield* filled(task, node, partition, fill);
  } finally {
    source.close();
    fill.close();
  }
}

export function cachedBatches(task: TaskRun, node: RddNode, partition: number, pull: Pull): Batches {
  const known = cachedRows(task, node, partition);
  if (known === undefined) {
    return batchesOfGenerator(computed(task, node, partition, pull(node, partition, true)));
  }
  return batchesOfGenerator(all(known));
}

function* all(batches: Iterable<unknown[]>): Generator<unknown[], void> {
  yield* batches;
}
