/** The time garbage collection took within an interval. */
import { PerformanceObserver } from 'node:perf_hooks';

/** Collections of this process. Node reports them only after the running turn: ask from a later `setImmediate`. */
export class GcClock {
  #pauses: { start: number; duration: number }[] = [];
  readonly #observer: PerformanceObserver;

  constructor() {
    this.#observer = new PerformanceObserver((list) => this.#add(list.getEntries()));
    this.#observer.observe({ entryTypes: ['gc'] });
  }

  #add(entries: readonly { startTime: number; duration: number }[]): void {
    for (const entry of entries) this.#pauses.push({ start: entry.startTime, duration: entry.duration });
  }

  /** Milliseconds of collection that began in [from, to); what lies before is forgotten. */
  within(from: number, to: number): number {
    this.#add(this.#observer.takeRecords());
    let total = 0;
    for (const pause of this.#pauses) {
      if (pause.start >= from && pause.start < to) total += pause.duration;
    }
    this.#pauses = this.#pauses.filter((pause) => pause.start >= to);
    return total;
  }
}
