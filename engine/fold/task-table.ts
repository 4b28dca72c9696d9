/** A page of a stage's task table, in launch order or sorted by a column. */
import { TASK_METRICS } from '../protocol.ts';
import type { StageTasksAnswer, TaskRow, ViewQuery } from '../viewer-protocol.ts';
import { jsonSize } from './message-size.ts';
import { sortFirst } from './order-statistics.ts';
import { zeroMetrics } from './progress.ts';
import type { StageView } from './state.ts';
import type { TaskColumns } from './task-columns.ts';
import { RUNNING, TASK_STATUSES } from './task-columns.ts';
import { boundedError } from './task-error.ts';

type TasksQuery = Extract<ViewQuery, { type: 'stageTasks' }>;
type Sort = NonNullable<TasksQuery['sort']>;

/** Rows in one answer: about 900 bytes each. */
export const MAX_TASK_ROWS = 200;
/** Past this the errors of further rows are cut to a line, so that an answer stays under the message limit. */
const ERRORS_IN_FULL_BYTES = 40_000;
const SHORT_ERROR = 200;

export function stageTasks(stage: StageView | undefined, query: TasksQuery, now: number): StageTasksAnswer {
  const tasks = stage?.tasks;
  if (!stage || !tasks) return { type: 'stageTasks', total: 0, all: 0, offset: 0, rows: [] };
  const matching = matchingRows(tasks, query);
  const total = matching?.length ?? tasks.length;
  const limit = Math.min(Math.max(0, Math.floor(query.limit) || 0), MAX_TASK_ROWS);
  const wanted = placeOf(tasks, query, matching, now);
  const asked = wanted < 0 ? query.offset : wanted - (wanted % Math.max(1, limit));
  const from = Math.min(Math.max(0, Math.floor(asked) || 0), total);
  const to = Math.min(from + limit, total);
  const order = query.sort ? sortedRows(tasks, query.sort, to, now, matching) : matching;
  const rows: TaskRow[] = [];
  let errorBytes = 0;
  for (let at = from; at < to; at++) {
    const row = taskRow(stage, tasks, order ? order[at]! : at, now);
    if (row.error) {
      if (errorBytes > ERRORS_IN_FULL_BYTES) row.error = shortError(row.error);
      errorBytes += jsonSize(row.error);
    }
    rows.push(row);
  }
  return { type: 'stageTasks', total, all: tasks.length, offset: from, rows };
}

/** The rows that pass the filter, in launch order; undefined: all of them. */
function matchingRows(tasks: TaskColumns, { status, executorId }: TasksQuery): Int32Array | undefined {
  if (status === undefined && executorId === undefined) return undefined;
  const code = status === undefined ? -1 : TASK_STATUSES.indexOf(status);
  const executor = executorId === undefined ? -1 : tasks.executorIds.indexOf(executorId);
  const rows = new Int32Array(tasks.length);
  let count = 0;
  if (executorId !== undefined && executor < 0) return rows.subarray(0, 0);
  for (let row = 0; row < tasks.length; row++) {
    if (code >= 0 && tasks.status[row] !== code) continue;
    if (executor >= 0 && tasks.executor[row] !== executor) continue;
    rows[count++] = row;
  }
  return rows.subarray(0, count);
}

/** Where a task stands in the order asked for, or −1. */
function placeOf(
  tasks: TaskColumns,
  { taskId, place, sort }: TasksQuery,
  matching: Int32Array | undefined,
  now: number,
): number {
  const row = taskId === undefined ? rowAt(tasks, place) : tasks.rowOf(taskId);
  if (row < 0) return -1;
  if (!sort) return matching ? matching.indexOf(row) : row;
  if (matching && !matching.includes(row)) return -1;
  const compare = comparison(tasks, sort, now);
  const count = matching?.length ?? tasks.length;
  let before = 0;
  for (let at = 0; at < count; at++) if (compare(matching ? matching[at]! : at, row) < 0) before++;
  return before;
}

function rowAt(tasks: TaskColumns, place: TasksQuery['place']): number {
  if (!place) return -1;
  for (let row = 0; row < tasks.length; row++)
    if (tasks.partition[row] === place.partition && tasks.attempt[row] === place.attempt) return row;
  return -1;
}

function shortError(error: NonNullable<TaskRow['error']>): TaskRow['error'] {
  const { code, name, message } = boundedError(error, SHORT_ERROR, 0);
  return { code, name, message };
}

function sortedRows(
  tasks: TaskColumns,
  sort: Sort,
  count: number,
  now: number,
  matching: Int32Array | undefined,
): Int32Array {
  const rows = matching ?? new Int32Array(tasks.length);
  if (!matching) for (let row = 0; row < rows.length; row++) rows[row] = row;
  return sortFirst(rows, count, comparison(tasks, sort, now));
}

/** A total order: rows of equal keys stay in launch order. */
function comparison(tasks: TaskColumns, sort: Sort, now: number): (a: number, b: number) => number {
  const key = sortKey(tasks, sort.column, now);
  const sign = sort.descending ? -1 : 1;
  return (a, b) => sign * (key(a) - key(b)) || a - b;
}

function sortKey(tasks: TaskColumns, column: Sort['column'], now: number): (row: number) => number {
  switch (column) {
    case 'index':
      return (row) => tasks.index[row]!;
    case 'launchTime':
      return (row) => tasks.launchTime[row]!;
    case 'status':
      return (row) => tasks.status[row]!;
    case 'duration':
      return (row) => (tasks.status[row] === RUNNING ? now : tasks.finishTime[row]!) - tasks.launchTime[row]!;
    case 'executorId': {
      const sorted = [...tasks.executorIds].sort(byNumberThenText);
      const rank = tasks.executorIds.map((executorId) => sorted.indexOf(executorId));
      return (row) => rank[tasks.executor[row]!]!;
    }
    default: {
      const values = tasks.metrics[TASK_METRICS.indexOf(column)];
      return values ? (row) => values[row]! : () => 0;
    }
  }
}

/** `2` before `10`, numbers before names. */
export function byNumberThenText(a: string, b: string): number {
  const difference = Number(a) - Number(b);
  if (difference) return difference;
  return a < b ? -1 : a > b ? 1 : 0;
}

function taskRow(stage: StageView, tasks: TaskColumns, row: number, now: number): TaskRow {
  const metrics = zeroMetrics();
  for (let m = 0; m < TASK_METRICS.length; m++) {
    const value = tasks.metric(m, row);
    if (value) metrics[TASK_METRICS[m]!] = value;
  }
  const launchTime = tasks.launchTime[row]!;
  const answer: TaskRow = {
    task: {
      taskId: tasks.taskId[row]!,
      stageId: stage.info.stageId,
      stageAttempt: stage.info.attempt,
      index: tasks.index[row]!,
      partition: tasks.partition[row]!,
      attempt: tasks.attempt[row]!,
      executorId: tasks.executorIds[tasks.executor[row]!]!,
      launchTime,
    },
    status: TASK_STATUSES[tasks.status[row]!]!,
    metrics,
  };
  const numPartitions = tasks.partitionsOf(row);
  if (numPartitions > 1) answer.task.numPartitions = numPartitions;
  if (tasks.isSpeculative(row)) answer.task.speculative = true;
  if (answer.status === 'running') answer.duration = Math.max(0, now - launchTime);
  else {
    answer.finishTime = tasks.finishTime[row]!;
    answer.duration = answer.finishTime - launchTime;
  }
  const error = tasks.errors.get(row);
  if (error) answer.error = error;
  const reason = tasks.reasons.get(row);
  if (reason !== undefined) answer.reason = reason;
  return answer;
}
