/** Start and end of an application, and the life of its kernel. */

import type { EventOf } from './event-of.ts';
import { endWait } from './fold-jobs.ts';
import { loseVariables } from './fold-variables.ts';
import { killRunning } from './progress.ts';
import type { StageView, ViewState } from './state.ts';
import { KILLED, RUNNING } from './task-columns.ts';
import { allCells } from './view-state.ts';

/** A kernel counts jobs, stages and RDDs from zero again: what an earlier one left goes, outputs stay. */
export function foldApplicationStart(state: ViewState, event: EventOf<'applicationStart'>): void {
  state.executors.clear();
  state.jobs.clear();
  state.stages.clear();
  state.stageAttempts.clear();
  state.cached.clear();
  state.rddNames.clear();
  state.faults.clear();
  loseVariables(state);
  state.retired = { jobs: 0, stages: 0 };
  state.taskRows = 0;
  for (const cell of allCells(state)) {
    if (cell.jobIds.length === 0) continue;
    cell.jobIds = [];
    cell.version++;
  }
  state.application = {
    appId: event.appId,
    name: event.name,
    startedAt: event.time,
    executors: event.executors,
    executorMemory: event.executorMemory,
  };
}

export function foldApplicationEnd(state: ViewState, event: EventOf<'applicationEnd'>): void {
  if (state.application) state.application.endedAt = event.time;
  endEverything(state, event.time, 'the application ended');
}

export function foldKernelStatus(state: ViewState, event: EventOf<'kernelStatus'>): void {
  const kernel: ViewState['kernel'] = { status: event.status, since: event.time };
  if (event.error) kernel.error = event.error;
  const pid = event.pid ?? state.kernel.pid;
  const gone = event.status === 'dead' || event.status === 'none';
  if (pid !== undefined && !gone) kernel.pid = pid;
  state.kernel = kernel;
  if (gone) endEverything(state, event.time, event.error?.message ?? 'the kernel ended');
}

/** No further event of this kernel comes: whatever still ran is over. */
function endEverything(state: ViewState, time: number, reason: string): void {
  for (const job of state.jobs.values()) {
    if (job.endedAt !== undefined) continue;
    endWait(job, time);
    job.status = 'failed';
    job.endedAt = time;
    job.error = { code: 'KERNEL_ENDED', name: 'KernelEnded', message: reason };
  }
  for (const stage of state.stages.values()) endStage(stage, time, reason);
  for (const executor of state.executors.values()) {
    executor.tasksEnded += executor.tasksRunning;
    executor.tasksRunning = 0;
    if (executor.removedAt !== undefined) continue;
    executor.removedAt = time;
    executor.removedReason = reason;
  }
  state.cached.clear();
  loseVariables(state);
}

function endStage(stage: StageView, time: number, reason: string): void {
  if (stage.status === 'pending') {
    stage.status = 'skipped';
    stage.reason = reason;
  } else if (stage.status === 'active') {
    stage.status = 'failed';
    stage.completedAt = time;
    stage.failureReason = reason;
  }
  const { tasks, progress } = stage;
  if (tasks && progress.numRunning > 0) {
    for (let row = 0; row < tasks.length; row++) {
      if (tasks.status[row] === RUNNING) tasks.end(row, time, KILLED, {}, { kind: 'killed', reason });
    }
  }
  killRunning(progress);
}
