/** A history as terminal text, with Spark's names for the metrics. */
import { poolWords } from '../engine/fold/scheduling-words.ts';
import type { TaskMetrics } from '../engine/protocol.ts';
import type { StageSummaryAnswer } from '../engine/viewer-protocol.ts';
import type { History, HistoryJob, HistoryStage } from './history-summary.ts';

/** Spark's summary metrics in its page's order; those that are zero everywhere are left out. */
const METRICS: [StageSummaryAnswer['quantiles'][number]['metric'], string, (value: number) => string][] = [
  ['executorDeserializeTime', 'Task Deserialization Time', formatDuration],
  ['duration', 'Duration', formatDuration],
  ['gcTime', 'GC Time', formatDuration],
  ['resultSerializationTime', 'Result Serialization Time', formatDuration],
  ['gettingResultTime', 'Getting Result Time', formatDuration],
  ['schedulerDelay', 'Scheduler Delay', formatDuration],
  ['peakExecutionMemory', 'Peak Execution Memory', formatBytes],
  ['inputBytes', 'Input Size', formatBytes],
  ['inputRecords', 'Input Records', formatCount],
  ['outputBytes', 'Output Size', formatBytes],
  ['outputRecords', 'Output Records', formatCount],
  ['shuffleReadBytes', 'Shuffle Read Size', formatBytes],
  ['shuffleReadRecords', 'Shuffle Read Records', formatCount],
  ['shuffleFetchWaitTime', 'Shuffle Read Fetch Wait Time', formatDuration],
  ['shuffleWriteBytes', 'Shuffle Write Size', formatBytes],
  ['shuffleWriteRecords', 'Shuffle Write Records', formatCount],
  ['shuffleWriteTime', 'Shuffle Write Time', formatDuration],
  ['memoryBytesSpilled', 'Shuffle Spill (Memory)', formatBytes],
  ['diskBytesSpilled', 'Shuffle Spill (Disk)', formatBytes],
];

const MAX_JOBS = 100;
const MAX_STAGES = 50;
const MAX_FAULTS = 50;
const MAX_REASONS = 5;

export function formatHistory(history: History): string {
  const { summary, jobs, stages, faults } = history;
  const lines = [
    `${printable(summary.application ?? 'application')}: ${formatDuration(summary.durationMs)}, ` +
      `${counted(summary.executors, 'executor')}${summary.executorsLost > 0 ? ` (${summary.executorsLost} lost)` : ''}`,
    `${counted(summary.jobs, 'job')} (${summary.failedJobs} failed), ` +
      `${counted(summary.stages, 'stage')} (${summary.failedStages} failed, ${summary.skippedStages} skipped), ` +
      `${counted(summary.tasks, 'task')} (${summary.failedTasks} failed, ${summary.killedTasks} killed` +
      `${summary.runningTasks > 0 ? `, ${summary.runningTasks} still running` : ''})`,
    totalsLine(summary.totals),
  ];
  if (faults.length > 0) {
    lines.push('', shown('Faults', MAX_FAULTS, faults.length));
    for (const { afterMs, message } of faults.slice(0, MAX_FAULTS))
      lines.push(`  ${printable(message)}, after ${formatDuration(afterMs)}`);
  }
  lines.push('', shown('Jobs', MAX_JOBS, jobs.length), ...jobs.slice(0, MAX_JOBS).map(jobLine));
  const ran = stages.filter(({ status }) => status !== 'skipped' && status !== 'pending');
  lines.push('', shown('Stages', MAX_STAGES, ran.length));
  for (const stage of ran.slice(0, MAX_STAGES)) lines.push(...stageLines(stage));
  return `${lines.join('\n')}\n`;
}

function shown(title: string, limit: number, total: number): string {
  return total > limit ? `${title} (showing ${limit} of ${total}; --json has all)` : title;
}

function totalsLine(totals: TaskMetrics): string {
  return [
    `task time ${formatDuration(totals.executorRunTime)}`,
    `input ${formatBytes(totals.inputBytes)} / ${formatCount(totals.inputRecords)} records`,
    `shuffle write ${formatBytes(totals.shuffleWriteBytes)}`,
    `shuffle read ${formatBytes(totals.shuffleReadBytes)}`,
    `spill ${formatBytes(totals.diskBytesSpilled)}`,
  ].join(', ');
}

function jobLine(job: HistoryJob): string {
  const skipped = job.skippedStageIds.length > 0 ? `, ${job.skippedStageIds.length} skipped` : '';
  const time = job.durationMs === null ? '' : `, ${formatDuration(job.durationMs)}`;
  const pool = poolWords(job);
  const error = job.error ? `: ${printable(job.error.message)}` : '';
  return (
    `  Job ${job.jobId} ${printable(job.name)}: ${job.status}${time}, ${pool ? `${printable(pool)}, ` : ''}` +
    `${counted(job.stageIds.length, 'stage')}${skipped}, ${counted(job.tasks, 'task')}${error}`
  );
}

function stageLines(stage: HistoryStage): string[] {
  const attempt = stage.attempt > 0 ? ` (attempt ${stage.attempt})` : '';
  const time = stage.durationMs === null ? '' : `, ${formatDuration(stage.durationMs)}`;
  const failed = stage.failedTasks > 0 ? `, ${stage.failedTasks} failed` : '';
  const killed = stage.killedTasks > 0 ? `, ${stage.killedTasks} killed` : '';
  const lines = [
    `  Stage ${stage.stageId}${attempt} ${printable(stage.name)}: ${stage.status}${time}, ` +
      `${stage.succeededTasks} of ${counted(stage.numTasks, 'task')}${failed}${killed}`,
  ];
  for (const note of (stage.notes ?? []).slice(0, MAX_REASONS)) lines.push(`    ${printable(note)}`);
  for (const reason of (stage.recomputed ?? []).slice(0, MAX_REASONS)) lines.push(`    ${printable(reason)}`);
  if (stage.failureReason) lines.push(`    ${printable(stage.failureReason)}`);
  const rows = METRICS.flatMap(([metric, label, format]) => {
    const values = stage.quantiles.find((quantile) => quantile.metric === metric)?.values;
    return values?.some((value) => value !== 0) ? [[label, ...values.map(format)]] : [];
  });
  if (rows.length > 0) lines.push(...table([['', 'Min', '25th', 'Median', '75th', 'Max'], ...rows]));
  for (const { partition, attempt: taskAttempt, message } of stage.errors) {
    lines.push(`    partition ${partition}, attempt ${taskAttempt}: ${printable(message)}`);
  }
  return lines;
}

function table(rows: string[][]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map(([label = '', ...values]) => {
    const cells = values.map((value, i) => value.padStart(widths[i + 1]!));
    return `    ${label.padEnd(widths[0]!)}  ${cells.join('  ')}`;
  });
}

/** Names in a log can come from anywhere: no control characters reach the terminal, one line each. */
export function printable(text: string): string {
  const line = text.replace(/\s+/g, ' ').replace(/[\p{Cc}\p{Cf}]/gu, '\u{fffd}');
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}

function counted(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

function formatCount(value: number): string {
  return value.toLocaleString('en-US');
}

export function formatDuration(ms: number): string {
  if (ms < 10) return `${Math.round(ms * 10) / 10} ms`;
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < 3_600_000) return `${(ms / 60_000).toFixed(1)} min`;
  return `${(ms / 3_600_000).toFixed(1)} h`;
}

export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${Math.round(bytes)} B`;
  let value = bytes / 1024;
  for (const unit of ['KiB', 'MiB', 'GiB']) {
    if (value < 1024) return `${value.toFixed(1)} ${unit}`;
    value /= 1024;
  }
  return `${value.toFixed(1)} TiB`;
}
