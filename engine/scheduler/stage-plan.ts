/** What an executor needs to compute partitions of a stage, what viewers are told of it, and where tasks like to run. */
import type { RddInfo, StageInfo } from '../protocol.ts';
import { isBuiltin } from '../rdd/builtins.ts';
import type { ActionSpec } from '../rdd/operator.ts';
import {
  type ClosureId,
  parentPartitions,
  type RddNode,
  type ShuffleDependency,
  type ShuffleInput,
  type StagePlan,
} from '../rdd/plan.ts';
import type { DagState } from './dag-state.ts';
import { withOrder } from './kept-order.ts';
import type { ReplacedNodes } from './rdd-graph.ts';
import { withHolders } from './replication.ts';
import { withShared } from './shared-blocks.ts';
import { type Stage, stageWithin } from './stage.ts';

/** The user's functions an action needs. */
export function actionClosures(action: ActionSpec): ClosureId[] {
  const ids: ClosureId[] = [];
  if ('fn' in action) ids.push(action.fn);
  if ('comparator' in action && action.comparator !== undefined) ids.push(action.comparator);
  if ('key' in action && action.key !== undefined) ids.push(action.key);
  return ids.filter((id) => !isBuiltin(id));
}

function shuffleClosures({ aggregator, partitioner }: ShuffleDependency): ClosureId[] {
  const ids = partitioner.kind === 'custom' ? [partitioner.closure] : [];
  if (!aggregator) return ids;
  const { createCombiner, mergeValue, mergeCombiners } = aggregator;
  if (createCombiner !== undefined) ids.push(createCombiner);
  return [...ids, mergeValue, mergeCombiners];
}

export function buildStagePlan(state: DagState, stage: Stage, attempt: number, jobId: number): StagePlan {
  const replaced = stage.broadcast?.nodes;
  const nodes = state.rdds
    .chain(stage.rddId, replaced)
    .map((node) => withShared(state, withHolders(state, withOrder(state, node)), jobId));
  const closures = new Set(nodes.flatMap((node) => node.closures));
  const prepared: Record<number, Uint8Array> = {};
  const addPrepared = (rddId: number): void => {
    const outcome = state.prepared.get(rddId);
    if (outcome) prepared[rddId] = outcome;
  };
  for (const node of nodes) if (node.preparation) addPrepared(node.rddId);
  let output: StagePlan['output'];
  if (stage.kind === 'shuffleMap') {
    output = { kind: 'shuffle', dependency: stage.dependency };
    for (const id of shuffleClosures(stage.dependency)) closures.add(id);
    if (stage.dependency.partitioner.kind === 'range') addPrepared(stage.dependency.partitioner.rddId);
  } else {
    const { action } = state.jobs.get(stage.jobId)!.submission;
    output = { kind: 'result', action };
    for (const id of actionClosures(action)) closures.add(id);
  }
  return {
    stageId: stage.stageId,
    attempt,
    rddId: stage.rddId,
    nodes,
    output,
    shuffleInputs: state.rdds
      .shuffles(stage.rddId, replaced)
      .map(({ shuffleId }) => inputOf(state, shuffleId)),
    prepared,
    closureIds: [...closures].filter((id) => !isBuiltin(id)),
    jobId,
    properties: state.jobs.get(jobId)?.submission.properties ?? {},
  };
}

function inputOf({ outputs, mapStages }: DagState, shuffleId: number): ShuffleInput {
  const source = mapStages.get(shuffleId);
  return { ...outputs.input(shuffleId), ...(source && { stage: stageWithin(source) }) };
}

function checkpointOf({ op }: RddNode): Pick<RddInfo, 'checkpoint'> {
  if (op.kind === 'checkpoint') return { checkpoint: 'reliable' };
  return op.kind === 'localCheckpoint' ? { checkpoint: 'local' } : {};
}

export function buildStageInfo(state: DagState, stage: Stage, attempt: number, numTasks: number): StageInfo {
  return {
    stageId: stage.stageId,
    attempt,
    kind: stage.kind,
    name: stage.name,
    numTasks,
    parentIds: [...stage.parentIds],
    rdds: state.rdds.chain(stage.rddId, stage.broadcast?.nodes).map((node) => ({
      rddId: node.rddId,
      name: node.name,
      callSite: node.callSite,
      parentIds: node.dependencies.map((dep) => dep.rddId),
      numPartitions: node.numPartitions,
      storageLevel: node.storageLevel.name,
      ...checkpointOf(node),
    })),
    ...(stage.kind === 'shuffleMap' ? { shuffleId: stage.dependency.shuffleId } : {}),
    callSite: stage.callSite,
    ...(stage.barrier ? { barrier: true as const } : {}),
  };
}

/** Executors that cache what each partition reads, nearest RDD first; undefined when nothing of the stage is cached. */
export function preferredExecutors(
  state: DagState,
  nodes: RddNode[],
  stage: Stage,
  partitions: number[],
): (string[] | undefined)[] | undefined {
  if (!nodes.some((node) => state.cache.count(node.rddId) > 0)) return undefined;
  const replaced = stage.broadcast?.nodes;
  return partitions.map((partition) => cachedNear(state, stage.rddId, partition, replaced));
}

function cachedNear(
  state: DagState,
  rddId: number,
  partition: number,
  replaced: ReplacedNodes | undefined,
): string[] | undefined {
  const seen = new Set<string>();
  const queue = [{ rddId, partition }];
  for (const at of queue) {
    const key = `${at.rddId} ${at.partition}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const other = replaced?.get(at.rddId);
    const executors = other ? undefined : state.cache.locations(at.rddId, at.partition);
    if (executors) return [...executors];
    if (!other && state.shared.has(at.rddId, at.partition)) continue;
    for (const dep of (other ?? state.rdds.node(at.rddId)).dependencies) {
      if (dep.kind === 'shuffle') continue;
      for (const parent of parentPartitions(dep, at.partition))
        queue.push({ rddId: dep.rddId, partition: parent });
    }
  }
  return undefined;
}
