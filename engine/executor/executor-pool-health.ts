/**
 * Tells a hung executor from a busy one. Both do not answer pings, but a synchronous closure that computes uses CPU
 * time, and is left alone however long it takes.
 */
import { readFileSync } from 'node:fs';

export const PING_INTERVAL_MS = 2_000;
export const HUNG_AFTER_MS = 10_000;

export interface ProcessSample {
  /** User and system time, in clock ticks. */
  cpu: number;
  /** As in /proc: R, S, D, T… */
  state: string;
}

/** Undefined where there is no /proc: then nobody is called hung. */
export function readProcess(pid: number): ProcessSample | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The command's name, in parentheses, may itself hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0]!, cpu: Number(fields[11]) + Number(fields[12]) };
  } catch {
    return undefined;
  }
}

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
