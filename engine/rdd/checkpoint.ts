/**
 * Checkpoints: datasets whose rows are kept so that their lineage can be cut.
 *
 * A dataset is marked first. After the next action that computes it, a job of its own writes its partitions (to files, or to the
 * disks of the executors), then its plan becomes "read them" and its parents can be forgotten. Where marked datasets
 * follow each other only the nearest to the action is written: those behind it are out of reach afterwards.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { StagelightError } from '../errors.ts';
import type { ActionCall } from './action-call.ts';
import type { Call } from './lineage.ts';
import type { LineageNode } from './lineage-node.ts';
import type { Operator } from './operator.ts';
import { makeFolder, saveInto } from './save-files.ts';

export interface Checkpoint {
  kind: 'reliable' | 'local';
  /** The folder of its files; of a reliable one. */
  directory?: string;
  call: Call;
  state: 'marked' | 'written';
  /** While it is being written: actions that end meanwhile wait for the same. */
  writing?: Promise<void> | undefined;
}

/** The marked datasets that `rdd` is computed from, without those behind others; no recursion. */
function markedAncestors(rdd: LineageNode): LineageNode[] {
  const marked: LineageNode[] = [];
  const seen = new Set<LineageNode>();
  const stack = [rdd];
  for (let next = stack.pop(); next; next = stack.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    if (next.pendingCheckpoint) marked.push(next);
    else stack.push(...next.parents);
  }
  return marked;
}

/** Writes what is marked; `follow` makes the call of a job that belongs to the action which has just computed `rdd`. */
export async function writeCheckpoints(rdd: LineageNode, follow: (call: Call) => ActionCall): Promise<void> {
  for (const marked of markedAncestors(rdd)) {
    // Another action may be cancelled while it writes it; of those that wait one writes it then.
    while (marked.pendingCheckpoint?.writing) await marked.pendingCheckpoint.writing.catch(unlessCancelled);
    const checkpoint = marked.pendingCheckpoint;
    if (!checkpoint) continue;
    const call = follow({ ...checkpoint.call, name: nameOf(checkpoint) });
    checkpoint.writing = write(marked, checkpoint, call).finally(() => {
      checkpoint.writing = undefined;
    });
    await checkpoint.writing;
  }
}

function unlessCancelled(error: unknown): void {
  if (!(error instanceof StagelightError) || error.code !== 'JOB_CANCELLED') throw error;
}

function nameOf({ kind }: Checkpoint): string {
  return kind === 'reliable' ? 'checkpoint' : 'localCheckpoint';
}

async function write(rdd: LineageNode, checkpoint: Checkpoint, call: ActionCall): Promise<void> {
  const op =
    checkpoint.directory === undefined
      ? await keepLocally(rdd, call)
      : await writeFiles(rdd, checkpoint.directory, call);
  rdd.cutLineage(op);
  checkpoint.state = 'written';
}

async function keepLocally(rdd: LineageNode, call: ActionCall): Promise<Operator> {
  // Each task brings one row: those that hold its partition.
  const rows = await call.run(rdd, { kind: 'localCheckpoint' });
  return { kind: 'localCheckpoint', holders: rows.map((ofTask) => ofTask.flat() as string[]) };
}

async function writeFiles(rdd: LineageNode, directory: string, call: ActionCall): Promise<Operator> {
  try {
    await rm(directory, { recursive: true, force: true });
    mkdirSync(directory);
    await saveInto(call, rdd, directory, { kind: 'object' });
  } catch (failure) {
    await rm(directory, { recursive: true, force: true });
    throw named(failure, directory);
  }
  return { kind: 'checkpoint', directory };
}

function named(failure: unknown, directory: string): unknown {
  if (failure instanceof StagelightError || !(failure instanceof Error) || !('syscall' in failure))
    return failure;
  return new StagelightError(
    'OUTPUT_UNWRITABLE',
    `checkpoint: cannot write ${directory}: ${failure.message}`,
    {
      hint: 'Set another directory with sc.setCheckpointDir().',
      cause: failure,
    },
  );
}

export function directoryOf(base: string | undefined, rdd: LineageNode): string {
  if (base !== undefined) return join(base, `rdd-${rdd.id}`);
  throw new StagelightError('CHECKPOINT_DIR_UNSET', 'checkpoint: there is no checkpoint directory', {
    hint: 'Call sc.setCheckpointDir(directory) first, with a directory that outlives the notebook.',
  });
}

/** A folder of this application below the one the user named; relative names start at the folder of the script. */
export function makeCheckpointDirectory(base: string, directory: string): string {
  if (typeof directory !== 'string' || directory === '') {
    throw new StagelightError('INVALID_ARGUMENT', 'setCheckpointDir: expected the path of a directory', {
      hint: 'Name a directory that outlives the notebook.',
    });
  }
  const folder = join(resolve(base, directory), randomUUID());
  try {
    makeFolder(folder);
  } catch (failure) {
    throw new StagelightError(
      'OUTPUT_UNWRITABLE',
      `setCheckpointDir: cannot create ${folder}: ${(failure as Error).message}`,
      { hint: 'Name a place in folders you may write to.', cause: failure },
    );
  }
  return folder;
}
