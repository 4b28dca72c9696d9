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
    if (this.#cancel) return;
    const wait = this.#last + this.#interval - this.#timers.now();
    if (wait <= 0) this.#fire();
    else
      this.#cancel = this.#timers.after(wait, () => {
        this.#cancel = undefined;
        this.#fire();
      });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #fire(): void {
    this.#last = this.#timers.now();
    this.#run();
  }
}
