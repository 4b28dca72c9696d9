/** The n first rows in an order, kept while rows stream by; among equals the earlier ones. */

export class TopRows {
  readonly #limit: number;
  readonly compare: (a: unknown, b: unknown) => number;
  #rows: unknown[] = [];
  #full = false;
  /** The last of the best n seen when the rows were last sorted: nothing behind it can matter. */
  #worst: unknown;

  constructor(limit: number, compare: (a: unknown, b: unknown) => number) {
    this.#limit = limit;
    this.compare = compare;
  }

  add(row: unknown): void {
    if (this.#full && !this.#isBetter(row)) return;
    this.#rows.push(row);
    if (this.#rows.length >= this.#limit + Math.max(this.#limit, 1024)) this.#prune();
  }

  /** As Array.sort, which asks no comparator about undefined: behind everything in either direction. */
  #isBetter(row: unknown): boolean {
    if (row === undefined || this.#worst === undefined) return row !== undefined;
    return this.compare(row, this.#worst) < 0;
  }

  #prune(): void {
    this.#rows.sort(this.compare);
    if (this.#rows.length > this.#limit) this.#rows.length = this.#limit;
    this.#full = this.#rows.length === this.#limit && this.#limit > 0;
    this.#worst = this.#rows[this.#limit - 1];
  }

  /** The rows in order. */
  finish(): unknown[] {
    this.#prune();
    return this.#rows;
  }
}
