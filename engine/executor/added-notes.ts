/**
 * What was added to accumulators while a partition was computed that all executors read: a file beside that of its rows. The
 * attempt that computed it may fail after others can read it; then what it added counts with the first task that ends well
 * of those that have used the rows. The driver, which counts it, removes the note.
 *
 * Several executors may write a note for the same partition before one of them gets the name of the block. So the note is
 * named by the inode of the block file, which a link does not change: whoever reads the block finds the note of those rows.
 */
import { lstatSync, rmSync, type Stats } from 'node:fs';
import { BlockWriter, readBlock } from '../storage/disk-store.ts';
import type { AddedWithBlock } from './added-in-task.ts';

export function noteOf(blockFile: string, inode: number): string {
  return `${blockFile}.added_${inode}`;
}

/** A shared block: the file is that under its name for all. */
export interface NotedBlock {
  rddId: number;
  partition: number;
  file: string;
}

/** Of the block file `own`, which is about to be linked under the name for all; returns how to take it back. */
export function writeNote(
  { rddId, partition, file }: NotedBlock,
  own: string,
  added: (note: string) => AddedWithBlock[],
): () => void {
  const note = noteOf(file, lstatSync(own).ino);
  // One may be there of a process that has ended before it could give its block the name, and whose inode this is now.
  const remove = () => rmSync(note, { force: true });
  remove();
  const all = added(note);
  if (all.length === 0) return remove;
  const writer = new BlockWriter(note, rddId, partition);
  try {
    writer.write(all);
    writer.finish();
  } catch (error) {
    writer.abort();
    throw error;
  }
  return remove;
}

/** Empty when nothing was added, or it was counted; undefined when it cannot be read. */
export function readNote(
  { rddId, partition, file }: NotedBlock,
  { ino }: Stats,
): AddedWithBlock[] | undefined {
  const note = noteOf(file, ino);
  const isThere = () => lstatSync(note, { throwIfNoEntry: false }) !== undefined;
  if (!isThere()) return [];
  const rows = readBlock(note, rddId, partition);
  // Counted between two looks.
  if (rows === undefined) return isThere() ? undefined : [];
  return [...rows].flat() as AddedWithBlock[];
}
