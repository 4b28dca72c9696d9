/** Submits stages whose parents are available, and lets the others wait. */
import { mayDiffer, type RddNode } from '../rdd/plan.ts';
import { stageOver } from './accumulate.ts';
import { adaptiveTasks } from './adaptive-tasks.ts';
import { startWhole } from './barrier-stage.ts';
import { decideBroadcastJoins, startFirst } from './broadcast-join.ts';
import type { DagState } from './dag-state.ts';
import { noteLives, remakeForOneLife } from './one-life.ts';
import { recomputations } from './recompute-causes.ts';
import { isHeldAlone, leaveTasks } from './shared-blocks.ts';
import { isRunning, type Stage } from './stage.ts';
import { isAvailable, jobsNeeding, missingParents } from './stage-graph.ts';
import { discardPieces } from './stage-pieces.ts';
import { buildStageInfo, buildStagePlan, preferredExecutors } from './stage-plan.ts';

/** Submits each stage, or instead the missing ancestors it waits for. */
export function submitStages(state: DagState, stages: Iterable<Stage>): void {
  const stack = [...stages].reverse();
  const seen = new Set<Stage>();
  for (let stage = stack.pop(); stage; stage = stack.pop()) {
    if (seen.has(stage)) continue;
    seen.add(stage);
    if (isRunning(stage) || state.failed.has(stage) || stage.jobIds.size === 0) continue;
    if (isAvailable(state, stage)) {
      // The last results of a failed attempt may have completed it.
      stage.current = undefined;
      stage.failedAttempts = 0;
      discardPieces(state, stage);
      stageOver(state, stage);
      stack.push(...waitingChildren(state, stage));
      continue;
    }
    decideBroadcastJoins(state, stage);
    const missing = missingParents(state, stage);
    if (missing.length > 0) {
      state.waiting.add(stage);
      stack.push(...startFirst(state, stage, missing).reverse());
    } else {
      state.waiting.delete(stage);
      submitMissingTasks(state, stage);
    }
  }
}

/** Stages that waited for this one and may now be ready. */
function waitingChildren(state: DagState, parent: Stage): Stage[] {
  const id = parent.stageId;
  return [...state.waiting]
    .filter((stage) => stage.parentIds.includes(id) || stage.required.has(id))
    .sort((a, b) => b.stageId - a.stageId);
}

function missingIndices(state: DagState, stage: Stage): number[] {
  if (stage.kind === 'shuffleMap') return state.outputs.missing(stage.dependency.shuffleId);
  const { results } = state.jobs.get(stage.jobId)!;
  const missing: number[] = [];
  for (let index = 0; index < results.length; index++) if (!results[index]) missing.push(index);
  return missing;
}

function submitMissingTasks(state: DagState, stage: Stage): void {
  const jobs = jobsNeeding(state, stage);
  const jobIds = jobs.map((job) => job.jobId);
  const jobId = jobIds[0];
  if (jobId === undefined) return;
  const pool = state.poolOf(jobs[0]!);
  if (stage.kind === 'shuffleMap' && remakeForOneLife(state, stage, jobs)) return;
  if (stage.barrier) startWhole(state, stage);
  const attempt = stage.nextAttempt++;
  const plan = buildStagePlan(state, stage, attempt, jobId);
  noteLives(state, plan);
  const indices = missingIndices(state, stage);
  const requested = stage.kind === 'result' ? state.jobs.get(stage.jobId)!.submission.partitions : undefined;
  const partitions = requested ? indices.map((index) => requested[index]!) : indices;
  const preferred = preferredExecutors(state, plan.nodes, stage, partitions);
  const shaped = adaptiveTasks(state, stage, jobId, indices, partitions, preferred);
  const info = buildStageInfo(state, stage, attempt, shaped.numTasks);
  stage.current = { attempt, mode: 'running', pending: new Set(indices), plan, info, nets: new Set() };
  stage.required.clear();
  const recomputes = recomputations(state, stage, partitions);
  state.emit({
    type: 'stageSubmitted',
    stage: info,
    jobIds,
    time: state.now,
    reason: stage.reason,
    pool,
    ...(recomputes && { recomputes }),
  });
  delete stage.reason;
  const { stageId } = stage;
  for (const change of shaped.plans)
    state.emit({ type: 'adaptivePlan', stageId, attempt, time: state.now, ...change });
  state.command({
    type: 'submitTaskSet',
    taskSet: {
      ...{ stageId, attempt, jobId, plan, epoch: state.epochs.current, preferred, pool, ...shaped.tasks },
      ...(stage.barrier ? { barrier: true } : {}),
      ...(stage.careful ? { careful: true } : {}),
      ...(preferred && cachesByChance(state, plan.nodes) ? { staysNear: true } : {}),
    },
  });
}

/** A dataset of random rows is the same for all who read it: where others cannot read what one executor has cached, they wait. */
function cachesByChance(state: DagState, nodes: RddNode[]): boolean {
  return nodes.some((node) => mayDiffer(node) && isHeldAlone(state, node.rddId));
}

/** Ends the current attempt well. */
export function completeStage(state: DagState, stage: Stage): void {
  const { current } = stage;
  if (!current) return;
  stage.current = undefined;
  stage.failedAttempts = 0;
  discardPieces(state, stage);
  const { stageId } = stage;
  const { attempt, mode } = current;
  // The last results of an older attempt can complete the stage after this one has failed: viewers know its end.
  if (mode === 'running') {
    state.emit({ type: 'stageCompleted', stageId, attempt, time: state.now, status: 'complete' });
  }
  stageOver(state, stage);
}

/** Ends the current attempt badly; what it still runs may yet end well. */
export function failAttempt(state: DagState, stage: Stage, failureReason: string): void {
  const { current, stageId } = stage;
  if (!current || current.mode === 'failed') return;
  current.mode = 'failed';
  const { attempt } = current;
  state.emit({ type: 'stageCompleted', stageId, attempt, time: state.now, status: 'failed', failureReason });
}

/** Ends the stage's work for good: nobody needs it any more. */
export function cancelStage(state: DagState, stage: Stage, reason: string): void {
  failAttempt(state, stage, reason);
  discardPieces(state, stage);
  leaveTasks(state, stage);
  stage.current = undefined;
  state.waiting.delete(stage);
  state.failed.delete(stage);
  state.command({ type: 'cancelTasks', stageId: stage.stageId, reason });
}
