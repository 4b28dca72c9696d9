/** Saving rows as lines: the driver's part, which makes the result visible as a whole or not at all. */
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { StagelightError } from '../errors.ts';
import { ActionCall } from './action-call.ts';
import type { AnyRDD } from './rdd.ts';

export interface SaveOptions {
  /** Compresses every part; its name then ends in `.gz`. */
  compression?: 'gzip';
}

/** Tasks write below `_temporary`, move their part up when control lets them, and `_SUCCESS` comes last. */
export async function saveAsTextFile(rdd: AnyRDD, path: string, options: SaveOptions = {}): Promise<void> {
  const call = new ActionCall(rdd.lineage, 'saveAsTextFile');
  const directory = resolve(rdd.lineage.runner.workingDirectory, path);
  if (existsSync(directory)) {
    throw new StagelightError('OUTPUT_EXISTS', `saveAsTextFile: ${directory} already exists`, {
      hint: 'Choose another directory or remove this one first: results are never mixed with older files.',
    });
  }
  const temporary = join(directory, '_temporary');
  await mkdir(temporary, { recursive: true });
  try {
    await call.run(rdd, { kind: 'saveAsTextFile', directory, gzip: options.compression === 'gzip' });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  await writeFile(join(directory, '_SUCCESS'), '');
}
