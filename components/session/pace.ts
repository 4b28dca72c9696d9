/** Runs a function at once on the first request and then at most once per interval while requests keep coming. */

export interface PaceTimers {
  now(): number;
  /** Returns a function that cancels. */
  after(delay: number, run: () => void): () => void;
}

export const browserTimers: PaceTimers = {
  now: () => performance.now(),
  after: (delay, run) => {
    const timer = setTimeout(run, delay);
    return () => clearTimeout(timer);
  },
};

/**
 * A stream whose beat about divides the interval is followed on its own beats, with its newest message: a request may
 * run this much before the interval is over, and one that waits is run this much after it.
 */
const GRACE = 15;

export class Pace {
  readonly #run: () => void;
  readonly #interval: number;
  readonly #timers: PaceTimers;
  #last = Number.NEGATIVE_INFINITY;
  #cancel: (() => void) | undefined;

  constructor(interval: number, run: () => void, timers: PaceTimers = browserTimers) {
    this.#interval = interval;
    this.#run = run;
    this.#timers = timers;
  }

  request(): void {
    const wait = this.#last + this.#interval - this.#timers.now();
    if (wait <= GRACE) this.#fire();
    else this.#cancel ??= this.#timers.after(wait + GRACE, () => this.#fire());
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #fire(): void {
    this.stop();
    this.#last = this.#timers.now();
    this.#run();
  }
}
