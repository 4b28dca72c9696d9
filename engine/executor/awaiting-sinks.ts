/** What becomes of rows where the function that folds, places, combines or compares them returns promises. */
import { mergeSort } from '../rdd/merge-sort.ts';
import type { ActionSpec } from '../rdd/operator.ts';
import type { ClosureId, MapStatus, ShuffleDependency } from '../rdd/plan.ts';
import { requirePlace } from '../shuffle/partitioner.ts';
import { decodeRows } from '../storage/row-codec.ts';
import { makeAwaitingCombiner } from './aggregation.ts';
import { InFlight } from './in-flight.ts';
import { isThenable, type UserFunction } from './push-loop.ts';
import { openWriter, withoutChecksums } from './shuffle-output.ts';
import type { TaskRun } from './task-run.ts';

export interface AwaitingSink {
  add(rows: unknown[]): Promise<void>;
  /** After the last row: the rows of an action's result, or where the map output is. */
  finish(): Promise<unknown[] | MapStatus>;
  abort(): void;
}

const nothing = () => {};

/** Calls a user function with a row and awaits what it returns. */
async function called(task: TaskRun, row: unknown, call: () => unknown): Promise<unknown> {
  try {
    const result = call();
    return isThenable(result) ? await task.cancellation.wait(result) : result;
  } catch (error) {
    task.loop.failedAt(error, row);
    throw error;
  }
}

/** reduce and aggregate: from the left, one after the other. */
function folding(task: TaskRun, fn: ClosureId, start: unknown[]): AwaitingSink {
  const call = task.stage.function(fn);
  const folded = start;
  return {
    async add(rows) {
      for (const row of rows) {
        if (folded.length === 0) folded.push(row);
        else folded[0] = await called(task, row, () => call(folded[0], row));
      }
    },
    finish: async () => folded,
    abort: nothing,
  };
}

/** The n first rows by a comparator: sorted and cut whenever twice as many have come together. */
function ordering(task: TaskRun, n: number, descending: boolean, comparator: ClosureId): AwaitingSink {
  const compare = task.stage.function(comparator);
  const sign = descending ? -1 : 1;
  const most = n + Math.max(n, 1024);
  let best: unknown[] = [];
  const prune = async () => {
    const sorted = await mergeSort(
      best,
      async (a, b) => sign * Number(await called(task, a, () => compare(a, b))),
    );
    best = sorted.slice(0, n);
  };
  return {
    async add(rows) {
      for (const row of rows) {
        best.push(row);
        if (best.length >= most) await prune();
      }
    },
    async finish() {
      await prune();
      return best;
    },
    abort: nothing,
  };
}

/** Writes pairs, in their order, where a function that may have to be awaited says. */
class AwaitingWriter {
  readonly #task: TaskRun;
  readonly #numPartitions: number;
  readonly #placeOf: UserFunction | undefined;
  readonly #writer: ReturnType<typeof openWriter>;
  readonly #flying: InFlight<{ place: number; key: unknown; value: unknown }>;
  /** Of the pair that is being written. */
  #place = 0;

  constructor(task: TaskRun, dependency: ShuffleDependency) {
    const { partitioner } = dependency;
    const awaits = partitioner.kind === 'custom' && task.stage.isAwaited(partitioner.closure);
    this.#task = task;
    this.#numPartitions = partitioner.numPartitions;
    this.#placeOf = awaits ? task.stage.function(partitioner.closure) : undefined;
    this.#writer = openWriter(task, dependency, awaits ? () => this.#place : undefined);
    this.#flying = new InFlight((promise) => task.cancellation.wait(promise));
  }

  async write(key: unknown, value: unknown): Promise<void> {
    const placeOf = this.#placeOf;
    if (placeOf === undefined) {
      this.#writer.writePair(key, value);
      return;
    }
    if (this.#flying.full) await this.#writeNext();
    const placed = called(this.#task, key, () => placeOf(key)).then((place) => {
      return { place: requirePlace(place, this.#numPartitions), key, value };
    });
    this.#flying.add(placed);
  }

  async #writeNext(): Promise<void> {
    const { place, key, value } = await this.#flying.next();
    this.#place = place;
    this.#writer.writePair(key, value);
  }

  async writeAll({ keys, values }: { keys: unknown[]; values: unknown[] }): Promise<void> {
    for (let i = 0; i < keys.length; i++) await this.write(keys[i], values[i]);
  }

  async commit(): Promise<MapStatus> {
    while (this.#flying.size > 0) await this.#writeNext();
    return this.#writer.commit();
  }

  abort(): void {
    this.#writer.abort();
  }
}

function shuffling(task: TaskRun, dependency: ShuffleDependency): AwaitingSink {
  const writer = new AwaitingWriter(task, dependency);
  const eachPair = async (rows: unknown[], use: (key: unknown, value: unknown) => Promise<void>) => {
    for (const row of rows) {
      if (!Array.isArray(row)) task.loop.notPair(row);
      await use((row as unknown[])[0], (row as unknown[])[1]);
    }
  };
  const { aggregator } = dependency;
  if (!aggregator?.mapSideCombine) {
    return {
      add: (rows) => eachPair(rows, (key, value) => writer.write(key, value)),
      finish: () => writer.commit(),
      abort: () => writer.abort(),
    };
  }
  let drained = false;
  // What was combined so far is written when memory runs short; the reducer merges it with the rest.
  const combiner = makeAwaitingCombiner(task, aggregator, 'values', async () => {
    drained = true;
    await writer.writeAll(await combiner.takePairs());
  });
  return {
    add: (rows) => eachPair(rows, (key, value) => combiner.insert(key, value)),
    async finish() {
      await writer.writeAll(await combiner.takePairs());
      const status = await writer.commit();
      return drained ? withoutChecksums(status) : status;
    },
    abort() {
      combiner.release();
      writer.abort();
    },
  };
}

function acting(task: TaskRun, action: ActionSpec): AwaitingSink {
  switch (action.kind) {
    case 'reduce':
      return folding(task, action.fn, []);
    case 'aggregate':
      return folding(task, action.fn, [decodeRows(action.zero)[0]]);
    case 'takeOrdered':
      if (action.comparator !== undefined) {
        return ordering(task, action.n, action.descending, action.comparator);
      }
      break;
  }
  throw new Error(`${action.kind} calls no function that could be awaited`);
}

export function awaitingSink(task: TaskRun): AwaitingSink {
  const { output } = task.stage.plan;
  return output.kind === 'shuffle' ? shuffling(task, output.dependency) : acting(task, output.action);
}
