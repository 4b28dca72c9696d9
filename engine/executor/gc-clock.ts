/** The time garbage collection took within an interval. */
import { PerformanceObserver } from 'node:perf_hooks';
import { GCProfiler } from 'node:v8';

/**
 * Node makes several kilobytes of objects of each collection that it reports, and all of them when the running turn is over:
 * those of a loop of half a minute would fill a small heap. What takes longer than this is asked for as it goes, milliseconds.
 */
const LONG = 500;

const MICROSECONDS = 1000;

/** Collections of this process. Node reports them only after the running turn: ask from a later `setImmediate`. */
export class GcClock {
  #pauses: { start: number; duration: number }[] = [];
  readonly #observer: PerformanceObserver;
  /** In place of the observer, in a turn that takes long. */
  #profiler: GCProfiler | undefined;
  #askedAt = 0;
  /** When it was in place. What the observer hears of all the same, because user code observes collections, is known. */
  #profiled = { from: 0, to: 0 };

  constructor() {
    this.#observer = new PerformanceObserver((list) => this.#add(list.getEntries()));
    this.#observe();
  }

  #observe(): void {
    this.#observer.observe({ entryTypes: ['gc'] });
  }

  #add(entries: readonly { startTime: number; duration: number }[]): void {
    const { from, to } = this.#profiled;
    for (const { startTime: start, duration } of entries)
      if (start < from || start >= to) this.#pauses.push({ start, duration });
  }

  /** A turn begins. */
  begin(now: number): void {
    this.#askedAt = now;
  }

  /** Now and then within a turn. */
  look(now: number): void {
    if (now - this.#askedAt < LONG) return;
    if (this.#profiler === undefined) {
      this.#add(this.#observer.takeRecords());
      this.#observer.disconnect();
      this.#profiled = { from: performance.now(), to: Number.POSITIVE_INFINITY };
    }
    this.#ask();
    this.#askedAt = now;
    this.#profiler = new GCProfiler();
    this.#profiler.start();
  }

  #ask(): void {
    const collected = this.#profiler?.stop()?.statistics ?? [];
    const cost = collected.reduce((sum, collection) => sum + collection.cost, 0);
    if (cost > 0) this.#pauses.push({ start: this.#askedAt, duration: cost / MICROSECONDS });
  }

  /** The turn ends: what the observer was not told of yet it hears of now. */
  end(): void {
    if (this.#profiler === undefined) return;
    this.#ask();
    this.#profiler = undefined;
    this.#profiled.to = performance.now();
    this.#observe();
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
