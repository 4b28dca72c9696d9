/** How many rows go through a loop together before somebody takes them in: a batch is in memory that nobody accounts for. */
import { care } from '../storage/care.ts';
import { RowSample } from '../storage/row-sample.ts';

/** At most. */
export const BATCH_ROWS = 1024;
/** Of a batch of small rows the next may have so many times as many, as long as few were looked at. */
const GROWTH = 64;
/** A batch should not take much more. */
const BATCH_BYTES = 1 << 20;
const SAMPLED_ROWS = 4;
/** For a character, where every one was joined by itself; whoever holds such texts puts them in one piece. */
const TREE_BYTES = 32;

export class BatchSize {
  /** Of those that go into the loop: one, before any was looked at. */
  rows = 1;
  /** Of those that come out of it, however many a row may become: known from the last that did. */
  most = 1;
  readonly #sample = new RowSample();

  /** What came out of a loop for so many rows. */
  look(out: readonly unknown[], rows: number): void {
    if (care.isTaken) return;
    if (out.length === 0) {
      this.rows = Math.min(BATCH_ROWS, this.rows * (this.rows < GROWTH ? GROWTH : 2));
      return;
    }
    const sampled = Math.min(SAMPLED_ROWS, out.length);
    let bytes = 1;
    for (let i = 1; i <= sampled; i++)
      bytes += this.#sample.size(out[Math.ceil((i * out.length) / sampled) - 1]);
    if (this.#sample.takeSawTree()) bytes *= TREE_BYTES;
    this.most = Math.max(1, Math.min(Math.floor((BATCH_BYTES * sampled) / bytes), out.length * GROWTH));
    const most = Math.floor((BATCH_BYTES * rows * sampled) / (bytes * out.length));
    this.rows = Math.max(1, Math.min(BATCH_ROWS, most, rows * GROWTH));
  }
}
