/** Saving rows as lines: the driver's part, which makes the result visible as a whole or not at all. */
import { existsSync, mkdirSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { StagelightError } from '../errors.ts';
import { ActionCall } from './action-call.ts';
import type { LineageNode } from './lineage-node.ts';

export interface SaveOptions {
  /** Compresses every part; its name then ends in `.gz`. */
  compression?: 'gzip';
}

/**
 * Tasks write below `_temporary`, move their part up when control lets them, and `_SUCCESS` comes last. The directory
 * is this call's own: when the job fails it goes, so that the next try finds the place free.
 */
export async function saveAsTextFile(
  rdd: LineageNode,
  path: string,
  options: SaveOptions = {},
): Promise<void> {
  const call = new ActionCall(rdd.lineage, 'saveAsTextFile');
  const directory = resolve(rdd.lineage.runner.workingDirectory, path);
  rdd.node();
  createNew(directory);
  const temporary = join(directory, '_temporary');
  try {
    mkdirSync(temporary);
    await call.run(rdd, { kind: 'saveAsTextFile', directory, gzip: options.compression === 'gzip' });
    await rm(temporary, { recursive: true, force: true });
    await writeFile(join(directory, '_SUCCESS'), '');
  } catch (failure) {
    await rm(directory, { recursive: true, force: true });
    throw failure;
  }
}

/** Creating is the check: of two that write to the same place only one gets it. */
function createNew(directory: string): void {
  try {
    makeFolder(dirname(directory));
    mkdirSync(directory);
  } catch (failure) {
    const { code, message } = failure as NodeJS.ErrnoException;
    if (code !== 'EEXIST' || !existsSync(directory)) {
      throw new StagelightError(
        'OUTPUT_UNWRITABLE',
        `saveAsTextFile: cannot create ${directory}: ${message}`,
        {
          hint: 'Name a place in folders you may write to.',
          cause: failure,
        },
      );
    }
    throw new StagelightError('OUTPUT_EXISTS', `saveAsTextFile: ${directory} already exists`, {
      hint: 'Choose another directory or remove this one first: results are never mixed with older files.',
    });
  }
}

/** Folder by folder: Node's own recursion never ends where folders cannot be made at all, as in /proc. */
function makeFolder(folder: string): void {
  const missing: string[] = [];
  for (let at = folder; !existsSync(at); at = dirname(at)) missing.push(at);
  for (const each of missing.reverse()) {
    try {
      mkdirSync(each);
    } catch (failure) {
      if ((failure as NodeJS.ErrnoException).code !== 'EEXIST') throw failure;
    }
  }
}
