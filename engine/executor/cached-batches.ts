/** Partitions of cached RDDs in the middle of a chain: read when present, else computed once and stored. */
import { StagelightError } from '../errors.ts';
import { mayDiffer, type RddNode } from '../rdd/plan.ts';
import type { CachedBlock } from '../scheduler/backend.ts';
import type { PartitionFill } from '../storage/partition-fill.ts';
import { type Batches, batchesOfGenerator } from './batches.ts';
import { BlockPart } from './block-part.ts';
import { replicate } from './replicas.ts';
import { RowSum } from './row-sum.ts';
import { bringAdded, keepSum, levelOf, rowsNotKept, share, sharedRows } from './shared-blocks.ts';
import type { Pull } from './source-batches.ts';
import type { TaskRun } from './task-run.ts';

/** From this executor, or from where all read them; undefined when they are to be computed. */
export function cachedRows(task: TaskRun, node: RddNode, partition: number): Iterable<unknown[]> | undefined {
  const { blocks, disordered } = task.services;
  const isDisordered = disordered.has(node.rddId, partition) && !isKeptAsItIs(node);
  // They are cached anew, in order.
  if (isDisordered && node.keepsOrder) return undefined;
  const rows = blocks.read(node.rddId, partition, node.shared);
  if (rows === undefined) return sharedRows(task, node, partition);
  if (isDisordered) task.disordered = true;
  bringAdded(task, node, partition);
  return rows;
}

/** All who need its rows read these, whatever their order. */
function isKeptAsItIs(node: RddNode): boolean {
  return mayDiffer(node) || node.op.kind === 'localCheckpoint';
}

export function openFill({ services }: TaskRun, node: RddNode, partition: number): PartitionFill {
  const fill = services.blocks.fill(node.rddId, partition, levelOf(node), node.shared);
  // Nobody asked for the disk, and nobody knows that they would be others the next time.
  fill.refusesUnwritable = node.determinism !== 'INDETERMINATE' && !node.storageLevel.useDisk;
  return fill;
}

/** Of partitions that are handed out uncached and would have to be the same the next time. */
const sums = new WeakMap<PartitionFill, RowSum>();

/** A partition that has no room is handed out uncached, unless its rows would be others the next time. */
export function* takeOut(node: RddNode, partition: number, fill: PartitionFill): Generator<unknown[], void> {
  if (node.shared !== undefined && node.determinism === 'INDETERMINATE') throw rowsNotKept(node, partition);
  if (node.shared === undefined) {
    yield* fill.handOut();
    return;
  }
  let sum = sums.get(fill);
  if (!sum) sums.set(fill, (sum = new RowSum()));
  for (const rows of fill.handOut()) {
    // Before anybody changes them.
    sum.add(rows);
    yield rows;
  }
}

/** What is not there any more just after it was cached is no partition without rows: another attempt computes it. */
function readBack(task: TaskRun, node: RddNode, partition: number): Iterable<unknown[]> {
  const rows = cachedRows(task, node, partition);
  if (rows !== undefined) return rows;
  throw new StagelightError(
    'CACHED_ROWS_UNREADABLE',
    `partition ${partition} of RDD ${node.rddId} (${node.name}) was cached and does not read as it was written`,
    { hint: 'If it happens again, check the disk, or set TMPDIR to a folder on another one.' },
  );
}

/** After the last batch was added: the rows, from where they are now. */
export function* filled(
  task: TaskRun,
  node: RddNode,
  partition: number,
  fill: PartitionFill,
  part: BlockPart,
): Generator<unknown[], void> {
  task.cancellation.throwIfOver();
  const stored = fill.finish();
  const sum = sums.get(fill);
  if (sum) keepSum(task, node, partition, sum);
  if (stored === undefined) return;
  task.services.disordered.delete(node.rddId, partition);
  const shared = node.shared === undefined ? undefined : share(task, node, partition, part.added);
  if (shared === 'here' || shared === 'others') part.added.leaveToBlock();
  if (shared === 'others') {
    task.services.blocks.dropPartition(node.rddId, partition);
    yield* readBack(task, node, partition);
    return;
  }
  const block: CachedBlock = { rddId: node.rddId, partition, ...stored };
  if (shared === 'here') block.shared = node.shared!;
  const { replication } = node.storageLevel;
  // Copies are for those that could not read it otherwise.
  if (replication > 1 && shared === undefined) block.replicas = replicate(task, block, replication);
  task.cachedBlocks.push(block);
  if (shared !== 'here') part.added.cached(block);
  yield* readBack(task, node, partition);
}

/** Keeps here what another executor has shared; false when nobody has, or there is no room. */
export function keepShared(task: TaskRun, node: RddNode, partition: number): boolean {
  const rows = sharedRows(task, node, partition);
  if (rows === undefined) return false;
  const fill = openFill(task, node, partition);
  try {
    for (const batch of rows) if (!fill.add(batch)) return false;
    const stored = fill.finish();
    if (stored !== undefined)
      task.cachedBlocks.push({ rddId: node.rddId, partition, ...stored, shared: node.shared! });
    return stored !== undefined;
  } finally {
    fill.close();
  }
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
  part: BlockPart,
): Generator<unknown[], void> {
  const fill = openFill(task, node, partition);
  const read = () => source.next();
  const next = () => part.within(read);
  try {
    for (let rows = next(); rows !== undefined; rows = next()) {
      uncount(task, node, rows);
      if (!fill.add(rows)) yield* takeOut(node, partition, fill);
    }
    yield* filled(task, node, partition, fill, part);
  } finally {
    try {
      part.within(() => source.close());
    } finally {
      fill.close();
    }
  }
}

export function cachedBatches(task: TaskRun, node: RddNode, partition: number, pull: Pull): Batches {
  const known = cachedRows(task, node, partition);
  if (known === undefined) {
    const part = new BlockPart(task);
    const source = part.within(() => pull(node, partition, true));
    return batchesOfGenerator(computed(task, node, partition, source, part));
  }
  return batchesOfGenerator(all(known));
}

function* all(batches: Iterable<unknown[]>): Generator<unknown[], void> {
  yield* batches;
}
