/** What one run may show: a generous start, then a trickle, so that a flood still shows where it has got to. */
import type { Clock } from '../clock.ts';
import type { CellOutput } from '../protocol.ts';

const STREAM_START = 2_000_000;
const STREAM_PER_SECOND = 100_000;
const MAX_OUTPUTS = 1_000;
const MAX_ERRORS = 100;
const MAX_OUTPUT_CHARACTERS = 20_000_000;

export class RunOutput {
  readonly #clock: Clock;
  readonly #limited: boolean;
  #allowance = STREAM_START;
  #lastWrite: number;
  #outputs = 0;
  #shown = 0;
  #dropped = 0;
  #errors = 0;
  readonly #plots = new Set<string>();

  /** `limited` is false for a headless run, whose output is a file or a pipe of the user's. */
  constructor(clock: Clock, limited: boolean) {
    this.#clock = clock;
    this.#limited = limited;
    this.#lastWrite = clock.now();
  }

  /** The part of a console write that is shown. */
  stream(text: string): string {
    if (!this.#limited) return text;
    const now = this.#clock.now();
    const earned = ((now - this.#lastWrite) * STREAM_PER_SECOND) / 1000;
    this.#lastWrite = now;
    this.#allowance = Math.min(STREAM_START, this.#allowance + earned);
    const shown = text.slice(0, Math.floor(this.#allowance));
    this.#allowance -= shown.length;
    this.#dropped += text.length - shown.length;
    return shown;
  }

  /** Whether an output is shown. */
  admits(output: CellOutput, characters: number): boolean {
    // The driver sets the pace of updates, and the last of them must be shown.
    if (output.kind === 'plot' && this.#plots.has(output.key)) return true;
    this.#outputs += 1;
    this.#shown += characters;
    if (!this.#limited) return true;
    // The error a cell ends with comes last: a flood of output must not hide it.
    if (output.kind === 'error' && ++this.#errors <= MAX_ERRORS) return true;
    if (this.#outputs <= MAX_OUTPUTS && this.#shown <= MAX_OUTPUT_CHARACTERS) {
      if (output.kind === 'plot') this.#plots.add(output.key);
      return true;
    }
    this.#dropped += characters;
    return false;
  }

  drop(characters: number): void {
    this.#dropped += characters;
  }

  /** Characters kept back since the last call. */
  takeDropped(): number {
    const dropped = this.#dropped;
    this.#dropped = 0;
    return dropped;
  }
}
