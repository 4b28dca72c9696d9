/** What fails while the server is away, tried again until it succeeds. */
import { browserTimers, type PaceTimers } from './pace.ts';

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 20_000;

/** Tries something at once, and after each failure again: a second later, then ever later, at most 20 s, or when told. */
export class Attempts {
  readonly #attempt: () => Promise<void>;
  readonly #failed: (error: unknown) => void;
  readonly #timers: PaceTimers;
  #wait = FIRST_WAIT;
  #cancel: (() => void) | undefined;
  #stopped = false;

  /** `failed` hears of every failure; what `attempt` does after {@link stop} is its own affair. */
  constructor(attempt: () => Promise<void>, failed: (error: unknown) => void, timers = browserTimers) {
    this.#attempt = attempt;
    this.#failed = failed;
    this.#timers = timers;
    void this.#try();
  }

  /** Tries at once instead of later; does nothing while an attempt is under way, or after a success. */
  hurry(): void {
    if (!this.#cancel) return;
    this.#cancel();
    void this.#try();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  async #try(): Promise<void> {
    this.#cancel = undefined;
    try {
      await this.#attempt();
    } catch (error) {
      if (this.#stopped) return;
      this.#cancel = this.#timers.after(this.#wait, () => void this.#try());
      this.#wait = Math.min(2 * this.#wait, LONGEST_WAIT);
      this.#failed(error);
    }
  }
}
