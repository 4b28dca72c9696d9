/** A stage's tasks summed by executor: Spark's "Aggregated Metrics by Executor". */
import type { TaskMetrics } from '../protocol.ts';
import { TASK_METRICS } from '../protocol.ts';
import type { ExecutorTotals, StageExecutorsAnswer } from '../viewer-protocol.ts';
import { zeroMetrics } from './progress.ts';
import type { TaskColumns } from './task-columns.ts';
import { FAILED, KILLED, RUNNING, SUCCESS } from './task-columns.ts';
import { byNumberThenText } from './task-table.ts';

/** Executors in one answer, those with the most task time; about 900 bytes each. */
const MAX_EXECUTORS = 200;

const answers = new WeakMap<TaskColumns, { version: number; answer: StageExecutorsAnswer }>();

export function stageExecutors(tasks: TaskColumns | undefined): StageExecutorsAnswer {
  if (!tasks) return { type: 'stageExecutors', executors: [] };
  const known = answers.get(tasks);
  if (known?.version === tasks.version) return known.answer;
  const executors = sumByExecutor(tasks)
    .sort((a, b) => b.taskTime - a.taskTime)
    .slice(0, MAX_EXECUTORS)
    .sort((a, b) => byNumberThenText(a.executorId, b.executorId));
  const answer: StageExecutorsAnswer = { type: 'stageExecutors', executors };
  answers.set(tasks, { version: tasks.version, answer });
  return answer;
}

function sumByExecutor(tasks: TaskColumns): ExecutorTotals[] {
  const totals = tasks.executorIds.map(
    (executorId): ExecutorTotals => ({
      executorId,
      taskTime: 0,
      total: 0,
      running: 0,
      failed: 0,
      killed: 0,
      succeeded: 0,
      metrics: zeroMetrics(),
    }),
  );
  for (let row = 0; row < tasks.length; row++) {
    const sum = totals[tasks.executor[row]!]!;
    const status = tasks.status[row];
    sum.total++;
    if (status === RUNNING) sum.running++;
    else sum.taskTime += tasks.finishTime[row]! - tasks.launchTime[row]!;
    if (status === SUCCESS) sum.succeeded++;
    else if (status === FAILED) sum.failed++;
    else if (status === KILLED) sum.killed++;
  }
  for (let m = 0; m < TASK_METRICS.length; m++) {
    const column = tasks.metrics[m];
    const name = TASK_METRICS[m] as keyof TaskMetrics;
    if (!column) continue;
    for (let row = 0; row < tasks.length; row++) totals[tasks.executor[row]!]!.metrics[name] += column[row]!;
  }
  return totals.filter(({ total }) => total > 0);
}
