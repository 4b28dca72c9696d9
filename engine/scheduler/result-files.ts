/** The files tasks leave behind: results too large for a message, and map outputs. */
import { unlink } from 'node:fs';
import type { MapStatus, TaskResult } from '../rdd/plan.ts';
import { readResultFileAsync } from '../rdd/result-file.ts';
import { indexPath } from '../shuffle/map-output-index.ts';

/** A file that is gone already is as good as deleted. */
export function removeFile(path: string): void {
  unlink(path, () => {});
}

export function deleteResult(result: TaskResult, remove = removeFile): void {
  if ('file' in result) remove(result.file);
  for (const piece of result.more ?? []) deleteResult(piece, remove);
}

export function deleteMapOutput({ path, more = [] }: MapStatus, remove = removeFile): void {
  for (const piece of more) deleteMapOutput(piece, remove);
  if (path === '') return;
  remove(path);
  remove(indexPath(path));
}

/** Reads results, and removes the files of those that came as files. */
export async function readResults(results: TaskResult[]): Promise<Uint8Array[]> {
  try {
    return await Promise.all(
      results.map((result) => ('bytes' in result ? result.bytes : readResultFileAsync(result))),
    );
  } finally {
    for (const result of results) deleteResult(result);
  }
}
