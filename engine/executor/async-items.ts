/** What functions return to be spread, in the awaiting kind: iterables of both sorts, asked for no further than rows are wanted. */
import type { RddNode } from '../rdd/plan.ts';
import { estimateSize } from '../storage/size-estimate.ts';
import { type Batches, batchesFrom, batchesOf, stepOf } from './batches.ts';
import { isThenable, refuseToSpread } from './push-loop.ts';
import type { TaskRun } from './task-run.ts';

export type AsyncBatches = AsyncGenerator<unknown[], void>;

/** Calls what belongs to a function as the function itself is called. */
interface CallsWithin {
  within<R>(call: () => R): R;
}

const ANYWHERE: CallsWithin = { within: (call) => call() };

/** The items of what a node's flatMap or mapPartitions returned, once it is awaited; generators are resumed `of` the function. */
export async function* asyncItems(
  task: TaskRun,
  items: unknown,
  node: RddNode,
  of: CallsWithin = ANYWHERE,
): AsyncBatches {
  const operator = node.op.kind;
  const { clock } = task.loop;
  const slot = task.stage.slot(node);
  if (typeof items !== 'object' || items === null) return refuseToSpread(items, operator);
  if (!(Symbol.asyncIterator in items)) {
    if (!(Symbol.iterator in items)) return refuseToSpread(items, operator);
    const batches: Batches = Array.isArray(items)
      ? batchesOf(items)
      : batchesFrom(items as Iterable<unknown>);
    try {
      const next = () => of.within(() => batches.next());
      for (let rows = clock.within(slot, next); rows !== undefined; rows = clock.within(slot, next)) {
        task.cancellation.check();
        yield rows;
      }
    } finally {
      of.within(() => batches.close());
    }
    return;
  }
  const iterator = of.within(() => (items as AsyncIterable<unknown>)[Symbol.asyncIterator]());
  let ended = false;
  try {
    for (;;) {
      // An iterator written by hand may answer at once.
      const asked: unknown = clock.within(slot, () => of.within(() => iterator.next()));
      const step = stepOf(isThenable(asked) ? await clock.until(slot, task.cancellation.wait(asked)) : asked);
      ended = step.done === true;
      if (ended) break;
      task.cancellation.check();
      yield [step.value];
    }
  } finally {
    // One that hangs in an await, or reads ahead, would never answer: nobody waits for it.
    if (!ended) void Promise.resolve(of.within(() => iterator.return?.())).catch(() => {});
  }
}

export type Rest = Pick<AsyncBatches, 'next' | 'return'>;

/** With a step that was asked for already; nobody waits for one that is not wanted. */
function resumed(asked: ReturnType<AsyncBatches['next']>, rest: AsyncBatches): Rest {
  let pending: typeof asked | undefined = asked;
  asked.catch(() => {});
  return {
    next() {
      const step = pending ?? rest.next();
      pending = undefined;
      return step;
    },
    return() {
      const ended = rest.return();
      if (pending === undefined) return ended;
      ended.catch(() => {});
      return Promise.resolve({ done: true, value: undefined });
    },
  };
}

/** How much of what a function gave for one element is held until those before it have come: rows, and bytes. */
const AHEAD_ROWS = 1024;
const AHEAD_BYTES = 1 << 16;

/** Where one of the elements on their way stands. */
export class Turn {
  /** Those before it have come: what it has is wanted at once. */
  hasCome: boolean;
  /** What gives the rest of its rows. */
  #rest: Rest | undefined;
  #ended = false;
  readonly #changed = Promise.withResolvers<undefined>();

  constructor(hasCome = false) {
    this.hasCome = hasCome;
  }

  /** Resolves once it has come, or nobody wants its rows. */
  get changed(): Promise<undefined> {
    return this.#changed.promise;
  }

  come(): void {
    this.hasCome = true;
    this.#changed.resolve(undefined);
  }

  keep(rest: Rest): void {
    this.#rest = rest;
    if (this.#ended) void this.end();
  }

  /** Nobody wants its rows any more. */
  async end(): Promise<void> {
    this.#ended = true;
    this.#changed.resolve(undefined);
    try {
      await this.#rest?.return();
    } catch {
      // What ended the others says more.
    }
  }
}

export interface Spread {
  items: unknown[];
  /** Gives what is still to come; undefined: that was all. */
  rest?: Rest;
}

/** The items for one element: as many as may be held until its turn has come, and those that come one by one no longer. */
export async function spread(task: TaskRun, given: unknown, node: RddNode, turn: Turn): Promise<Spread> {
  if (Array.isArray(given)) return { items: given };
  const rest = asyncItems(task, given, node);
  const items: unknown[] = [];
  let bytes = 0;
  const trickles = typeof given === 'object' && given !== null && Symbol.asyncIterator in given;
  for (;;) {
    const asked = rest.next();
    const step = await (trickles && !turn.hasCome ? Promise.race([asked, turn.changed]) : asked);
    if (step === undefined) {
      const others = resumed(asked, rest);
      turn.keep(others);
      return { items, rest: others };
    }
    if (step.done) break;
    const some = step.value;
    for (const item of some) items.push(item);
    bytes += some.length * estimateSize(some.at(-1));
    const waits = turn.hasCome && trickles;
    if (waits || items.length >= AHEAD_ROWS || bytes >= AHEAD_BYTES) {
      turn.keep(rest);
      return { items, rest };
    }
  }
  return { items };
}
