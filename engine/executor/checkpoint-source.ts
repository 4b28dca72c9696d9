/** Rows of checkpointed datasets: of reliable ones from their files, of local ones from the executors that keep them. */
import { join } from 'node:path';
import { StagelightError } from '../errors.ts';
import type { RddNode } from '../rdd/plan.ts';
import { executorDirectory } from '../shuffle/block-directory.ts';
import { rddBlockId } from '../storage/block-id.ts';
import { readBlock } from '../storage/disk-store.ts';
import { blockNotWritten } from '../storage/write-error.ts';
import { type Batches, batchesOfGenerator } from './batches.ts';
import { keepShared } from './cached-batches.ts';
import { objectRows } from './file-sources.ts';
import type { TaskRun } from './task-run.ts';

export function checkpointBatches(task: TaskRun, node: RddNode, partition: number): Batches {
  return batchesOfGenerator(checkpointRows(task, node, partition));
}

function* checkpointRows(task: TaskRun, node: RddNode, partition: number): Generator<unknown[], void> {
  if (node.op.kind !== 'checkpoint') return;
  const file = join(node.op.directory, `part-${String(partition).padStart(5, '0')}`);
  try {
    yield* objectRows(task, file, { partition, numPartitions: node.numPartitions });
  } catch (error) {
    if (error instanceof StagelightError) throw checkpointLost(node, partition, error);
    throw error;
  }
}

function checkpointLost(node: RddNode, partition: number, error: StagelightError): StagelightError {
  const [code, what] =
    error.code === 'INPUT_NOT_FOUND'
      ? ['CHECKPOINT_MISSING', 'is missing']
      : ['CHECKPOINT_CORRUPT', 'is damaged'];
  return new StagelightError(
    code!,
    `the checkpoint of partition ${partition} of RDD ${node.rddId} (${node.name}) ${what}: ${error.message}`,
    {
      hint: 'Its lineage was cut, so it cannot be computed from here: restore the file, or make the dataset again from its sources.',
      cause: error,
    },
  );
}

/** Of a local checkpoint that this executor does not hold: from the block file of one that does. */
export function localCheckpointBatches(task: TaskRun, node: RddNode, partition: number): Batches {
  const holders = node.op.kind === 'localCheckpoint' ? (node.op.holders[partition] ?? []) : [];
  for (const holder of holders) {
    const folder = executorDirectory(task.services.config.blockDirectory, holder);
    const rows = readBlock(join(folder, rddBlockId(node.rddId, partition)), node.rddId, partition);
    if (rows !== undefined) return batchesOfGenerator(rows);
  }
  throw new StagelightError(
    'LOCAL_CHECKPOINT_LOST',
    `partition ${partition} of RDD ${node.rddId} (${node.name}) is lost: no executor that kept its local checkpoint has it any more`,
    {
      hint: 'The executor has died, or the dataset was unpersisted. Make it again from its sources; checkpoint() survives executors.',
    },
  );
}

/** After the rows of a cached partition went by: who keeps it, on disk too, where others can read it. */
export function keepOnDisk(task: TaskRun): string[] {
  const { root } = task.stage;
  const { partition } = task.launch;
  const { blocks, config } = task.services;
  const kept = () => {
    try {
      return blocks.writeThrough(root.rddId, partition, root.shared);
    } catch (error) {
      const folder = executorDirectory(config.blockDirectory, config.executorId);
      throw blockNotWritten(error, folder, 'a partition for its local checkpoint');
    }
  };
  // They may have come from where all executors read them.
  if (!kept() && !(keepShared(task, root, partition) && kept())) {
    throw new StagelightError(
      'LOCAL_CHECKPOINT_NOT_KEPT',
      `partition ${partition} of RDD ${root.rddId} (${root.name}) could not be kept for its local checkpoint`,
      { hint: 'Free disk space in the folder for temporary files (TMPDIR), or use checkpoint().' },
    );
  }
  const replicas = task.cachedBlocks.find(
    (block) => block.rddId === root.rddId && block.partition === partition,
  )?.replicas;
  return [config.executorId, ...(replicas ?? [])];
}
