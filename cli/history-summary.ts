/** What a run did, as plain data: totals, jobs, and stages with Spark's five quantiles. */

import { faultWords, stageReasons } from '../engine/fold/fault-words.ts';
import { tasksOf, zeroMetrics } from '../engine/fold/progress.ts';
import { stageSummary } from '../engine/fold/quantiles.ts';
import { stageNotes } from '../engine/fold/scheduling-words.ts';
import type { JobView, StageView, ViewState } from '../engine/fold/state.ts';
import type { AdaptivePlan, ErrorData, TaskMetrics } from '../engine/protocol.ts';
import { TASK_METRICS } from '../engine/protocol.ts';
import type { StageSummaryAnswer } from '../engine/viewer-protocol.ts';

export interface HistorySummary {
  application: string | null;
  jobs: number;
  failedJobs: number;
  /** Completed stage attempts, failed ones included. */
  stages: number;
  failedStages: number;
  skippedStages: number;
  /** Ended task attempts. */
  tasks: number;
  failedTasks: number;
  killedTasks: number;
  /** Still running where the log ends. */
  runningTasks: number;
  executors: number;
  executorsLost: number;
  cells: number;
  events: number;
  durationMs: number;
  /** Sums over ended task attempts. */
  totals: TaskMetrics;
}

export interface HistoryJob {
  jobId: number;
  name: string;
  description?: string;
  /** The pool of the fair scheduler that it ran in. */
  pool?: string;
  status: JobView['status'];
  startedAt: number;
  durationMs: number | null;
  stageIds: number[];
  skippedStageIds: number[];
  tasks: number;
  failedTasks: number;
  cellId?: string;
  error?: ErrorData;
}

export interface HistoryStage {
  stageId: number;
  attempt: number;
  name: string;
  kind: string;
  status: StageView['status'];
  parentIds: number[];
  numTasks: number;
  submittedAt: number | null;
  durationMs: number | null;
  tasks: number;
  succeededTasks: number;
  failedTasks: number;
  killedTasks: number;
  failureReason?: string;
  pool?: string;
  /** Its tasks started together. */
  barrier?: true;
  /** Partitions that were found slow, for a second copy where an executor came free in time. */
  speculated?: number;
  /** Executors that got no more of its tasks, and why. */
  excludedExecutors?: { executorId: string; reason: string }[];
  /** What adaptive execution made of it. */
  adaptive?: AdaptivePlan[];
  /** What of this a reader of its times must know, in words. */
  notes?: string[];
  /** Which partitions were computed again, and why, in words. */
  recomputed?: string[];
  totals: TaskMetrics;
  quantiles: StageSummaryAnswer['quantiles'];
  /** The first errors of its tasks. */
  errors: { taskId: number; partition: number; attempt: number; code: string; message: string }[];
}

export interface HistoryFault {
  time: number;
  /** Milliseconds since the application began. */
  afterMs: number;
  kind: string;
  by?: string;
  /** What was done, in words. */
  message: string;
}

export interface History {
  summary: HistorySummary;
  jobs: HistoryJob[];
  stages: HistoryStage[];
  /** What was broken on purpose. */
  faults: HistoryFault[];
}

const ERRORS_PER_STAGE = 5;

export function summarizeHistory(state: ViewState): History {
  const stages = [...state.stages.values()].map((stage) => historyStage(state, stage));
  const jobs = [...state.jobs.values()].map((job) => historyJob(job, stages));
  const sum = (value: (stage: HistoryStage) => number): number =>
    stages.reduce((total, stage) => total + value(stage), 0);
  const completed = stages.filter(({ status }) => status === 'complete' || status === 'failed');
  const totals = zeroMetrics();
  for (const stage of stages) for (const name of TASK_METRICS) totals[name] += stage.totals[name];
  const executors = [...state.executors.values()];
  return {
    summary: {
      application: state.application?.name ?? null,
      jobs: jobs.length,
      failedJobs: jobs.filter(({ status }) => status === 'failed').length,
      stages: completed.length,
      failedStages: completed.filter(({ status }) => status === 'failed').length,
      skippedStages: jobs.reduce((total, job) => total + job.skippedStageIds.length, 0),
      tasks: sum((stage) => stage.tasks),
      failedTasks: sum((stage) => stage.failedTasks),
      killedTasks: sum((stage) => stage.killedTasks),
      runningTasks: [...state.stages.values()].reduce((total, stage) => total + stage.progress.numRunning, 0),
      executors: executors.length,
      executorsLost: executors.filter(
        ({ removedCode }) => removedCode !== undefined && removedCode !== 'shutdown',
      ).length,
      cells: state.cells.size,
      events: state.seq,
      durationMs: duration(state),
      totals,
    },
    jobs,
    stages,
    faults: [...state.faults.values()].map((view) => ({
      time: view.time,
      afterMs: view.time - (state.application?.startedAt ?? view.time),
      kind: view.fault.kind,
      ...(view.by !== undefined && { by: view.by }),
      message: faultWords(view),
    })),
  };
}

/** From the start of the application to its end, or in a log that was cut to the last thing that happened. */
function duration(state: ViewState): number {
  let first = state.application?.startedAt ?? Number.POSITIVE_INFINITY;
  let last = state.application?.endedAt ?? Number.NEGATIVE_INFINITY;
  const see = (time: number | undefined): void => {
    if (time === undefined) return;
    first = Math.min(first, time);
    if (state.application?.endedAt === undefined) last = Math.max(last, time);
  };
  for (const job of state.jobs.values()) for (const time of [job.startedAt, job.endedAt]) see(time);
  for (const { tasks } of state.stages.values()) {
    for (let row = 0; row < (tasks?.length ?? 0); row++) {
      see(tasks!.finishTime[row]! > 0 ? tasks!.finishTime[row] : tasks!.launchTime[row]);
    }
  }
  return last > first ? last - first : 0;
}

function historyJob(job: JobView, stages: HistoryStage[]): HistoryJob {
  const ran = new Set(job.stageIds.filter((stageId) => !job.skippedStageIds.includes(stageId)));
  const own = stages.filter(({ stageId }) => ran.has(stageId));
  const { jobId, name, status, startedAt, stageIds, skippedStageIds } = job;
  const history: HistoryJob = {
    jobId,
    name,
    status,
    startedAt,
    durationMs: job.endedAt === undefined ? null : job.endedAt - startedAt,
    stageIds,
    skippedStageIds,
    tasks: own.reduce((total, stage) => total + stage.tasks, 0),
    failedTasks: own.reduce((total, stage) => total + stage.failedTasks, 0),
  };
  if (job.pool !== undefined) history.pool = job.pool;
  if (job.description !== undefined) history.description = job.description;
  if (job.cellId !== undefined) history.cellId = job.cellId;
  if (job.error) history.error = job.error;
  return history;
}

function historyStage(state: ViewState, stage: StageView): HistoryStage {
  const { info, progress, tasks } = stage;
  const errors: HistoryStage['errors'] = [];
  for (const [row, { code, message }] of tasks?.errors ?? []) {
    if (errors.length === ERRORS_PER_STAGE) break;
    errors.push({
      taskId: tasks!.taskId[row]!,
      partition: tasks!.partition[row]!,
      attempt: tasks!.attempt[row]!,
      code,
      message,
    });
  }
  const { submittedAt, completedAt } = stage;
  const history: HistoryStage = {
    stageId: info.stageId,
    attempt: info.attempt,
    name: info.name,
    kind: info.kind,
    status: stage.status,
    parentIds: info.parentIds,
    numTasks: info.numTasks,
    submittedAt: submittedAt ?? null,
    durationMs: submittedAt === undefined || completedAt === undefined ? null : completedAt - submittedAt,
    tasks: tasksOf(progress) - progress.numRunning,
    succeededTasks: progress.numSucceeded,
    failedTasks: progress.numFailed,
    killedTasks: progress.numKilled,
    totals: progress.totals,
    quantiles: stageSummary(tasks).quantiles,
    errors,
  };
  if (stage.pool !== undefined) history.pool = stage.pool;
  if (info.barrier) history.barrier = true;
  if (stage.speculated) history.speculated = stage.speculated;
  if (stage.excludedExecutors)
    history.excludedExecutors = stage.excludedExecutors.map(({ executorId, reason }) => ({
      executorId,
      reason,
    }));
  if (stage.adaptive) history.adaptive = stage.adaptive;
  const notes = stageNotes(stage).map(({ word, text }) => `${word}: ${text}`);
  if (notes.length > 0) history.notes = notes;
  const recomputed = stageReasons(state, stage);
  if (recomputed.length > 0) history.recomputed = recomputed;
  if (stage.failureReason !== undefined) history.failureReason = stage.failureReason;
  return history;
}
