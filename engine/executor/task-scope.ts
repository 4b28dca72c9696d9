/**
 * Which task the running code belongs to, carried along every await: what a task left behind when it failed, or when
 * it began again in the awaiting kind, may still run beside the next one, and must not be taken for it.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { AddedInTask } from './added-in-task.ts';
import type { TaskContext } from './task-context.ts';

export interface TaskScope {
  context: TaskContext;
  /** Of one pass over the partition. */
  added: AddedInTask;
  /**
   * Calls of it were told that the rows they read had not come to their end, and what they throw then comes of that: the
   * pass was over, or the function that they were left behind by.
   */
  told?: 'over' | 'left';
  /** By the callback that runs. */
  toldNow?: boolean;
}

const storage = new AsyncLocalStorage<TaskScope>();

export function inTask<R>(scope: TaskScope, body: () => R): R {
  return storage.run(scope, body);
}

export function currentTask(): TaskScope | undefined {
  return storage.getStore();
}

export function tellRunning(why: 'over' | 'left'): void {
  const scope = currentTask();
  if (!scope) return;
  scope.told = why;
  if (scope.toldNow) return;
  scope.toldNow = true;
  queueMicrotask(() => {
    scope.toldNow = false;
  });
}
