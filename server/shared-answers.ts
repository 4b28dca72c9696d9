/**
 * Answers shared by all viewers of a notebook. The same question is computed at most ten times a second, however many
 * ask it and how often: who comes sooner waits for the next time, so that no answer is older than its question. While
 * events go out, those times are theirs: an answer then has them in it, and reaches a viewer with them.
 */
import type { Clock } from '../engine/clock.ts';

const INTERVAL_MS = 100;
/** So much sooner an answer goes with events that leave. */
const EARLIER_MS = 12;

interface Question<A> {
  computedAt: number;
  /** Of those who came too soon; `answer` gives it to them. */
  next: { promise: Promise<A>; answer: () => void } | undefined;
}

export class SharedAnswers<A> {
  readonly #clock: Clock;
  readonly #questions = new Map<string, Question<A>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  ask(key: string, compute: () => A): A | Promise<A> {
    const now = this.#clock.now();
    const known = this.#questions.get(key);
    if (known?.next) return known.next.promise;
    const wait = known === undefined ? 0 : known.computedAt + INTERVAL_MS - now;
    if (known === undefined || wait <= 0) {
      this.#forgetOld(now);
      const answer = compute();
      this.#questions.set(key, { computedAt: now, next: undefined });
      return answer;
    }
    const { promise, resolve, reject } = Promise.withResolvers<A>();
    const answer = () => {
      cancel();
      known.next = undefined;
      known.computedAt = this.#clock.now();
      try {
        resolve(compute());
      } catch (error) {
        reject(error);
      }
    };
    const cancel = this.#clock.after(wait, answer);
    known.next = { promise, answer };
    return promise;
  }

  /** Events have just left: what is nearly due is answered with them. */
  eventsLeft(): void {
    const due = this.#clock.now() + EARLIER_MS - INTERVAL_MS;
    for (const { computedAt, next } of this.#questions.values()) if (computedAt <= due) next?.answer();
  }

  #forgetOld(now: number): void {
    for (const [key, { computedAt, next }] of this.#questions) {
      if (!next && now - computedAt >= INTERVAL_MS) this.#questions.delete(key);
    }
  }
}
