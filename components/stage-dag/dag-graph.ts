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
  const { status } = stage;
  const { numTasks, kind, stageId } = stage.info;
  const { word } = STATE_LOOKS[status];
  const name = [`Stage ${stageId}`, kind === 'shuffleMap' ? 'shuffle map' : 'result', word];
  if (status === 'skipped') {
    // What it once did belongs to the job that ran it.
    return {
      count: word,
      detail: 'output already there',
      label: [...name, `${formatCount(numTasks)} tasks`].join(', '),
    };
  }
  const rows = stageRows(stage);
  const { numFailed } = stage.progress;
  const attempt = earlier.length > 0 ? [`attempt ${stage.info.attempt + 1}`] : [];
  const detail = [...attempt];
  if (numFailed > 0) detail.push(`${formatCount(numFailed)} failed`);
  if (rows !== undefined && (rows > 0 || status === 'complete'))
    detail.push(`${formatCount(rows)} rows${status === 'active' ? ' so far' : ''}`);
  if (stage.completedAt !== undefined)
    detail.push(formatDuration(stageDuration(stage, stage.completedAt) ?? 0));
  if (status === 'pending') detail.push('waits for its parents');
  const label = [...name, `${formatCount(tasksDone(stage))} of ${formatCount(numTasks)} tasks`, ...attempt];
  if (numFailed > 0) label.push(`${formatPlural(numFailed, 'task attempt')} failed`);
  return {
    count: status === 'pending' ? word : `${formatCount(tasksDone(stage))} / ${formatCount(numTasks)}`,
    detail: detail.join(' · '),
    label: label.join(', '),
  };
}

export function graphOfStages(stages: readonly JobStage[]): DagGraph {
  const ids = new Set(stages.map(({ stage }) => stage.info.stageId));
  const nodes = stages.map((job): DagNode => {
    const { stage } = job;
    const total = Math.max(1, stage.info.numTasks);
    const done = stage.status === 'skipped' ? 0 : tasksDone(stage) / total;
    return {
      id: stage.info.stageId,
      stageKey: stage.key,
      status: stage.status,
      retried: stage.status !== 'skipped' && isRetried(job),
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
