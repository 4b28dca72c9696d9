/** Promises of user code on their way, a bounded number at once, taken back in the order they were added. */
import { care } from '../storage/care.ts';

/** What one task awaits at once. */
const IN_FLIGHT = 16;

export class InFlight<R> {
  readonly #wait: <T>(promise: PromiseLike<T>) => Promise<T>;
  readonly #flying: Promise<R>[] = [];

  /** `wait` awaits a promise or the end of the task. */
  constructor(wait: <T>(promise: PromiseLike<T>) => Promise<T>) {
    this.#wait = wait;
  }

  get size(): number {
    return this.#flying.length;
  }

  /** No further one may start before `next` was awaited. */
  get full(): boolean {
    // Rows may be large, and what comes of each is held until those before it have come.
    return this.#flying.length >= (care.isTaken ? 1 : IN_FLIGHT);
  }

  add(promise: Promise<R>): void {
    // Whoever comes first in order reports its error; the others' must not count as unhandled.
    promise.catch(() => {});
    this.#flying.push(promise);
  }

  /** What came of the oldest. */
  next(): Promise<R> {
    return this.#wait(this.#flying.shift()!);
  }
}
