/** The columns of the task table, with Spark's names; those that are zero in the whole stage are left out. Pure. */
import type { StageProgress, TaskMetrics } from '../../engine/protocol.ts';
import type { TaskRow, ViewQuery } from '../../engine/viewer-protocol.ts';
import { formatBytes, formatClock, formatCount, formatDuration } from '../ui/format.ts';

export type TaskSort = NonNullable<Extract<ViewQuery, { type: 'stageTasks' }>['sort']>;

export interface TaskColumn {
  label: string;
  /** Column the server sorts by. */
  sort?: TaskSort['column'];
  numeric: boolean;
  text: (row: TaskRow) => string;
}

function time(label: string, key: keyof TaskMetrics): TaskColumn {
  return { label, sort: key, numeric: true, text: ({ metrics }) => formatDuration(metrics[key]) };
}

function bytes(label: string, key: keyof TaskMetrics): TaskColumn {
  return { label, sort: key, numeric: true, text: ({ metrics }) => formatBytes(metrics[key]) };
}

function sized(label: string, size: keyof TaskMetrics, records: keyof TaskMetrics): TaskColumn {
  return {
    label: `${label} Size / Records`,
    sort: size,
    numeric: true,
    text: ({ metrics }) => `${formatBytes(metrics[size])} / ${formatCount(metrics[records])}`,
  };
}

const ALWAYS: TaskColumn[] = [
  { label: 'Executor ID', sort: 'executorId', numeric: false, text: ({ task }) => task.executorId },
  {
    label: 'Launch Time',
    sort: 'launchTime',
    numeric: true,
    text: ({ task }) => formatClock(task.launchTime),
  },
  {
    label: 'Duration',
    sort: 'duration',
    numeric: true,
    text: ({ duration }) => (duration === undefined ? '…' : formatDuration(duration)),
  },
  time('GC Time', 'gcTime'),
];

const WHEN_USED: [keys: (keyof TaskMetrics)[], column: TaskColumn][] = [
  [['inputBytes', 'inputRecords'], sized('Input', 'inputBytes', 'inputRecords')],
  [['outputBytes', 'outputRecords'], sized('Output', 'outputBytes', 'outputRecords')],
  [
    ['shuffleReadBytes', 'shuffleReadRecords'],
    sized('Shuffle Read', 'shuffleReadBytes', 'shuffleReadRecords'),
  ],
  [
    ['shuffleWriteBytes', 'shuffleWriteRecords'],
    sized('Shuffle Write', 'shuffleWriteBytes', 'shuffleWriteRecords'),
  ],
  [['memoryBytesSpilled'], bytes('Shuffle Spill (Memory)', 'memoryBytesSpilled')],
  [['diskBytesSpilled'], bytes('Shuffle Spill (Disk)', 'diskBytesSpilled')],
];

/** Hidden until asked for, as in Spark. */
const ADDITIONAL: TaskColumn[] = [
  time('Scheduler Delay', 'schedulerDelay'),
  time('Task Deserialization Time', 'executorDeserializeTime'),
  time('Executor Run Time', 'executorRunTime'),
  time('Executor CPU Time', 'executorCpuTime'),
  time('Shuffle Read Time', 'shuffleReadTime'),
  time('Shuffle Read Fetch Wait Time', 'shuffleFetchWaitTime'),
  time('Shuffle Write Time', 'shuffleWriteTime'),
  time('Result Serialization Time', 'resultSerializationTime'),
  time('Getting Result Time', 'gettingResultTime'),
  bytes('Result Size', 'resultSize'),
  bytes('Peak Execution Memory', 'peakExecutionMemory'),
];

export function taskColumns({ totals }: StageProgress, additional: boolean): TaskColumn[] {
  return [
    ...ALWAYS,
    ...WHEN_USED.filter(([keys]) => keys.some((key) => totals[key] > 0)).map(([, column]) => column),
    ...(additional ? ADDITIONAL : []),
  ];
}
