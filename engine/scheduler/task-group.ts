/**
 * Adjacent partitions that one executor computes one after the other as what viewers see as one task. Each partition
 * still has its launch and its end, with retries and commits of its own: only what fails is computed again.
 */
import { zeroMetrics } from '../fold/progress.ts';
import {
  type OperatorTimes,
  TASK_METRICS,
  type TaskEndReason,
  type TaskInfo,
  type TaskMetrics,
} from '../protocol.ts';
import type { TaskEnd } from './backend.ts';

export class TaskGroup {
  /** Of the task as a whole: id, partition and index are those of its first partition. */
  readonly info: TaskInfo;
  /** Partitions that have not ended. */
  left: number;
  started = false;
  /** Positions to be tried again once the whole task has ended, and why. */
  readonly again: { position: number; reason: string; executorId: string }[] = [];
  #first: TaskEnd | undefined;
  #failure: TaskEndReason | undefined;
  #endTime = 0;
  #brings = false;
  readonly #metrics: TaskMetrics = zeroMetrics();
  #rows: number[] | undefined;
  #times: OperatorTimes | undefined;

  /** `rows` of partitions that came through in tasks before this one, which failed. */
  constructor(info: TaskInfo, partitions: number, rows?: number[]) {
    this.info = { ...info, numPartitions: partitions };
    this.left = partitions;
    if (rows) this.#rows = [...rows];
  }

  get failed(): boolean {
    return this.#failure !== undefined;
  }

  /** Rows of the partitions that came through so far. */
  get rows(): number[] | undefined {
    return this.#rows;
  }

  /** One of its partitions has ended; `elsewhere`: it was stopped because another attempt of it had come through. */
  ended(end: TaskEnd, elsewhere: boolean): void {
    this.left--;
    this.#first ??= end;
    this.#endTime = Math.max(this.#endTime, end.endTime);
    addMetrics(this.#metrics, end.metrics);
    if (end.operatorTimes) this.#times = addTimes(this.#times, end.operatorTimes);
    if (elsewhere) return;
    if (end.reason.kind !== 'success') {
      // What was dropped unbegun says less than what made it so.
      if (this.#failure === undefined || this.#failure.kind === 'killed') this.#failure = end.reason;
      return;
    }
    this.#brings ||= end.result !== undefined;
    if (end.rowsByRdd) this.#rows = addRows(this.#rows, end.rowsByRdd);
  }

  /** The end of the whole; `result` tells only that there was one. */
  end(): TaskEnd {
    const end: TaskEnd = {
      taskId: this.info.taskId,
      reason: this.#failure ?? { kind: 'success' },
      metrics: this.#metrics,
      startTime: this.#first!.startTime,
      endTime: this.#endTime,
    };
    if (this.#brings) end.result = { bytes: new Uint8Array() };
    if (this.#rows) end.rowsByRdd = this.#rows;
    if (this.#times) end.operatorTimes = this.#times;
    return end;
  }
}

function addMetrics(sums: TaskMetrics, metrics: TaskMetrics): void {
  for (const name of TASK_METRICS) {
    if (name === 'peakExecutionMemory') sums[name] = Math.max(sums[name], metrics[name]);
    else sums[name] += metrics[name];
  }
}

function addTimes(sums: OperatorTimes | undefined, times: OperatorTimes): OperatorTimes {
  if (sums === undefined) return { ...times, byRdd: [...times.byRdd] };
  return {
    byRdd: addRows(sums.byRdd, times.byRdd),
    shuffleRead: sum(sums.shuffleRead, times.shuffleRead),
    output: sum(sums.output, times.output),
  };
}

/** −1 where not counted. */
function sum(a: number, b: number): number {
  return b < 0 ? a : Math.max(0, a) + b;
}

function addRows(sums: number[] | undefined, rows: number[]): number[] {
  if (sums === undefined) return [...rows];
  return sums.map((each, i) => sum(each, rows[i] ?? -1));
}
