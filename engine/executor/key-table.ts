/** A map whose keys are compared as the engine compares keys; it remembers the first key of each as it was. */
import { keyToMapKey } from '../storage/key-encoding.ts';
import type { ExecutionMemory } from '../storage/memory-manager.ts';

const KEYS_PER_REQUEST = 1024;
/** A Map entry, a slot with its arrays, and its share of empty places. */
const SLOT_BYTES = 160;

export class KeyTable<S> {
  readonly #primitives = new Map<unknown, S>();
  readonly #others = new Map<unknown, S>();
  readonly #create: (key: unknown) => S;
  readonly #memory: ExecutionMemory;
  #unaccounted = 0;

  constructor(create: (key: unknown) => S, memory: ExecutionMemory) {
    this.#create = create;
    this.#memory = memory;
  }

  get(key: unknown): S | undefined {
    return typeof key === 'string' || typeof key === 'number' || typeof key === 'boolean'
      ? this.#primitives.get(key)
      : this.#others.get(keyToMapKey(key));
  }

  /** The slot of a key, made when it is new. */
  slot(key: unknown): S {
    const isPrimitive = typeof key === 'string' || typeof key === 'number' || typeof key === 'boolean';
    const map = isPrimitive ? this.#primitives : this.#others;
    const place = isPrimitive ? key : keyToMapKey(key);
    let slot = map.get(place);
    if (slot === undefined) {
      slot = this.#create(key);
      map.set(place, slot);
      if (++this.#unaccounted === KEYS_PER_REQUEST) {
        this.#unaccounted = 0;
        // Refused or not, it goes on: until it can spill there is nothing to give up.
        this.#memory.acquire(KEYS_PER_REQUEST * SLOT_BYTES);
      }
    }
    return slot;
  }

  *slots(): Generator<S, void> {
    yield* this.#primitives.values();
    yield* this.#others.values();
  }
}
