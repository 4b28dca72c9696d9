/** Task attempts: counted per stage and executor, and kept as columns where the fold holds tasks. */
import type { EventOf } from './event-of.ts';
import type { FoldOptions } from './fold-options.ts';
import { RETAINED_TASKS } from './fold-options.ts';
import { countEnd, countStart } from './progress.ts';
import type { StageView, ViewState } from './state.ts';
import { RUNNING, TASK_STATUSES, TaskColumns } from './task-columns.ts';
import { stageKey } from './view-state.ts';

/** Columns grow by doubling; a stage that says it has a million tasks is not believed before they start. */
const MAX_INITIAL_ROWS = 4_096;

/** Looked at with the first task of a stage and every so many after: one stage can be larger than all that is held. */
const DROP_EVERY = 256;

export function foldTaskStart(state: ViewState, event: EventOf<'taskStart'>, options: FoldOptions): void {
  const { task } = event;
  const executor = state.executors.get(task.executorId);
  if (executor) executor.tasksRunning++;
  const stage = state.stages.get(stageKey(task.stageId, task.stageAttempt));
  if (!stage) return;
  if (options.tasks) {
    columnsOf(stage).start(task, event.reason);
    state.taskRows++;
    const retained = options.retainedTasks ?? RETAINED_TASKS;
    if (state.taskRows > retained && stage.tasks!.length % DROP_EVERY === 1)
      dropOldestColumns(state, retained);
  }
  countStart(stage.progress);
}

export function foldTaskEnd(state: ViewState, event: EventOf<'taskEnd'>, options: FoldOptions): void {
  const { task } = event;
  const stage = state.stages.get(stageKey(task.stageId, task.stageAttempt));
  if (stage && options.tasks) {
    const tasks = columnsOf(stage);
    let row = tasks.rowOf(task.taskId);
    if (row < 0) {
      row = tasks.start(task);
      state.taskRows++;
    }
    // A second end of the same attempt changes nothing, so counters and columns stay one.
    if (tasks.status[row] !== RUNNING) return;
    tasks.end(row, event.finishTime, TASK_STATUSES.indexOf(event.status), event.metrics, event.reason);
  }
  const executor = state.executors.get(task.executorId);
  if (executor) {
    if (executor.tasksRunning > 0) executor.tasksRunning--;
    executor.tasksEnded++;
  }
  if (stage) countEnd(stage.progress, event.status, event.metrics, event.rowsByRdd, event.operatorTimes);
}

function columnsOf(stage: StageView): TaskColumns {
  return (stage.tasks ??= new TaskColumns(Math.min(stage.info.numTasks, MAX_INITIAL_ROWS)));
}

function dropOldestColumns(state: ViewState, retained: number): void {
  for (const stage of state.stages.values()) {
    if (state.taskRows <= retained) return;
    if (!stage.tasks || stage.status === 'active' || stage.progress.numRunning > 0) continue;
    state.taskRows -= stage.tasks.length;
    delete stage.tasks;
  }
}
