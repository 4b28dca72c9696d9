/**
 * One partition on its way into the cache, batch by batch: in memory while that grants it, then on disk where its level
 * allows. What can be kept nowhere is handed out again, and the rest after it, uncached.
 */
import { StagelightError } from '../errors.ts';
import type { StorageLevel } from '../rdd/plan.ts';
import type { BlockWriter } from './disk-store.ts';
import { estimateRowsSize } from './size-estimate.ts';

export interface StoredPartition {
  bytes: number;
  onDisk: boolean;
}

/** What a fill asks of the cache. */
export interface FillTarget {
  acquire(bytes: number): boolean;
  release(bytes: number): void;
  openDisk(): BlockWriter;
  keepInMemory(rows: unknown[], bytes: number): void;
  keepOnDisk(writer: BlockWriter): number;
}

export class PartitionFill {
  readonly #target: FillTarget;
  readonly #level: StorageLevel;
  #rows: unknown[] = [];
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
      const bytes = estimateRowsSize(rows);
      if (this.#target.acquire(bytes)) {
        this.#bytes += bytes;
        this.#hold(rows);
        return true;
      }
      this.#mode = this.#level.useDisk ? 'disk' : 'refused';
      if (this.#mode === 'disk') this.#writeHeld();
    }
    if (this.#mode === 'disk') this.#write(rows);
    if (this.#mode !== 'refused') return true;
    this.#hold(rows);
    return false;
  }

  #hold(rows: unknown[]): void {
    for (let i = 0; i < rows.length; i++) this.#rows.push(rows[i]);
  }

  #writeHeld(): void {
    this.#write(this.#rows);
    if (this.#mode === 'refused') return;
    this.#rows = [];
    this.#giveBack();
  }

  #write(rows: unknown[]): void {
    try {
      this.#writer ??= this.#target.openDisk();
      this.#writer.write(rows);
    } catch (error) {
      if (error instanceof StagelightError) throw error;
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
    const rows = this.#rows;
    this.#rows = [];
    if (this.#writer !== undefined) {
      yield* this.#writer.written();
      this.#writer.abort();
      this.#writer = undefined;
    }
    yield rows;
    this.#giveBack();
  }

  /** After the last batch; undefined when the partition is not cached. */
  finish(): StoredPartition | undefined {
    if (this.#mode === 'refused') return undefined;
    if (this.#mode === 'memory') {
      this.#target.keepInMemory(this.#rows, this.#bytes);
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
    this.#rows = [];
    this.#giveBack();
  }
}
