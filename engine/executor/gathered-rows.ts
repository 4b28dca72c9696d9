/** Rows that come one by one, until they are worth keeping together: what is noted of each array would outweigh them. */
import { RowSample } from '../storage/row-sample.ts';

const ENOUGH_ROWS = 1024;
const ENOUGH_BYTES = 1 << 14;

export class GatheredRows {
  readonly #sample = new RowSample();
  #rows: unknown[] = [];
  #bytes = 0;

  /** All that have come together, when they are enough. */
  add(rows: readonly unknown[]): unknown[] | undefined {
    this.#bytes += this.#sample.take(rows);
    for (let i = 0; i < rows.length; i++) this.#rows.push(rows[i]);
    return this.#rows.length >= ENOUGH_ROWS || this.#bytes >= ENOUGH_BYTES ? this.rest() : undefined;
  }

  rest(): unknown[] {
    const rows = this.#rows;
    this.#rows = [];
    this.#bytes = 0;
    return rows;
  }
}
