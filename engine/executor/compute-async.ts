/**
 * Computes a partition in the awaiting kind of loop: rows keep their order, at most 16 elements are on their way
 * at once, and a row is never a promise. Parts of the lineage without async functions stay in the synchronous kind.
 */
import { parentPartitions, type RddNode } from '../rdd/plan.ts';
import { type AsyncBatches, asyncItems, Turn } from './async-items.ts';
import { combinedAwaiting } from './awaiting-combine.ts';
import { type Batches, batchesOf } from './batches.ts';
import { BlockPart } from './block-part.ts';
import { broadcastJoinBatches, sharesTable } from './broadcast-join.ts';
import { cachedRows, filled, openFill, takeOut, uncount } from './cached-batches.ts';
import { counted, openPath, pull } from './compute-partition.ts';
import type { JoinType } from './external-join.ts';
import { GatheredRows } from './gathered-rows.ts';
import { HeldRows } from './held-rows.ts';
import { InFlight } from './in-flight.ts';
import { LentRows } from './lent-rows.ts';
import { isCached, narrowDependency, type Path, pathsTo } from './lineage-path.ts';
import { isThenable } from './push-loop.ts';
import { applyAwaiting, applyInOrder, flattened, type RowStep, stepMode } from './row-step.ts';
import { openSource } from './source-batches.ts';
import type { TaskRun } from './task-run.ts';

async function* fromBatches(task: TaskRun, batches: Batches): AsyncBatches {
  try {
    for (let rows = batches.next(); rows !== undefined; rows = batches.next()) {
      task.cancellation.check();
      yield rows;
    }
  } finally {
    batches.close();
  }
}

/** All elements through a run of operators without state, several at once, their rows in the order of the elements. */
async function* windowed(task: TaskRun, input: AsyncBatches, steps: RowStep[]): AsyncBatches {
  const flying = new InFlight<unknown[] | AsyncBatches>((promise) => task.cancellation.wait(promise));
  const turns: Turn[] = [];
  const next = async () => {
    turns[0]!.come();
    const made = await flying.next();
    turns.shift();
    return made;
  };
  try {
    for await (const rows of input) {
      for (const row of rows) {
        if (flying.full) {
          const made = await next();
          if (Array.isArray(made)) yield made;
          else yield* made;
        }
        const turn = new Turn();
        turns.push(turn);
        flying.add(applyAwaiting(task, steps, row, turn));
      }
    }
    while (flying.size > 0) {
      const made = await next();
      if (Array.isArray(made)) yield made;
      else yield* made;
    }
  } finally {
    for (const turn of turns) await turn.end();
  }
}

/** One element at a time through a generator, which may never end. */
async function* streamed(task: TaskRun, input: AsyncBatches, step: RowStep): AsyncBatches {
  for await (const rows of input) {
    for (const row of rows) yield* flattened(task, step, row);
  }
}

async function* ordered(task: TaskRun, input: AsyncBatches, step: RowStep): AsyncBatches {
  for await (const rows of input) yield applyInOrder(task, step, rows);
}

/** Sends batches through a chain of operators; runs of operators without state share one window. */
function through(task: TaskRun, source: AsyncBatches, steps: RowStep[]): AsyncBatches {
  let rows = source;
  let run: RowStep[] = [];
  const endRun = () => {
    if (run.length > 0) rows = windowed(task, rows, run);
    run = [];
  };
  for (const step of steps) {
    const mode = stepMode(task, step);
    if (mode === 'window') run.push(step);
    else {
      endRun();
      rows = mode === 'stream' ? streamed(task, rows, step) : ordered(task, rows, step);
    }
  }
  endRun();
  return rows;
}

export async function heldAsync(task: TaskRun, batches: AsyncBatches): Promise<HeldRows> {
  const held = new HeldRows(task);
  try {
    const gathered = new GatheredRows();
    for await (const some of batches) {
      const rows = gathered.add(some);
      if (rows !== undefined) held.add(rows);
    }
    held.add(gathered.rest());
    return held;
  } catch (error) {
    held.close();
    throw error;
  }
}

async function* computedToCache(task: TaskRun, node: RddNode, partition: number): AsyncBatches {
  const fill = openFill(task, node, partition);
  const gathered = new GatheredRows();
  const part = new BlockPart(task);
  const source = pullAsync(task, node, partition, true);
  const read = () => source.next();
  const next = () => part.within(read);
  try {
    for (let step = await next(); !step.done; step = await next()) {
      uncount(task, node, step.value);
      const rows = gathered.add(step.value);
      if (rows !== undefined && !fill.add(rows)) yield* takeOut(node, partition, fill);
    }
    const rest = gathered.rest();
    if (rest.length > 0 && !fill.add(rest)) yield* takeOut(node, partition, fill);
    yield* filled(task, node, partition, fill, part);
  } finally {
    try {
      await part.within(() => source.return());
    } finally {
      fill.close();
    }
  }
}

/** The side that is not held is never gathered: it is the large one. */
async function* joinedAsTheyCome(task: TaskRun, path: Path, type: JoinType, side: 0 | 1): AsyncBatches {
  const { source, partition } = path;
  const dependency = narrowDependency(source, 1 - side);
  for (const p of parentPartitions(dependency, partition)) {
    for await (const rows of pullAsync(task, task.stage.node(dependency.rddId), p)) {
      const joined = broadcastJoinBatches(task, source, type, side, () => batchesOf(rows));
      yield* fromBatches(task, counted(task, path, joined));
    }
  }
}

/** The rows of a source when it, or what it is computed from, must be awaited. */
async function* awaitedSource(task: TaskRun, path: Path): AsyncBatches {
  // What it is computed from begins on a stack of its own: lineages may be thousands long.
  await undefined;
  const { source, partition } = path;
  if (path.cut) {
    yield* pullAsync(task, source, partition);
    return;
  }
  if (isCached(source) && !path.fresh) {
    const known = cachedRows(task, source, partition);
    if (known !== undefined) yield* known;
    else yield* computedToCache(task, source, partition);
    return;
  }
  const { op } = source;
  if (op.kind === 'join' && op.broadcast !== undefined && sharesTable(task, source, op.broadcast)) {
    yield* joinedAsTheyCome(task, path, op.type, op.broadcast);
    return;
  }
  const ready = new Map<string, HeldRows>();
  try {
    await holdParents(task, path, ready);
    yield* computedFrom(task, path, ready);
  } finally {
    for (const held of ready.values()) held.close();
  }
}

/** The partitions it is computed from that must be awaited. */
async function holdParents(task: TaskRun, { source, partition }: Path, ready: Map<string, HeldRows>) {
  for (const [index, dependency] of source.dependencies.entries()) {
    if (dependency.kind === 'shuffle') continue;
    const parent = task.stage.node(dependency.rddId);
    if (!task.stage.awaits(parent)) continue;
    for (const p of parentPartitions(narrowDependency(source, index), partition)) {
      const place = `${parent.rddId} ${p}`;
      if (!ready.has(place)) ready.set(place, await heldAsync(task, pullAsync(task, parent, p)));
    }
  }
}

async function* computedFrom(task: TaskRun, path: Path, ready: Map<string, HeldRows>): AsyncBatches {
  const { source, partition } = path;
  const { op } = source;
  const pullReady = (node: RddNode, p: number, uncached?: boolean): Batches => {
    const held = ready.get(`${node.rddId} ${p}`);
    return held === undefined ? pull(task, node, p, uncached) : held.batches();
  };
  if (op.kind !== 'mapPartitions' && op.kind !== 'zipPartitions') {
    if (task.stage.callsAwaited(source)) {
      yield* combinedAwaiting(task, path, pullReady);
      return;
    }
    yield* fromBatches(task, counted(task, path, openSource(task, path, pullReady)));
    return;
  }
  const inputs = source.dependencies.map((_, index) =>
    pullReady(task.stage.node(narrowDependency(source, index).rddId), partition),
  );
  const lent = new LentRows(inputs, task.cancellation);
  const withIndex = op.kind === 'mapPartitions' && op.withIndex;
  const slot = task.stage.slot(source);
  const { clock } = task.loop;
  const fn = task.stage.function(op.fn);
  try {
    const result: unknown = clock.within(slot, () =>
      lent.within(() => fn(...(withIndex ? [partition, ...lent.rows] : lent.rows))),
    );
    const items = isThenable(result) ? await clock.until(slot, task.cancellation.wait(result)) : result;
    for await (const some of asyncItems(task, items, source, lent)) {
      task.loop.rows[slot]! += some.length;
      yield some;
    }
  } catch (error) {
    lent.takeBack(error);
  } finally {
    lent.close();
  }
}

/** The rows of a partition, awaited; `last` is one more operator that an action adds. */
export async function* pullAsync(
  task: TaskRun,
  node: RddNode,
  partition: number,
  uncached = false,
  last?: RddNode,
): AsyncBatches {
  if (!task.stage.awaits(node) && last === undefined) {
    yield* fromBatches(task, pull(task, node, partition, uncached));
    return;
  }
  for (const path of pathsTo(task.stage, node, partition, uncached)) {
    const steps = path.chain.map((each, i): RowStep => ({ node: each, state: path.states[i] }));
    if (last !== undefined) steps.push({ node: last, state: undefined });
    const source = task.stage.awaits(path.source)
      ? awaitedSource(task, path)
      : fromBatches(task, counted(task, path, openPath(task, path)));
    yield* through(task, source, steps);
  }
}
