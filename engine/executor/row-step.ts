/** Row operators applied one element at a time, awaiting what their functions return. */
import type { RddNode } from '../rdd/plan.ts';
import type { Random } from '../rdd/random.ts';
import { type Batches, batchesFrom, batchesOf, stepOf } from './batches.ts';
import type { RowOperator } from './loop-text.ts';
import { isThenable, refuseToSpread } from './push-loop.ts';
import type { TaskRun } from './task-run.ts';

export interface RowStep {
  node: RddNode;
  state: unknown;
}

/** How elements may pass a step: several at once, one after the other, or item by item out of a generator. */
export function stepMode(task: TaskRun, step: RowStep): 'window' | 'order' | 'stream' {
  const op = step.node.op as RowOperator;
  if (op.kind === 'sample' || op.kind === 'zipWithIndex') return 'order';
  const spreads = op.kind === 'flatMap' || op.kind === 'flatMapValues';
  return spreads && task.stage.loaded(op.fn).isGenerator ? 'stream' : 'window';
}

function asPair(task: TaskRun, row: unknown): readonly [unknown, unknown] {
  if (!Array.isArray(row)) task.loop.notPair(row);
  return row as [unknown, unknown];
}

/** Applies a step that depends on the order of rows. */
export function applyInOrder(task: TaskRun, step: RowStep, rows: unknown[]): unknown[] {
  const op = step.node.op as RowOperator;
  const out: unknown[] = [];
  task.loop.clock.enter(task.stage.slot(step.node));
  for (const row of rows) {
    if (op.kind === 'zipWithIndex') out.push([row, (step.state as { next: number }).next++]);
    else if (op.kind === 'sample') {
      const random = step.state as Random;
      const copies = op.withReplacement ? random.poisson(op.fraction) : random.next() < op.fraction ? 1 : 0;
      for (let i = 0; i < copies; i++) out.push(row);
    }
  }
  task.loop.clock.leave();
  task.loop.rows[task.stage.slot(step.node)]! += out.length;
  return out;
}

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
): AsyncGenerator<unknown[], void> {
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

/** One element through a flatMap whose function is a generator. */
export async function* flattened(
  task: TaskRun,
  step: RowStep,
  row: unknown,
): AsyncGenerator<unknown[], void> {
  const op = step.node.op as Extract<RowOperator, { kind: 'flatMap' | 'flatMapValues' }>;
  const pair = op.kind === 'flatMapValues' ? asPair(task, row) : undefined;
  try {
    const { clock } = task.loop;
    const slot = task.stage.slot(step.node);
    const fn = task.stage.function(op.fn);
    const returned: unknown = clock.within(slot, () => fn(pair === undefined ? row : pair[1]));
    const items = isThenable(returned) ? await clock.until(slot, task.cancellation.wait(returned)) : returned;
    for await (const some of asyncItems(task, items, step.node)) {
      task.loop.rows[task.stage.slot(step.node)]! += some.length;
      yield pair === undefined ? some : some.map((value) => [pair[0], value]);
    }
  } catch (error) {
    task.loop.failedAt(error, row);
    throw error;
  }
}

async function spread(task: TaskRun, items: unknown, node: RddNode): Promise<unknown[]> {
  if (Array.isArray(items)) return items;
  const all: unknown[] = [];
  for await (const some of asyncItems(task, items, node)) for (const item of some) all.push(item);
  return all;
}

async function applyOne(task: TaskRun, { node, state }: RowStep, row: unknown): Promise<unknown[]> {
  const op = node.op as RowOperator;
  const call = async (fn: string, argument: unknown): Promise<unknown> => {
    const call = task.stage.function(fn);
    const result: unknown = task.loop.clock.within(task.stage.slot(node), () => call(argument));
    return isThenable(result) ? await result : result;
  };
  switch (op.kind) {
    case 'map':
      return [await call(op.fn, row)];
    case 'filter':
      return (await call(op.fn, row)) ? [row] : [];
    case 'flatMap':
      return spread(task, await call(op.fn, row), node);
    case 'mapValues': {
      const [key, value] = asPair(task, row);
      return [[key, await call(op.fn, value)]];
    }
    case 'flatMapValues': {
      const [key, value] = asPair(task, row);
      const items = await spread(task, await call(op.fn, value), node);
      return items.map((item) => [key, item]);
    }
    case 'keyBy':
      return [[await call(op.fn, row), row]];
    case 'keys':
      return [asPair(task, row)[0]];
    case 'values':
      return [asPair(task, row)[1]];
    case 'filterKey':
      return (state as { matches(key: unknown): boolean }).matches(asPair(task, row)[0]) ? [row] : [];
    case 'concat':
      return [row];
    case 'sample':
    case 'zipWithIndex':
      return applyInOrder(task, { node, state }, [row]);
    default:
      return op satisfies never;
  }
}

/** One element through several steps without state. */
export async function applyAwaiting(task: TaskRun, steps: RowStep[], element: unknown): Promise<unknown[]> {
  let rows = [element];
  // Of the pass that calls it: it may be left behind.
  const { loop } = task;
  const { clock } = loop;
  for (const step of steps) {
    const next: unknown[] = [];
    for (const row of rows) {
      const since = clock.await();
      try {
        task.cancellation.throwIfStopped();
        for (const result of await applyOne(task, step, row)) next.push(result);
      } catch (error) {
        loop.failedAt(error, row);
        throw error;
      } finally {
        clock.arrived(task.stage.slot(step.node), since);
      }
    }
    rows = next;
    loop.rows[task.stage.slot(step.node)]! += rows.length;
  }
  return rows;
}
