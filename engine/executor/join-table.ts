/** The left side of a join, held by key while the right side passes. */
import type { ExecutionMemory } from '../storage/memory-manager.ts';
import { estimateRowsSize } from '../storage/size-estimate.ts';
import { KeyTable } from './key-table.ts';

export interface JoinSlot {
  key: unknown;
  values: unknown[];
  matched: boolean;
}

export class JoinTable {
  readonly #table: KeyTable<JoinSlot>;
  readonly #memory: ExecutionMemory;
  /** Rows that came out; counted by the generated loop. */
  joined = 0;

  constructor(memory: ExecutionMemory) {
    this.#memory = memory;
    this.#table = new KeyTable((key) => ({ key, values: [], matched: false }), memory);
  }

  add(keys: readonly unknown[], values: readonly unknown[]): void {
    this.#memory.acquire(estimateRowsSize(values));
    for (let i = 0; i < keys.length; i++) this.#table.slot(keys[i]).values.push(values[i]);
  }

  get(key: unknown): JoinSlot | undefined {
    return this.#table.get(key);
  }

  *unmatched(): Generator<JoinSlot, void> {
    for (const slot of this.#table.slots()) if (!slot.matched) yield slot;
  }
}
