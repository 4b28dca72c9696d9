/** Stages and their attempts: pending, active, complete, failed or skipped, with live counters. */
import type { StageInfo } from '../protocol.ts';
import type { EventOf } from './event-of.ts';
import { copyProgress, createProgress } from './progress.ts';
import type { StageView, ViewState } from './state.ts';
import { latestStage, stageKey } from './view-state.ts';

export function ensureStage(state: ViewState, info: StageInfo): StageView {
  const key = stageKey(info.stageId, info.attempt);
  let stage = state.stages.get(key);
  if (!stage) {
    stage = {
      key,
      info,
      status: 'pending',
      jobIds: [],
      progress: createProgress(info.stageId, info.attempt),
    };
    state.stages.set(key, stage);
    const last = state.stageAttempts.get(info.stageId);
    if (last === undefined || info.attempt > last) state.stageAttempts.set(info.stageId, info.attempt);
  }
  return stage;
}

export function foldStageSubmitted(state: ViewState, event: EventOf<'stageSubmitted'>): void {
  const stage = ensureStage(state, event.stage);
  stage.info = event.stage;
  stage.status = 'active';
  stage.submittedAt = event.time;
  stage.jobIds = event.jobIds.filter((jobId) => state.jobs.has(jobId));
  delete stage.reason;
  delete stage.recomputes;
  if (event.recomputes) stage.recomputes = event.recomputes;
  if (event.reason !== undefined) stage.reason = event.reason;
  if (event.pool !== undefined) stage.pool = event.pool;
  for (const jobId of stage.jobIds) {
    const job = state.jobs.get(jobId);
    if (!job) continue;
    job.skippedStageIds = job.skippedStageIds.filter((stageId) => stageId !== event.stage.stageId);
    delete job.skippedReasons[event.stage.stageId];
    if (!job.stageIds.includes(event.stage.stageId)) job.stageIds.push(event.stage.stageId);
  }
}

/** A stage that ran for one job can be skipped by the next: it stays complete, the job notes the skip. */
export function foldStageSkipped(state: ViewState, event: EventOf<'stageSkipped'>): void {
  const job = state.jobs.get(event.jobId);
  if (job && !job.skippedStageIds.includes(event.stageId)) {
    job.skippedStageIds.push(event.stageId);
    job.skippedReasons[event.stageId] = event.reason;
  }
  const stage = latestStage(state, event.stageId);
  if (stage?.status !== 'pending') return;
  stage.status = 'skipped';
  stage.reason = event.reason;
}

export function foldStageCompleted(state: ViewState, event: EventOf<'stageCompleted'>): void {
  const stage = state.stages.get(stageKey(event.stageId, event.attempt));
  if (!stage) return;
  stage.status = event.status;
  stage.completedAt = event.time;
  if (event.failureReason !== undefined) stage.failureReason = event.failureReason;
}

export function foldSpeculativeTaskSubmitted(
  state: ViewState,
  event: EventOf<'speculativeTaskSubmitted'>,
): void {
  const stage = state.stages.get(stageKey(event.stageId, event.stageAttempt));
  if (stage) stage.speculated = (stage.speculated ?? 0) + 1;
}

export function foldAdaptivePlan(state: ViewState, event: EventOf<'adaptivePlan'>): void {
  const stage = state.stages.get(stageKey(event.stageId, event.attempt));
  if (!stage) return;
  const { kind, reason, partitions, tasks } = event;
  stage.adaptive = [...(stage.adaptive ?? []), { kind, reason, partitions, tasks }];
}

/** A stage can be told of more than once: what it is told last of an accumulator stands. */
export function foldAccumulated(state: ViewState, event: EventOf<'accumulated'>): void {
  const stage = state.stages.get(stageKey(event.stageId, event.attempt));
  if (!stage) return;
  const ids = new Set(event.values.map((value) => value.id));
  stage.accumulables = [...(stage.accumulables ?? []).filter(({ id }) => !ids.has(id)), ...event.values];
}

/** A viewer's stand-in for the task events of a batch. */
export function foldStageProgress(state: ViewState, event: EventOf<'stageProgress'>): void {
  for (const tasks of event.executorTasks ?? []) {
    const executor = state.executors.get(tasks.executorId);
    if (!executor) continue;
    executor.tasksRunning = tasks.running;
    executor.tasksEnded = tasks.ended;
  }
  const stage = state.stages.get(stageKey(event.stageId, event.attempt));
  if (!stage) return;
  const { type: _type, time: _time, executorTasks: _executorTasks, ...progress } = event;
  stage.progress = copyProgress(progress);
}
