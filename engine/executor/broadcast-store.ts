/** The broadcasts of one executor: each is read and decoded when a task first asks for it, once. */
import type { HandleReader } from '../closure/closure.ts';
import { loadValue } from '../closure/load-closure.ts';
import { StagelightError } from '../errors.ts';
import { type BroadcastHandle, readBroadcast } from '../rdd/broadcast-file.ts';
import type { MemoryManager } from '../storage/memory-manager.ts';

interface Decoded {
  value: unknown;
  /** Accounted as storage memory; none when there was no room: the value is needed all the same. */
  accounted: number;
}

/** A broadcast as a task sees it. */
class TaskBroadcast {
  readonly #handle: BroadcastHandle;
  readonly #read: (handle: BroadcastHandle) => unknown;

  constructor(handle: BroadcastHandle, read: (handle: BroadcastHandle) => unknown) {
    this.#handle = handle;
    this.#read = read;
  }

  get id(): number {
    return this.#handle.id;
  }

  get value(): unknown {
    return this.#read(this.#handle);
  }

  unpersist(): never {
    return this.#refuse('unpersist');
  }

  destroy(): never {
    return this.#refuse('destroy');
  }

  #refuse(what: string): never {
    throw new StagelightError(
      'BROADCAST_DRIVER_ONLY',
      `${this.#handle.title}: ${what} is for the driver only`,
      {
        hint: 'Tasks read the value; call this in the cell.',
      },
    );
  }
}

export class BroadcastStore {
  readonly #memory: MemoryManager;
  readonly #handles: HandleReader;
  readonly #decoded = new Map<number, Decoded>();

  /** `handles` reads those inside a value. */
  constructor(memory: MemoryManager, handles: HandleReader) {
    this.#memory = memory;
    this.#handles = handles;
  }

  open(handle: BroadcastHandle): TaskBroadcast {
    return new TaskBroadcast(handle, this.#value);
  }

  readonly #value = (handle: BroadcastHandle): unknown => {
    const known = this.#decoded.get(handle.id);
    if (known) return known.value;
    const body = readBroadcast(handle);
    const accounted = this.#memory.acquireStorage(handle.bytes) ? handle.bytes : 0;
    try {
      const value = loadValue(body, { handle: this.#handles });
      this.#decoded.set(handle.id, { value, accounted });
      return value;
    } catch (error) {
      this.#memory.releaseStorage(accounted);
      throw error;
    }
  };

  drop(id: number): void {
    const decoded = this.#decoded.get(id);
    if (!decoded) return;
    this.#decoded.delete(id);
    this.#memory.releaseStorage(decoded.accounted);
  }
}
