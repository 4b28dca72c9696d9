/** One side of a join, held by key while the other passes. */

import { TextCut, withOwnText } from '../storage/own-text.ts';
import { RowSample } from '../storage/row-sample.ts';
import { KeyTable } from './key-table.ts';
import { ValueLists } from './value-lists.ts';

export interface JoinSlot {
  key: unknown;
  values: unknown[];
  matched: boolean;
}

export class JoinTable {
  readonly #table: KeyTable<JoinSlot>;
  readonly #lists = new ValueLists();
  readonly #text = new TextCut();
  readonly #sample = new RowSample();

  constructor(table = new KeyTable<JoinSlot>((key) => ({ key, values: [], matched: false }))) {
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
