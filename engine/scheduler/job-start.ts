/** Starts jobs: first the preparations they need, then their stages. */
import type { JobSubmission } from '../rdd/job-runner.ts';
import { barrierRefusal } from './barrier-stage.ts';
import type { DagState } from './dag-state.ts';
import type { Made } from './former-rows.ts';
import type { ActiveJob } from './job.ts';
import { failJob, succeedJob } from './job-end.ts';
import { keepOrderFor, readyForOrder } from './kept-order.ts';
import { readyForOneLife } from './one-life.ts';
import type { Stage } from './stage.ts';
import { cutStages, isAvailable, isFullyCached, neededStages } from './stage-graph.ts';
import { buildStageInfo } from './stage-plan.ts';
import { submitStages } from './stage-submission.ts';

export function submitJob(
  state: DagState,
  jobId: number,
  submission: JobSubmission,
  preparesRddId?: number,
): void {
  for (const node of submission.nodes) {
    state.rdds.add(node);
    state.unreachable.delete(node.rddId);
  }
  const job: ActiveJob = {
    jobId,
    submission,
    preparesRddId,
    mode: { kind: 'preparing', waitingFor: new Set() },
    lineage: state.rdds.lineage(submission.rddId),
    ...inherited(state, preparesRddId),
    results: new Array(submission.partitions.length).fill(undefined),
    finished: 0,
    resultBytes: 0,
  };
  state.jobs.set(jobId, job);
  startJob(state, job);
}

/** What counts rows for a job counts those that the job is going to read. */
function inherited(state: DagState, preparesRddId: number | undefined): Pick<ActiveJob, 'unpersisted'> {
  if (preparesRddId === undefined) return {};
  const [first] = state.preparations.get(preparesRddId)?.waiters ?? [];
  const unpersisted = first === undefined ? undefined : state.jobs.get(first)?.unpersisted;
  return unpersisted ? { unpersisted: new Map(unpersisted) } : {};
}

/** Runs the job's stages, unless RDDs it needs are unprepared: then it is called again when they are. */
export function startJob(state: DagState, job: ActiveJob): void {
  keepOrderFor(state, job);
  if (!readyForOrder(state, job) || !readyForOneLife(state, job)) {
    job.mode = { kind: 'preparing', waitingFor: new Set() };
    state.held.add(job);
    return;
  }
  delete job.heldFor;
  const unprepared = unpreparedRdds(state, job);
  if (unprepared.length === 0) {
    startStages(state, job);
    return;
  }
  job.mode = { kind: 'preparing', waitingFor: new Set(unprepared) };
  for (const rddId of unprepared) {
    const running = state.preparations.get(rddId);
    if (running) {
      running.waiters.add(job.jobId);
      continue;
    }
    state.preparations.set(rddId, { waiters: new Set([job.jobId]) });
    const node = state.rdds.node(rddId);
    const { name, rddId: prepared, action } = node.preparation!;
    const partitions = Array.from({ length: state.rdds.node(prepared).numPartitions }, (_, p) => p);
    const { cellId, runId, properties, adaptive } = job.submission;
    const { callSite } = node;
    const submission = {
      nodes: [],
      closures: [],
      rddId: prepared,
      partitions,
      action,
      name,
      callSite,
      cellId,
      runId,
      properties,
      adaptive,
    };
    state.command({ type: 'submitPreparation', rddId, job: submission });
  }
}

/** Jobs that waited until others ended: for those that have. */
export function startHeld(state: DagState): void {
  while (state.jobEnded) {
    state.jobEnded = false;
    for (const job of [...state.held].sort((a, b) => a.jobId - b.jobId))
      if (state.held.delete(job)) startJob(state, job);
  }
}

/** RDDs whose preparation the job's tasks will read: offsets where rows are made, bounds where map outputs are. */
function unpreparedRdds(state: DagState, job: ActiveJob): number[] {
  const unprepared = new Set<number>();
  const seen = new Set<number>();
  const stack = [job.submission.rddId];
  const want = (rddId: number): void => {
    if (state.rdds.node(rddId).preparation && !state.prepared.has(rddId)) unprepared.add(rddId);
  };
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    const node = state.rdds.node(next);
    // What is of a former life cannot be made again by counts that went with it, should it be lost.
    const isFormer = (made: Made): boolean => state.former.of(made).size > 0;
    // Nor is what it goes on with what is cached now.
    const isOther = job.unpersisted?.has(next) || isFormer({ kind: 'cached', id: next });
    if (isFullyCached(state, node) && !isOther) continue;
    if (node.preparation?.finish.kind === 'partitionOffsets') want(next);
    for (const dep of node.dependencies) {
      if (dep.kind === 'shuffle') {
        const outputs: Made = { kind: 'outputs', id: dep.shuffleId };
        if (state.outputs.isAvailable(dep.shuffleId) && !isFormer(outputs)) continue;
        if (dep.partitioner.kind === 'range') want(dep.partitioner.rddId);
      }
      stack.push(dep.rddId);
    }
  }
  return [...unprepared];
}

function startStages(state: DagState, job: ActiveJob): void {
  const { jobId, submission, preparesRddId } = job;
  const running = preparesRddId === undefined ? undefined : state.preparations.get(preparesRddId);
  if (running) running.begun = true;
  const { stages, result } = cutStages(state, job);
  job.mode = {
    kind: 'running',
    resultStageId: result.stageId,
    stageIds: stages.map((stage) => stage.stageId),
  };
  state.emit({
    type: 'jobStart',
    jobId,
    name: submission.name,
    description: submission.description,
    groupId: submission.groupId,
    tags: submission.tags,
    pool: state.poolOf(job),
    time: state.now,
    stages: stages.map((stage) => listedInfo(state, job, stage)),
    runId: submission.runId,
    cellId: submission.cellId,
    callSite: submission.callSite,
    preparesRddId,
  });
  if (submission.partitions.length === 0) {
    for (const { stageId } of stages) {
      state.emit({
        type: 'stageSkipped',
        stageId,
        jobId,
        time: state.now,
        reason: 'no partitions to compute',
      });
    }
    succeedJob(state, job);
    return;
  }
  const needed = neededStages(state, job);
  const refusal = barrierRefusal(state, job, needed);
  if (refusal) {
    failJob(state, job, refusal);
    return;
  }
  const hiding = hidingRdds(state, needed);
  for (const stage of stages) {
    if (needed.has(stage)) continue;
    const reason = skipReason(state, stage, hiding);
    state.emit({ type: 'stageSkipped', stageId: stage.stageId, jobId, time: state.now, reason });
  }
  submitStages(state, [result]);
}

function listedInfo(state: DagState, job: ActiveJob, stage: Stage) {
  const started = isAvailable(state, stage) || stage.current !== undefined;
  const attempt = started ? Math.max(0, stage.nextAttempt - 1) : stage.nextAttempt;
  const numTasks = stage.kind === 'result' ? job.submission.partitions.length : stage.numPartitions;
  return buildStageInfo(state, stage, attempt, numTasks);
}

function hidingRdds(state: DagState, needed: Set<Stage>): string[] {
  const names = new Set<string>();
  for (const stage of needed) {
    for (const node of state.rdds.chain(stage.rddId, stage.broadcast?.nodes)) {
      if (isFullyCached(state, node)) names.add(`RDD ${node.rddId} (${node.name})`);
    }
  }
  return [...names];
}

function skipReason(state: DagState, stage: Stage, hiding: string[]): string {
  if (stage.kind === 'shuffleMap' && isAvailable(state, stage)) {
    return stage.completedBy === undefined
      ? 'map outputs available'
      : `map outputs available from job ${stage.completedBy}`;
  }
  if (hiding.length > 0) return `not needed: ${hiding.join(', ')} cached`;
  return 'not needed: later map outputs are available';
}
