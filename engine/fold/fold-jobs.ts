/** Jobs: what they wait for; their start, with all stages they may run; their end; and the retirement of old ones. */
import type { EventOf } from './event-of.ts';
import type { FoldOptions } from './fold-options.ts';
import { RETAINED_JOBS, RETAINED_STAGES } from './fold-options.ts';
import { ensureStage } from './fold-stages.ts';
import type { JobView, JobWaitView, ViewState } from './state.ts';
import { findCell, latestStage, stageKey } from './view-state.ts';

export function foldJobWaiting(state: ViewState, event: EventOf<'jobWaiting'>, options: FoldOptions): void {
  const since = state.jobs.get(event.jobId)?.waited?.since ?? event.time;
  const { code, jobIds, rddId, rddName } = event.wait;
  const waited: JobWaitView = { code, jobIds, since };
  if (rddId !== undefined) waited.rddId = rddId;
  if (rddName !== undefined) waited.rddName = rddName;
  addJob(state, { ...jobOf(event), status: 'waiting', startedAt: since, waited }, options);
}

export function foldJobStart(state: ViewState, event: EventOf<'jobStart'>, options: FoldOptions): void {
  const job: JobView = { ...jobOf(event), stageIds: event.stages.map((stage) => stage.stageId) };
  const waited = state.jobs.get(event.jobId)?.waited;
  if (waited) job.waited = { ...waited, until: event.time };
  for (const info of event.stages) {
    const stage = latestStage(state, info.stageId) ?? ensureStage(state, info);
    if (!stage.jobIds.includes(event.jobId)) stage.jobIds.push(event.jobId);
  }
  addJob(state, job, options);
}

function jobOf(event: EventOf<'jobWaiting' | 'jobStart'>): JobView {
  const { jobId, name, time: startedAt } = event;
  const stages = { stageIds: [], skippedStageIds: [], skippedReasons: {} };
  const job: JobView = { jobId, name, status: 'running', startedAt, ...stages };
  if (event.description !== undefined) job.description = event.description;
  if (event.groupId !== undefined) job.groupId = event.groupId;
  if (event.tags?.length) job.tags = event.tags;
  if (event.pool !== undefined) job.pool = event.pool;
  if (event.cellId !== undefined) job.cellId = event.cellId;
  if (event.runId !== undefined) job.runId = event.runId;
  if (event.callSite) job.callSite = event.callSite;
  if (event.preparesRddId !== undefined) job.preparesRddId = event.preparesRddId;
  return job;
}

/** In the place of what was known of it while it waited. */
function addJob(state: ViewState, job: JobView, options: FoldOptions): void {
  const { jobId, cellId, runId } = job;
  const isKnown = state.jobs.has(jobId);
  state.jobs.set(jobId, job);
  const cell = cellId === undefined ? undefined : findCell(state, cellId);
  if (cell && (runId === undefined || runId === cell.runId)) {
    if (!isKnown) cell.jobIds.push(jobId);
    cell.version++;
  }
  retireJobs(state, options.retainedJobs ?? RETAINED_JOBS, options.retainedStages ?? RETAINED_STAGES);
}

export function foldJobEnd(state: ViewState, event: EventOf<'jobEnd'>): void {
  const job = state.jobs.get(event.jobId);
  if (!job) return;
  endWait(job, event.time);
  job.status = event.status;
  job.endedAt = event.time;
  if (event.error) job.error = event.error;
  for (const stageId of job.stageIds) {
    const stage = latestStage(state, stageId);
    if (stage?.status !== 'pending' || wantedByRunningJob(state, stage.jobIds)) continue;
    stage.status = 'skipped';
    stage.reason ??= event.status === 'succeeded' ? 'not needed' : `the job was ${event.status} before`;
    if (!job.skippedStageIds.includes(stageId)) job.skippedStageIds.push(stageId);
  }
}

/** A job that has not begun ends: so does its wait. */
export function endWait(job: JobView, time: number): void {
  if (job.status === 'waiting' && job.waited) job.waited = { ...job.waited, until: time };
}

function wantedByRunningJob(state: ViewState, jobIds: number[]): boolean {
  return jobIds.some((jobId) => state.jobs.get(jobId)?.status === 'running');
}

function retireJobs(state: ViewState, jobs: number, stages: number): void {
  const enough = (): boolean => state.jobs.size <= jobs && state.stages.size <= stages;
  if (enough()) return;
  for (const job of state.jobs.values()) {
    if (job.endedAt === undefined) continue;
    state.jobs.delete(job.jobId);
    state.retired.jobs++;
    for (const stageId of job.stageIds) releaseStage(state, stageId, job.jobId);
    const cell = job.cellId === undefined ? undefined : findCell(state, job.cellId);
    // Found among the first: the oldest jobs go, and a cell lists its jobs in order.
    const at = cell?.jobIds.indexOf(job.jobId) ?? -1;
    if (cell && at >= 0) {
      cell.jobIds.splice(at, 1);
      cell.version++;
    }
    if (enough()) return;
  }
}

/** A stage goes, with all its attempts, when no job that is held lists it. */
function releaseStage(state: ViewState, stageId: number, jobId: number): void {
  const last = state.stageAttempts.get(stageId);
  if (last === undefined) return;
  let wanted = false;
  for (let attempt = 0; attempt <= last; attempt++) {
    const stage = state.stages.get(stageKey(stageId, attempt));
    if (!stage) continue;
    stage.jobIds = stage.jobIds.filter((id) => id !== jobId);
    if (stage.jobIds.length > 0) wanted = true;
  }
  if (wanted) return;
  for (let attempt = 0; attempt <= last; attempt++) {
    const key = stageKey(stageId, attempt);
    const stage = state.stages.get(key);
    if (!stage) continue;
    state.taskRows -= stage.tasks?.length ?? 0;
    state.stages.delete(key);
    state.retired.stages++;
  }
  state.stageAttempts.delete(stageId);
}
