/**
 * The outputs of one open notebook on disk: a line with the whole view as it was, then a line for each batch of events
 * since. A batch is handed to the system before any page sees it, so that a server killed at any moment has lost
 * nothing that was shown. What it does not survive is the machine losing power: only the first line is flushed.
 */
import {
  closeSync,
  constants,
  fstatSync,
  fsync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFile,
  writeSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import { promisify } from 'node:util';
import { StagelightError } from '../engine/errors.ts';
import { toSnapshot } from '../engine/fold/snapshot.ts';
import type { ViewState } from '../engine/fold/state.ts';
import type { StagelightEvent } from '../engine/protocol.ts';
import { draftPath } from './write-atomically.ts';

const writeAll = promisify(writeFile);
const flush = promisify(fsync);

/** Bytes of batches after which the whole is written anew, at least; more when the whole is larger. */
const COMPACT_BYTES = 4_000_000;
/** How long what only brings a counter or a text up to date may wait for something that must be kept. */
const MINOR_MS = 1000;
/** After a write that failed. */
const RETRY_MS = 5000;

/** Names what a newer event of the same kind replaces; undefined for what must be kept each in its turn. */
function minorKey(event: StagelightEvent): string | undefined {
  switch (event.type) {
    case 'stageProgress':
      return `progress ${event.stageId}.${event.attempt}`;
    case 'executorMetrics':
      return `executor ${event.executorId}`;
    // Text is in the notebook's own file at once.
    case 'cellEdited':
    case 'cellAnalyzed':
      return `${event.type} ${event.cellId}`;
    case 'historyChanged':
    case 'variables':
      return event.type;
    default:
      return undefined;
  }
}

const isForgotten = ({ type }: StagelightEvent) => type === 'notebookSaved' || type === 'outputsSaved';

export interface OutputsFileOptions {
  path: string;
  view: ViewState;
  /** What the view was brought up to date with after it was read from the file; absent when it is not from there. */
  opening?: readonly StagelightEvent[];
  /** Bytes in the file. */
  size?: number;
  compactBytes?: number;
}

export class OutputsFile {
  #path: string;
  readonly #view: ViewState;
  readonly #compactBytes: number;
  /** Events that lines must begin with to go on from what is in the file; undefined: the file is of no use. */
  #opening: readonly StagelightEvent[] | undefined;
  #fd: number | undefined;
  #wholeBytes: number;
  #bytesSince = 0;
  /** The version of the view that is on disk in full. */
  #version: number;
  readonly #minor = new Map<string, StagelightEvent>();
  #minorTimer: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;
  /** Lines appended while the whole is being written: they go behind it as well. */
  #meanwhile: string[] | undefined;
  #writing: Promise<void> = Promise.resolve();
  #failed = false;
  #closed = false;
  /** Told when outputs cannot be saved, and without an error when they are again. */
  onTrouble: (error?: StagelightError) => void = () => {};

  constructor({ path, view, opening, size = 0, compactBytes = COMPACT_BYTES }: OutputsFileOptions) {
    this.#path = path;
    this.#view = view;
    this.#opening = opening;
    this.#wholeBytes = size;
    this.#compactBytes = compactBytes;
    this.#version = view.version;
  }

  /** Takes events that the view has been folded with; on return they are with the system, or the trouble is told. */
  append(events: readonly StagelightEvent[]): void {
    if (this.#closed) return;
    const kept: StagelightEvent[] = [];
    for (const event of events) {
      if (isForgotten(event)) continue;
      const key = minorKey(event);
      if (key !== undefined) {
        this.#minor.delete(key);
        this.#minor.set(key, event);
      } else kept.push(...this.#takeMinor(), event);
    }
    if (kept.length > 0) this.#write(kept);
    if (this.#minor.size > 0) this.#minorTimer ??= setTimeout(() => this.#writeMinor(), MINOR_MS).unref();
  }

  /** Resolves when the whole view is in the file, flushed, with nothing behind it. Never rejects. */
  compact(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#compact());
    return this.#writing;
  }

  /** The file was moved, or should have been. */
  moved(path: string): void {
    this.#close();
    this.#path = path;
    this.#version = -1;
  }

  /** Writes what is not there yet in full; nothing is taken after it. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    clearTimeout(this.#minorTimer);
    await this.compact();
    this.#close();
  }

  #takeMinor(): StagelightEvent[] {
    const events = [...this.#minor.values()];
    this.#minor.clear();
    return events;
  }

  #writeMinor(): void {
    this.#minorTimer = undefined;
    const events = this.#takeMinor();
    if (events.length > 0 && !this.#closed) this.#write(events);
  }

  #write(events: readonly StagelightEvent[]): void {
    const line = `${JSON.stringify(events)}\n`;
    this.#meanwhile?.push(line);
    // Everything is written when it can be written again.
    if (this.#failed) return;
    try {
      // Someone removed the file: the folder may be deleted at any time.
      if (this.#fd !== undefined && fstatSync(this.#fd).nlink === 0) this.#forget();
      if (this.#fd === undefined && !this.#continue()) {
        this.#begin();
        return;
      }
      const { length } = this.#opening ?? [];
      // A line that a killed server left unfinished ends here.
      const text = length > 0 ? `\n${JSON.stringify(this.#opening)}\n${line}` : line;
      this.#opening = [];
      this.#bytesSince += append(this.#fd!, text);
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (this.#bytesSince > Math.max(this.#compactBytes, 2 * this.#wholeBytes) && !this.#meanwhile)
      void this.compact();
  }

  /** Opens the file to go on from what is in it; false when there is none. */
  #continue(): boolean {
    if (!this.#opening) return false;
    try {
      this.#fd = openSync(this.#path, constants.O_WRONLY | constants.O_APPEND);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
  }

  /** Writes the whole at once: there is nothing yet that lines could follow. */
  #begin(): void {
    const { draft, fd } = this.#draft();
    try {
      const text = this.#whole();
      this.#wholeBytes = append(fd, text);
      this.#replace(draft, fd, this.#view.version);
    } catch (error) {
      discard(draft, fd);
      throw error;
    }
  }

  async #compact(): Promise<void> {
    if (this.#version === this.#view.version) return;
    let made: { draft: string; fd: number } | undefined;
    const meanwhile: string[] = [];
    try {
      made = this.#draft();
      const { draft, fd } = made;
      const { version } = this.#view;
      this.#takeMinor();
      const text = this.#whole();
      this.#meanwhile = meanwhile;
      await writeAll(fd, text);
      await flush(fd);
      // In one turn, so that no batch falls between the old file and the new one.
      const since = meanwhile.length > 0 ? append(fd, meanwhile.join('')) : 0;
      this.#replace(draft, fd, since > 0 ? -1 : version);
      this.#wholeBytes = Buffer.byteLength(text);
      this.#bytesSince = since;
      if (this.#failed) this.onTrouble();
      this.#failed = false;
    } catch (error) {
      if (made) discard(made.draft, made.fd);
      this.#fail(error);
    } finally {
      this.#meanwhile = undefined;
    }
  }

  #whole(): string {
    return `${JSON.stringify(toSnapshot(this.#view))}\n`;
  }

  #draft(): { draft: string; fd: number } {
    mkdirSync(dirname(this.#path), { recursive: true });
    const draft = draftPath(this.#path);
    return { draft, fd: openSync(draft, 'ax', 0o644) };
  }

  #replace(draft: string, fd: number, version: number): void {
    renameSync(draft, this.#path);
    this.#close();
    this.#fd = fd;
    this.#opening = [];
    this.#bytesSince = 0;
    this.#version = version;
  }

  /** What is in the file, if there is one, is not what the next line follows. */
  #forget(): void {
    this.#close();
    this.#opening = undefined;
  }

  #close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #fail(error: unknown): void {
    this.#close();
    if (!this.#failed) this.onTrouble(notSaved(error, this.#path));
    this.#failed = true;
    clearTimeout(this.#retry);
    if (!this.#closed) this.#retry = setTimeout(() => void this.compact(), RETRY_MS).unref();
  }
}

/** Bytes written; all of them, or it throws. */
function append(fd: number, text: string): number {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
  return bytes.length;
}

function discard(draft: string, fd: number): void {
  closeSync(fd);
  rmSync(draft, { force: true });
}

function notSaved(error: unknown, path: string): StagelightError {
  return new StagelightError('OUTPUTS_NOT_SAVED', `outputs are not saved: ${reasonOf(error, path)}`, {
    hint: 'They are shown until the server ends; export the notebook to keep them. Saving is tried again every few seconds.',
    cause: error,
  });
}

function reasonOf(error: unknown, path: string): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const folder = basename(dirname(path));
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'the disk is full';
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `the folder "${folder}" beside the notebook may not be written`;
    case 'ENOTDIR':
    case 'EEXIST':
      return `"${folder}" beside the notebook is not a folder`;
    case 'EISDIR':
      return `"${basename(path)}" in the folder "${folder}" is a folder`;
    default:
      return message;
  }
}
