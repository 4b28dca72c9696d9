/**
 * Cached partitions whose rows would be others if they were computed again, as files that every executor reads. Whoever has
 * computed one gives its block a name that can be given once: of several executors that compute the same partition at the
 * same time one is first, and all hand out the rows of that one. The file outlives its executor.
 *
 * Rows that cannot be written stay with the executor that computed them, whose name stands in place of the file as soon as the
 * task has come through: no other computes them anew.
 */
import { lstatSync, mkdirSync, readlinkSync, rmSync, type Stats, symlinkSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { StagelightError } from '../errors.ts';
import type { RddNode, StorageLevel } from '../rdd/plan.ts';
import { sharedDirectory } from '../shuffle/block-directory.ts';
import { readBlock } from '../storage/disk-store.ts';
import { withDisk } from '../storage/storage-level.ts';
import type { TaskRun } from './task-run.ts';

/** By RDD and generation of its rows, so that each goes as a whole. */
function folderOf(blockDirectory: string, rddId: number, generation?: number): string {
  const ofRdd = join(sharedDirectory(blockDirectory), String(rddId));
  return generation === undefined ? ofRdd : join(ofRdd, String(generation));
}

function fileOf({ services }: TaskRun, { rddId, shared }: RddNode, partition: number): string {
  return join(folderOf(services.config.blockDirectory, rddId, shared), String(partition));
}

/** Removes what is shared of an RDD: of one generation of its rows, or of all. */
export async function removeShared(
  blockDirectory: string,
  rddId: number,
  generation?: number,
): Promise<void> {
  // What cannot be removed goes with the block directory.
  await rm(folderOf(blockDirectory, rddId, generation), { recursive: true, force: true }).catch(() => {});
}

/**
 * Where a partition is kept here. What has no room in memory goes to disk, for it could not be computed again: not the same
 * rows, or not in the same order, as those on the other side of a `zip` in this very task.
 */
export function levelOf({ shared, determinism, storageLevel }: RddNode): StorageLevel {
  return shared === undefined && determinism === 'DETERMINATE' ? storageLevel : withDisk(storageLevel);
}

/** What has become of a partition that was just cached: all read it, they read another executor's, or only this one has it. */
export type Shared = 'here' | 'others' | 'alone';

/**
 * To be asked once the partition is cached here. Throws when there is no room for a file, or no right to write one; where nobody
 * knows that other rows would come, nothing is lost without a file: undefined.
 */
export function share(task: TaskRun, node: RddNode, partition: number): Shared | undefined {
  const { blocks } = task.services;
  const file = fileOf(task, node, partition);
  try {
    makeFolder(dirname(file));
    blocks.publish(node.rddId, partition, file);
    return 'here';
  } catch (error) {
    if (isTaken(error) || look(file) !== undefined) return 'others';
    if (node.determinism !== 'INDETERMINATE') return undefined;
    if (isOfDisk(error)) {
      // The next attempt would find them here, and others compute theirs.
      blocks.dropPartition(node.rddId, partition);
      throw rowsNotKept(node, partition, error);
    }
    task.heldAlone.push({ node, partition, cause: error });
    return 'alone';
  }
}

/**
 * The task has come through, so that the rows which only this executor has are those that count. Throws when others had
 * computed them meanwhile, or not even a name can be written: then none is claimed.
 */
export function claimAlone(task: TaskRun): void {
  const { executorId } = task.services.config;
  const claimed: string[] = [];
  try {
    for (const { node, partition, cause } of task.heldAlone) {
      const file = fileOf(task, node, partition);
      try {
        symlinkSync(executorId, file);
        claimed.push(file);
      } catch {
        if (!look(file)?.isSymbolicLink()) throw rowsNotKept(node, partition, cause);
        const holder = readlinkSync(file);
        if (holder !== executorId) throw heldAlone(task, node, partition, holder);
      }
    }
  } catch (error) {
    for (const file of claimed) rmSync(file, { force: true });
    throw error;
  }
}

/** The task has failed: nobody has seen these rows, so that the next attempt may compute others, wherever it runs. */
export function dropAlone(task: TaskRun): void {
  for (const { node, partition } of task.heldAlone) {
    task.services.blocks.dropPartition(node.rddId, partition);
    task.cachedBlocks = task.cachedBlocks.filter(
      (block) => block.rddId !== node.rddId || block.partition !== partition,
    );
  }
}

/** That something is in its way does not mean that the name is taken. */
function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new Error(`${folder} cannot be made: ${(cause as Error).message}`, { cause });
  }
}

/** A link would still fit on a full disk: it is the rows that must be at fault for one executor to have them alone. */
function isOfDisk(error: unknown): boolean {
  const { syscall, cause } = error as NodeJS.ErrnoException;
  return syscall !== undefined || (cause as NodeJS.ErrnoException | undefined)?.syscall !== undefined;
}

function isTaken(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EEXIST';
}

/**
 * The rows that whoever was first has shared; undefined when nobody has yet, so that they are to be computed. Throws
 * CACHED_ROWS_LOST when somebody has and they cannot be read: rows computed now would be others.
 */
export function sharedRows(task: TaskRun, node: RddNode, partition: number): Iterable<unknown[]> | undefined {
  if (node.shared === undefined) return undefined;
  const file = fileOf(task, node, partition);
  const found = look(file);
  if (found === undefined && node.sharedWhole) throw rowsLost(node, partition, 'its file is gone');
  if (found === undefined) return undefined;
  if (found.isSymbolicLink()) throw heldAlone(task, node, partition, readlinkSync(file));
  const rows = readBlock(file);
  if (rows === undefined) throw rowsLost(node, partition, 'its file is damaged');
  return counted(task, rows, found.size);
}

function look(file: string): Stats | undefined {
  try {
    return lstatSync(file, { throwIfNoEntry: false });
  } catch (error) {
    // Something else is where the folder should be.
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** Read from elsewhere, they are input of the task, as in Spark. */
function* counted(task: TaskRun, batches: Iterable<unknown[]>, bytes: number): Generator<unknown[], void> {
  task.metrics.inputBytes += bytes;
  for (const rows of batches) {
    task.metrics.inputRecords += rows.length;
    yield rows;
  }
}

const AGAIN =
  'unpersist() it and persist it again for new rows, or make them determinate: seed random numbers, pass the time in.';

function rowsLost(
  { rddId, name }: RddNode,
  partition: number,
  why: string,
  hint = `To go on, ${AGAIN}`,
): StagelightError {
  return new StagelightError(
    'CACHED_ROWS_LOST',
    `partition ${partition} of RDD ${rddId} (${name}) was cached and cannot be read: ${why}. Computed again its rows would be others than those that were used before`,
    { hint },
  );
}

function heldAlone(task: TaskRun, node: RddNode, partition: number, executorId: string): StagelightError {
  task.heldBy = executorId;
  const why = `executor ${executorId} has it alone, because its rows cannot be written to a file, and this is another executor or it has lost it`;
  const plain =
    'Make rows of plain data, which executors can exchange: class instances and functions stay in one';
  return rowsLost(node, partition, why, `${plain}. Or ${AGAIN}`);
}

/** Rows that must not be computed again have found no place. */
export function rowsNotKept({ rddId, name }: RddNode, partition: number, cause?: unknown): StagelightError {
  return new StagelightError(
    'CACHED_ROWS_NOT_KEPT',
    `partition ${partition} of RDD ${rddId} (${name}) could not be cached, and computed again its rows would be others`,
    {
      hint: 'Free disk space in the folder for temporary files (TMPDIR), or do not persist it.',
      ...(cause !== undefined && { cause }),
    },
  );
}
