/** The three ways a job ends, and what is cleared away behind it. */
import { placeOf } from '../errors.ts';
import type { ErrorData } from '../protocol.ts';
import type { TaskResult } from '../rdd/plan.ts';
import { tellDriver } from './accumulate.ts';
import type { DagState } from './dag-state.ts';
import { forget } from './forget.ts';
import type { ActiveJob } from './job.ts';
import { replanWaiting } from './replan.ts';
import { jobsNeeding } from './stage-graph.ts';
import { cancelStage } from './stage-submission.ts';

export function succeedJob(state: DagState, job: ActiveJob): void {
  const results = job.results as TaskResult[];
  job.results = [];
  release(state, job, 'no longer needed');
  state.emit({ type: 'jobEnd', jobId: job.jobId, time: state.now, status: 'succeeded' });
  const rddId = job.preparesRddId;
  const preparation = rddId === undefined ? undefined : state.rdds.get(rddId)?.preparation;
  if (rddId === undefined || !preparation) {
    state.command({ type: 'jobSucceeded', jobId: job.jobId, results });
    return;
  }
  const running = state.preparations.get(rddId);
  if (running) {
    running.jobId = undefined;
    running.finishing = job.jobId;
  }
  state.command({ type: 'finishPreparation', rddId, jobId: job.jobId, preparation, results });
}

/** Fails a job, and with a preparation job all that wait for it. */
export function failJob(
  state: DagState,
  job: ActiveJob,
  error: ErrorData,
  status: 'failed' | 'cancelled' = 'failed',
) {
  if (!state.jobs.has(job.jobId)) return;
  const isShown = job.mode.kind === 'running' || job.wait !== undefined;
  leavePreparations(state, job);
  release(state, job, status === 'cancelled' ? error.message : `job ${job.jobId} failed`);
  if (isShown) state.emit({ type: 'jobEnd', jobId: job.jobId, time: state.now, status, error });
  state.command({ type: 'jobFailed', jobId: job.jobId, error });
  if (job.preparesRddId !== undefined) failPreparation(state, job.preparesRddId, error, status);
}

export function failPreparation(
  state: DagState,
  rddId: number,
  error: ErrorData,
  status: 'failed' | 'cancelled' = 'failed',
): void {
  const waiters = state.preparations.get(rddId)?.waiters ?? [];
  state.preparations.delete(rddId);
  state.jobEnded = true;
  const site = state.rdds.get(rddId)?.callSite;
  const placed = error.position === undefined && site ? { ...error, position: placeOf(site) } : error;
  for (const jobId of waiters) {
    const waiter = state.jobs.get(jobId);
    if (waiter) failJob(state, waiter, placed, status);
  }
}

/** A preparation that nobody waits for any more is cancelled. */
function leavePreparations(state: DagState, job: ActiveJob): void {
  if (job.mode.kind !== 'preparing') return;
  for (const rddId of job.mode.waitingFor) {
    const running = state.preparations.get(rddId);
    if (!running) continue;
    running.waiters.delete(job.jobId);
    if (running.waiters.size > 0) continue;
    state.preparations.delete(rddId);
    const preparing = running.jobId === undefined ? undefined : state.jobs.get(running.jobId);
    if (preparing)
      failJob(state, preparing, cancelled(preparing.jobId, `job ${job.jobId} ended`), 'cancelled');
  }
}

export function cancelled(jobId: number, reason: string): ErrorData {
  return { code: 'JOB_CANCELLED', name: 'StagelightError', message: `job ${jobId} was cancelled: ${reason}` };
}

/** Takes the job out of all structures and ends the stages that ran for it alone. */
function release(state: DagState, job: ActiveJob, reason: string): void {
  state.jobs.delete(job.jobId);
  state.jobEnded = true;
  for (const result of job.results) if (result) state.command({ type: 'deleteResult', result });
  if (job.mode.kind === 'running') {
    for (const stageId of job.mode.stageIds) {
      const stage = state.stages.get(stageId);
      if (!stage) continue;
      stage.jobIds.delete(job.jobId);
      const busy = stage.current !== undefined || state.waiting.has(stage) || state.failed.has(stage);
      if ((!busy && stage.accumulation.size === 0) || jobsNeeding(state, stage).length > 0) continue;
      tellDriver(state, stage, [job.jobId]);
      if (busy) cancelStage(state, stage, reason);
    }
    state.stages.delete(job.mode.resultStageId);
  }
  replanWaiting(state);
  forget(state, []);
}
