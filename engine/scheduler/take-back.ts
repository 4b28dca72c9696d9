/**
 * Takes tasks back that wait in an executor's queue behind a long one while another executor is idle. Tasks travel in
 * batches only as long as they are short, so one that takes five times as long as a batch is an exception nobody foresaw;
 * an executor that has to load much first is another.
 */
import { lostTaskEnd, type RunningTask } from './running-task.ts';
import { taskEnded } from './task-ends.ts';
import type { TaskState } from './task-state.ts';

/** How long an executor with a queue says nothing before some of it is taken back, and how often that is looked at. */
export const TAKE_BACK_MS = 50;
const INTERVAL_MS = 25;

/** While an executor is idle and another has a queue. */
export function startTakeBackTimer(state: TaskState): void {
  if (state.takeBackTimerRunning || !someQueue(state)) return;
  state.takeBackTimerRunning = true;
  state.command({ type: 'startTimer', timer: 'takeBack', ms: INTERVAL_MS });
}

/** Forgets those that have none any more: each is looked at once for each time that it got one. */
function someQueue({ queued, executors }: TaskState): boolean {
  for (const executorId of queued) {
    if ((executors.get(executorId)?.queue.length ?? 0) > 1) return true;
    queued.delete(executorId);
  }
  return false;
}

/** The timer has run off. Nothing is taken back for nobody. */
export function takeBackDue(state: TaskState): void {
  const { executors, now } = state;
  state.takeBackTimerRunning = false;
  const idle = [...executors].some(([id, { queue }]) => queue.length === 0 && !state.exclusion?.excludes(id));
  if (!idle) return;
  for (const executorId of state.queued) {
    const { queue = [], heardAt = now } = executors.get(executorId) ?? {};
    if (queue.length > 1 && now - heardAt >= TAKE_BACK_MS) state.command({ type: 'takeBack', executorId });
  }
}

/** The executor is at the task `begun`, or comes to it next, and will not begin those `taken`. */
export function takenBack(state: TaskState, executorId: string, begun: number, taken: number[]): void {
  const executor = state.executors.get(executorId);
  if (!executor) return;
  if (state.tasks.has(begun)) executor.heldBy = begun;
  // Those that are to be next come to lie on top.
  for (const taskId of taken.toReversed()) {
    const task = state.tasks.get(taskId);
    if (task?.info.executorId !== executorId) continue;
    neverBegan(task);
    const reason = `it waited behind another task on executor ${executorId} and was taken back`;
    taskEnded(state, executorId, lostTaskEnd(taskId, { kind: 'killed', reason }, state.now), true);
  }
}

/** What nobody has begun and viewers have not heard of was no attempt. */
function neverBegan(task: RunningTask): void {
  const { set, position, info, started, group } = task;
  if (started || group?.started) return;
  task.neverBegan = true;
  if (set.attempts[position] === info.attempt + 1) set.attempts[position]!--;
}
