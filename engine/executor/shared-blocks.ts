/**
 * Cached partitions whose rows would be others if they were computed again, as files that every executor reads. Whoever has
 * computed one gives its block a name that can be given once: of several executors that compute the same partition at the
 * same time one is first, and all hand out the rows of that one. The file outlives its executor.
 *
 * Rows that cannot be written stay with the executor that computed them, whose name stands in place of the file as soon as the
 * task has come through: no other computes them anew. Where nobody knows that they would be others, others do, and compare
 * them with the checksum that stands beside the name (`row-sum.ts`).
 */
import {
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  rmSync,
  type Stats,
  symlinkSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { StagelightError } from '../errors.ts';
import { type RddNode, repeats, type StorageLevel } from '../rdd/plan.ts';
import { sharedDirectory } from '../shuffle/block-directory.ts';
import { readBlock } from '../storage/disk-store.ts';
import { withDisk } from '../storage/storage-level.ts';
import type { AddedInTask, AddedWithBlock } from './added-in-task.ts';
import { noteOf, readNote, writeNote } from './added-notes.ts';
import { addedSoFar } from './block-part.ts';
import { RowSum } from './row-sum.ts';
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
export function levelOf(node: RddNode): StorageLevel {
  return repeats(node) ? node.storageLevel : withDisk(node.storageLevel);
}

/** Whether rows computed again are others for certain: then nobody computes them who does not have them. */
function areOfChance({ determinism }: RddNode): boolean {
  return determinism === 'INDETERMINATE';
}

/** What has become of a partition that was just cached: all read it, they read another executor's, or only this one has it. */
export type Shared = 'here' | 'others' | 'alone';

/**
 * To be asked once the partition is cached here; `added` is what was added while it was computed. Throws when there is no
 * room for a file, or no right to write one.
 */
export function share(task: TaskRun, node: RddNode, partition: number, added: AddedInTask): Shared {
  const { blocks } = task.services;
  const file = fileOf(task, node, partition);
  const { rddId } = node;
  let removeNote = () => {};
  try {
    makeFolder(dirname(file));
    blocks.publish(rddId, partition, file, (own) => {
      removeNote = writeNote({ rddId, partition, file }, own, (note) =>
        added.forNote(rddId, node.shared!, note),
      );
    });
    return 'here';
  } catch (error) {
    removeNote();
    const found = look(file);
    if (found !== undefined && (areOfChance(node) || !found.isSymbolicLink())) return 'others';
    if (!areOfChance(node)) {
      const sum = new RowSum();
      for (const rows of blocks.read(node.rddId, partition, node.shared) ?? []) sum.add(rows);
      keepSum(task, node, partition, sum, error);
      return 'alone';
    }
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
 * Rows that neither memory nor a file can hold, or a file could not take, have been computed: they are what was computed of
 * the partition before, as far as can be seen, or nobody has yet. Throws CACHED_ROWS_DIFFER.
 */
export function keepSum(task: TaskRun, node: RddNode, partition: number, sum: RowSum, cause?: unknown): void {
  const file = fileOf(task, node, partition);
  const own = task.heldAlone.find((held) => held.node.rddId === node.rddId && held.partition === partition);
  const { executorId } = task.services.config;
  const before = own ? `${executorId} ${own.sum}` : nameOf(file);
  if (before !== undefined) {
    compare(task, node, partition, sum, before);
    return;
  }
  const rows = look(file) && readBlock(file, node.rddId, partition);
  if (rows) {
    const written = new RowSum();
    for (const batch of rows) written.add(batch);
    compare(task, node, partition, sum, `${executorId} ${written}`);
    return;
  }
  task.heldAlone.push({ node, partition, cause, sum });
}

/** What stands in place of the file: who has the rows alone, and their checksum where others may compute them. */
function nameOf(file: string): string | undefined {
  return look(file)?.isSymbolicLink() ? readlinkSync(file) : undefined;
}

function compare(task: TaskRun, node: RddNode, partition: number, sum: RowSum, before: string): void {
  const [holder, known] = before.split(' ');
  if (known !== sum.toString()) {
    const { blocks, config } = task.services;
    blocks.dropPartition(node.rddId, partition);
    if (holder !== config.executorId) task.heldBy = holder;
    throw rowsDiffer(node, partition);
  }
  if (sum.isPartial) warnOnce(task, node);
}

const warned = new WeakMap<object, Set<number>>();

/** Among what the tasks of the cell print. */
function warnOnce({ services }: TaskRun, { rddId, name }: RddNode): void {
  let rddIds = warned.get(services.blocks);
  if (!rddIds) warned.set(services.blocks, (rddIds = new Set()));
  if (rddIds.has(rddId)) return;
  rddIds.add(rddId);
  process.stderr.write(
    `Warning: partitions of RDD ${rddId} (${name}) were cached, were not kept, and are computed again. Their rows have parts that cannot be ` +
      'compared with those that were used before (functions, private fields); the rest of them is the same. Cache rows of plain data to be sure.\n',
  );
}

/**
 * The task has come through, so that the rows which only this executor has are those that count. Throws when others had
 * computed them meanwhile, or not even a name can be written: then none is claimed.
 */
export function claimAlone(task: TaskRun): void {
  const { executorId } = task.services.config;
  const claimed: string[] = [];
  try {
    for (const { node, partition, cause, sum } of task.heldAlone) {
      const file = fileOf(task, node, partition);
      try {
        makeFolder(dirname(file));
        symlinkSync(sum ? `${executorId} ${sum}` : executorId, file);
        claimed.push(file);
      } catch (error) {
        const before = nameOf(file);
        if (before === undefined) throw rowsNotKept(node, partition, cause ?? error);
        if (sum) compare(task, node, partition, sum, before);
        else if (before !== executorId) throw heldAlone(task, node, partition, before);
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

/**
 * The rows that whoever was first has shared, with what was added for them, as `bringAdded` brings it; undefined when nobody
 * has yet, so that they are to be computed. Throws CACHED_ROWS_LOST when somebody has and they cannot be read: rows computed
 * now would be others.
 */
export function sharedRows(task: TaskRun, node: RddNode, partition: number): Iterable<unknown[]> | undefined {
  if (node.shared === undefined) return undefined;
  const file = fileOf(task, node, partition);
  const found = look(file);
  if (found === undefined && node.sharedWhole) throw rowsLost(node, partition, 'its file is gone');
  if (found === undefined) return undefined;
  // To be compared when it has been computed.
  if (found.isSymbolicLink() && !areOfChance(node)) return undefined;
  if (found.isSymbolicLink()) throw heldAlone(task, node, partition, readlinkSync(file));
  // Nothing else gets this name, so the file that was found is the one that is read, or it is gone. Its note is read first:
  // an open block that nobody reads would stay open.
  const added = addedFor(node, partition, file, found);
  const rows = readBlock(file, node.rddId, partition);
  if (rows === undefined) throw unreadable(node, partition, file);
  use(task, added);
  return counted(task, rows, found.size);
}

/** Whoever reads the rows where they are cached here brings what was added for them, until it is counted. */
export function bringAdded(task: TaskRun, node: RddNode, partition: number): void {
  if (node.shared === undefined) return;
  const file = fileOf(task, node, partition);
  const found = look(file);
  if (found !== undefined && !found.isSymbolicLink()) use(task, addedFor(node, partition, file, found));
}

function addedFor(node: RddNode, partition: number, file: string, found: Stats): AddedWithBlock[] {
  const added = readNote({ rddId: node.rddId, partition, file }, found);
  if (added === undefined) throw unreadable(node, partition, noteOf(file, found.ino));
  return added;
}

function use(task: TaskRun, added: AddedWithBlock[]): void {
  for (const each of added) addedSoFar(task).use(each);
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

/** What cannot be opened is not lost: there may be a file descriptor for another attempt. */
function unreadable(node: RddNode, partition: number, file: string): StagelightError {
  try {
    closeSync(openSync(file, 'r'));
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return rowsLost(node, partition, 'its file is gone');
    return new StagelightError(
      'CACHED_ROWS_UNREADABLE',
      `partition ${partition} of RDD ${node.rddId} (${node.name}) was cached and its file cannot be opened: ${message}`,
      {
        hint: 'If it happens again, let the process have more open files (ulimit -n), or check the disk.',
        cause,
      },
    );
  }
  return rowsLost(node, partition, 'its file is damaged');
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

function rowsDiffer({ rddId, name }: RddNode, partition: number): StagelightError {
  return new StagelightError(
    'CACHED_ROWS_DIFFER',
    `partition ${partition} of RDD ${rddId} (${name}) was cached and could not be kept, and computed again its rows are others than those that were used before`,
    {
      hint: `Make its functions give the same rows again, or rows of plain data, which a file can hold. Or ${AGAIN}`,
    },
  );
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
