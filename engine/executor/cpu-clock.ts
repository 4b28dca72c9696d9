/** The CPU time of tasks, one after the other on one thread. */

/**
 * Tasks that run shorter, in ms, are taken to compute all the while: the system counts the time of a thread by ticks of
 * about as much, and to ask it costs as much as a small task.
 */
const SHORT = 1;

type Usage = Pick<NodeJS.CpuUsage, 'user' | 'system'>;

export class CpuClock {
  readonly #read: () => Usage;
  #base: Usage;
  #lastWasShort = false;

  /** `read` is replaced by tests. */
  constructor(read: () => Usage = () => process.threadCpuUsage()) {
    this.#read = read;
    this.#base = read();
  }

  /** A task begins. After a short one the next is expected to be short, too. */
  begin(): void {
    if (!this.#lastWasShort) this.#base = this.#read();
  }

  /** The CPU time, in ms, of a task that ends after so long; never more than that. */
  end(runTime: number): number {
    this.#lastWasShort = runTime < SHORT;
    if (this.#lastWasShort) return runTime;
    const now = this.#read();
    const used = (now.user - this.#base.user + now.system - this.#base.system) / 1000;
    this.#base = now;
    return Math.min(runTime, used);
  }
}
