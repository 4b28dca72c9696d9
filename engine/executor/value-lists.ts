/** Adds to the lists of values of a table of keys, of which most are short, and counts what they take besides the values' places. */

/** V8 makes room for 17 more when something is pushed onto an array that is full. */
const SPARE_BYTES = 17 * 8;

export class ValueLists {
  #bytes = 0;

  /** The list with the value: another array where it was empty, which has room for that one value alone. */
  add(list: unknown[], value: unknown): unknown[] {
    if (list.length === 0) return [value];
    if (list.push(value) === 2) this.#bytes += SPARE_BYTES;
    return list;
  }

  /** The estimated bytes since this was last asked. */
  takeGrowth(): number {
    const bytes = this.#bytes;
    this.#bytes = 0;
    return bytes;
  }
}
