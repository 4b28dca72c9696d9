/** One partition written as lines of text to a file of this attempt's own, made visible by a rename. */
import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const FLUSH = 1 << 18;

export interface OutputCounters {
  outputBytes: number;
  outputRecords: number;
}

/** Strings as they are, other scalars as `String` shows them, arrays and objects as JSON. */
export function lineOf(row: unknown): string {
  if (typeof row === 'string') return row;
  if (row instanceof Date) return Number.isNaN(row.getTime()) ? 'Invalid Date' : row.toISOString();
  if (typeof row !== 'object' || row === null) return String(row);
  return JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? value.toString() : value));
}

export class TextOutput {
  readonly #folder: string;
  readonly #written: string;
  readonly #final: string;
  readonly #gzip: boolean;
  readonly #counters: OutputCounters;
  #fd: number;
  #text = '';

  constructor(directory: string, taskId: number, partition: number, gzip: boolean, counters: OutputCounters) {
    const name = `part-${String(partition).padStart(5, '0')}${gzip ? '.gz' : ''}`;
    this.#folder = join(directory, '_temporary', String(taskId));
    this.#written = join(this.#folder, name);
    this.#final = join(directory, name);
    this.#gzip = gzip;
    this.#counters = counters;
    // Not with its parents: a task that outlives its job must not bring back a directory that was given up.
    mkdirSync(this.#folder);
    this.#fd = openSync(this.#written, 'w');
  }

  add(row: unknown): void {
    this.#text += `${lineOf(row)}\n`;
    this.#counters.outputRecords++;
    if (this.#text.length >= FLUSH) this.#flush();
  }

  /** A gzip file may consist of several members: each flush is one, so memory stays small. */
  #flush(): void {
    const plain = Buffer.from(this.#text);
    const bytes = this.#gzip ? gzipSync(plain) : plain;
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at);
    this.#counters.outputBytes += bytes.length;
    this.#text = '';
  }

  #close(): void {
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
  }

  /** Everything is on its way to the disk; nothing is visible yet. */
  finish(): void {
    // An empty gzip file has one empty member.
    if (this.#text !== '' || (this.#gzip && this.#counters.outputRecords === 0)) this.#flush();
    this.#close();
  }

  commit(): void {
    renameSync(this.#written, this.#final);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  abort(): void {
    this.#close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
