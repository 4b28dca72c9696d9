/** Spark's names of the task metrics and how each is written. Pure. */
import type { TaskMetrics } from '../../engine/protocol.ts';
import type { StageSummaryAnswer } from '../../engine/viewer-protocol.ts';
import { formatBytes, formatCount, formatDuration } from '../ui/format.ts';

export type MetricKey = keyof TaskMetrics | 'duration';
type Unit = 'time' | 'bytes' | 'count';

export interface MetricLook {
  label: string;
  unit: Unit;
  /** Shown although all values are zero. */
  always?: boolean;
  /** Shown only when additional metrics are asked for, as in Spark. */
  additional?: boolean;
}

/** In the order of Spark's summary table. */
export const METRICS: Record<MetricKey, MetricLook> = {
  duration: { label: 'Duration', unit: 'time', always: true },
  executorRunTime: { label: 'Executor Run Time', unit: 'time', additional: true },
  executorCpuTime: { label: 'Executor CPU Time', unit: 'time', additional: true },
  gcTime: { label: 'GC Time', unit: 'time', always: true },
  schedulerDelay: { label: 'Scheduler Delay', unit: 'time', additional: true },
  executorDeserializeTime: { label: 'Task Deserialization Time', unit: 'time', additional: true },
  resultSerializationTime: { label: 'Result Serialization Time', unit: 'time', additional: true },
  gettingResultTime: { label: 'Getting Result Time', unit: 'time', additional: true },
  resultSize: { label: 'Result Size', unit: 'bytes', additional: true },
  peakExecutionMemory: { label: 'Peak Execution Memory', unit: 'bytes', additional: true },
  inputBytes: { label: 'Input Size', unit: 'bytes' },
  inputRecords: { label: 'Input Records', unit: 'count' },
  outputBytes: { label: 'Output Size', unit: 'bytes' },
  outputRecords: { label: 'Output Records', unit: 'count' },
  shuffleReadTime: { label: 'Shuffle Read Time', unit: 'time', additional: true },
  shuffleFetchWaitTime: { label: 'Shuffle Read Fetch Wait Time', unit: 'time', additional: true },
  shuffleReadBytes: { label: 'Shuffle Read Size', unit: 'bytes' },
  shuffleReadRecords: { label: 'Shuffle Read Records', unit: 'count' },
  shuffleWriteTime: { label: 'Shuffle Write Time', unit: 'time', additional: true },
  shuffleWriteBytes: { label: 'Shuffle Write Size', unit: 'bytes' },
  shuffleWriteRecords: { label: 'Shuffle Write Records', unit: 'count' },
  memoryBytesSpilled: { label: 'Shuffle Spill (Memory)', unit: 'bytes' },
  diskBytesSpilled: { label: 'Shuffle Spill (Disk)', unit: 'bytes' },
};

const METRIC_KEYS = Object.keys(METRICS) as MetricKey[];

export function formatMetric(key: MetricKey, value: number): string {
  const { unit } = METRICS[key];
  if (unit === 'time') return formatDuration(value);
  return unit === 'bytes' ? formatBytes(value) : formatCount(Math.round(value));
}

/** The rows of the summary table that say something, in Spark's order. */
export function summaryRows(
  answer: StageSummaryAnswer,
  additional: boolean,
): StageSummaryAnswer['quantiles'] {
  const by = new Map(answer.quantiles.map((row) => [row.metric, row]));
  return METRIC_KEYS.flatMap((key) => {
    const row = by.get(key);
    const look = METRICS[key];
    if (!row || (look.additional && !additional)) return [];
    return look.always || look.additional || row.values.some((value) => value > 0) ? [row] : [];
  });
}
