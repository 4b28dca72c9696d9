/** Starts the tasks of a barrier stage: all together, each on an idle executor of its own, or none. */
import type { TaskLaunch } from './backend.ts';
import { handOver, launchTask } from './launch-task.ts';
import type { TaskSetState } from './task-set.ts';
import type { TaskState } from './task-state.ts';

/** `waits`: there are executors enough, of which some are busy. `cannot`: there are too few. */
export function launchTogether(state: TaskState, set: TaskSetState): 'launched' | 'waits' | 'cannot' {
  const usable = state.usable(set);
  if (usable.length < set.pending) {
    state.barriers.tooFew(set, state.now);
    set.savesUp = false;
    return 'cannot';
  }
  state.barriers.enough(set);
  const idle = usable.filter((id) => state.executors.get(id)!.queue.length === 0);
  if (idle.length < set.pending) {
    set.savesUp ||= idle.length > 0;
    return 'waits';
  }
  set.savesUp = false;
  const near = new Set(set.taskSet.preferred?.flatMap((ids) => ids ?? []));
  idle.sort((a, b) => Number(near.has(b)) - Number(near.has(a)));
  const launches: { executorId: string; launch: TaskLaunch }[] = [];
  for (const executorId of idle) {
    const position = set.take(executorId) ?? set.takeFar(executorId);
    if (position === undefined) break;
    launches.push({ executorId, launch: launchTask(state, executorId, set, position) });
  }
  const addresses = launches
    .toSorted((a, b) => a.launch.partition - b.launch.partition)
    .map(({ executorId }) => `executor ${executorId}`);
  for (const { executorId, launch } of launches)
    handOver(state, executorId, set, [{ ...launch, barrier: { addresses } }]);
  return 'launched';
}
