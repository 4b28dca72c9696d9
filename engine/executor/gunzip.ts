/** Reads a gzip or zstd file from the start to its end, synchronously and piece by piece: what it unpacks to may be of any size. */
import { Worker } from 'node:worker_threads';
import { GunzipChannel, lengthOf, SlotState, STOPPED, stateOf } from './gunzip-channel.ts';
import type { UnpackRequest } from './gunzip-thread.ts';
import type { UnpackingFailure } from './input-error.ts';
import type { Packing } from './unpack-pieces.ts';

/** How long to wait before asking whether the task is still wanted. */
const LOOK_MS = 100;

let thread: Worker | undefined;

/** One for all files of this process; it keeps nothing alive. */
function unpackingThread(): Worker {
  if (thread === undefined) {
    const entry = import.meta.url.endsWith('.ts') ? './gunzip-thread.ts' : './gunzip-thread.js';
    thread = new Worker(new URL(entry, import.meta.url), {
      name: 'gunzip',
      execArgv: ['--disable-warning=ExperimentalWarning'],
      // It closes files that were opened here.
      trackUnmanagedFds: false,
      resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 8 },
    });
    thread.unref();
  }
  return thread;
}

/** Thrown by `read` where the file is not what one of its kind must be; or its `code` is one of the file system. */
export class UnpackingError extends Error {
  readonly failure: UnpackingFailure;
  readonly code: string;

  constructor(failure: UnpackingFailure) {
    super(failure.message);
    this.failure = failure;
    this.code = failure.code;
  }

  get isOfZlib(): boolean {
    return this.code.startsWith('Z_') || this.code.startsWith('ZSTD_');
  }
}

export class GunzipReader {
  readonly #channel = new GunzipChannel();
  readonly #check: () => void;
  #slot = 0;
  /** Of the bytes in the present slot. */
  #taken = 0;

  /** Takes over `fd`. `check` is called while waiting, and throws when the task is to stop. */
  constructor(fd: number, packing: Packing, check: () => void) {
    this.#check = check;
    const request: UnpackRequest = { fd, packing, shared: this.#channel.shared };
    unpackingThread().postMessage(request);
  }

  /** Compressed bytes read so far. */
  get consumed(): number {
    return this.#channel.consumed;
  }

  /** How many bytes were put into `target`; 0 at the end. Throws UnpackingError. */
  read(target: Uint8Array, offset: number, length: number): number {
    const { control, slots } = this.#channel;
    const slot = this.#slot;
    while (Atomics.load(control, stateOf(slot)) === SlotState.EMPTY) {
      if (Atomics.wait(control, stateOf(slot), SlotState.EMPTY, LOOK_MS) === 'timed-out') this.#check();
    }
    const held = slots[slot]!.subarray(0, Atomics.load(control, lengthOf(slot)));
    const state = Atomics.load(control, stateOf(slot));
    if (state === SlotState.ENDED) return 0;
    if (state === SlotState.FAILED) {
      throw new UnpackingError(JSON.parse(new TextDecoder().decode(held.slice())) as UnpackingFailure);
    }
    const count = Math.min(length, held.length - this.#taken);
    target.set(held.subarray(this.#taken, this.#taken + count), offset);
    this.#taken += count;
    if (this.#taken === held.length) {
      this.#taken = 0;
      this.#slot ^= 1;
      Atomics.store(control, stateOf(slot), SlotState.EMPTY);
      Atomics.notify(control, stateOf(slot));
    }
    return count;
  }

  close(): void {
    const { control } = this.#channel;
    Atomics.store(control, STOPPED, 1);
    for (const slot of [0, 1]) {
      Atomics.store(control, stateOf(slot), SlotState.EMPTY);
      Atomics.notify(control, stateOf(slot));
    }
  }
}
