/** What executors that have ended leave in the block directory; what cannot be removed goes with that. */
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { blockFolders, executorDirectory } from '../shuffle/block-directory.ts';
import type { FromExecutor } from './messages.ts';

const FOLDER = /^executor_(.+)$/;

/** Where executors keep cached partitions and spills, of those that are no more; a copy may have been made for one that has just gone. */
export async function removeFoldersOfDead(
  blockDirectory: string,
  isAlive: (executorId: string) => boolean,
): Promise<void> {
  for (const folder of blockFolders(blockDirectory)) {
    for (const name of await readdir(folder).catch(() => [])) {
      const executorId = FOLDER.exec(name)?.[1];
      if (executorId === undefined || isAlive(executorId)) continue;
      await rm(path.join(folder, name), { recursive: true, force: true }).catch(() => {});
    }
  }
}

/** An executor tells of copies it has put into the folders of others: those of executors that have gone go again. */
export function removeCopiesForDead(
  blockDirectory: string,
  message: FromExecutor,
  isAlive: (executorId: string) => boolean,
): void {
  for (const holder of takersIn(message)) {
    if (isAlive(holder)) continue;
    rm(executorDirectory(blockDirectory, holder), { recursive: true, force: true }).catch(() => {});
  }
}

function takersIn(message: FromExecutor): string[] {
  if (message.type === 'replicaMade') return [message.to];
  if (message.type !== 'taskEnded') return [];
  return message.end.cachedBlocks?.flatMap(({ replicas = [] }) => replicas) ?? [];
}
