/** Starts jobs: first the preparations they need, then their stages. */
import { isDeepStrictEqual } from 'node:util';
import type { JobWait } from '../protocol.ts';
import type { JobSubmission } from '../rdd/job-runner.ts';
import { barrierRefusal } from './barrier-stage.ts';
import type { DagState } from './dag-state.ts';
import type { ActiveJob } from './job.ts';
import { failJob, succeedJob } from './job-end.ts';
import { type JobLineage, lineageOf } from './job-lineage.ts';
import { keepOrder } from './kept-order.ts';
import { beginLives } from './one-life.ts';
import { giveUp, outdatedFor, waitFor } from './outdated.ts';
import type { Stage } from './stage.ts';
import { cutStages, isAvailable, isFullyCached, neededStages } from './stage-graph.ts';
import { buildStageInfo } from './stage-plan.ts';
import { submitStages } from './stage-submission.ts';

const PREPARED: JobWait = { code: 'PREPARATION', jobIds: [] };

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
    lineage: new Set(),
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

/**
 * Runs the job's stages, unless others use what is to be made anew for it, or RDDs that it needs are unprepared: then it is
 * called again when they have ended.
 */
export function startJob(state: DagState, job: ActiveJob): void {
  const unprepared = readyLineage(state, job)?.unprepared;
  if (!unprepared) return;
  if (unprepared.size === 0) {
    startStages(state, job);
    return;
  }
  job.mode = { kind: 'preparing', waitingFor: unprepared };
  // Viewers know that it waits, and for what: that is over.
  if (job.wait) tellWait(state, job, PREPARED);
  for (const rddId of unprepared) {
    const running = state.preparations.get(rddId);
    if (running) {
      running.waiters.add(job.jobId);
      // It may wait for this one, which waits for it now.
      state.jobEnded = true;
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

/** Everything that the job comes from, when it is ready to be read; undefined when the job must wait for others to end. */
function readyLineage(state: DagState, job: ActiveJob): JobLineage | undefined {
  for (;;) {
    const lineage = lineageOf(state, job);
    job.lineage = lineage.rddIds;
    const isOrdered = keepOrder(state, lineage.tellingPlaces);
    // What was cached of rows of before begins a life of its own.
    const isBegun = beginLives(state, job, lineage.kept);
    const outdated = outdatedFor(state, job);
    const wait = waitFor(state, job, outdated);
    if (wait) {
      job.mode = { kind: 'held', outdated };
      for (const jobId of wait.jobIds) {
        // Viewers do not know it yet.
        const other = state.jobs.get(jobId);
        if (other?.mode.kind === 'preparing' && !other.wait) tellWait(state, other, PREPARED);
      }
      tellWait(state, job, wait);
      return undefined;
    }
    for (const one of outdated) giveUp(state, job, one);
    if (!isOrdered && !isBegun && outdated.length === 0) return lineage;
  }
}

function tellWait(state: DagState, job: ActiveJob, wait: JobWait): void {
  if (isDeepStrictEqual(wait, job.wait)) return;
  job.wait = wait;
  state.emit({ type: 'jobWaiting', ...described(state, job), time: state.now, wait });
}

/** What viewers are told of a job, whether it waits or starts. */
function described(state: DagState, job: ActiveJob) {
  const { jobId, submission, preparesRddId } = job;
  const { name, description, groupId, tags, runId, cellId, callSite } = submission;
  const pool = state.poolOf(job);
  return { jobId, name, description, groupId, tags, pool, runId, cellId, callSite, preparesRddId };
}

/** Jobs that waited until others ended: for those that have. */
export function startHeld(state: DagState): void {
  while (state.jobEnded) {
    state.jobEnded = false;
    const held = [...state.jobs.values()].filter(({ mode }) => mode.kind === 'held');
    for (const job of held.sort((a, b) => a.jobId - b.jobId))
      if (state.jobs.has(job.jobId)) startJob(state, job);
  }
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
    ...described(state, job),
    time: state.now,
    stages: stages.map((stage) => listedInfo(state, job, stage)),
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
