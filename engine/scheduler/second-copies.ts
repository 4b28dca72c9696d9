/** Looks from time to time for tasks worth a second copy; free executors take them when they are offered next. */
import type { RunningTask } from './running-task.ts';
import type { TaskGroup } from './task-group.ts';
import type { TaskSetState } from './task-set.ts';
import type { TaskState } from './task-state.ts';

/** While there is something that may be slow. */
export function startSpeculationTimer(state: TaskState): void {
  const { speculation } = state.options.scheduling;
  if (!speculation || state.speculationTimerRunning || state.order.size === 0) return;
  state.speculationTimerRunning = true;
  state.command({ type: 'startTimer', timer: 'speculation', ms: speculation.interval });
}

/** The timer has run off. */
export function speculate(state: TaskState): void {
  state.speculationTimerRunning = false;
  const running = new Map<TaskSetState, RunningTask[]>();
  const groups = new Set<TaskGroup>();
  for (const task of state.tasks.values()) {
    // The first that is left of a task of several partitions stands for it.
    if (task.set.mode !== 'active' || (task.group && groups.has(task.group))) continue;
    if (task.group) groups.add(task.group);
    const tasks = running.get(task.set);
    if (tasks) tasks.push(task);
    else running.set(task.set, [task]);
  }
  for (const [set, tasks] of running) {
    const slow = set.speculation?.slow(tasks, state.executors.size, state.now) ?? [];
    for (const { task, reason } of set.speculate(slow)) {
      const { stageId, stageAttempt, index, partition, executorId } = (task.group ?? task).info;
      const event = { stageId, stageAttempt, index, partition, executorId, time: state.now, reason };
      state.emit({ type: 'speculativeTaskSubmitted', ...event });
    }
  }
  startSpeculationTimer(state);
}
