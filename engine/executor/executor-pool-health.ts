/**
 * Tells a hung executor from a busy one. Both do not answer pings, but a synchronous closure that computes uses CPU
 * time, and is left alone however long it takes.
 */
import type { ProcessSample } from './process-sample.ts';

export const PING_INTERVAL_MS = 2_000;
export const HUNG_AFTER_MS = 10_000;

/** What one executor did lately. */
export class Pulse {
  #since: number;
  #cpu = -1;
  #heard = true;

  constructor(now: number) {
    this.#since = now;
  }

  /** Any message is a sign of life. */
  heard(): void {
    this.#heard = true;
  }

  /** Looks again; true when a busy executor has given no sign of life for too long. */
  isHung(now: number, busy: boolean, sample: ProcessSample | undefined): boolean {
    const works = sample === undefined || (sample.cpu !== this.#cpu && sample.state !== 'T');
    if (this.#heard || !busy || works) {
      this.#heard = false;
      this.#since = now;
      this.#cpu = sample?.cpu ?? -1;
      return false;
    }
    return now - this.#since >= HUNG_AFTER_MS;
  }
}
