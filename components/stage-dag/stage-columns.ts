/** The columns of the stage table, with Spark's names where Spark has them. Pure. */

import { stageNotes } from '../../engine/fold/scheduling-words.ts';
import { recomputedWords } from '../faults/recompute.ts';
import {
  isFromCache,
  type JobStage,
  stageChain,
  stageDuration,
  stageRows,
  tasksDone,
} from '../jobs/job-stages.ts';
import { operatorTimesText } from '../jobs/operator-times.ts';
import { formatBytes, formatClock, formatCount, formatDuration } from '../ui/format.ts';

export interface StageColumn {
  label: string;
  numeric: boolean;
  /** What is sorted by. */
  value: (entry: JobStage) => number | string;
  text: (entry: JobStage, totalTime: number) => string;
}

const totals = ({ stage }: JobStage) => stage.progress.totals;
const skipped = ({ stage }: JobStage) => stage.status === 'skipped';

function bytes(label: string, key: 'inputBytes' | 'outputBytes' | 'shuffleReadBytes' | 'shuffleWriteBytes') {
  const value = (entry: JobStage) => (skipped(entry) ? 0 : totals(entry)[key]);
  const text = (entry: JobStage) => (value(entry) > 0 ? formatBytes(value(entry)) : '');
  return { label, numeric: true, value, text };
}

const ended = ({ stage }: JobStage) => stageDuration(stage, stage.completedAt ?? Date.now());

function note(entry: JobStage): string {
  const { stage, earlier, computedBy, reusedBy } = entry;
  const recomputed = recomputedWords(entry);
  const parts: string[] = recomputed ? [recomputed] : [];
  if (earlier.length > 0) parts.push(`attempt ${stage.info.attempt + 1}`);
  if (stage.progress.numFailed > 0) parts.push(`${formatCount(stage.progress.numFailed)} failed`);
  const why = stage.failureReason ?? stage.reason;
  if (why) parts.push(why);
  if (stage.status === 'skipped' && computedBy !== undefined) parts.push(`computed by job ${computedBy}`);
  if (stage.status !== 'skipped')
    for (const { word, text } of stageNotes(stage)) parts.push(`${word}: ${text}`);
  if (isFromCache(stage)) parts.push('from cache');
  if (reusedBy)
    parts.push(`used again by jobs ${reusedBy.slice(0, 5).join(', ')}${reusedBy.length > 5 ? ' …' : ''}`);
  return parts.join(' · ');
}

/** The first two are drawn by the table itself: the link and the state. */
export const STAGE_COLUMNS: readonly StageColumn[] = [
  { label: 'Stage Id', numeric: true, value: ({ stage }) => stage.info.stageId, text: () => '' },
  { label: 'State', numeric: false, value: ({ stage }) => stage.status, text: () => '' },
  {
    label: 'Description',
    numeric: false,
    value: ({ stage }) => stageChain(stage),
    text: ({ stage }) => stageChain(stage) || stage.info.name,
  },
  {
    label: 'Tasks: Succeeded/Total',
    numeric: true,
    value: ({ stage }) => stage.info.numTasks,
    text: (entry) =>
      skipped(entry)
        ? formatCount(entry.stage.info.numTasks)
        : `${formatCount(tasksDone(entry.stage))}/${formatCount(entry.stage.info.numTasks)}`,
  },
  {
    label: 'Duration',
    numeric: true,
    value: (entry) => (skipped(entry) ? 0 : (ended(entry) ?? 0)),
    text: (entry) => {
      const duration = skipped(entry) ? undefined : ended(entry);
      return duration === undefined ? '' : formatDuration(duration);
    },
  },
  {
    label: 'Share of Time',
    numeric: true,
    value: (entry) => (skipped(entry) ? 0 : totals(entry).executorRunTime),
    text: (entry, totalTime) =>
      skipped(entry) || totalTime === 0
        ? ''
        : `${Math.round((100 * totals(entry).executorRunTime) / totalTime)} %`,
  },
  {
    label: 'Rows',
    numeric: true,
    value: ({ stage }) => stageRows(stage) ?? 0,
    text: (entry) => {
      const rows = skipped(entry) ? undefined : stageRows(entry.stage);
      return rows === undefined ? '' : formatCount(rows);
    },
  },
  {
    label: 'Operator Times',
    numeric: false,
    value: ({ stage }) => operatorTimesText(stage),
    text: ({ stage }) => operatorTimesText(stage),
  },
  bytes('Input', 'inputBytes'),
  bytes('Output', 'outputBytes'),
  bytes('Shuffle Read', 'shuffleReadBytes'),
  bytes('Shuffle Write', 'shuffleWriteBytes'),
  {
    label: 'Reads From',
    numeric: false,
    value: ({ stage }) => stage.info.parentIds.join(),
    text: ({ stage }) => stage.info.parentIds.map((id) => `stage ${id}`).join(', '),
  },
  {
    label: 'Submitted',
    numeric: true,
    value: ({ stage }) => stage.submittedAt ?? 0,
    text: (entry) =>
      skipped(entry) || entry.stage.submittedAt === undefined ? '' : formatClock(entry.stage.submittedAt),
  },
  { label: 'Note', numeric: false, value: note, text: note },
];

export function sortedStages(
  entries: readonly JobStage[],
  sort: { column: StageColumn; descending: boolean } | undefined,
): readonly JobStage[] {
  if (!sort) return entries;
  const { value } = sort.column;
  const sign = sort.descending ? -1 : 1;
  return [...entries].sort((a, b) => {
    const [x, y] = [value(a), value(b)];
    return (
      sign * (typeof x === 'number' && typeof y === 'number' ? x - y : String(x).localeCompare(String(y)))
    );
  });
}
