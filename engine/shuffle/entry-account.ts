/** The memory of a growing table of keys and combiners, asked for in steps of a thousand keys. */
import type { ExecutionMemory } from '../storage/memory-manager.ts';
import { estimateSize } from '../storage/size-estimate.ts';

/** New keys between two requests for memory. */
export const KEYS_PER_REQUEST = 1024;
/** A key, a combiner, and the places of the table. */
const ENTRY_BYTES = 48;
const SAMPLED_KEYS = 4;

export class EntryAccount {
  private readonly memory: ExecutionMemory | undefined;
  private held = 0;

  constructor(memory: ExecutionMemory | undefined) {
    this.memory = memory;
  }

  /** Asks for the last `KEYS_PER_REQUEST` entries; false when that is refused. */
  grow(keys: readonly unknown[], values: readonly unknown[]): boolean {
    if (this.memory === undefined) return true;
    let bytes = KEYS_PER_REQUEST * ENTRY_BYTES;
    // The newest few stand for all since the last request.
    for (let i = keys.length - SAMPLED_KEYS; i < keys.length; i++) {
      bytes += (estimateSize(keys[i]) + estimateSize(values[i])) * (KEYS_PER_REQUEST / SAMPLED_KEYS);
    }
    if (!this.memory.acquire(bytes)) return false;
    this.held += bytes;
    return true;
  }

  release(): void {
    this.memory?.release(this.held);
    this.held = 0;
  }
}
