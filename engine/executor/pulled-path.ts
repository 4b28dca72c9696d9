/**
 * The rows of one path on demand, a batch at a time, through a loop that may be left in the middle of a row: what one row
 * becomes may be more than memory holds. What is still to come of it goes through a loop of the operators that are left,
 * before the rows behind it.
 */
import type { ClosureId, RddNode } from '../rdd/plan.ts';
import { BATCH_ROWS, BatchSize } from './batch-size.ts';
import { type Batches, batchesFrom } from './batches.ts';
import { closeAll } from './lent-rows.ts';
import type { LoopHead } from './loop-head.ts';
import type { Loop } from './push-loop.ts';
import type { TaskRun } from './task-run.ts';

/** What is still to come of a row (spread-text.ts). */
export interface Remainder {
  /** The operator that takes it on, counted from the first of the loop. */
  step: number;
  element: unknown;
  key?: unknown;
  iterator?: Iterator<unknown>;
  items?: unknown[];
  at?: number;
  iterable?: Iterable<unknown>;
}

type BindFrom = (head: LoopHead, from: number, sink: PulledPath) => Loop;

/** Rows on their way to operator `step`; those from `at` on are still to go through its loop. */
interface Stretch {
  step: number;
  source: Batches;
  rows: unknown[];
  at: number;
  /** It is asked by the loop itself: what comes of an item is made before the next is, which may be the same object. */
  asked?: Remainder;
}

/** The rest of an array, in batches of its own. */
function slices(items: unknown[], from: number): Batches {
  let at = from;
  return {
    next() {
      if (at >= items.length) return undefined;
      const rows: unknown[] = [];
      for (const to = Math.min(items.length, at + BATCH_ROWS); at < to; at++) rows.push(items[at]);
      return rows;
    },
    close() {
      at = items.length;
    },
  };
}

function batchesOfRest({ iterator, iterable, items = [], at = 0 }: Remainder): Batches {
  if (iterator !== undefined) return batchesFrom({ [Symbol.iterator]: () => iterator });
  if (iterable === undefined) return slices(items, at);
  return Array.isArray(iterable) ? slices(iterable, 0) : batchesFrom(iterable);
}

/** The S of its loops. */
export class PulledPath implements Batches {
  /** What a loop gave. */
  rows: unknown[] = [];
  /** How many that should be at most. */
  most: number;
  /** Of a loop that asks an iterator: how many items came, and whether there are no more. */
  taken = 0;
  ended = false;
  readonly #task: TaskRun;
  readonly #chain: RddNode[];
  readonly #bind: BindFrom;
  /** By the operator they begin with. */
  readonly #loops = new Map<string, Loop>();
  readonly #sizes: BatchSize[];
  /** The last is next; it is what is to come of a row of the one before. */
  readonly #stretches: Stretch[];
  /** The operator the running loop begins with, and how far it came. */
  #first = 0;
  #left = 0;

  /** `size`: of batches of such paths, as far as it is known. */
  constructor(task: TaskRun, chain: RddNode[], source: Batches, size: BatchSize, bind: BindFrom) {
    this.#task = task;
    this.#chain = chain;
    this.#sizes = [size];
    this.most = size.most;
    this.#bind = bind;
    this.#stretches = [{ step: 0, source, rows: [], at: 0 }];
  }

  next(): unknown[] | undefined {
    try {
      return this.#next();
    } catch (error) {
      try {
        this.close();
      } catch {
        // What came first says more.
      }
      throw error;
    }
  }

  /** Generators that were left early end, the innermost first. */
  close(): void {
    const stretches = this.#stretches.splice(0).reverse();
    closeAll(stretches.map(({ source }) => source));
  }

  #next(): unknown[] | undefined {
    for (;;) {
      const stretch = this.#stretches.at(-1);
      if (stretch === undefined) return undefined;
      if (stretch.asked !== undefined) {
        this.#ask(stretch, stretch.asked);
        if (this.rows.length > 0) return this.rows;
        continue;
      }
      if (stretch.at >= stretch.rows.length) {
        // Not held while the next are made: rows may be large.
        stretch.rows = this.rows = [];
        stretch.at = 0;
        const next = stretch.source.next();
        if (next === undefined) {
          this.#stretches.pop();
          stretch.source.close();
          continue;
        }
        if (stretch.step === this.#chain.length) return next;
        stretch.rows = next;
        continue;
      }
      this.#pass(stretch);
      if (this.rows.length > 0) return this.rows;
    }
  }

  /** Some rows through the loop, as far as it goes. */
  #pass(stretch: Stretch): void {
    const { step, at, rows } = stretch;
    const loop = this.#loop('batch', step);
    const size = this.#size(step);
    const to = Math.min(rows.length, at + size.rows);
    this.rows = [];
    this.#first = step;
    this.#left = to;
    loop(at, to, rows);
    stretch.at = this.#left;
    size.look(this.rows, stretch.at - at);
    this.most = size.most;
  }

  /** Some of what an iterator gives through the loop that asks it. */
  #ask(stretch: Stretch, asked: Remainder): void {
    const { step } = stretch;
    const loop = this.#loop('key' in asked ? 'askedValues' : 'asked', step);
    const size = this.#size(step);
    this.rows = [];
    this.#first = step;
    this.taken = 0;
    this.ended = false;
    try {
      // As many as it gave so far: an early stop should ask for little.
      const most = Math.min(size.rows, stretch.at + 1);
      loop(0, most, asked.iterator as never, asked as never);
    } finally {
      if (this.ended) this.#stretches.splice(this.#stretches.indexOf(stretch), 1);
      this.#task.loop.rows[this.#task.stage.slot(this.#chain[step - 1]!)]! += this.taken;
    }
    stretch.at += this.taken;
    if (this.taken > 0) size.look(this.rows, this.taken);
    this.most = size.most;
  }

  #loop(head: LoopHead, step: number): Loop {
    const key = `${head} ${step}`;
    let loop = this.#loops.get(key);
    if (loop === undefined) this.#loops.set(key, (loop = this.#bind(head, step, this)));
    return loop;
  }

  #size(step: number): BatchSize {
    this.#sizes[step] ??= new BatchSize();
    return this.#sizes[step];
  }

  /** Called by a loop: how far it came before it was left. */
  leave(at: number): true {
    this.#left = at;
    return true;
  }

  /** Called by a loop that is about to be left, in the order from the outside in. */
  later(remainder: Remainder): void {
    const step = this.#first + remainder.step;
    if (remainder.iterable !== undefined && !Array.isArray(remainder.iterable)) {
      // Small ones would be slow this way.
      this.#task.stage.walkByIterator((this.#chain[step - 1]!.op as { fn: ClosureId }).fn);
      this.#loops.clear();
    }
    if (step < this.#chain.length && !('items' in remainder) && !Array.isArray(remainder.iterable)) {
      this.#laterAsked(step, remainder);
      return;
    }
    const source = this.#asked(step - 1, remainder, batchesOfRest(remainder));
    this.#stretches.push({ step, source, rows: [], at: 0 });
  }

  #laterAsked(step: number, remainder: Remainder): void {
    const iterator = remainder.iterator ?? remainder.iterable![Symbol.iterator]();
    const { clock } = this.#task.loop;
    const slot = this.#task.stage.slot(this.#chain[step - 1]!);
    const close = () => void clock.within(slot, () => iterator.return?.());
    const source = { next: () => undefined, close };
    this.#stretches.push({ step, source, rows: [], at: 0, asked: { ...remainder, iterator } });
  }

  /** Asking for more is the work of the operator that spreads, and its errors are those of the element it spreads. */
  #asked(operator: number, remainder: Remainder, source: Batches): Batches {
    const { loop, cancellation, stage } = this.#task;
    const slot = stage.slot(this.#chain[operator]!);
    const next = () => source.next();
    return {
      next() {
        cancellation.check();
        try {
          const rows = loop.clock.within(slot, next);
          if (rows === undefined) return undefined;
          loop.rows[slot]! += rows.length;
          return 'key' in remainder ? rows.map((value) => [remainder.key, value]) : rows;
        } catch (error) {
          loop.failedAt(error, remainder.element);
          throw error;
        }
      },
      close: () => loop.clock.within(slot, () => source.close()),
    };
  }
}
