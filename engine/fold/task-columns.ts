/** The tasks of one stage attempt as growing typed-array columns, a row per task attempt in launch order. */
import type { ErrorData, TaskEndReason, TaskInfo, TaskMetrics, TaskStatus } from '../protocol.ts';
import { TASK_METRICS } from '../protocol.ts';
import { metricValues } from './metric-values.ts';
import { taskError } from './task-error.ts';

/** The status column's codes are positions in this list. */
export const TASK_STATUSES = [
  'running',
  'success',
  'failed',
  'killed',
] as const satisfies readonly TaskStatus[];
export const RUNNING = 0;
export const SUCCESS = 1;
export const FAILED = 2;
export const KILLED = 3;

/** Errors are large beside numbers: of each stage attempt only so many keep theirs. */
export const MAX_ERRORS = 500;
const MAX_REASON = 500;

type Column = Float64Array | Int32Array | Uint32Array | Uint16Array | Uint8Array;

function grown<C extends Column>(column: C, capacity: number): C {
  const larger = new (column.constructor as new (length: number) => C)(capacity);
  larger.set(column);
  return larger;
}

export class TaskColumns {
  length = 0;
  /** Bumped on every change: caches of derived answers compare it. */
  version = 0;
  taskId: Uint32Array;
  index: Int32Array;
  partition: Int32Array;
  attempt: Uint16Array;
  /** Partitions the task computes; appears with the first task that computes more than one. */
  numPartitions: Uint32Array | undefined;
  /** 1 for a second copy of a slow task; appears with the first. */
  speculative: Uint8Array | undefined;
  /** Position in `executorIds`. */
  executor: Uint16Array;
  /** Position in TASK_STATUSES. */
  status: Uint8Array;
  launchTime: Float64Array;
  /** 0 while running. */
  finishTime: Float64Array;
  /** Parallel to TASK_METRICS; a column appears with its first value other than zero. */
  readonly metrics: (Float64Array | undefined)[] = TASK_METRICS.map(() => undefined);
  readonly executorIds: string[] = [];
  /** Row → error, at most MAX_ERRORS. */
  readonly errors = new Map<number, ErrorData>();
  /** Row → why the task was started again, at most MAX_ERRORS. */
  readonly reasons = new Map<number, string>();
  #capacity: number;
  readonly #executorIndex = new Map<string, number>();
  /** Exists only once a task id arrived out of order; until then rows are found by binary search. */
  #rows: Map<number, number> | undefined;

  constructor(capacity = 16) {
    this.#capacity = Math.max(4, capacity);
    this.taskId = new Uint32Array(this.#capacity);
    this.index = new Int32Array(this.#capacity);
    this.partition = new Int32Array(this.#capacity);
    this.attempt = new Uint16Array(this.#capacity);
    this.executor = new Uint16Array(this.#capacity);
    this.status = new Uint8Array(this.#capacity);
    this.launchTime = new Float64Array(this.#capacity);
    this.finishTime = new Float64Array(this.#capacity);
  }

  /** Appends a running task; returns its row. */
  start(task: TaskInfo, reason?: string): number {
    const row = this.length;
    this.reserve(row + 1);
    if (row > 0 && task.taskId <= this.taskId[row - 1]!) this.#indexTaskIds();
    this.#rows?.set(task.taskId, row);
    this.taskId[row] = task.taskId;
    this.index[row] = task.index;
    this.partition[row] = task.partition;
    this.attempt[row] = task.attempt;
    if (task.numPartitions !== undefined && task.numPartitions > 1)
      this.numPartitionsColumn()[row] = task.numPartitions;
    if (task.speculative) this.speculativeColumn()[row] = 1;
    this.executor[row] = this.executorIndex(task.executorId);
    this.status[row] = RUNNING;
    this.launchTime[row] = task.launchTime;
    if (reason !== undefined && this.reasons.size < MAX_ERRORS)
      this.reasons.set(row, reason.slice(0, MAX_REASON));
    this.length = row + 1;
    this.version++;
    return row;
  }

  /** Ends the task of a row. `metrics` may leave out fields that are zero. */
  end(
    row: number,
    finishTime: number,
    status: number,
    metrics: Partial<TaskMetrics>,
    reason?: TaskEndReason,
  ): void {
    this.finishTime[row] = finishTime;
    this.status[row] = status;
    const values = metricValues(metrics);
    for (let m = 0; m < values.length; m++) {
      const value = values[m]!;
      if (value) this.metricColumn(m)[row] = value;
    }
    if (reason && status !== SUCCESS && this.errors.size < MAX_ERRORS) {
      const error = taskError(reason);
      if (error) this.errors.set(row, error);
    }
    this.version++;
  }

  /** Takes over the first `length` rows as they were written into the columns from outside. */
  restored(length: number): void {
    this.length = length;
    this.version++;
    for (let row = 1; row < length; row++) {
      if (this.taskId[row]! <= this.taskId[row - 1]!) {
        this.#indexTaskIds();
        return;
      }
    }
  }

  #indexTaskIds(): void {
    if (this.#rows) return;
    this.#rows = new Map();
    for (let row = 0; row < this.length; row++) this.#rows.set(this.taskId[row]!, row);
  }

  /** The row of a task id, or −1. */
  rowOf(taskId: number): number {
    if (this.#rows) return this.#rows.get(taskId) ?? -1;
    let low = 0;
    let high = this.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const found = this.taskId[middle] as number;
      if (found === taskId) return middle;
      if (found < taskId) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  metric(m: number, row: number): number {
    return this.metrics[m]?.[row] ?? 0;
  }

  metricColumn(m: number): Float64Array {
    return (this.metrics[m] ??= new Float64Array(this.#capacity));
  }

  numPartitionsColumn(): Uint32Array {
    return (this.numPartitions ??= new Uint32Array(this.#capacity));
  }

  speculativeColumn(): Uint8Array {
    return (this.speculative ??= new Uint8Array(this.#capacity));
  }

  isSpeculative(row: number): boolean {
    return this.speculative?.[row] === 1;
  }

  /** Partitions that the task of a row computes. */
  partitionsOf(row: number): number {
    return Math.max(1, this.numPartitions?.[row] ?? 1);
  }

  executorIndex(executorId: string): number {
    let at = this.#executorIndex.get(executorId);
    if (at === undefined) {
      at = this.executorIds.push(executorId) - 1;
      this.#executorIndex.set(executorId, at);
    }
    return at;
  }

  reserve(rows: number): void {
    if (rows <= this.#capacity) return;
    const capacity = Math.max(rows, this.#capacity * 2);
    this.#capacity = capacity;
    this.taskId = grown(this.taskId, capacity);
    this.index = grown(this.index, capacity);
    this.partition = grown(this.partition, capacity);
    this.attempt = grown(this.attempt, capacity);
    this.executor = grown(this.executor, capacity);
    this.status = grown(this.status, capacity);
    this.launchTime = grown(this.launchTime, capacity);
    this.finishTime = grown(this.finishTime, capacity);
    if (this.numPartitions) this.numPartitions = grown(this.numPartitions, capacity);
    if (this.speculative) this.speculative = grown(this.speculative, capacity);
    for (let m = 0; m < this.metrics.length; m++) {
      const column = this.metrics[m];
      if (column) this.metrics[m] = grown(column, capacity);
    }
  }
}
