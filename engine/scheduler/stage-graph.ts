/** Cuts lineages into stages at shuffle dependencies, and finds out which of them a job really needs. */
import type { CallSite } from '../protocol.ts';
import type { RddNode, ShuffleDependency } from '../rdd/plan.ts';
import { Accumulation } from './accumulation.ts';
import type { DagState } from './dag-state.ts';
import type { ActiveJob } from './job.ts';
import { PendingCauses } from './recompute-causes.ts';
import { countThere } from './shared-blocks.ts';
import { describeSite, type ResultStage, type ShuffleMapStage, type Stage } from './stage.ts';
import { StagePieces } from './stage-pieces.ts';

function createStage(state: DagState, rddId: number, name: string, callSite: CallSite | undefined) {
  return {
    stageId: state.nextStageId++,
    rddId,
    name: describeSite(name, callSite),
    callSite,
    barrier: state.rdds.chain(rddId).some((node) => node.barrier),
    parentIds: state.rdds.shuffles(rddId).map((dep) => state.mapStages.get(dep.shuffleId)!.stageId),
    jobIds: new Set<number>(),
    nextAttempt: 0,
    failedAttempts: 0,
    acceptFrom: 0,
    leftBefore: 0,
    required: new Set<number>(),
    causes: new PendingCauses(),
    accumulation: new Accumulation(),
    pieces: new StagePieces(),
  };
}

function createMapStage(state: DagState, dependency: ShuffleDependency): ShuffleMapStage {
  const node = state.rdds.node(dependency.rddId);
  const stage: ShuffleMapStage = {
    ...createStage(state, node.rddId, node.name, node.callSite),
    kind: 'shuffleMap',
    dependency,
    numPartitions: node.numPartitions,
  };
  state.outputs.add(dependency.shuffleId, node.numPartitions);
  state.mapStages.set(dependency.shuffleId, stage);
  state.stages.set(stage.stageId, stage);
  return stage;
}

/** All stages of a job in topological order, its result stage last; map stages of earlier jobs are used again. */
export function cutStages(state: DagState, job: ActiveJob): { stages: Stage[]; result: ResultStage } {
  const order: Stage[] = [];
  const seen = new Set<number>();
  type Open = { dep: ShuffleDependency; expanded: boolean };
  const open = (rddId: number): Open[] =>
    state.rdds
      .shuffles(rddId)
      .map((dep) => ({ dep, expanded: false }))
      .reverse();
  const stack: Open[] = open(job.submission.rddId);
  for (let top = stack.pop(); top; top = stack.pop()) {
    const { dep } = top;
    if (top.expanded) {
      order.push(state.mapStages.get(dep.shuffleId) ?? createMapStage(state, dep));
      continue;
    }
    if (seen.has(dep.shuffleId)) continue;
    seen.add(dep.shuffleId);
    stack.push({ dep, expanded: true }, ...open(dep.rddId));
  }
  const { rddId, name, callSite } = job.submission;
  const result: ResultStage = {
    ...createStage(state, rddId, name, callSite),
    kind: 'result',
    jobId: job.jobId,
  };
  state.stages.set(result.stageId, result);
  order.push(result);
  for (const stage of order) stage.jobIds.add(job.jobId);
  return { stages: order, result };
}

export function isFullyCached(state: DagState, node: RddNode): boolean {
  return node.storageLevel.name !== 'NONE' && countThere(state, node.rddId) === node.numPartitions;
}

export interface VisibleChain {
  nodes: RddNode[];
  shuffles: ShuffleDependency[];
  /** Fully cached RDDs behind which nothing is needed. */
  hiding: RddNode[];
}

/** What computing a stage really reads: a fully cached RDD hides its ancestors. */
function visibleChain(state: DagState, stage: Stage): VisibleChain {
  const chain: VisibleChain = { nodes: [], shuffles: [], hiding: [] };
  const seen = new Set<number>();
  const shuffles = new Set<number>();
  const replaced = stage.broadcast?.nodes;
  const stack = [stage.rddId];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    const node = replaced?.get(next) ?? state.rdds.node(next);
    if (isFullyCached(state, node)) {
      chain.hiding.push(node);
      continue;
    }
    chain.nodes.push(node);
    for (const dep of node.dependencies) {
      if (dep.kind !== 'shuffle') stack.push(dep.rddId);
      else if (!shuffles.has(dep.shuffleId)) {
        shuffles.add(dep.shuffleId);
        chain.shuffles.push(dep);
      }
    }
  }
  return chain;
}

export function isAvailable(state: DagState, stage: Stage): boolean {
  return stage.kind === 'shuffleMap' && state.outputs.isAvailable(stage.dependency.shuffleId);
}

/** Map stages whose outputs must be computed before `stage` can run. */
export function missingParents(state: DagState, stage: Stage): Stage[] {
  const ids = new Set(stage.required);
  if (state.cache.size + state.shared.size === 0) {
    for (const id of stage.parentIds) ids.add(id);
  } else {
    for (const dep of visibleChain(state, stage).shuffles)
      ids.add(state.mapStages.get(dep.shuffleId)!.stageId);
  }
  const missing: Stage[] = [];
  for (const id of ids) {
    const parent = state.stage(id);
    if (!isAvailable(state, parent)) missing.push(parent);
  }
  return missing;
}

/** The stages of a job that have to run, or are running, for its results; with `until` only as far as that one. */
export function neededStages(state: DagState, job: ActiveJob, until?: Stage): Set<Stage> {
  const needed = new Set<Stage>();
  if (job.mode.kind !== 'running') return needed;
  const stack = [state.stage(job.mode.resultStageId)];
  for (let stage = stack.pop(); stage; stage = stack.pop()) {
    if (needed.has(stage)) continue;
    needed.add(stage);
    if (stage === until) break;
    stack.push(...missingParents(state, stage));
  }
  return needed;
}

/** Running jobs that wait for this stage, oldest first. */
export function jobsNeeding(state: DagState, stage: Stage): ActiveJob[] {
  return [...stage.jobIds]
    .sort((a, b) => a - b)
    .map((jobId) => state.jobs.get(jobId)!)
    .filter((job) => neededStages(state, job, stage).has(stage));
}
