/**
 * Which running tasks of a stage are worth a second copy on another executor (Spark's TaskSetManager,
 * `checkSpeculatableTasks`): those much slower than the median of the tasks that ended well, once most have.
 */
import { MedianHeap } from './median-heap.ts';
import type { RunningTask } from './running-task.ts';
import type { SpeculationOptions } from './scheduling-options.ts';

/** What a task has got through so far: `runTime` in milliseconds. */
export interface TaskPace {
  recordsRead: number;
  runTime: number;
}

export interface SlowTask {
  task: RunningTask;
  /** In words. */
  reason: string;
}

const ms = (time: number): string => `${Math.round(time)} ms`;

export class SetSpeculation {
  readonly #options: SpeculationOptions;
  readonly #size: number;
  readonly #durations = new MedianHeap();
  readonly #all: TaskPace = { recordsRead: 0, runTime: 0 };

  constructor(options: SpeculationOptions, size: number) {
    this.#options = options;
    this.#size = size;
  }

  /**
   * How many tasks each of so many executors may hold: what waits behind a task that hangs must not be what the quantile
   * lacks, or no copy would ever be made. Spark queues nothing on an executor and has no such rule.
   */
  window(executors: number): number {
    return Math.max(1, Math.floor(((1 - this.#options.quantile) * this.#size) / executors));
  }

  /** A task ended well: so long after its launch, with these rows. */
  succeeded(duration: number, { recordsRead, runTime }: TaskPace): void {
    this.#durations.add(duration);
    this.#all.recordsRead += recordsRead;
    this.#all.runTime += runTime;
  }

  /** Among the tasks of the set that run in one copy; `slots`: how many tasks can run at a time. */
  slow(running: Iterable<RunningTask>, slots: number, now: number): SlowTask[] {
    const { quantile, multiplier, minTaskRuntime, taskDurationThreshold } = this.#options;
    if (this.#size === 1 && taskDurationThreshold === undefined) return [];
    const ended = this.#durations.size;
    if (ended >= Math.max(Math.floor(quantile * this.#size), 1)) {
      const { median } = this.#durations;
      const threshold = Math.max(multiplier * median, minTaskRuntime);
      const why = `the median of ${ended} finished tasks is ${ms(median)}`;
      return this.#beyond(running, threshold, now, why, (task, time) =>
        this.#isInefficient(task, time, threshold),
      );
    }
    if (taskDurationThreshold === undefined || this.#size > slots) return [];
    const threshold = Math.max(taskDurationThreshold, minTaskRuntime);
    return this.#beyond(running, threshold, now, 'the threshold for stages of few tasks', () => true);
  }

  #beyond(
    running: Iterable<RunningTask>,
    threshold: number,
    now: number,
    why: string,
    isSlow: (task: RunningTask, time: number) => boolean,
  ): SlowTask[] {
    const slow: SlowTask[] = [];
    for (const task of running) {
      const { group } = task;
      const time = now - (group ?? task).info.launchTime;
      if (time <= threshold || !isSlow(task, time)) continue;
      const does = (group ?? task).started ? 'has run for' : 'has waited behind another task for';
      const reason = `attempt ${task.info.attempt} ${does} ${ms(time)} on executor ${task.info.executorId}, more than ${ms(threshold)}: ${why}`;
      slow.push({ task, reason });
    }
    return slow;
  }

  /** One of which nothing is known counts as inefficient, and so does every one while no rows were counted at all. */
  #isInefficient({ pace }: RunningTask, time: number, threshold: number): boolean {
    const { efficiency } = this.#options;
    if (!efficiency || time > efficiency.longRunTaskFactor * threshold) return true;
    const { recordsRead, runTime } = this.#all;
    if (recordsRead === 0 || runTime === 0) return true;
    const rate = pace && pace.runTime > 0 ? pace.recordsRead / pace.runTime : 0;
    return rate < efficiency.processRateMultiplier * (recordsRead / runTime);
  }
}
