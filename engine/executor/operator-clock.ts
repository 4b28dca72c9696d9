/**
 * Which operator the time of a task goes to: every moment belongs to at most one, so that together they never have more
 * than the task took.
 *
 * While something is computed, its place is on a stack and the innermost has the time. While nothing is, the elements
 * that are being awaited share it evenly. What passes in a push loop is kept for the loop as a whole and shared by its
 * parts in the end (loop-sample.ts).
 */
import type { OperatorTimes } from '../protocol.ts';
import type { LoopSample } from './loop-sample.ts';

interface LoopAccount {
  sample: LoopSample;
  /** The place of each part of the loop; undefined: the time of the part is nobody's. */
  places: (number | undefined)[];
  account: number;
}

export class OperatorClock {
  readonly #now: () => number;
  /** Milliseconds that were spent writing inside of the present loop, and are measured by the writer. */
  readonly #written: () => number;
  readonly #nodes: number;
  /** Of each account; places come first, in the order of the stage's nodes. −1: it had none. */
  readonly #times: number[];
  readonly #loops: LoopAccount[] = [];
  readonly #stack: number[] = [];
  #last: number;
  #awaited = 0;
  /** How long each element would have been awaited that is awaited from the beginning to the end. */
  #shared = 0;

  constructor(nodes: number, now: () => number = () => performance.now(), written: () => number = () => 0) {
    this.#now = now;
    this.#written = written;
    this.#nodes = nodes;
    this.#times = new Array(nodes + 2).fill(-1);
    this.#last = now();
  }

  /** Where the output's time goes: the writing of a shuffle, what an action does with the rows. */
  get output(): number {
    return this.#nodes;
  }

  /** Where the time of reading and decoding what other stages wrote goes. */
  get shuffleRead(): number {
    return this.#nodes + 1;
  }

  #advance(): void {
    const now = this.#now();
    const elapsed = now - this.#last;
    this.#last = now;
    if (this.#stack.length > 0) this.#add(this.#stack.at(-1)!, elapsed);
    else if (this.#awaited > 0) this.#shared += elapsed / this.#awaited;
  }

  #add(account: number, time: number): void {
    const before = this.#times[account]!;
    this.#times[account] = before < 0 ? time : before + time;
  }

  /** From now on the time is this account's, until `leave` gives it back to the one before. */
  enter(account: number): void {
    this.#advance();
    this.#stack.push(account);
  }

  leave(): void {
    this.#advance();
    this.#stack.pop();
  }

  /** What `compute` takes is the account's, less what it enters itself. */
  within<T>(account: number, compute: () => T): T {
    this.enter(account);
    try {
      return compute();
    } finally {
      this.leave();
    }
  }

  /** An element begins to be awaited; what comes back is for `arrived`. */
  await(): number {
    this.#advance();
    this.#awaited++;
    return this.#shared;
  }

  arrived(place: number, since: number): void {
    this.#advance();
    this.#awaited--;
    this.#add(place, this.#shared - since);
  }

  /** What is awaited until the promise is settled is the place's. */
  async until<T>(place: number, promise: PromiseLike<T>): Promise<T> {
    const since = this.await();
    try {
      return await promise;
    } finally {
      this.arrived(place, since);
    }
  }

  /** Milliseconds that go on for the loop that runs: not while its sink writes. */
  readonly loopTime = (): number => this.#now() - this.#written();

  /** The account of a loop whose parts stand at these places. */
  loop(sample: LoopSample, places: (number | undefined)[]): number {
    // A task has few different loops, though it may run each for thousands of paths.
    for (const loop of this.#loops) {
      if (loop.sample === sample && loop.places.every((place, i) => place === places[i])) return loop.account;
    }
    const account = this.#times.length;
    this.#times.push(-1);
    this.#loops.push({ sample, places, account });
    return account;
  }

  /** Time of a loop that its sink spent writing: the output's. */
  wrote(loop: number, time: number): void {
    this.#add(loop, -time);
    this.#add(this.output, time);
  }

  written(): number {
    return this.#written();
  }

  /** Self times, milliseconds; of a loop that was too short to be sampled its parts have none. */
  times(): OperatorTimes {
    const times = this.#times.slice(0, this.#nodes + 2);
    for (const { sample, places, account } of this.#loops) {
      const shares = sample.shares();
      const time = this.#times[account]!;
      if (shares === undefined || time <= 0) continue;
      for (const [part, place] of places.entries()) {
        if (place === undefined || !sample.knows(part)) continue;
        times[place] = Math.max(0, times[place]!) + shares[part]! * time;
      }
    }
    const rounded = times.map((time) => (time < 0 ? -1 : Math.floor(time * 1000) / 1000));
    return {
      byRdd: rounded.slice(0, this.#nodes),
      output: rounded[this.output]!,
      shuffleRead: rounded[this.shuffleRead]!,
    };
  }
}
