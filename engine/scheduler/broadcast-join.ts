/**
 * Joins of a large side with one that turns out to be small: once the map outputs of the small side are measured, every
 * executor reads all of them, and the rows of the other side are joined where they are made instead of being shuffled.
 *
 * A partition p of the join then holds what comes of partition p of the larger side. That is done only where nobody can
 * tell in which partition a row is (docs/decisions/092), and decided before the first attempt of a stage, once for all
 * that it ever makes.
 */
import type { RddNode, ShuffleDependency } from '../rdd/plan.ts';
import { adaptiveOptions } from './adaptive-coalescing.ts';
import { bytesText } from './adaptive-reasons.ts';
import { ROW_BY_ROW } from './adaptive-skew.ts';
import type { DagState } from './dag-state.ts';
import { inputEstimate } from './input-estimate.ts';
import { isRunning, type ShuffleMapStage, type Stage } from './stage.ts';
import { isAvailable, jobsNeeding, missingParents } from './stage-graph.ts';

/** Sides whose rows need no partner found among all rows of the other one: they alone may be everywhere. */
const SENDABLE = { inner: [0, 1], left: [1], right: [0], full: [] } as const;
const SIDE_NAMES = ['left', 'right'] as const;

interface Candidate {
  join: RddNode;
  /** From the stage's RDD down to the join. */
  path: RddNode[];
  /** Which side may be sent. */
  side: 0 | 1;
  small: ShuffleMapStage;
  /** Of the other side: what need not run. */
  spared: ShuffleMapStage;
  threshold: number;
}

/** Settles which joins of a stage that is about to run are broadcast joins, as far as their small sides are measured. */
export function decideBroadcastJoins(state: DagState, stage: Stage): void {
  for (;;) {
    const candidate = candidateOf(state, stage);
    if (!candidate || !isAvailable(state, candidate.small)) return;
    if (!isSmall(state, candidate.small, candidate.threshold)) return;
    replaceJoin(state, stage, candidate);
  }
}

/** Of the stages that a stage waits for, those to be started now: not what a small side may spare. */
export function startFirst(state: DagState, stage: Stage, missing: Stage[]): Stage[] {
  const candidate = candidateOf(state, stage);
  if (!candidate || isAvailable(state, candidate.small)) return missing;
  return missing.flatMap((parent) =>
    // What it is made of is needed either way.
    parent === candidate.spared ? startFirst(state, parent, missingParents(state, parent)) : [parent],
  );
}

function isSmall(state: DagState, stage: ShuffleMapStage, threshold: number): boolean {
  return state.outputs.bytes(stage.dependency.shuffleId) <= threshold;
}

/** The next join of a stage that may become a broadcast join; none once an attempt of the stage was made. */
function candidateOf(state: DagState, stage: Stage): Candidate | undefined {
  if (stage.nextAttempt > 0 || stage.barrier) return undefined;
  const { nodes } = stage.broadcast ?? {};
  const path: RddNode[] = [];
  for (let rddId = stage.rddId; ; ) {
    const node = nodes?.get(rddId) ?? state.rdds.node(rddId);
    if (node.storageLevel.name !== 'NONE' || node.determinism === 'INDETERMINATE' || node.readsTask)
      return undefined;
    if (state.order.has(rddId)) return undefined;
    path.push(node);
    const { op, dependencies } = node;
    if (op.kind === 'join' && op.broadcast === undefined)
      return takesAnyPartitions(state, stage) ? candidateAt(state, stage, node, path) : undefined;
    const dep = dependencies[op.kind === 'join' ? 1 - op.broadcast! : 0];
    if (op.kind !== 'join') {
      if (!ROW_BY_ROW.has(op.kind) || dependencies.length !== 1 || dep?.kind !== 'oneToOne') return undefined;
    }
    rddId = dep!.rddId;
  }
}

/** A shuffle that places rows by key, a number of rows, or an effect of each row: whatever partitions they come from. */
function takesAnyPartitions(state: DagState, stage: Stage): boolean {
  if (stage.kind === 'shuffleMap') return stage.dependency.partitioner.kind !== 'random';
  const { submission, preparesRddId } = state.jobs.get(stage.jobId)!;
  const { action, partitions } = submission;
  if (preparesRddId !== undefined) return false;
  if (action.kind === 'count' ? !action.total : action.kind !== 'foreach' || action.readsTask) return false;
  const { numPartitions } = state.rdds.node(stage.rddId);
  return partitions.length === numPartitions && partitions.every((partition, at) => partition === at);
}

function candidateAt(state: DagState, stage: Stage, join: RddNode, path: RddNode[]): Candidate | undefined {
  const [left, right] = join.dependencies;
  if (join.op.kind !== 'join' || left?.kind !== 'shuffle' || right?.kind !== 'shuffle') return undefined;
  if (left.shuffleId === right.shuffleId) return undefined;
  const jobId = [...stage.jobIds].sort((a, b) => a - b)[0];
  if (jobId === undefined) return undefined;
  const { enabled, autoBroadcastJoinThreshold: threshold } = adaptiveOptions(state, jobId);
  if (!enabled || threshold <= 0) return undefined;
  const deps = [left, right] as const;
  const sides = SENDABLE[join.op.type].filter((side) => isSparable(state, stage, join, deps[1 - side]!));
  const stageOf = (side: 0 | 1) => state.mapStages.get(deps[side].shuffleId)!;
  const open = sides.filter((side) => {
    const small = stageOf(side);
    return !isAvailable(state, small) || isSmall(state, small, threshold);
  });
  const side =
    open.find((each) => isAvailable(state, stageOf(each))) ?? smallerSide(state, open, deps, threshold);
  if (side === undefined) return undefined;
  return { join, path, side, small: stageOf(side), spared: stageOf((1 - side) as 0 | 1), threshold };
}

/** Whether the map stage of a side can be left out, and its rows be had in the tasks of `stage` instead. */
function isSparable(
  state: DagState,
  stage: Stage,
  join: RddNode,
  { shuffleId, rddId, partitioner }: ShuffleDependency,
): boolean {
  const spared = state.mapStages.get(shuffleId)!;
  // The user's own placement of keys may have been meant to be seen.
  if (partitioner.kind === 'custom') return false;
  // Each of its partitions must be computed by the task of the same number.
  if (spared.numPartitions > join.numPartitions) return false;
  const isBegun = spared.nextAttempt > 0 || isRunning(spared) || state.failed.has(spared);
  if (isBegun || state.outputs.outputs(shuffleId).length > 0) return false;
  // What several stages read is shuffled once for all of them.
  for (const other of state.stages.values()) {
    if (other === stage || !other.parentIds.includes(spared.stageId)) continue;
    if (jobsNeeding(state, other).length > 0) return false;
  }
  // What its functions see of their task would be another one; what they count, they would count for each job.
  return !state.rdds
    .chain(rddId)
    .some(({ barrier, readsTask, accumulates }) => barrier || readsTask || accumulates);
}

/** Which to measure first, the other one waiting meanwhile. */
function smallerSide(
  state: DagState,
  sides: readonly (0 | 1)[],
  deps: readonly [ShuffleDependency, ShuffleDependency],
  threshold: number,
): 0 | 1 | undefined {
  if (sides.length === 0) return undefined;
  const [left, right] = deps.map(({ rddId }) => ({
    bytes: inputEstimate(state, rddId),
    partitions: state.rdds.node(rddId).numPartitions,
  })) as [{ bytes: number; partitions: number }, { bytes: number; partitions: number }];
  const isLeft = left.bytes === right.bytes ? left.partitions < right.partitions : left.bytes < right.bytes;
  const side = isLeft ? 0 : 1;
  if (sides.includes(side)) return side;
  // The side that would be spared is the smaller one: no waiting for the other, when there is little to spare.
  return (isLeft ? left : right).bytes <= threshold ? undefined : sides[0];
}

function replaceJoin(state: DagState, stage: Stage, { join, path, side, small, spared }: Candidate): void {
  const other = (1 - side) as 0 | 1;
  const { rddId, numPartitions } = state.rdds.node(join.dependencies[other]!.rddId);
  const dependencies = [...join.dependencies];
  dependencies[other] = { kind: 'range', rddId, inStart: 0, outStart: 0, length: numPartitions };
  if (join.op.kind !== 'join') return;
  const nodes = new Map(stage.broadcast?.nodes);
  for (const node of path) if (!nodes.has(node.rddId)) nodes.set(node.rddId, { ...node });
  nodes.set(join.rddId, { ...join, dependencies, op: { ...join.op, broadcast: side } });
  const bytes = bytesText(state.outputs.bytes(small.dependency.shuffleId));
  const partitions = numPartitions === 1 ? '1 partition' : `${numPartitions} partitions`;
  const reason = `the ${SIDE_NAMES[side]} side is ${bytes}: it was sent to every executor instead of shuffling the ${SIDE_NAMES[other]} side of ${partitions}`;
  stage.broadcast = {
    nodes,
    filledPartitions: numPartitions,
    reasons: [...(stage.broadcast?.reasons ?? []), reason],
  };
  stage.parentIds = state.rdds
    .shuffles(stage.rddId, nodes)
    .map(({ shuffleId }) => state.mapStages.get(shuffleId)!.stageId);
  for (const jobId of [...spared.jobIds].sort((a, b) => a - b)) {
    state.emit({
      type: 'stageSkipped',
      stageId: spared.stageId,
      jobId,
      time: state.now,
      reason: `not needed: ${reason}`,
    });
  }
}
