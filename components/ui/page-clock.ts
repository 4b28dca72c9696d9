/**
 * The one clock of everything on the page that counts time: what counts moves together, and with the picture of the
 * session where that changes too, so that a running job costs ten frames a second and not ten for each that counts.
 */

/** Between two beats, ms. */
const BEAT = 100;
/** The page's own changes, which come about as often, may be this much early; without them a beat is this much late. */
const GRACE = 15;

/** Whether `wait` ms have about passed; true, too, when the clock of the machine was set back: what is shown must move on. */
function isDue(now: number, since: number, wait: number): boolean {
  return now - since >= wait - GRACE || now < since;
}

interface Counter {
  interval: number;
  last: number;
  show: (now: number) => void;
}

export class PageClock {
  readonly #counters = new Set<Counter>();
  #lastBeat = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Tells `show` the time now and then on beats, about every `interval` ms, until what is returned is called. */
  count(interval: number, show: (now: number) => void): () => void {
    const now = Date.now();
    if (this.#timer === undefined) {
      this.#lastBeat = now;
      this.#wait();
    }
    // As if it had been told at the last beat: from the next on it moves with the others.
    const counter: Counter = { interval, last: this.#lastBeat, show };
    this.#counters.add(counter);
    show(now);
    return () => {
      this.#counters.delete(counter);
      if (this.#counters.size > 0) return;
      clearTimeout(this.#timer);
      this.#timer = undefined;
    };
  }

  /** The page changes anyway: if a beat is about due, it is now. */
  tick(): void {
    if (this.#timer === undefined) return;
    const now = Date.now();
    if (isDue(now, this.#lastBeat, BEAT)) this.#beat(now);
  }

  #beat(now: number): void {
    this.#lastBeat = now;
    for (const counter of this.#counters) {
      if (!isDue(now, counter.last, counter.interval)) continue;
      counter.last = now;
      counter.show(now);
    }
    clearTimeout(this.#timer);
    this.#wait();
  }

  #wait(): void {
    this.#timer = setTimeout(() => this.#beat(Date.now()), BEAT + GRACE);
  }
}

export const pageClock = new PageClock();
