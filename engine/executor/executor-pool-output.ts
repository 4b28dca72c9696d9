/** Text from the pipes of executors: gathered for a moment, bounded, and dropped when it is the last words of V8. */
import type { Clock } from '../clock.ts';

export interface PipeText {
  stream: 'stdout' | 'stderr';
  text: string;
  dropped: number;
}

export const GATHER_MS = 80;
const LIMIT = 64 * 1024;

export class PipeOutput {
  readonly #clock: Clock;
  readonly #deliver: (text: PipeText) => void;
  #waiting: PipeText[] = [];
  #size = 0;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, deliver: (text: PipeText) => void) {
    this.#clock = clock;
    this.#deliver = deliver;
  }

  write(stream: 'stdout' | 'stderr', text: string): void {
    let last = this.#waiting.at(-1);
    if (last?.stream !== stream) this.#waiting.push((last = { stream, text: '', dropped: 0 }));
    const kept = text.slice(0, Math.max(0, LIMIT - this.#size));
    last.text += kept;
    last.dropped += text.length - kept.length;
    this.#size += kept.length;
    this.#cancel ??= this.#clock.after(GATHER_MS, () => this.flush());
  }

  flush(): void {
    const waiting = this.#waiting;
    this.discard();
    for (const text of waiting) this.#deliver(text);
  }

  discard(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#waiting = [];
    this.#size = 0;
  }
}
