/** The live counters of one stage attempt, kept in constant time per task event. */
import type { OperatorTimes, StageProgress, TaskMetrics, TaskStatus } from '../protocol.ts';
import { addMetrics } from './metric-values.ts';

/** A literal, so that all metrics objects have one shape: built field by field they are ten times slower to copy. */
export function zeroMetrics(): TaskMetrics {
  return {
    schedulerDelay: 0,
    executorDeserializeTime: 0,
    shuffleReadTime: 0,
    executorRunTime: 0,
    shuffleWriteTime: 0,
    resultSerializationTime: 0,
    gettingResultTime: 0,
    executorCpuTime: 0,
    gcTime: 0,
    resultSize: 0,
    peakExecutionMemory: 0,
    memoryBytesSpilled: 0,
    diskBytesSpilled: 0,
    inputBytes: 0,
    inputRecords: 0,
    outputBytes: 0,
    outputRecords: 0,
    shuffleReadBytes: 0,
    shuffleReadRecords: 0,
    shuffleFetchWaitTime: 0,
    shuffleWriteBytes: 0,
    shuffleWriteRecords: 0,
  };
}

export function createProgress(stageId: number, attempt: number): StageProgress {
  return {
    stageId,
    attempt,
    numRunning: 0,
    numSucceeded: 0,
    numFailed: 0,
    numKilled: 0,
    totals: zeroMetrics(),
    version: 0,
  };
}

export function copyProgress(progress: StageProgress): StageProgress {
  const copy: StageProgress = { ...progress, totals: { ...progress.totals } };
  if (progress.rowsByRdd) copy.rowsByRdd = [...progress.rowsByRdd];
  const { operatorTimes } = progress;
  if (operatorTimes) copy.operatorTimes = { ...operatorTimes, byRdd: [...operatorTimes.byRdd] };
  return copy;
}

/** Task attempts started so far. */
export function tasksOf(progress: StageProgress): number {
  return progress.numRunning + progress.numSucceeded + progress.numFailed + progress.numKilled;
}

export function countStart(progress: StageProgress): void {
  progress.numRunning++;
  progress.version++;
}

export function countEnd(
  progress: StageProgress,
  status: Exclude<TaskStatus, 'running'>,
  metrics: Partial<TaskMetrics>,
  rowsByRdd: number[] | undefined,
  operatorTimes?: OperatorTimes,
): void {
  if (progress.numRunning > 0) progress.numRunning--;
  if (status === 'success') progress.numSucceeded++;
  else if (status === 'failed') progress.numFailed++;
  else progress.numKilled++;
  addMetrics(progress.totals, metrics);
  // Only successful attempts count rows: a retried partition would count them twice. Times are those of the rows.
  if (status === 'success') {
    if (rowsByRdd) progress.rowsByRdd = addEach(progress.rowsByRdd, rowsByRdd);
    if (operatorTimes) progress.operatorTimes = addTimes(progress.operatorTimes, operatorTimes);
  }
  progress.version++;
}

const addKnown = (sum: number, value: number) => (value < 0 ? sum : sum < 0 ? value : sum + value);

/** Adds to `sums` in place; −1 stands for unknown on either side. */
function addEach(sums: number[] | undefined, values: number[]): number[] {
  if (sums === undefined) return [...values];
  for (let i = 0; i < values.length; i++) sums[i] = addKnown(sums[i] ?? -1, values[i]!);
  return sums;
}

function addTimes(sums: OperatorTimes | undefined, times: OperatorTimes): OperatorTimes {
  return {
    byRdd: addEach(sums?.byRdd, times.byRdd),
    shuffleRead: addKnown(sums?.shuffleRead ?? -1, times.shuffleRead),
    output: addKnown(sums?.output ?? -1, times.output),
  };
}

/** The kernel is gone: what still ran counts as killed. */
export function killRunning(progress: StageProgress): void {
  if (progress.numRunning === 0) return;
  progress.numKilled += progress.numRunning;
  progress.numRunning = 0;
  progress.version++;
}
