/** A chain of narrow operators compiled into one loop, and what such a loop asks of the task it runs in. */
import { inspect } from 'node:util';
import { StagelightError } from '../errors.ts';
import { stepOf } from './batches.ts';
import type { JoinTable } from './join-table.ts';
import type { LoopHead } from './loop-head.ts';
import { LoopSample } from './loop-sample.ts';
import { type LoopStep, loopText } from './loop-text.ts';
import { OperatorClock } from './operator-clock.ts';
import { type SinkKind, sinkText } from './sink-text.ts';
import { timedLoop } from './timed-loop.ts';

// biome-ignore lint/suspicious/noExplicitAny: user functions take and return anything
export type UserFunction = (...args: any[]) => any;

/** Goes the rounds `from <= i < to` through what its head names (loop-head.ts); true means the sink wants no more. */
export type Loop = (
  from: number,
  to: number,
  /** The rows, the keys, or the start of a range. */
  a: unknown[] | number,
  /** The values, or the step of a range. */
  b?: unknown[] | number,
  table?: JoinTable,
  keepRight?: boolean,
) => boolean;

type LoopFactory = (
  task: LoopTask,
  functions: UserFunction[],
  sink: unknown,
  states: unknown[],
  rest: (from: number) => Loop,
  readings: Float64Array,
) => Loop;

/** Thrown where the synchronous kind of loop cannot go on: the partition starts again in the awaiting kind. */
export class AsyncNeeded extends Error {
  /** The number of the function in its stage that returned a promise; undefined: everything is to be awaited. */
  readonly fn: number | undefined;

  constructor(message: string, fn?: number) {
    super(message);
    this.fn = fn;
  }
}

export function describeValue(value: unknown): string {
  try {
    const text = inspect(value, {
      depth: 2,
      maxArrayLength: 10,
      maxStringLength: 200,
      breakLength: Number.POSITIVE_INFINITY,
      customInspect: false,
    });
    return text.length > 500 ? `${text.slice(0, 500)}…` : text;
  } catch {
    return Object.prototype.toString.call(value);
  }
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    typeof (value as { then?: unknown }).then === 'function'
  );
}

export function refuseToSpread(value: unknown, operator = 'flatMap'): never {
  throw new StagelightError('NOT_ITERABLE', `the function of ${operator} returned ${describeValue(value)}`, {
    hint:
      typeof value === 'string'
        ? 'Strings are not spread into characters: return [text] for one row, or [...text] for its characters.'
        : 'Return an array, an iterable or a generator; return [] for no rows.',
  });
}

/** The T of a generated loop: cancellation, row counts and errors of one task attempt. */
export class LoopTask {
  /** Rows until the next look at the clock. */
  budget = 16;
  /** Rows that left each node of the stage plan, and one place for an operator of the action. */
  readonly rows: Float64Array;
  /** The element a user function was given when it threw. */
  failure: { error: unknown; element: unknown } | undefined;
  /** Remembered here, so that user code around a pulled loop cannot swallow it. */
  asyncNeeded: AsyncNeeded | undefined;
  readonly clock: OperatorClock;
  readonly #check: () => number;
  readonly #again: (needed: AsyncNeeded) => void;

  /**
   * `check` throws when the task is to stop, else returns after how many rows it wants to be asked again; `again` is told
   * once when the partition must begin again.
   */
  constructor(
    nodes: number,
    check: () => number,
    clock = new OperatorClock(nodes),
    again: (needed: AsyncNeeded) => void = () => {},
  ) {
    this.clock = clock;
    this.rows = new Float64Array(nodes + 1);
    this.#check = check;
    this.#again = again;
  }

  check(): number {
    return this.#check();
  }

  /** Loops nest (mapPartitions pulls one inside another): the innermost knows best. */
  failedAt(error: unknown, element: unknown): void {
    if (this.failure === undefined || this.failure.error !== error) this.failure = { error, element };
  }

  /** `promise` is what function number `fn` returned; it is asked for again in the awaiting kind. */
  thenable(fn: number, promise: unknown): never {
    // What only looks like a promise must get two functions, as `await` gives it.
    if (isThenable(promise)) Promise.resolve(promise).catch(() => {});
    return this.#beginAgain('a function returned a promise', fn);
  }

  /** Partitions are computed inside one another until the stack ends; awaiting, they are computed one after the other. */
  tooDeep(): never {
    return this.#beginAgain('the lineage is too deep for one stack');
  }

  #beginAgain(why: string, fn?: number): never {
    if (this.asyncNeeded === undefined) {
      this.asyncNeeded = new AsyncNeeded(why, fn);
      this.#again(this.asyncNeeded);
    }
    throw this.asyncNeeded;
  }

  iterable(value: unknown, fn: number): void {
    if (value === null || (typeof value !== 'object' && typeof value !== 'function')) refuseToSpread(value);
    if (isThenable(value) || typeof (value as AsyncIterable<unknown>)[Symbol.asyncIterator] === 'function') {
      this.thenable(fn, value);
    }
    if (typeof (value as Iterable<unknown>)[Symbol.iterator] !== 'function') refuseToSpread(value);
  }

  /** `step` has no value: whether it is one at all. */
  step(step: unknown): void {
    stepOf(step);
  }

  /** Iterators that were left because the loop failed, which says more than what they throw. */
  close(iterators: (Iterator<unknown> | undefined)[]): void {
    for (const iterator of iterators) {
      try {
        iterator?.return?.();
      } catch {}
    }
  }

  notPair(row: unknown): never {
    throw new StagelightError(
      'NOT_A_PAIR',
      `expected a [key, value] pair but the row is ${describeValue(row)}`,
      {
        hint: 'Operators by key need rows of the form [key, value]: make them with map or keyBy.',
      },
    );
  }

  notNumber(row: unknown): never {
    throw new StagelightError('NOT_A_NUMBER', `expected a number but the row is ${describeValue(row)}`, {
      hint: 'sum, mean, stats and their kin work on rows that are numbers: map to a number first.',
    });
  }
}

let loopsMade = 0;

/** The text of a loop as a function, and the loops of its last operators, for rows that come one by one. */
class CompiledLoop {
  readonly #factory: LoopFactory;
  readonly #steps: LoopStep[];
  readonly #sink: SinkKind;
  readonly #timed: boolean;
  readonly #rests = new Map<number, CompiledLoop>();

  constructor(head: LoopHead, steps: LoopStep[], sink: SinkKind, timed: boolean) {
    this.#steps = steps;
    this.#sink = sink;
    this.#timed = timed;
    const kinds = [...steps.map((step) => step.op.kind), sink.kind].join('-');
    const label = `chain-${++loopsMade}-${kinds}${timed ? '-timed' : ''}`;
    const text = loopText(label, head, steps, sinkText(sink), timed);
    this.#factory = new Function('T', 'F', 'S', 'G', 'R', 'Z', text) as LoopFactory;
  }

  bind(
    task: LoopTask,
    functions: UserFunction[],
    sink: unknown,
    states: unknown[],
    readings: Float64Array,
  ): Loop {
    return this.#factory(
      task,
      functions,
      sink,
      states,
      (from) => {
        let rest = this.#rests.get(from);
        if (rest === undefined) {
          rest = new CompiledLoop('batch', this.#steps.slice(from), this.#sink, this.#timed);
          this.#rests.set(from, rest);
        }
        // What the head of the rest takes is the work of the operator before it.
        return rest.bind(task, functions, sink, states.slice(from), readings.subarray(2 * from));
      },
      readings,
    );
  }
}

export class PushLoop {
  /** How its parts share its time: of all tasks of the stage in this executor. */
  readonly sample: LoopSample;
  readonly #compile: (timed: boolean) => CompiledLoop;
  readonly #plain: CompiledLoop;
  #twin: CompiledLoop | undefined;

  constructor(head: LoopHead, steps: LoopStep[], sink: SinkKind) {
    this.#compile = (timed) => new CompiledLoop(head, steps, sink, timed);
    this.#plain = this.#compile(false);
    this.sample = new LoopSample(steps.length);
  }

  /**
   * The loop for one task: `functions` by number, `states` by step. `places` says whose time each part is, the head's
   * first and the sink's last; without it nothing is measured.
   */
  bind(
    task: LoopTask,
    functions: UserFunction[],
    sink: unknown,
    states: unknown[],
    places?: (number | undefined)[],
  ): Loop {
    const { readings } = this.sample;
    const plain = this.#plain.bind(task, functions, sink, states, readings);
    if (places === undefined) return plain;
    return timedLoop(task.clock, task.clock.loop(this.sample, places), this.sample, plain, () => {
      this.#twin ??= this.#compile(true);
      return this.#twin.bind(task, functions, sink, states, readings);
    });
  }
}
