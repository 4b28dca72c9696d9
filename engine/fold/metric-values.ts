/**
 * The metrics of a task, one by one. Each by its own name: where the name is a variable it is looked up anew, forty times
 * for each of thousands of tasks a second, which was half of what folding them takes. A test keeps the lists complete.
 */
import type { TaskMetrics } from '../protocol.ts';

/** The numbers of the last call, in the order of TASK_METRICS; the next call overwrites them. */
const values = new Float64Array(22);

export function metricValues(metrics: Partial<TaskMetrics>): Float64Array {
  values[0] = metrics.schedulerDelay ?? 0;
  values[1] = metrics.executorDeserializeTime ?? 0;
  values[2] = metrics.shuffleReadTime ?? 0;
  values[3] = metrics.executorRunTime ?? 0;
  values[4] = metrics.shuffleWriteTime ?? 0;
  values[5] = metrics.resultSerializationTime ?? 0;
  values[6] = metrics.gettingResultTime ?? 0;
  values[7] = metrics.executorCpuTime ?? 0;
  values[8] = metrics.gcTime ?? 0;
  values[9] = metrics.resultSize ?? 0;
  values[10] = metrics.peakExecutionMemory ?? 0;
  values[11] = metrics.memoryBytesSpilled ?? 0;
  values[12] = metrics.diskBytesSpilled ?? 0;
  values[13] = metrics.inputBytes ?? 0;
  values[14] = metrics.inputRecords ?? 0;
  values[15] = metrics.outputBytes ?? 0;
  values[16] = metrics.outputRecords ?? 0;
  values[17] = metrics.shuffleReadBytes ?? 0;
  values[18] = metrics.shuffleReadRecords ?? 0;
  values[19] = metrics.shuffleFetchWaitTime ?? 0;
  values[20] = metrics.shuffleWriteBytes ?? 0;
  values[21] = metrics.shuffleWriteRecords ?? 0;
  return values;
}

/** Adds to `totals` what a task has. */
export function addMetrics(totals: TaskMetrics, metrics: Partial<TaskMetrics>): void {
  if (metrics.schedulerDelay) totals.schedulerDelay += metrics.schedulerDelay;
  if (metrics.executorDeserializeTime) totals.executorDeserializeTime += metrics.executorDeserializeTime;
  if (metrics.shuffleReadTime) totals.shuffleReadTime += metrics.shuffleReadTime;
  if (metrics.executorRunTime) totals.executorRunTime += metrics.executorRunTime;
  if (metrics.shuffleWriteTime) totals.shuffleWriteTime += metrics.shuffleWriteTime;
  if (metrics.resultSerializationTime) totals.resultSerializationTime += metrics.resultSerializationTime;
  if (metrics.gettingResultTime) totals.gettingResultTime += metrics.gettingResultTime;
  if (metrics.executorCpuTime) totals.executorCpuTime += metrics.executorCpuTime;
  if (metrics.gcTime) totals.gcTime += metrics.gcTime;
  if (metrics.resultSize) totals.resultSize += metrics.resultSize;
  if (metrics.peakExecutionMemory) totals.peakExecutionMemory += metrics.peakExecutionMemory;
  if (metrics.memoryBytesSpilled) totals.memoryBytesSpilled += metrics.memoryBytesSpilled;
  if (metrics.diskBytesSpilled) totals.diskBytesSpilled += metrics.diskBytesSpilled;
  if (metrics.inputBytes) totals.inputBytes += metrics.inputBytes;
  if (metrics.inputRecords) totals.inputRecords += metrics.inputRecords;
  if (metrics.outputBytes) totals.outputBytes += metrics.outputBytes;
  if (metrics.outputRecords) totals.outputRecords += metrics.outputRecords;
  if (metrics.shuffleReadBytes) totals.shuffleReadBytes += metrics.shuffleReadBytes;
  if (metrics.shuffleReadRecords) totals.shuffleReadRecords += metrics.shuffleReadRecords;
  if (metrics.shuffleFetchWaitTime) totals.shuffleFetchWaitTime += metrics.shuffleFetchWaitTime;
  if (metrics.shuffleWriteBytes) totals.shuffleWriteBytes += metrics.shuffleWriteBytes;
  if (metrics.shuffleWriteRecords) totals.shuffleWriteRecords += metrics.shuffleWriteRecords;
}
