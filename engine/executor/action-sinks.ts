/** The sinks of result tasks: what each action keeps while rows stream by, and the rows of its result. */
import { resolve } from 'node:path';
import type { ActionSpec } from '../rdd/operator.ts';
import type { TaskResult } from '../rdd/plan.ts';
import { compareKeys } from '../storage/compare-keys.ts';
import { decodeRows } from '../storage/row-codec.ts';
import { keepOnDisk } from './checkpoint-source.ts';
import { FileOutput } from './file-output.ts';
import { KeySample } from './key-sample.ts';
import { isThenable } from './push-loop.ts';
import { ResultRows } from './result-rows.ts';
import type { SinkKind } from './sink-text.ts';
import type { TaskRun } from './task-run.ts';
import { TopRows } from './top-rows.ts';

/** Actions that take rows one by one; `foreachPartition` pulls them instead. */
export type RowAction = Exclude<ActionSpec, { kind: 'foreachPartition' }>;

export interface ActionSink {
  kind: SinkKind;
  state: unknown;
  /** Applied to each row before the sink. */
  map?: string;
  /** After the last row. */
  finish(): unknown[] | Promise<unknown[]>;
  /** Before `finish`: the whole result, where it was encoded while it came. */
  encoded?(): TaskResult | undefined;
  abort?(): void;
}

/** Asks control, then makes the file visible: at most one attempt of a partition ever does. */
export class CommitDenied extends Error {}

async function commit(task: TaskRun, output: FileOutput): Promise<unknown[]> {
  task.cancellation.throwIfOver();
  output.finish();
  const allowed = await task.cancellation.wait(task.services.requestCommit(task.launch.taskId));
  if (!allowed)
    throw new CommitDenied(`another attempt of partition ${task.launch.partition} commits its output`);
  output.commit();
  return [];
}

type TakeOrdered = Extract<ActionSpec, { kind: 'takeOrdered' }>;

function ordering({ stage, loop }: TaskRun, { comparator, descending }: TakeOrdered): TopRows['compare'] {
  const sign = descending ? -1 : 1;
  if (comparator === undefined) return (a, b) => sign * compareKeys(a, b);
  const compare = stage.function(comparator);
  return (a, b) => {
    const order: unknown = compare(a, b);
    if (isThenable(order)) loop.thenable(stage.number(comparator), order);
    return sign * Number(order);
  };
}

export function actionSink(task: TaskRun, action: RowAction): ActionSink {
  const { stage, launch } = task;
  switch (action.kind) {
    case 'collect': {
      const state = new ResultRows(task);
      return {
        kind: { kind: 'result' },
        state,
        finish: () => state.rows,
        encoded: () => state.finish(),
        abort: () => state.abort(),
      };
    }
    case 'count':
    case 'countPartition': {
      const state = { count: 0 };
      return { kind: { kind: 'count' }, state, finish: () => [state.count] };
    }
    case 'take': {
      const state = new ResultRows(task, action.n);
      return {
        kind: { kind: 'take' },
        state,
        finish: () => state.rows.slice(0, action.n),
        encoded: () => state.finish(),
        abort: () => state.abort(),
      };
    }
    case 'reduce': {
      const state = { has: false, value: undefined as unknown };
      return {
        kind: { kind: 'reduce', fn: stage.number(action.fn) },
        state,
        finish: () => (state.has ? [state.value] : []),
      };
    }
    case 'aggregate': {
      const state = { value: decodeRows(action.zero)[0] };
      return { kind: { kind: 'aggregate', fn: stage.number(action.fn) }, state, finish: () => [state.value] };
    }
    case 'foreach':
      return { kind: { kind: 'foreach', fn: stage.number(action.fn) }, state: undefined, finish: () => [] };
    case 'takeOrdered': {
      const state = new TopRows(action.n, ordering(task, action));
      return { kind: { kind: 'each' }, state, finish: () => state.finish() };
    }
    case 'stats': {
      const state = {
        n: 0,
        mean: 0,
        m2: 0,
        min: Number.POSITIVE_INFINITY,
        max: Number.NEGATIVE_INFINITY,
        sum: 0,
      };
      return {
        kind: { kind: 'stats' },
        state,
        finish: () => [[state.n, state.mean, state.m2, state.min, state.max, state.sum]],
      };
    }
    case 'saveAsFile': {
      const directory = resolve(task.services.config.workingDirectory, action.directory);
      const state = new FileOutput(task, directory, action.format);
      return {
        kind: { kind: 'each' },
        state,
        finish: () => commit(task, state),
        abort: () => state.abort(),
      };
    }
    case 'localCheckpoint':
      return { kind: { kind: 'count' }, state: { count: 0 }, finish: () => [keepOnDisk(task)] };
    case 'sampleKeys': {
      const state = new KeySample(action.sampleSize, action.seed, launch.partition);
      return { kind: { kind: 'each' }, state, map: action.key, finish: () => state.finish() };
    }
    default:
      return action satisfies never;
  }
}
