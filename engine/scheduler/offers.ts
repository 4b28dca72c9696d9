/** Offers executors to the task sets in the order in which they are served, near cached partitions when that costs no long wait. */
import type { TaskLaunch } from './backend.ts';
import { launchTogether } from './barrier-launch.ts';
import { handOver, launchGroup } from './launch-task.ts';
import type { ExecutorTasks } from './running-task.ts';
import { MAX_WINDOW, type TaskSetState } from './task-set.ts';
import type { TaskState } from './task-state.ts';

/** Of adjacent tasks no executor gets two in one batch, as far as there are others, up to so many. */
const MOST_APART = 16;

export function offerAll(state: TaskState): void {
  state.offersDue = false;
  for (const executorId of state.executors.keys()) offer(state, executorId);
}

/** Fills an executor's queue when it is at most half full, so that what is launched travels in batches. */
export function offer(state: TaskState, executorId: string): void {
  const executor = state.executors.get(executorId);
  if (executor?.ending || state.exclusion?.excludes(executorId)) return;
  // Where shares count, whoever got something stands further back.
  while (executor && launchNext(state, executorId, executor) && state.order.isFair);
  if (executor?.queue.length === 0) state.foundIdle = true;
}

/** In the order of task sets; of one alone where the order then changes. True when something was launched. */
function launchNext(state: TaskState, executorId: string, executor: ExecutorTasks): boolean {
  const { queue, heldBy } = executor;
  if (heldBy !== undefined && state.tasks.has(heldBy)) return false;
  let launched = false;
  for (const set of state.order.served()) {
    if (!set.runnable) continue;
    if (set.taskSet.barrier) {
      const outcome = launchTogether(state, set);
      launched ||= outcome === 'launched';
      // Executors that come free are saved up for it.
      if (outcome === 'waits' && state.isUsable(set, executorId)) return launched;
      continue;
    }
    const { size } = state.executors;
    const held = queue.length > 0 ? windowBehind(executor.lastSet, set, size) : MAX_WINDOW;
    const window = Math.min(set.window(size), held);
    if (queue.length > window / 2) return false;
    // Towards the end of a set the batches shrink, so that no executor is left with a queue while others idle.
    const share = Math.ceil(set.pending / (2 * size));
    const launches = take(state, executorId, set, Math.min(window - queue.length, share));
    if (launches.length === 0) continue;
    handOver(state, executorId, set, launches);
    launched = true;
    if (state.order.isFair) break;
  }
  return launched;
}

/**
 * Up to so many tasks of the set for the executor. What they have to do often lies in adjacent partitions: these are
 * spread over the executors, or one would do all of it while the others are idle.
 */
function take(state: TaskState, executorId: string, set: TaskSetState, count: number): TaskLaunch[] {
  const launches: TaskLaunch[] = [];
  const { localityWait } = state.options;
  const between = Math.min(state.executors.size, MOST_APART) - 1;
  let taken = 0;
  const idle = state.executors.get(executorId)!.queue.length === 0;
  while (launches.length < count) {
    let position = set.take(executorId, taken * between);
    if (position === undefined && set.pending > 0) {
      const left = set.waitingSince(executorId, state.now) + localityWait - state.now;
      if (left <= 0) position = set.takeFar(executorId, (id) => state.isUsable(set, id));
      else startLocalityTimer(state, left);
    }
    if (position === undefined) break;
    taken++;
    launches.push(...launchGroup(state, executorId, set, position));
  }
  // A copy is to be quick: it waits behind no other task.
  const copy = launches.length === 0 && idle ? set.takeCopy(executorId) : undefined;
  if (copy)
    launches.push(...launchGroup(state, executorId, set, copy.position, `it is speculative: ${copy.reason}`));
  return launches;
}

function startLocalityTimer(state: TaskState, ms: number): void {
  if (state.localityTimerRunning) return;
  state.localityTimerRunning = true;
  state.command({ type: 'startLocalityTimer', ms });
}

/** What a task from before a roll-back may still cache is dropped when it has ended: nothing waits behind it. */
function windowBehind(last: TaskSetState | undefined, set: TaskSetState, executors: number): number {
  return last?.taskSet.epoch === set.taskSet.epoch ? last.window(executors) : 1;
}
