/** What tasks that never told of their end had written: nobody knows of it, so it would stay until the kernel ends. */
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { blockFolders } from './block-directory.ts';

/** Map outputs, complete or not, and results; the number is that of the attempt. */
const OF_TASK = /^(?:shuffle_\d+_\d+|task[a-z]+(?:_\w+)?)_(\d+)(?:\.(?:data|index)(?:\.tmp)?)?$/;

/** Removes the files of these tasks, which must have ended without a word; resolves to their names. */
export async function removeUnfinished(directory: string, taskIds: ReadonlySet<number>): Promise<string[]> {
  const removed: string[] = [];
  if (taskIds.size === 0) return removed;
  for (const folder of blockFolders(directory)) {
    for (const name of await readdir(folder).catch(() => [])) {
      const taskId = OF_TASK.exec(name)?.[1];
      if (taskId === undefined || !taskIds.has(Number(taskId))) continue;
      await rm(path.join(folder, name), { force: true }).catch(() => {});
      removed.push(name);
    }
  }
  return removed;
}
