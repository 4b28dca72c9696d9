/** Spark's summary row of a stage: min, 25th, median, 75th, max of each metric, exact over successful tasks. */

import { TASK_METRICS } from '../protocol.ts';
import type { StageSummaryAnswer } from '../viewer-protocol.ts';
import { select } from './order-statistics.ts';
import type { TaskColumns } from './task-columns.ts';
import { SUCCESS } from './task-columns.ts';

export type FiveNumbers = [number, number, number, number, number];

/** Nearest rank, as Spark's own page takes it: the value at min(⌊q · n⌋, n − 1). Reorders `values`. */
export function fiveNumbers(values: Float64Array): FiveNumbers {
  const n = values.length;
  if (n === 0) return [0, 0, 0, 0, 0];
  const rank = (q: number): number => Math.min(Math.floor(q * n), n - 1);
  const median = select(values, rank(0.5));
  const first = select(values, rank(0.25), 0, rank(0.5));
  const third = select(values, rank(0.75), rank(0.5));
  let min = first;
  for (let i = 0; i <= rank(0.25); i++) min = Math.min(min, values[i]!);
  let max = third;
  for (let i = rank(0.75); i < n; i++) max = Math.max(max, values[i]!);
  return [min, first, median, third, max];
}

const answers = new WeakMap<TaskColumns, { version: number; answer: StageSummaryAnswer }>();

export function stageSummary(tasks: TaskColumns | undefined): StageSummaryAnswer {
  if (!tasks) return { type: 'stageSummary', taskCount: 0, quantiles: [] };
  const known = answers.get(tasks);
  if (known?.version === tasks.version) return known.answer;
  const answer = summarize(tasks);
  answers.set(tasks, { version: tasks.version, answer });
  return answer;
}

function summarize(tasks: TaskColumns): StageSummaryAnswer {
  let count = 0;
  const rows = new Int32Array(tasks.length);
  for (let row = 0; row < tasks.length; row++) if (tasks.status[row] === SUCCESS) rows[count++] = row;
  const scratch = new Float64Array(count);
  const quantiles: StageSummaryAnswer['quantiles'] = [];
  if (count > 0) {
    for (let i = 0; i < count; i++) scratch[i] = tasks.finishTime[rows[i]!]! - tasks.launchTime[rows[i]!]!;
    quantiles.push({ metric: 'duration', values: fiveNumbers(scratch) });
    for (let m = 0; m < TASK_METRICS.length; m++) {
      const column = tasks.metrics[m];
      if (column) for (let i = 0; i < count; i++) scratch[i] = column[rows[i]!]!;
      quantiles.push({ metric: TASK_METRICS[m]!, values: column ? fiveNumbers(scratch) : [0, 0, 0, 0, 0] });
    }
  }
  return { type: 'stageSummary', taskCount: count, quantiles };
}
