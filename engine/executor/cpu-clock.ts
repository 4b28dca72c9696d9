/** The CPU time of tasks, one after the other on one thread. */

/**
 * Tasks that run shorter, in ms, are taken to compute all the while: the system counts the time of a thread by ticks of
 * about as much, and to ask it costs as much as a small task.
 */
const SHORT = 1;
/** How long what was read stands for the beginning of the tasks after it, in ms: no task is charged with more of others. */
const STALE = 10;

type Usage = Pick<NodeJS.CpuUsage, 'user' | 'system'>;

export class CpuClock {
  readonly #read: () => Usage;
  #base: Usage = { user: 0, system: 0 };
  #readAt = Number.NEGATIVE_INFINITY;
  #began = 0;
  #lastWasShort = false;

  /** `read` is replaced by tests. */
  constructor(read: () => Usage = () => process.threadCpuUsage()) {
    this.#read = read;
  }

  /** A task begins, at a time in ms. After a short one the next is expected to be short, too. */
  begin(now: number): void {
    this.#began = now;
    if (!this.#lastWasShort || now - this.#readAt > STALE) this.#take(now);
  }

  /** The CPU time, in ms, of the task that ends at this time; never more than it ran. */
  end(now: number): number {
    const runTime = now - this.#began;
    this.#lastWasShort = runTime < SHORT;
    if (this.#lastWasShort) return runTime;
    const { user, system } = this.#base;
    this.#take(now);
    return Math.min(runTime, (this.#base.user - user + this.#base.system - system) / 1000);
  }

  #take(now: number): void {
    this.#base = this.#read();
    this.#readAt = now;
  }
}
