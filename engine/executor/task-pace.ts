/**
 * A task attempt that is slowed on purpose: it begins later, or takes a multiple of its time. The waiting is done
 * outside of user code and of the loops, so that the executor answers, a kill ends it at once, and rows are unchanged.
 */
import { systemClock } from '../clock.ts';
import type { SlowedTask } from '../scheduler/backend.ts';
import { computeTask, type TaskOutcome } from './run-task.ts';
import { discardOutcome, endTask } from './task-end.ts';
import { endReason } from './task-error.ts';
import type { TaskRun } from './task-run.ts';

export class TaskPace {
  readonly slow: SlowedTask;
  #mode: 'slow' | 'cleared' = 'slow';
  #wake: () => void = () => {};

  constructor(slow: SlowedTask) {
    this.slow = slow;
  }

  /** The slowing was cleared: from now on the task waits for nothing. */
  hurry(): void {
    this.#mode = 'cleared';
    this.#wake();
  }

  /** Runs the task at this pace. Never throws, as `runTask`. */
  async run(task: TaskRun): Promise<TaskOutcome> {
    const { slow } = this;
    try {
      if ('delay' in slow) await this.#wait(task, slow.delay);
    } catch (error) {
      return { reason: endReason(task, error) };
    }
    const started = performance.now();
    let outcome = await computeTask(task);
    try {
      if ('factor' in slow) await this.#wait(task, (slow.factor - 1) * (performance.now() - started));
    } catch (error) {
      discardOutcome(outcome);
      outcome = { reason: endReason(task, error) };
    }
    // Not before: what it has added and cached counts by how it ends.
    return endTask(task, outcome);
  }

  /** Rejects when the task is to stop. */
  async #wait(task: TaskRun, ms: number): Promise<void> {
    if (this.#mode === 'cleared' || !(ms > 0)) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const cancel = systemClock.after(ms, resolve);
    try {
      await task.cancellation.wait(promise);
    } finally {
      cancel();
    }
  }
}
