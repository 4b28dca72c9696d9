/**
 * How the time of one push loop is shared by its parts: now and then a few rows go through a twin of the loop that reads
 * a clock behind every part. Which rows is decided by what it costs, so that a loop is slowed down by about a hundredth.
 */

/** Before this much time in a loop nothing is sampled, milliseconds: its twin is not even compiled. */
const START = 1;
/** The share of a loop's time in which rows may pass the twin. */
const SHARE = 0.01;
/** And the time they may take in any case, milliseconds: what makes the shares of a short loop. */
const LEAST = 0.2;
/** One stretch of rows through the twin, milliseconds, and the most rows of it. */
const STRETCH = 0.05;
const MOST_ROWS = 64;
/** How long rows pass before the next decision, milliseconds, and how many. */
const CHUNK = 5;
const FIRST_CHUNK = 256;
const LARGEST_CHUNK = 65_536;

export class LoopSample {
  /**
   * Of each part, in turn: the time its stretches took and how many there were. Part 0 is the head, then come the
   * operators, then the sink; behind them stretches of nothing, which tell what reading the clock takes.
   */
  readonly readings: Float64Array;
  readonly #parts: number;
  /** All rows, and those of the twin; milliseconds. */
  #time = 0;
  #rows = 0;
  #sampled = 0;

  constructor(operators: number) {
    this.#parts = operators + 2;
    this.readings = new Float64Array(2 * (this.#parts + 1));
  }

  /** How many rows are to pass the twin now. */
  due(): number {
    if (this.#time < START || this.#sampled > Math.max(LEAST, SHARE * this.#time)) return 0;
    return Math.max(1, Math.min(MOST_ROWS, Math.floor((STRETCH * this.#rows) / this.#time)));
  }

  /** How many rows are to pass the loop before `due` is asked again. */
  chunk(): number {
    if (this.#time === 0) return FIRST_CHUNK;
    return Math.max(1, Math.min(LARGEST_CHUNK, Math.floor((CHUNK * this.#rows) / this.#time)));
  }

  passed(rows: number, time: number): void {
    this.#rows += rows;
    this.#time += time;
  }

  sampled(rows: number, time: number): void {
    this.passed(rows, time);
    this.#sampled += time;
  }

  /** Of each part its share of the loop's time, together 1; undefined while nothing tells. A part of no text has 0. */
  shares(): number[] | undefined {
    const { readings } = this;
    const nothings = readings[2 * this.#parts + 1]!;
    if (nothings === 0) return undefined;
    const clock = readings[2 * this.#parts]! / nothings;
    const times = Array.from({ length: this.#parts }, (_, part) =>
      Math.max(0, readings[2 * part]! - clock * readings[2 * part + 1]!),
    );
    const sum = times.reduce((a, b) => a + b, 0);
    return sum > 0 ? times.map((time) => time / sum) : undefined;
  }

  /** Whether a part was ever measured: an operator that only hands rows on is not. */
  knows(part: number): boolean {
    return this.readings[2 * part + 1]! > 0;
  }
}
