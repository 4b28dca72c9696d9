/**
 * One partition on its way into the cache, batch by batch: in memory while that grants it, then on disk where its level
 * allows. What can be kept nowhere is handed out again, and the rest after it, uncached.
 */
import { StagelightError } from '../errors.ts';
import type { StorageLevel } from '../rdd/plan.ts';
import type { BlockWriter } from './disk-store.ts';
import { EncodedRows } from './encoded-rows.ts';
import { TextCut } from './own-text.ts';
import { RowSample } from './row-sample.ts';

export interface StoredPartition {
  bytes: number;
  onDisk: boolean;
}

/** What a fill asks of the cache. */
export interface FillTarget {
  acquire(bytes: number): boolean;
  release(bytes: number): void;
  openDisk(): BlockWriter;
  keepInMemory(batches: Iterable<unknown[]>, bytes: number): void;
  keepOnDisk(writer: BlockWriter): number;
}

export class PartitionFill {
  readonly #target: FillTarget;
  readonly #level: StorageLevel;
  /** Rows that cannot be encoded for the disk are handed out like those that have no room; else they are an error. */
  refusesUnwritable = false;
  /** What is held as rows; at a serialized level only what was refused. */
  #rows: unknown[] = [];
  #encoded = new EncodedRows();
  readonly #text = new TextCut();
  readonly #sample = new RowSample();
  #bytes = 0;
  #writer: BlockWriter | undefined;
  #mode: 'memory' | 'disk' | 'refused';

  constructor(target: FillTarget, level: StorageLevel) {
    this.#target = target;
    this.#level = level;
    this.#mode = level.useMemory ? 'memory' : 'disk';
  }

  /** False when the partition is not cached: then all that was added is to be taken by `handOut`. */
  add(rows: unknown[]): boolean {
    if (this.#mode === 'memory') {
      if (this.#level.deserialized ? this.#holdRows(rows) : this.#holdEncoded(rows)) return true;
      this.#mode = this.#level.useDisk ? 'disk' : 'refused';
      if (this.#mode === 'disk') this.#writeHeld();
    }
    if (this.#mode === 'disk') this.#write(rows);
    if (this.#mode !== 'refused') return true;
    this.#hold(rows);
    return false;
  }

  #acquire(bytes: number): boolean {
    if (!this.#target.acquire(bytes)) return false;
    this.#bytes += bytes;
    return true;
  }

  #holdRows(rows: unknown[]): boolean {
    const bytes = this.#sample.take(rows);
    if (!this.#acquire(bytes)) return false;
    this.#hold(this.#text.keep(rows, bytes));
    return true;
  }

  #holdEncoded(rows: unknown[]): boolean {
    const parts = EncodedRows.encode(rows);
    if (!this.#acquire(parts.reduce((sum, part) => sum + part.length, 0))) return false;
    this.#encoded.add(parts);
    return true;
  }

  #hold(rows: unknown[]): void {
    for (let i = 0; i < rows.length; i++) this.#rows.push(rows[i]);
  }

  #writeHeld(): void {
    for (const rows of this.#held()) this.#write(rows);
    if (this.#mode === 'refused') {
      // All of it is still held.
      this.#writer?.abort();
      this.#writer = undefined;
      return;
    }
    this.#drop();
    this.#giveBack();
  }

  #held(): Iterable<unknown[]> {
    return this.#level.deserialized ? [this.#rows] : this.#encoded;
  }

  #drop(): void {
    this.#rows = [];
    this.#encoded = new EncodedRows();
  }

  #write(rows: unknown[]): void {
    // What cannot be written is handed out from memory, and so is all after it.
    if (this.#mode !== 'disk') return;
    try {
      this.#writer ??= this.#target.openDisk();
      this.#writer.write(rows);
    } catch (error) {
      if (error instanceof StagelightError && !this.refusesUnwritable) throw error;
      // A full disk costs the cached partition, not the job: the rows are there.
      this.#mode = 'refused';
    }
  }

  #giveBack(): void {
    this.#target.release(this.#bytes);
    this.#bytes = 0;
  }

  /** Everything that was added and not yet handed out. */
  *handOut(): Generator<unknown[], void> {
    const [rows, encoded] = [this.#rows, this.#encoded];
    this.#drop();
    if (this.#writer !== undefined) {
      yield* this.#writer.written();
      this.#writer.abort();
      this.#writer = undefined;
    }
    yield* encoded;
    yield rows;
    this.#giveBack();
  }

  /** After the last batch; undefined when the partition is not cached. */
  finish(): StoredPartition | undefined {
    if (this.#mode === 'refused') return undefined;
    if (this.#mode === 'memory') {
      this.#target.keepInMemory(this.#held(), this.#bytes);
      const bytes = this.#bytes;
      this.#bytes = 0;
      return { bytes, onDisk: false };
    }
    const writer = this.#writer ?? this.#target.openDisk();
    this.#writer = undefined;
    return { bytes: this.#target.keepOnDisk(writer), onDisk: true };
  }

  /** Gives back what it still has. */
  close(): void {
    this.#writer?.abort();
    this.#writer = undefined;
    this.#drop();
    this.#giveBack();
  }
}
