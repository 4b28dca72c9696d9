/** One side of a join, held by key while the other passes. */

import { TextCut, withOwnText } from '../storage/own-text.ts';
import { RowSample } from '../storage/row-sample.ts';
import { KeyTable } from './key-table.ts';
import type { Ranked } from './ranked-runs.ts';
import { ValueLists } from './value-lists.ts';

const NO_RANK = -1;

export interface JoinSlot {
  key: unknown;
  values: unknown[];
  matched: boolean;
  /** Of a key that was set aside, where the order of rows is kept: that of its first value. */
  rank: number;
}

export class JoinTable {
  readonly #table: KeyTable<JoinSlot>;
  readonly #lists = new ValueLists();
  readonly #text = new TextCut();
  readonly #sample = new RowSample();

  constructor(table = new KeyTable<JoinSlot>((key) => ({ key, values: [], matched: false, rank: NO_RANK }))) {
    this.#table = table;
  }

  /** Rows that came out; counted by the generated loop. */
  joined = 0;

  /** The same rows for another task to read; it counts for itself, and takes no more rows in. */
  view(): JoinTable {
    return new JoinTable(this.#table);
  }

  get size(): number {
    return this.#table.size;
  }

  /** Returns about how many bytes it has grown by. */
  add(keys: readonly unknown[], values: readonly unknown[]): number {
    const bytes = this.#sample.take(values);
    const isSparse = this.#text.takes(this.#sample.take(keys) + bytes);
    for (let i = 0; i < keys.length; i++) {
      const slot = this.#table.slot(isSparse ? withOwnText(keys[i]) : keys[i]);
      slot.values = this.#lists.add(slot.values, isSparse ? withOwnText(values[i]) : values[i]);
    }
    return bytes + this.#table.takeGrowth() + this.#lists.takeGrowth();
  }

  /** The same for values that were set aside with the ranks of their keys. */
  addRanked(keys: readonly unknown[], ranked: readonly Ranked[]): number {
    const bytes = this.add(
      keys,
      ranked.map(([, value]) => value),
    );
    for (const [i, [rank]] of ranked.entries()) {
      const slot = this.#table.slot(keys[i]);
      if (slot.rank === NO_RANK) slot.rank = rank;
    }
    return bytes;
  }

  get(key: unknown): JoinSlot | undefined {
    return this.#table.get(key);
  }

  slots(): Generator<JoinSlot, void> {
    return this.#table.slots();
  }

  *unmatched(): Generator<JoinSlot, void> {
    for (const slot of this.#table.slots()) if (!slot.matched) yield slot;
  }

  clear(): void {
    this.#table.clear();
  }
}
