/** What a stage, or a group of equal stages, says of itself in the graph and in its table twin. Pure. */
import { excludedWords, poolWords, speculatedWords } from '../../engine/fold/scheduling-words.ts';
import { recomputedOf, recomputedWords } from '../faults/recompute.ts';
import { adaptiveWords } from '../jobs/adaptive-plan.ts';
import {
  isFromCache,
  isRetried,
  type JobStage,
  stageChain,
  stageDuration,
  stageRows,
  tasksDone,
} from '../jobs/job-stages.ts';
import { formatBytes, formatCount, formatDuration, formatPlural } from '../ui/format.ts';
import { STATE_LOOKS } from '../ui/state-looks.ts';

export interface DagNode {
  /** A stage's id; a group has the id of its first stage, negative and less one. */
  id: number;
  /** `StageView.key` of the attempt shown; of a group, of the stage that says most. */
  stageKey: string;
  /** Present: this node stands for several stages, and opens. */
  group?: { key: string; members: JobStage[] };
  status: JobStage['stage']['status'];
  retried: boolean;
  /** Partitions that are computed again because something was lost. */
  recomputed: number;
  title: string;
  /** Its tasks start together. */
  barrier: boolean;
  /** What adaptive execution made of it; empty when nothing. */
  badge: string;
  count: string;
  chain: string;
  detail: string;
  /** Shares of the tasks, 0…1. */
  done: number;
  running: number;
  failed: number;
  /** Time of all its tasks in milliseconds. */
  taskTime: number;
  /** The whole node as one sentence. */
  label: string;
}

const kindName = (kind: JobStage['stage']['info']['kind']) =>
  kind === 'shuffleMap' ? 'shuffle map' : 'result';

function stageDetail(entry: JobStage): string[] {
  const { stage, earlier, reusedBy, computedBy } = entry;
  const { status, progress } = stage;
  if (status === 'skipped') {
    if (computedBy !== undefined) return [`computed by job ${computedBy}`];
    return [stage.reason ?? 'output already there'];
  }
  const recomputed = recomputedWords(entry);
  const detail: string[] = recomputed ? [recomputed] : [];
  if (stage.info.barrier) detail.push('barrier');
  if (earlier.length > 0) detail.push(`attempt ${stage.info.attempt + 1}`);
  if (progress.numFailed > 0) detail.push(`${formatCount(progress.numFailed)} failed`);
  const rows = stageRows(stage);
  if (rows !== undefined && (rows > 0 || status === 'complete'))
    detail.push(`${formatPlural(rows, 'row')}${status === 'active' ? ' so far' : ''}`);
  if (isFromCache(stage)) detail.push('from cache');
  if (stage.completedAt !== undefined)
    detail.push(formatDuration(stageDuration(stage, stage.completedAt) ?? 0));
  if (status === 'pending') detail.push('waits for its parents');
  const slow = speculatedWords(stage);
  if (slow) detail.push(slow);
  if (reusedBy) detail.push(`used again by ${formatPlural(reusedBy.length, 'job')}`);
  return detail;
}

function stageLabel(entry: JobStage): string {
  const { stage, earlier, reusedBy, computedBy } = entry;
  const { status, progress } = stage;
  const { numTasks, kind, stageId, attempt } = stage.info;
  const parts = [`Stage ${stageId}`, kindName(kind), STATE_LOOKS[status].word];
  if (stage.info.barrier) parts.splice(2, 0, 'barrier');
  if (status === 'skipped') {
    // What it once did belongs to the job that ran it.
    parts.push(formatPlural(numTasks, 'task'));
    if (computedBy !== undefined) parts.push(`computed by job ${computedBy}`);
    return parts.join(', ');
  }
  parts.push(`${formatCount(tasksDone(stage))} of ${formatCount(numTasks)} tasks`);
  const pool = poolWords(stage);
  if (pool) parts.push(pool);
  const { count, of } = recomputedOf(entry);
  if (count > 0) parts.push(`${formatCount(count)} of ${formatPlural(of, 'partition')} computed again`);
  if (earlier.length > 0) parts.push(`attempt ${attempt + 1}`);
  if (progress.numFailed > 0) parts.push(`${formatPlural(progress.numFailed, 'task attempt')} failed`);
  for (const words of [adaptiveWords(stage), speculatedWords(stage), excludedWords(stage)])
    if (words) parts.push(words);
  if (isFromCache(stage)) parts.push('from cache');
  if (reusedBy) parts.push(`used again by ${formatPlural(reusedBy.length, 'job')}`);
  return parts.join(', ');
}

function stageCount({ stage }: JobStage): string {
  if (stage.status === 'skipped' || stage.status === 'pending') return STATE_LOOKS[stage.status].word;
  const count = `${formatCount(tasksDone(stage))} / ${formatCount(stage.info.numTasks)}`;
  return stage.status === 'failed' ? `failed ${count}` : count;
}

export function stageNode(entry: JobStage): DagNode {
  const { stage } = entry;
  const { stageId, numTasks, name } = stage.info;
  const total = Math.max(1, numTasks);
  const skipped = stage.status === 'skipped';
  const done = skipped ? 0 : tasksDone(stage) / total;
  return {
    id: stageId,
    stageKey: stage.key,
    status: stage.status,
    retried: !skipped && isRetried(entry),
    recomputed: recomputedOf(entry).count,
    title: `Stage ${stageId}`,
    barrier: stage.info.barrier ?? false,
    badge: skipped ? '' : adaptiveWords(stage),
    count: stageCount(entry),
    chain: stageChain(stage) || name,
    detail: stageDetail(entry).join(' · '),
    done,
    running: Math.min(1 - done, stage.progress.numRunning / total),
    failed: stage.status === 'failed' ? 1 - done : 0,
    taskTime: skipped ? 0 : stage.progress.totals.executorRunTime,
    label: stageLabel(entry),
  };
}

/** In the order in which they say most about a group. */
const TELLING = ['failed', 'active', 'pending', 'complete', 'skipped'] as const;

export function groupNode(key: string, members: JobStage[]): DagNode {
  const status = TELLING.find((one) => members.some(({ stage }) => stage.status === one)) ?? 'complete';
  const telling = members.findLast(({ stage }) => stage.status === status)!;
  const counted = members.filter(({ stage }) => stage.status !== 'skipped');
  const sum = (of: (entry: JobStage) => number) => counted.reduce((total, entry) => total + of(entry), 0);
  const tasks = sum(({ stage }) => stage.info.numTasks);
  const done = sum(({ stage }) => tasksDone(stage));
  const failedTasks = sum(({ stage }) => stage.progress.numFailed);
  const taskTime = sum(({ stage }) => stage.progress.totals.executorRunTime);
  const retried = members.filter((entry) => entry.stage.status !== 'skipped' && isRetried(entry)).length;
  const states = TELLING.map(
    (one) => [one, members.filter(({ stage }) => stage.status === one).length] as const,
  )
    .filter(([, count]) => count > 0)
    .map(([one, count]) => `${formatCount(count)} ${STATE_LOOKS[one].word}`);
  const total = Math.max(1, tasks);
  const share = done / total;
  const detail = [
    ...(telling.stage.info.barrier ? ['barrier'] : []),
    ...states,
    ...(retried > 0 ? [`${formatCount(retried)} retried`] : []),
  ];
  if (failedTasks > 0) detail.push(`${formatPlural(failedTasks, 'task attempt')} failed`);
  return {
    id: -1 - members[0]!.stage.info.stageId,
    stageKey: telling.stage.key,
    group: { key, members },
    status,
    retried: retried > 0,
    recomputed: members.reduce((total, entry) => total + recomputedOf(entry).count, 0),
    title: `${formatCount(members.length)} × stage`,
    barrier: telling.stage.info.barrier ?? false,
    badge: '',
    count: tasks === 0 ? STATE_LOOKS[status].word : `${formatCount(done)} / ${formatCount(tasks)}`,
    chain: stageChain(telling.stage) || telling.stage.info.name,
    detail: detail.join(' · '),
    done: share,
    running: Math.min(1 - share, sum(({ stage }) => stage.progress.numRunning) / total),
    failed: status === 'failed' ? 1 - share : 0,
    taskTime,
    label: `Group of ${formatCount(members.length)} equal stages, ${kindName(telling.stage.info.kind)}, ${detail.join(', ')}, ${formatCount(done)} of ${formatCount(tasks)} tasks. Opens`,
  };
}

/** Bytes that cross from a stage to its children, empty until known. */
export function edgeLabel(bytes: number): string {
  return bytes > 0 ? formatBytes(bytes) : '';
}
