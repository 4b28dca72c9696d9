/** The graph of some jobs' stages as layout and drawing need it: nodes, edges, and a key of the topology. Pure. */
import { isRepaired } from '../faults/recompute.ts';
import { isFromCache, type JobStage } from '../jobs/job-stages.ts';
import { groupStages } from './dag-groups.ts';
import { type DagNode, edgeLabel, groupNode, stageNode } from './dag-node.ts';

export type { DagNode } from './dag-node.ts';

export const NODE_WIDTH = 200;
export const NODE_HEIGHT = 76;

export interface DagEdge {
  from: number;
  to: number;
  /** Bytes that cross, empty until known. */
  label: string;
  /** Nothing was computed for this edge: the parent's output was there from another job, or the child was cached. */
  reused: boolean;
  /** What crosses was lost and made again: the way lineage took. */
  again: boolean;
}

export interface DagGraph {
  /** Equal keys have equal layouts. */
  topology: string;
  nodes: DagNode[];
  edges: DagEdge[];
  /** Keys of the groups that are open, of those the stages could form. */
  open: string[];
}

export interface GraphOptions {
  /** False: every stage by itself. */
  grouped?: boolean;
  /** How many jobs the picture shows: those of a loop are compared with each other. */
  jobs?: number;
  open?: ReadonlySet<string>;
}

const NONE: ReadonlySet<string> = new Set();

export function graphOfStages(
  entries: readonly JobStage[],
  { grouped = false, jobs = 1, open = NONE }: GraphOptions = {},
): DagGraph {
  const groups = grouped ? groupStages(entries, { jobs, open }) : new Map<string, JobStage[]>();
  const nodeOf = new Map<number, number>();
  const byFirst = new Map<JobStage, DagNode>();
  for (const [key, members] of groups) {
    const node = groupNode(key, members);
    byFirst.set(members[0]!, node);
    for (const { stage } of members) nodeOf.set(stage.info.stageId, node.id);
  }
  const nodes: DagNode[] = [];
  for (const entry of entries) {
    const group = byFirst.get(entry);
    if (group) nodes.push(group);
    else if (!nodeOf.has(entry.stage.info.stageId)) {
      const node = stageNode(entry);
      nodeOf.set(entry.stage.info.stageId, node.id);
      nodes.push(node);
    }
  }
  const edges = edgesOf(entries, nodeOf);
  const topology = `${nodes.map(({ id }) => id).join()}|${edges.map(({ from, to }) => `${from}>${to}`).join()}`;
  const openHere =
    grouped && open.size > 0
      ? [...groupStages(entries, { jobs, open: NONE }).keys()].filter((key) => open.has(key))
      : [];
  return { topology, nodes, edges, open: openHere };
}

function edgesOf(entries: readonly JobStage[], nodeOf: ReadonlyMap<number, number>): DagEdge[] {
  const stages = new Map(entries.map(({ stage }) => [stage.info.stageId, stage]));
  const sums = new Map<
    string,
    { from: number; to: number; bytes: number; reused: boolean; again: boolean }
  >();
  for (const { stage } of entries) {
    const to = nodeOf.get(stage.info.stageId)!;
    for (const parentId of stage.info.parentIds) {
      const parent = stages.get(parentId);
      const from = nodeOf.get(parentId);
      if (!parent || from === undefined || from === to) continue;
      const key = `${from}>${to}`;
      const known = sums.get(key) ?? { from, to, bytes: 0, reused: true, again: false };
      const unread = isFromCache(stage);
      if (!unread) known.bytes += parent.progress.totals.shuffleWriteBytes;
      known.again ||= isRepaired(parent, stage);
      known.reused &&= unread || parent.status === 'skipped';
      sums.set(key, known);
    }
  }
  return [...sums.values()].map(({ from, to, bytes, reused, again }) => ({
    from,
    to,
    reused,
    again,
    label: edgeLabel(bytes),
  }));
}
