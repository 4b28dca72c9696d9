/**
 * The folder of one application's blocks: in memory (tmpfs) while there is room, with an overflow folder on disk.
 *
 * Only the owner may enter it. It is named by application and process and says in a file which process owns it, so
 * that a later start can sweep what a killed process left behind.
 */
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statfsSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { StagelightError } from '../errors.ts';
import { noSpace } from '../storage/write-error.ts';

const PREFIX = 'stagelight-blocks-';
const OWNER_FILE = 'owner.json';
const OVERFLOW_LINK = 'overflow';
const SHARED_MEMORY = '/dev/shm';
/** Left free on tmpfs: it is the machine's memory. */
const RESERVE_BYTES = 256 * 1024 * 1024;
const CREDIT_BYTES = 16 * 1024 * 1024;

interface Owner {
  pid: number;
  /** Processes of another container have numbers of their own; its folders are not ours to judge. */
  pidNamespace: string;
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

/** tmpfs is memory: what it may still take is bounded by what the machine, or this container, has left. */
function freeBytes(directory: string): number {
  try {
    const { bavail, bsize } = statfsSync(directory);
    return Math.min(bavail * bsize, process.availableMemory());
  } catch {
    return 0;
  }
}

/** Makes the folder, mode 0700. `budget` is how many bytes of blocks are expected in memory. */
export function createBlockDirectory(appId: string, budget = 0): string {
  const name = `${PREFIX}${appId.replaceAll(/[^\w-]/g, '_')}-${process.pid}`;
  const onDisk = path.join(tmpdir(), name);
  const owner: Owner = { pid: process.pid, pidNamespace: pidNamespace() };
  try {
    makeOwned(onDisk, owner);
  } catch (error) {
    throw folderNotMade(error);
  }
  if (freeBytes(SHARED_MEMORY) < budget + RESERVE_BYTES) return onDisk;
  const inMemory = path.join(SHARED_MEMORY, name);
  try {
    makeOwned(inMemory, owner);
  } catch {
    return onDisk;
  }
  symlinkSync(onDisk, path.join(inMemory, OVERFLOW_LINK));
  return inMemory;
}

function folderNotMade(error: unknown): unknown {
  const what = 'a folder for temporary files';
  const full = noSpace(error, tmpdir(), what);
  if (full !== undefined) return full;
  return new StagelightError(
    'BLOCKS_UNWRITABLE',
    `${what} cannot be made in ${tmpdir()}: ${(error as Error).message}`,
    {
      hint: 'Set TMPDIR to a folder that exists and that this user may write to.',
      cause: error,
    },
  );
}

/** Not recursive: a folder that is already there was made by someone else and must not be trusted. */
function makeOwned(directory: string, owner: Owner): void {
  mkdirSync(directory, { mode: 0o700 });
  writeFileSync(path.join(directory, OWNER_FILE), JSON.stringify(owner), { mode: 0o600 });
}

function overflowOf(directory: string): string | undefined {
  try {
    return readlinkSync(path.join(directory, OVERFLOW_LINK));
  } catch {
    return undefined;
  }
}

interface Choice {
  overflow: string | undefined;
  isFull: boolean;
  /** Bytes that may be written before looking again: looking costs more than writing a small block. */
  credit: number;
}

const choices = new Map<string, Choice>();

function choiceOf(directory: string): Choice {
  let choice = choices.get(directory);
  if (choice === undefined) {
    choice = { overflow: overflowOf(directory), isFull: false, credit: 0 };
    choices.set(directory, choice);
  }
  return choice;
}

/** Where a block of this size should be written: the folder itself, or its overflow when memory runs short. */
export function directoryFor(directory: string, bytes: number): string {
  const choice = choiceOf(directory);
  if (choice.overflow === undefined) return directory;
  choice.credit -= bytes;
  if (choice.credit < 0) {
    choice.isFull = freeBytes(directory) < bytes + RESERVE_BYTES;
    choice.credit = CREDIT_BYTES;
  }
  return choice.isFull ? choice.overflow : directory;
}

/** Where blocks may be: the folder itself, and its overflow. */
export function blockFolders(directory: string): string[] {
  const { overflow } = choiceOf(directory);
  return overflow === undefined ? [directory] : [directory, overflow];
}

/** Where one executor puts what must leave memory, always on disk. What is left in it goes with the executor. */
export function executorDirectory(directory: string, executorId: string): string {
  return path.join(choiceOf(directory).overflow ?? directory, `executor_${executorId}`);
}

/** Where cached partitions are that all executors read, always on disk: one folder, so that a name in it is taken once. */
export function sharedDirectory(directory: string): string {
  return path.join(choiceOf(directory).overflow ?? directory, 'shared');
}

export function removeBlockDirectory(directory: string): void {
  choices.delete(directory);
  const overflow = overflowOf(directory);
  // The link is followed only to a folder of the same name, whatever it was changed to.
  if (overflow !== undefined && path.basename(overflow) === path.basename(directory)) {
    rmSync(overflow, { recursive: true, force: true });
  }
  rmSync(directory, { recursive: true, force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function isStale(directory: string): boolean {
  try {
    const stat = lstatSync(directory);
    if (!stat.isDirectory() || stat.uid !== process.getuid?.()) return false;
    const owner = JSON.parse(readFileSync(path.join(directory, OWNER_FILE), 'utf8')) as Owner;
    return owner.pidNamespace === pidNamespace() && Number.isInteger(owner.pid) && !isAlive(owner.pid);
  } catch {
    return false;
  }
}

/** Deletes this user's folders whose owner process is gone; returns them. */
export function sweepStaleBlockDirectories(roots: readonly string[] = [SHARED_MEMORY, tmpdir()]): string[] {
  const swept: string[] = [];
  for (const root of roots) {
    let names: string[];
    try {
      names = readdirSync(root);
    } catch {
      continue;
    }
    for (const name of names) {
      const directory = path.join(root, name);
      if (!name.startsWith(PREFIX) || !isStale(directory)) continue;
      rmSync(directory, { recursive: true, force: true });
      swept.push(directory);
    }
  }
  return swept;
}
