/**
 * Saving rows as files: the driver's part, which makes the result visible as a whole or not at all.
 *
 * Tasks write into a hidden folder beside the wanted one, each attempt in its own, and move their part up when control lets
 * them. When all are there, and `_SUCCESS`, the folder gets its name by one rename: nobody ever reads a part of a result.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { StagelightError } from '../errors.ts';
import { ActionCall } from './action-call.ts';
import type { FileFormat, TextCompression } from './file-format.ts';
import type { LineageNode } from './lineage-node.ts';

export interface SaveOptions {
  /** Compresses every part: `gzip` files end in `.gz`, `zstd` files in `.zst`. */
  compression?: TextCompression;
}

/** Writes a dataset of any format; the action is named after the method that was called. */
export async function saveAs(
  rdd: LineageNode,
  name: string,
  path: string,
  format: FileFormat,
): Promise<void> {
  const call = new ActionCall(rdd.lineage, name);
  requireCompression(name, format);
  if (typeof path !== 'string' || path === '') {
    throw new StagelightError(
      'INVALID_ARGUMENT',
      `${name}: expected the path of a directory, got ${String(path)}`,
      {
        hint: 'Name a directory that does not exist yet.',
      },
    );
  }
  const directory = resolve(rdd.lineage.runner.workingDirectory, path);
  rdd.node();
  const work = claim(name, directory);
  try {
    await saveInto(call, rdd, work, format);
    publish(name, work, directory);
  } catch (failure) {
    await rm(work, { recursive: true, force: true });
    throw failure;
  }
}

/** Has tasks write into a folder that is there, and marks it complete. */
export async function saveInto(
  call: ActionCall,
  rdd: LineageNode,
  folder: string,
  format: FileFormat,
): Promise<void> {
  await call.run(rdd, { kind: 'saveAsFile', directory: folder, format });
  // Attempts that died, or were not let through, have left theirs.
  for (const left of await readdir(folder))
    if (left.startsWith('_attempt_')) await rm(join(folder, left), { recursive: true, force: true });
  await writeFile(join(folder, '_SUCCESS'), '');
}

function requireCompression(name: string, format: FileFormat): void {
  const compression = 'compression' in format ? format.compression : undefined;
  const known = format.kind === 'parquet' ? ['none', 'snappy', 'gzip', 'zstd'] : ['gzip', 'zstd'];
  if (compression === undefined || known.includes(compression)) return;
  throw new StagelightError('INVALID_ARGUMENT', `${name}: there is no compression "${String(compression)}"`, {
    hint: `Use ${known.map((each) => `'${each}'`).join(', ')}, or leave it out.`,
  });
}

/**
 * A hidden folder beside `directory` that only this call writes to. Its name tells the process it belongs to, so that there is no
 * moment, from the folder's making to its renaming, in which another save could take it for one that was given up.
 */
function claim(name: string, directory: string): string {
  refuseExisting(name, directory);
  const folder = dirname(directory);
  const prefix = `.${basename(directory)}._temporary-`;
  const work = join(folder, `${prefix}${process.pid}.${randomUUID()}`);
  try {
    makeFolder(folder);
    for (const other of readdirSync(folder))
      if (other.startsWith(prefix))
        settleOther(name, directory, join(folder, other), Number.parseInt(other.slice(prefix.length), 10));
    mkdirSync(work);
  } catch (failure) {
    if (failure instanceof StagelightError) throw failure;
    throw new StagelightError(
      'OUTPUT_UNWRITABLE',
      `${name}: cannot create ${directory}: ${(failure as Error).message}`,
      { hint: 'Name a place in folders you may write to.', cause: failure },
    );
  }
  return work;
}

/** Another save to the same place: one that was killed is cleared away, one that is at work has come first. */
function settleOther(name: string, directory: string, other: string, owner: number): void {
  if (isAtWork(owner)) throw exists(name, directory, 'is being written by another job');
  rmSync(other, { recursive: true, force: true });
}

function isAtWork(pid: number): boolean {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** One rename; what came to be there meanwhile is never overwritten. */
function publish(name: string, work: string, directory: string): void {
  refuseExisting(name, directory);
  try {
    renameSync(work, directory);
  } catch (failure) {
    const { code } = failure as NodeJS.ErrnoException;
    if (code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'ENOTDIR') throw exists(name, directory);
    throw failure;
  }
}

function refuseExisting(name: string, directory: string): void {
  if (existsSync(directory)) throw exists(name, directory);
}

function exists(name: string, directory: string, how = 'already exists'): StagelightError {
  return new StagelightError('OUTPUT_EXISTS', `${name}: ${directory} ${how}`, {
    hint: 'Choose another directory or remove this one first: results are never mixed with older files.',
  });
}

/** Folder by folder: Node's own recursion never ends where folders cannot be made at all, as in /proc. */
export function makeFolder(folder: string): void {
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
