/** The graph of a job's stages as layout and drawing need it: sizes, edges, and a key of the topology. Pure. */
import {
  isRetried,
  type JobStage,
  stageChain,
  stageDuration,
  stageRows,
  tasksDone,
} from '../jobs/job-stages.ts';
import { formatBytes, formatCount, formatDuration, formatPlural } from '../ui/format.ts';
import { STATE_LOOKS } from '../ui/state-looks.ts';

export const NODE_WIDTH = 200;
export const NODE_HEIGHT = 76;

export interface DagNode {
  id: number;
  /** `StageView.key` of the attempt shown. */
  stageKey: string;
  status: JobStage['stage']['status'];
  retried: boolean;
  title: string;
  count: string;
  chain: string;
  detail: string;
  /** Shares of the tasks, 0…1. */
  done: number;
  running: number;
  failed: number;
  /** The whole node as one sentence. */
  label: string;
}

export interface DagEdge {
  from: number;
  to: number;
  /** Bytes that cross, empty until known. */
  label: string;
}

export interface DagGraph {
  /** Equal keys have equal layouts. */
  topology: string;
  nodes: DagNode[];
  edges: DagEdge[];
}

function describe(job: JobStage): Pick<DagNode, 'count' | 'detail' | 'label'> {
  const { stage, earlier } = job;
  const { numTasks, kind, stageId } = stage.info;
  const { word } = STATE_LOOKS[stage.status];
  const rows = stageRows(stage);
  const duration = stage.completedAt === undefined ? undefined : stageDuration(stage, stage.completedAt);
  const parts: string[] = [];
  if (rows !== undefined && (rows > 0 || stage.status === 'complete'))
    parts.push(`${formatCount(rows)} rows${stage.status === 'active' ? ' so far' : ''}`);
  if (duration !== undefined) parts.push(formatDuration(duration));
  if (stage.status === 'skipped') parts.push('output already there');
  if (stage.status === 'pending') parts.push('waits for its parents');
  const { numFailed } = stage.progress;
  const attempt = earlier.length > 0 ? [`attempt ${stage.info.attempt + 1}`] : [];
  const failures = numFailed > 0 ? [`${formatCount(numFailed)} failed`] : [];
  const spokenFailures = numFailed > 0 ? [`${formatPlural(numFailed, 'task attempt')} failed`] : [];
  const counted = stage.status === 'active' || stage.status === 'complete' || stage.status === 'failed';
  const kindWord = kind === 'shuffleMap' ? 'shuffle map' : 'result';
  return {
    count: counted ? `${formatCount(tasksDone(stage))} / ${formatCount(numTasks)}` : word,
    detail: [...attempt, ...failures, ...parts].join(' · '),
    label: [
      `Stage ${stageId}`,
      kindWord,
      word,
      `${formatCount(tasksDone(stage))} of ${formatCount(numTasks)} tasks`,
      ...attempt,
      ...spokenFailures,
    ].join(', '),
  };
}

export function graphOfStages(stages: readonly JobStage[]): DagGraph {
  const ids = new Set(stages.map(({ stage }) => stage.info.stageId));
  const nodes = stages.map((job): DagNode => {
    const { stage } = job;
    const total = Math.max(1, stage.info.numTasks);
    const done = tasksDone(stage) / total;
    return {
      id: stage.info.stageId,
      stageKey: stage.key,
      status: stage.status,
      retried: isRetried(job),
      title: `Stage ${stage.info.stageId}`,
      chain: stageChain(stage) || stage.info.name,
      done,
      running: Math.min(1 - done, stage.progress.numRunning / total),
      failed: stage.status === 'failed' ? 1 - done : 0,
      ...describe(job),
    };
  });
  const edges = stages.flatMap(({ stage }) =>
    stage.info.parentIds
      .filter((parent) => ids.has(parent))
      .map((parent): DagEdge => {
        const written = stages.find((other) => other.stage.info.stageId === parent)?.stage.progress.totals
          .shuffleWriteBytes;
        return { from: parent, to: stage.info.stageId, label: written ? formatBytes(written) : '' };
      }),
  );
  const topology = `${nodes.map((node) => node.id).join(',')}|${edges.map((edge) => `${edge.from}>${edge.to}`).join(',')}`;
  return { topology, nodes, edges };
}
