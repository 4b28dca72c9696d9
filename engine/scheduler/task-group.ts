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

export interface GroupProgress {
  /** Rows of its partitions that came through, whichever attempt or copy computed them. */
  rows?: number[];
  /** Viewers know that it has come through. */
  told?: true;
}

/** What viewers are told of an attempt that ended well when another had: its rows must not count twice. */
export const TOO_LATE: TaskEndReason = {
  kind: 'killed',
  reason: 'it ended well, but another attempt had ended first',
};

export class TaskGroup {
  /** Of the task as a whole: id, partition and index are those of its first partition. */
  readonly info: TaskInfo;
  /** Partitions that have not ended. */
  left: number;
  started = false;
  /** Positions to be tried again once the whole task has ended, and why. */
  readonly again: { position: number; reason: string; executorId: string | undefined }[] = [];
  #first: TaskEnd | undefined;
  #failure: TaskEndReason | undefined;
  #endTime = 0;
  #brings = false;
  readonly #metrics: TaskMetrics = zeroMetrics();
  #times: OperatorTimes | undefined;
  readonly #progress: GroupProgress;

  /** `progress`: of these partitions over all attempts. */
  constructor(info: TaskInfo, partitions: number, progress: GroupProgress) {
    this.info = { ...info, numPartitions: partitions };
    this.left = partitions;
    this.#progress = progress;
  }

  get failed(): boolean {
    return this.#failure !== undefined;
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
    if (end.rowsByRdd) this.#progress.rows = addRows(this.#progress.rows, end.rowsByRdd);
  }

  /**
   * The end of the whole; `result` tells only that there was one. `isComplete`: all its partitions have come through, here
   * or in other attempts. Of two that computed some each, the first to end counts for both.
   */
  end(isComplete: boolean): TaskEnd {
    const counts = isComplete && !this.#progress.told;
    if (counts) this.#progress.told = true;
    const end: TaskEnd = {
      taskId: this.info.taskId,
      reason: counts ? { kind: 'success' } : (this.#failure ?? TOO_LATE),
      metrics: this.#metrics,
      startTime: this.#first!.startTime,
      endTime: this.#endTime,
    };
    if (this.#brings) end.result = { bytes: new Uint8Array() };
    if (this.#progress.rows) end.rowsByRdd = this.#progress.rows;
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
