/** Runs one task attempt to its end: computes the partition into the stage's output, and says how it went. */
import { toMicros } from '../clock.ts';
import type { ActionSpec } from '../rdd/operator.ts';
import type { RddNode } from '../rdd/plan.ts';
import { encodeRows } from '../storage/row-codec.ts';
import { StorageLevel } from '../storage/storage-level.ts';
import { actionSink } from './action-sinks.ts';
import { awaitingSink } from './awaiting-sinks.ts';
import type { Batches } from './batches.ts';
import { heldAsync, pullAsync } from './compute-async.ts';
import { pull, push } from './compute-partition.ts';
import { LentRows } from './lent-rows.ts';
import { type AsyncNeeded, isThenable } from './push-loop.ts';
import { openShuffleOutput } from './shuffle-output.ts';
import type { SinkKind } from './sink-text.ts';
import { discardOutcome, endTask, ship, type TaskOutcome } from './task-end.ts';
import { endReason } from './task-error.ts';
import type { TaskRun } from './task-run.ts';
import { inTask } from './task-scope.ts';

export type { TaskOutcome };

/** What a task gives back when it succeeds. */
type Output = Omit<TaskOutcome, 'reason' | 'accumulators'>;

interface Sink {
  kind: SinkKind;
  state: unknown;
  /** A function applied to every row before the sink. */
  map?: string;
  finish(): Output | Promise<Output>;
  abort(): void;
}

function encodeResult(task: TaskRun, rows: unknown[]): Output {
  const started = performance.now();
  const bytes = encodeRows(rows);
  task.metrics.resultSize = bytes.length;
  const result = ship(task, 'result', bytes);
  task.metrics.resultSerializationTime = toMicros(performance.now() - started);
  return { result };
}

function openSink(task: TaskRun): Sink {
  const { output } = task.stage.plan;
  if (output.kind === 'shuffle') {
    const sink = openShuffleOutput(task, output.dependency);
    return { ...sink, finish: () => ({ mapStatus: sink.finish() }) };
  }
  const { action } = output;
  if (action.kind === 'foreachPartition') throw new Error('foreachPartition pulls its rows itself');
  const sink = actionSink(task, action);
  return {
    kind: sink.kind,
    state: sink.state,
    map: sink.map,
    finish() {
      const result = sink.encoded?.();
      if (result !== undefined) return { result };
      const rows = sink.finish();
      return isThenable(rows) ? rows.then((all) => encodeResult(task, all)) : encodeResult(task, rows);
    },
    abort: () => sink.abort?.(),
  };
}

/** An operator that only the action adds to the end of the chain. */
function mapStep(fn: string): RddNode {
  return {
    rddId: -1,
    name: 'map',
    op: { kind: 'map', fn },
    numPartitions: 0,
    dependencies: [],
    closures: [fn],
    storageLevel: StorageLevel.NONE,
    determinism: 'DETERMINATE',
  };
}

type ForeachPartition = Extract<ActionSpec, { kind: 'foreachPartition' }>;

function resultOf(action: ForeachPartition, done: unknown): unknown[] {
  return action.returns ? [done] : [];
}

function runForeachPartition(
  task: TaskRun,
  action: ForeachPartition,
  batches: Batches,
): Output | Promise<Output> {
  const lent = new LentRows([batches], task.cancellation);
  const { clock } = task.loop;
  let done: unknown;
  try {
    done = clock.within(clock.output, () => lent.within(() => task.stage.function(action.fn)(...lent.rows)));
  } catch (error) {
    lent.takeBack(error);
  }
  // The rows are there already, so a promise is simply awaited: nothing has to start again.
  if (isThenable(done)) return awaitForeachPartition(task, action, lent, done);
  lent.close();
  return encodeResult(task, resultOf(action, done));
}

async function awaitForeachPartition(
  task: TaskRun,
  action: ForeachPartition,
  lent: LentRows,
  done: PromiseLike<unknown>,
): Promise<Output> {
  const { clock } = task.loop;
  let value: unknown;
  try {
    value = await clock.until(clock.output, task.cancellation.wait(done));
  } catch (error) {
    lent.takeBack(error);
  }
  lent.close();
  return encodeResult(task, resultOf(action, value));
}

function runSync(task: TaskRun): Output | Promise<Output> {
  const { root, plan } = task.stage;
  if (plan.output.kind === 'result' && plan.output.action.kind === 'foreachPartition') {
    return runForeachPartition(task, plan.output.action, pull(task, root, task.launch.partition));
  }
  const sink = openSink(task);
  try {
    push(
      task,
      root,
      task.launch.partition,
      sink.kind,
      sink.state,
      sink.map === undefined ? undefined : mapStep(sink.map),
    );
    const { clock } = task.loop;
    const output = clock.within(clock.output, () => sink.finish());
    return isThenable(output) ? output.catch((error) => abort(sink, error)) : output;
  } catch (error) {
    return abort(sink, error);
  }
}

function abort(sink: Sink, error: unknown): never {
  sink.abort();
  throw error;
}

/** Into what takes rows by functions that return promises. */
async function runAwaitingSink(task: TaskRun): Promise<Output> {
  const sink = awaitingSink(task);
  const { clock } = task.loop;
  try {
    for await (const rows of pullAsync(task, task.stage.root, task.launch.partition))
      await clock.until(clock.output, sink.add(rows));
    const made = await clock.until(clock.output, sink.finish());
    return Array.isArray(made) ? encodeResult(task, made) : { mapStatus: made };
  } catch (error) {
    sink.abort();
    throw error;
  }
}

async function runAsync(task: TaskRun): Promise<Output> {
  const { root, plan } = task.stage;
  const { partition } = task.launch;
  const { clock } = task.loop;
  const action = plan.output.kind === 'result' ? plan.output.action : undefined;
  if (action?.kind === 'foreachPartition') {
    const held = task.stage.awaits(root)
      ? await heldAsync(task, pullAsync(task, root, partition))
      : undefined;
    try {
      return await runForeachPartition(task, action, held?.batches() ?? pull(task, root, partition));
    } finally {
      held?.close();
    }
  }
  const eachFn = action?.kind === 'foreach' ? action.fn : undefined;
  const last = action?.kind === 'sampleKeys' ? action.key : eachFn;
  // A function applied to every row is a map; what an awaited foreach's returns nobody wants.
  if (last === undefined && task.stage.outputAwaits()) return runAwaitingSink(task);
  const opened = openSink(task);
  const sink: Sink =
    eachFn === undefined ? opened : { ...opened, kind: { kind: 'count' }, state: { count: 0 } };
  try {
    const loop = task.stage
      .loop([], 'batch', sink.kind)
      .bind(task.loop, task.stage.functions, sink.state, []);
    const step = last === undefined ? undefined : mapStep(last);
    for await (const rows of pullAsync(task, root, partition, false, step)) {
      if (clock.within(clock.output, () => loop(0, rows.length, rows))) break;
    }
    return await clock.within(clock.output, () => sink.finish());
  } catch (error) {
    return abort(sink, error);
  }
}

function startAwaiting(task: TaskRun, error: AsyncNeeded): void {
  if (error.fn === undefined) task.stage.awaitEverything();
  else task.stage.awaitFunction(error.fn);
  task.stage.renewCaptures();
  task.restart();
}

/** Even a task that came through has failed when user code swallowed why it must not. */
function verified(task: TaskRun, output: Output): TaskOutcome {
  try {
    task.cancellation.throwIfOver();
    return { reason: { kind: 'success' }, ...output };
  } catch (error) {
    discardOutcome(output);
    throw error;
  }
}

/** What is without its input fails in every kind of loop. */
function beginsAgain(task: TaskRun): AsyncNeeded | undefined {
  return task.fetchFailure === undefined ? task.loop.asyncNeeded : undefined;
}

async function settle(task: TaskRun, first: Promise<Output> | undefined): Promise<TaskOutcome> {
  let output = first;
  for (;;) {
    try {
      return verified(task, await (output ?? inTask(task.scope, () => runAsync(task))));
    } catch (error) {
      const needed = beginsAgain(task);
      if (needed === undefined) return { reason: endReason(task, error) };
      // A part taken for synchronous turned out to await: each function is found out at most once.
      startAwaiting(task, needed);
      output = undefined;
    }
  }
}

/** Never throws. At once for tasks that await nothing: ten thousand tiny ones cannot afford a promise each. */
export function runTask(task: TaskRun): TaskOutcome | Promise<TaskOutcome> {
  const outcome = computeTask(task);
  return outcome instanceof Promise ? outcome.then((late) => endTask(task, late)) : endTask(task, outcome);
}

/** All but the end: nobody has been told of it, and what it added may still be dropped. Never throws. */
export function computeTask(task: TaskRun): TaskOutcome | Promise<TaskOutcome> {
  task.stage.renewCaptures();
  if (task.stage.awaits(task.stage.root) || task.stage.outputAwaits()) return settle(task, undefined);
  try {
    const output = inTask(task.scope, () => runSync(task));
    return isThenable(output) ? settle(task, output) : verified(task, output);
  } catch (error) {
    const needed = beginsAgain(task);
    if (needed === undefined) return { reason: endReason(task, error) };
    startAwaiting(task, needed);
    return settle(task, undefined);
  }
}
