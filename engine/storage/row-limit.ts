/**
 * How many rows may wait to be written together. Before anything was written nobody knows how large they are: the first is
 * looked at, then as many as make four, and so on. Later it goes by what was written last.
 */
import { care } from './care.ts';
import { estimateRowsSize, estimateSize } from './size-estimate.ts';

const GROWTH = 4;
/** Rows take about so many times their encoded bytes on the heap; what is nested deeply may take more. */
const EXPANSION = 8;

export class RowLimit {
  /** When there are so many, `mayWait` is to be asked. */
  rows = 1;
  readonly #most: number;
  readonly #bytes: number;
  /** Without a look at them no more may wait than this; 0 once something was written. */
  #first: number;
  #seen = 0;
  #heap = 0;

  /** `first` rows are written together at first where they are small, `most` later, where they make about `bytes`. */
  constructor(first: number, most: number, bytes: number) {
    this.#first = first;
    this.#most = most;
    this.#bytes = bytes;
  }

  /** Whether rows that are as many as the limit may wait for more. */
  mayWait(rows: readonly unknown[]): boolean {
    if (rows.length >= this.#first || care.isTaken) return false;
    for (; this.#seen < rows.length; this.#seen++) this.#heap += estimateSize(rows[this.#seen]);
    if (this.#heap > this.#bytes) return false;
    this.rows = Math.min(this.#first, rows.length * GROWTH);
    return true;
  }

  /** The rows were written, as so many bytes. */
  written(rows: readonly unknown[], bytes: number): void {
    this.#first = 0;
    if (care.isTaken) return;
    this.rows = Math.min(this.#most, rows.length * GROWTH, rowsThatFit(rows, bytes, this.#bytes));
  }
}

/** How many such rows make about `wanted` bytes, where these made `bytes`; at least one. */
export function rowsThatFit(rows: readonly unknown[], bytes: number, wanted: number): number {
  const { length } = rows;
  if (bytes >= wanted * length) return 1;
  const one = rows[length >> 1];
  const isNested = typeof one === 'object' && one !== null;
  const weight = isNested ? Math.max(bytes, estimateRowsSize(rows) / EXPANSION) : bytes;
  return Math.max(1, Math.floor((wanted * length) / weight));
}
