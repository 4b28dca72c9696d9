/**
 * Answers shared by all viewers of a notebook. The same question is computed at most ten times a second, however many
 * ask it and how often: who comes sooner waits for the next time, so that no answer is older than its question.
 */
import type { Clock } from '../engine/clock.ts';

const INTERVAL_MS = 100;

interface Question<A> {
  computedAt: number;
  /** Of those who came too soon. */
  next: Promise<A> | undefined;
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
    if (known?.next) return known.next;
    const wait = known === undefined ? 0 : known.computedAt + INTERVAL_MS - now;
    if (known === undefined || wait <= 0) {
      this.#forgetOld(now);
      const answer = compute();
      this.#questions.set(key, { computedAt: now, next: undefined });
      return answer;
    }
    known.next = new Promise<A>((resolve, reject) => {
      this.#clock.after(wait, () => {
        known.next = undefined;
        known.computedAt = this.#clock.now();
        try {
          resolve(compute());
        } catch (error) {
          reject(error);
        }
      });
    });
    return known.next;
  }

  #forgetOld(now: number): void {
    for (const [key, { computedAt, next }] of this.#questions) {
      if (!next && now - computedAt >= INTERVAL_MS) this.#questions.delete(key);
    }
  }
}
