/**
 * What is added to accumulators while a partition is computed to be cached, apart from the rest. Where all executors read it,
 * it counts with the rows, which may outlive the attempt; elsewhere with the task, also one that only looks ahead.
 */
import { AddedInTask } from './added-in-task.ts';
import type { TaskRun } from './task-run.ts';
import { currentTask, inTask, type TaskScope } from './task-scope.ts';

/** To which what the running code adds belongs. */
export function addedSoFar(task: TaskRun): AddedInTask {
  return currentTask()?.added ?? task.scope.added;
}

export class BlockPart {
  readonly added: AddedInTask;
  readonly #scope: TaskScope;

  constructor(task: TaskRun) {
    this.added = new AddedInTask(addedSoFar(task));
    this.#scope = { context: task.context, added: this.added };
  }

  /** Runs what computes the partition. */
  within<R>(body: () => R): R {
    return inTask(this.#scope, body);
  }
}
