/** Row operators applied one element at a time, awaiting what their functions return. */
import type { RddNode } from '../rdd/plan.ts';
import type { Random } from '../rdd/random.ts';
import { estimateSize } from '../storage/size-estimate.ts';
import { type AsyncBatches, asyncItems, type Rest, type Spread, spread, Turn } from './async-items.ts';
import type { RowOperator } from './loop-text.ts';
import { isThenable } from './push-loop.ts';
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

function paired(key: unknown, values: Rest): Rest {
  return {
    async next() {
      const step = await values.next();
      return step.done ? step : { done: false, value: step.value.map((value) => [key, value]) };
    },
    return: () => values.return(),
  };
}

async function applyOne(
  task: TaskRun,
  { node, state }: RowStep,
  row: unknown,
  turn: Turn,
): Promise<unknown[] | Spread> {
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
      return spread(task, await call(op.fn, row), node, turn);
    case 'mapValues': {
      const [key, value] = asPair(task, row);
      return [[key, await call(op.fn, value)]];
    }
    case 'flatMapValues': {
      const [key, value] = asPair(task, row);
      const { items, rest } = await spread(task, await call(op.fn, value), node, turn);
      const pairs = items.map((item) => [key, item]);
      return rest === undefined ? pairs : { items: pairs, rest: paired(key, rest) };
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

/**
 * One element through several steps without state: its rows, or what gives them where a function gave more than is held
 * until the element's turn has come.
 */
export async function applyAwaiting(
  task: TaskRun,
  steps: RowStep[],
  element: unknown,
  turn: Turn,
): Promise<unknown[] | AsyncBatches> {
  let rows = [element];
  // Of the pass that calls it: it may be left behind.
  const { loop } = task;
  const { clock } = loop;
  for (const [at, step] of steps.entries()) {
    const slot = task.stage.slot(step.node);
    const next: unknown[] = [];
    let bytes = 0;
    for (const [index, row] of rows.entries()) {
      const since = clock.await();
      try {
        task.cancellation.throwIfStopped();
        const made = await applyOne(task, step, row, turn);
        const { items, rest } = Array.isArray(made) ? { items: made } : made;
        for (const result of items) next.push(result);
        if (rest !== undefined) {
          loop.rows[slot]! += next.length;
          const others = rows.slice(index + 1);
          return unfinished(task, steps.slice(at), { element: row, made: next, rest, turn, others });
        }
        // One of several that a row became: what is made of them may be larger than they are.
        if (index < rows.length - 1 && items.length > 0) {
          bytes += items.length * estimateSize(items.at(-1));
          if (bytes >= MADE_BYTES) {
            loop.rows[slot]! += next.length;
            const others = rows.slice(index + 1);
            return unfinished(task, steps.slice(at), {
              element: row,
              made: next,
              rest: NOTHING,
              turn,
              others,
            });
          }
        }
      } catch (error) {
        loop.failedAt(error, row);
        throw error;
      } finally {
        clock.arrived(slot, since);
      }
    }
    rows = next;
    loop.rows[slot]! += rows.length;
  }
  return rows;
}

/** How much of what one element became is held at once, roughly. */
const MADE_BYTES = 1 << 20;
const NOTHING: Rest = {
  next: () => Promise.resolve({ done: true, value: undefined }),
  return: () => Promise.resolve({ done: true, value: undefined }),
};

interface Unfinished {
  /** What the function of the first step was given. */
  element: unknown;
  /** What has passed the step, what is to come of the element, and what has still to pass the step. */
  made: unknown[];
  rest: Rest;
  others: unknown[];
  turn: Turn;
}

/** The rows of an element whose turn has come, from where the first step has given more than was held: one after the other. */
async function* unfinished(
  task: TaskRun,
  steps: RowStep[],
  { element, made, rest, others, turn }: Unfinished,
): AsyncBatches {
  const { loop } = task;
  const after = steps.slice(1);
  try {
    yield* oneByOne(task, after, made);
    for (;;) {
      const step = await rest.next().catch((error) => {
        loop.failedAt(error, element);
        throw error;
      });
      if (step.done) break;
      loop.rows[task.stage.slot(steps[0]!.node)]! += step.value.length;
      yield* oneByOne(task, after, step.value);
    }
  } finally {
    await rest.return();
    await turn.end();
  }
  yield* oneByOne(task, steps, others);
}

async function* oneByOne(task: TaskRun, steps: RowStep[], rows: unknown[]): AsyncBatches {
  if (steps.length === 0) {
    yield rows;
    return;
  }
  for (const row of rows) {
    const turn = new Turn(true);
    const made = await task.cancellation.wait(applyAwaiting(task, steps, row, turn)).catch(async (error) => {
      await turn.end();
      throw error;
    });
    if (Array.isArray(made)) yield made;
    else yield* made;
  }
}
