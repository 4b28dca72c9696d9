/**
 * The four steps of an interrupt, as seen by control: mark the run and ask the driver to end it; terminate what it
 * executes when it does not answer; say "stuck" when even that takes long. Done when the driver's loop turns again
 * and no termination is still on its way to hit the next cell.
 */
import type { Clock } from '../clock.ts';

export interface InterruptTarget {
  /** Asks the driver to end `run` and to answer with `ping`; repeatable. */
  ask(run: number, ping: number): void;
  /** Ends what the driver executes now, or else will execute next. Its effect is reported by `terminated()`. */
  terminate(): void;
  status(status: 'interrupting' | 'stuck'): void;
  done(run: number): void;
}

const PING_TIMEOUT_MS = 200;
const STUCK_AFTER_MS = 2_000;

export class Interrupter {
  readonly #target: InterruptTarget;
  readonly #clock: Clock;
  #active: { run: number; startedAt: number; stuck: boolean } | undefined;
  #lastPing = 0;
  #terminating = false;
  #cancelTick: (() => void) | undefined;

  constructor(target: InterruptTarget, clock: Clock) {
    this.#target = target;
    this.#clock = clock;
  }

  get active(): boolean {
    return this.#active !== undefined;
  }

  /** Begins to interrupt `run` (0: whatever the driver does). No effect while an interrupt is going on. */
  start(run: number): void {
    if (this.#active) return;
    this.#active = { run, startedAt: this.#clock.now(), stuck: false };
    this.#target.status('interrupting');
    this.#ask();
    this.#schedule();
  }

  pong(ping: number): void {
    // An answer sent before a termination took effect does not prove that the driver is free of it.
    if (!this.#active || this.#terminating || ping !== this.#lastPing) return;
    const { run } = this.#active;
    this.#active = undefined;
    this.#cancelTick?.();
    this.#target.done(run);
  }

  terminated(): void {
    this.#terminating = false;
    if (this.#active) this.#ask();
  }

  #ask(): void {
    this.#lastPing += 1;
    this.#target.ask(this.#active!.run, this.#lastPing);
  }

  #schedule(): void {
    this.#cancelTick = this.#clock.after(PING_TIMEOUT_MS, () => this.#tick());
  }

  #tick(): void {
    const active = this.#active;
    if (!active) return;
    if (this.#terminating) {
      // An idle driver is terminated by the next thing it runs: give it something to run.
      this.#ask();
    } else {
      this.#terminating = true;
      this.#target.terminate();
    }
    if (!active.stuck && this.#clock.now() - active.startedAt >= STUCK_AFTER_MS) {
      active.stuck = true;
      this.#target.status('stuck');
    }
    this.#schedule();
  }
}
