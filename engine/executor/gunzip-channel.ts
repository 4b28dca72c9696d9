/**
 * How the thread that unpacks hands bytes to the executor, which reads synchronously: two slots of shared memory, filled
 * and emptied in turn.
 */

export const SLOT_BYTES = 1 << 18;
const HEADER_BYTES = 64;
const CONSUMED_OFFSET = 32;

/** Of a slot. What comes with FAILED is an UnpackingFailure as JSON. */
export const SlotState = { EMPTY: 0, FULL: 1, ENDED: 2, FAILED: 3 } as const;

/** In the control words: state and length of slot 0 and slot 1, then whether the reader wants no more. */
export const STOPPED = 4;

export function stateOf(slot: number): number {
  return slot * 2;
}

export function lengthOf(slot: number): number {
  return slot * 2 + 1;
}

export class GunzipChannel {
  readonly shared: SharedArrayBuffer;
  readonly control: Int32Array;
  readonly slots: readonly [Uint8Array, Uint8Array];
  readonly #consumed: Float64Array;

  constructor(shared = new SharedArrayBuffer(HEADER_BYTES + 2 * SLOT_BYTES)) {
    this.shared = shared;
    this.control = new Int32Array(shared, 0, STOPPED + 1);
    this.#consumed = new Float64Array(shared, CONSUMED_OFFSET, 1);
    this.slots = [
      new Uint8Array(shared, HEADER_BYTES, SLOT_BYTES),
      new Uint8Array(shared, HEADER_BYTES + SLOT_BYTES, SLOT_BYTES),
    ];
  }

  /** Compressed bytes that were read from the file. */
  get consumed(): number {
    return this.#consumed[0]!;
  }

  set consumed(bytes: number) {
    this.#consumed[0] = bytes;
  }
}
