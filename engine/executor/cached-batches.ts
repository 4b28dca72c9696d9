/** Partitions of cached RDDs in the middle of a chain: read when present, else computed once and stored. */
import type { RddNode } from '../rdd/plan.ts';
import { type Batches, batchesOf, gather } from './batches.ts';
import type { Pull } from './source-batches.ts';
import type { TaskRun } from './task-run.ts';

export function cachedRows(task: TaskRun, node: RddNode, partition: number): unknown[] | undefined {
  return task.services.blocks.getPartition(node.rddId, partition);
}

/** Stores freshly computed rows as the level says and hands them on, whether they were kept or not. */
export function cacheRows(task: TaskRun, node: RddNode, partition: number, rows: unknown[]): unknown[] {
  const stored = task.services.blocks.putPartition(node.rddId, partition, rows, node.storageLevel);
  if (stored !== undefined) task.cachedBlocks.push({ rddId: node.rddId, partition, ...stored });
  // They were counted when computed, and will be when they are read.
  task.loop.rows[task.stage.slot(node)]! -= rows.length;
  return rows;
}

export function cachedBatches(task: TaskRun, node: RddNode, partition: number, pull: Pull): Batches {
  const rows =
    cachedRows(task, node, partition) ??
    cacheRows(task, node, partition, gather(pull(node, partition, true)));
  return batchesOf(rows);
}
