/** A map whose keys are compared as the engine compares keys; it remembers the first key of each as it was. */
import { GrowthMeter } from '../storage/growth-meter.ts';
import { inOnePiece, keyToMapKey } from '../storage/key-encoding.ts';

/** A place in a Map, a slot, and a list of one value. */
const SLOT_BYTES = 160;

/** Keys that are compared as they are, and handed out before all others. */
export function isScalar(key: unknown): key is string | number | boolean {
  return typeof key === 'string' || typeof key === 'number' || typeof key === 'boolean';
}

export class KeyTable<S> {
  readonly #primitives = new Map<unknown, S>();
  readonly #others = new Map<unknown, S>();
  readonly #create: (key: unknown) => S;
  readonly #slotBytes: number;
  readonly #meter = new GrowthMeter();
  #keyBytes = 0;
  #sizeBefore = 0;

  /** `slotBytes`: what a slot takes, with its place and the lists in it while they are short. */
  constructor(create: (key: unknown) => S, slotBytes = SLOT_BYTES) {
    this.#create = create;
    this.#slotBytes = slotBytes;
  }

  get size(): number {
    return this.#primitives.size + this.#others.size;
  }

  get(key: unknown): S | undefined {
    return isScalar(key) ? this.#primitives.get(key) : this.#others.get(keyToMapKey(key));
  }

  /** The slot of a key, made when it is new. */
  slot(key: unknown): S {
    const isPrimitive = isScalar(key);
    const map = isPrimitive ? this.#primitives : this.#others;
    const place = isPrimitive ? key : keyToMapKey(key);
    let slot = map.get(place);
    if (slot === undefined) {
      slot = this.#create(key);
      map.set(isPrimitive ? place : inOnePiece(place), slot);
      // The form by which keys that are objects are compared is kept beside them.
      const form = place === key ? undefined : place;
      if (--this.#meter.left === 0) this.#keyBytes += this.#meter.look(key, form);
    }
    return slot;
  }

  /** The estimated bytes by which the table has grown since this was last asked, without what its users put into slots. */
  takeGrowth(): number {
    const bytes = this.#keyBytes + (this.size - this.#sizeBefore) * this.#slotBytes;
    this.#keyBytes = 0;
    this.#sizeBefore = this.size;
    return bytes;
  }

  *slots(): Generator<S, void> {
    yield* this.#primitives.values();
    yield* this.#others.values();
  }

  clear(): void {
    this.#primitives.clear();
    this.#others.clear();
    this.#keyBytes = 0;
    this.#sizeBefore = 0;
  }
}
