/** What one run may show: a generous start, then a trickle, so that a flood still shows where it has got to. */
import type { Clock } from '../clock.ts';
import type { CellOutput } from '../protocol.ts';

const STREAM_START = 2_000_000;
const STREAM_PER_SECOND = 100_000;
const MAX_OUTPUTS = 1_000;
const MAX_OUTPUT_CHARACTERS = 20_000_000;

export class RunOutput {
  readonly #clock: Clock;
  readonly #limited: boolean;
  #allowance = STREAM_START;
  #lastWrite: number;
  #outputs = 0;
  #shown = 0;

  /** `limited` is false for a headless run, whose output is a file or a pipe of the user's. */
  constructor(clock: Clock, limited: boolean) {
    this.#clock = clock;
    this.#limited = limited;
    this.#lastWrite = clock.now();
  }

  /** The part of a console write that is shown. */
  stream(stream: 'stdout' | 'stderr', text: string): CellOutput {
    if (!this.#limited) return { kind: 'stream', stream, text };
    const now = this.#clock.now();
    const earned = ((now - this.#lastWrite) * STREAM_PER_SECOND) / 1000;
    this.#lastWrite = now;
    this.#allowance = Math.min(STREAM_START, this.#allowance + earned);
    const shown = text.slice(0, Math.floor(this.#allowance));
    this.#allowance -= shown.length;
    const dropped = text.length - shown.length;
    return { kind: 'stream', stream, text: shown, ...(dropped > 0 ? { dropped } : {}) };
  }

  /** The output itself, or a count of what was kept back. Errors are always shown. */
  output(output: CellOutput, characters: number): CellOutput {
    this.#outputs += 1;
    this.#shown += characters;
    if (output.kind === 'error' || !this.#limited) return output;
    if (this.#outputs <= MAX_OUTPUTS && this.#shown <= MAX_OUTPUT_CHARACTERS) return output;
    return { kind: 'stream', stream: 'stdout', text: '', dropped: Math.max(1, characters) };
  }
}
