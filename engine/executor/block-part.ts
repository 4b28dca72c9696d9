/**
 * What is added to accumulators while a partition is computed that all executors read, apart from the rest: it counts with
 * the rows, which may outlive the attempt.
 */
import type { RddNode } from '../rdd/plan.ts';
import { AddedInTask } from './added-in-task.ts';
import type { TaskRun } from './task-run.ts';
import { currentTask, inTask } from './task-scope.ts';

/** To which what the running code adds belongs. */
export function addedSoFar(task: TaskRun): AddedInTask {
  return currentTask()?.added ?? task.scope.added;
}

export class BlockPart {
  readonly #task: TaskRun;
  readonly #whole: AddedInTask;
  /** The same as the whole where rows are nobody else's. */
  readonly added: AddedInTask;
  #isSettled: boolean;

  constructor(task: TaskRun, node: RddNode) {
    this.#task = task;
    this.#whole = addedSoFar(task);
    this.#isSettled = node.shared === undefined;
    this.added = this.#isSettled ? this.#whole : new AddedInTask(this.#whole);
  }

  /** Runs what computes the partition. */
  within<R>(body: () => R): R {
    if (this.added === this.#whole) return body();
    return inTask({ context: this.#task.context, added: this.added }, body);
  }

  /** It counts with the block, of this executor or of the one that was first. */
  leave(): void {
    this.#isSettled = true;
  }

  /** It counts with the task, unless it was left to the block. */
  close(): void {
    if (!this.#isSettled) this.#whole.take(this.added);
    this.#isSettled = true;
  }
}
