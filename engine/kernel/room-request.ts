/**
 * Asks the driver to let go of what nobody can reach, for a task that found the disk full, and waits for it: the next attempt
 * begins when the files of such datasets are gone.
 */
import type { Clock } from '../clock.ts';

/** A driver that is busy with code of the user's hears nothing; the task is tried again all the same. */
const PATIENCE_MS = 2_000;

export class RoomRequest {
  readonly #clock: Clock;
  readonly #ask: () => void;
  #pending: PromiseWithResolvers<void> | undefined;
  #cancel: () => void = () => {};

  constructor(clock: Clock, ask: () => void) {
    this.#clock = clock;
    this.#ask = ask;
  }

  /** Resolves once the driver has answered. Tasks that ask meanwhile wait for the same answer. */
  make(): Promise<void> {
    if (this.#pending === undefined) {
      this.#pending = Promise.withResolvers();
      this.#cancel = this.#clock.after(PATIENCE_MS, () => this.answered());
      this.#ask();
    }
    return this.#pending.promise;
  }

  answered(): void {
    this.#cancel();
    this.#pending?.resolve();
    this.#pending = undefined;
  }
}
