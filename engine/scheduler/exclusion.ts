/**
 * Executors on which tasks fail again and again get no more of them: first not the same task, then none of the stage,
 * then none at all for a while (Spark's TaskSetExcludelist and HealthTracker). Each executor is a process of its own on
 * this one machine, so there is no exclusion per node.
 */
import type { ExclusionOptions } from './scheduling-options.ts';

/** Of one task set. */
export class SetExclusion {
  readonly #options: ExclusionOptions;
  /** Executor → position in the set → failures. */
  readonly #failures = new Map<string, Map<number, number>>();

  constructor(options: ExclusionOptions) {
    this.#options = options;
  }

  /** True when it excludes the executor from the stage, which it did not before. */
  failed(position: number, executorId: string): boolean {
    const before = this.excludesExecutor(executorId);
    let failures = this.#failures.get(executorId);
    if (!failures) this.#failures.set(executorId, (failures = new Map()));
    failures.set(position, (failures.get(position) ?? 0) + 1);
    return !before && this.excludesExecutor(executorId);
  }

  /** From this stage. */
  excludesExecutor(executorId: string): boolean {
    return this.failedTasks(executorId) >= this.#options.maxFailedTasksPerExecutorStage;
  }

  excludes(position: number, executorId: string): boolean {
    const failures = this.#failures.get(executorId);
    if (!failures) return false;
    return (
      (failures.get(position) ?? 0) >= this.#options.maxTaskAttemptsPerExecutor ||
      this.excludesExecutor(executorId)
    );
  }

  /** How many different tasks have failed on the executor. */
  failedTasks(executorId: string): number {
    return this.#failures.get(executorId)?.size ?? 0;
  }

  executors(): Iterable<[executorId: string, positions: Iterable<number>]> {
    return [...this.#failures].map(([executorId, failures]) => [executorId, failures.keys()]);
  }

  positions(): Set<number> {
    return new Set([...this.#failures.values()].flatMap((failures) => [...failures.keys()]));
  }
}

export interface Excluded {
  executorId: string;
  failedTasks: number;
  until: number;
}

/** Of the whole application. */
export class HealthTracker {
  readonly #options: ExclusionOptions;
  /** Executor → task → when its failure is forgotten. */
  readonly #failures = new Map<string, Map<string, number>>();
  readonly #excluded = new Map<string, number>();

  constructor(options: ExclusionOptions) {
    this.#options = options;
  }

  /**
   * All tasks of a set ended well after all, so what failed on an executor was not the tasks' fault. Those that are
   * excluded by it now.
   */
  stageSucceeded(
    key: string,
    set: SetExclusion,
    now: number,
    isAlive: (executorId: string) => boolean,
  ): Excluded[] {
    const excluded: Excluded[] = [];
    const until = now + this.#options.timeout;
    for (const [executorId, positions] of set.executors()) {
      if (!isAlive(executorId)) continue;
      let failures = this.#failures.get(executorId);
      if (!failures) this.#failures.set(executorId, (failures = new Map()));
      for (const [task, expires] of [...failures]) if (expires <= now) failures.delete(task);
      for (const position of positions) failures.set(`${key} ${position}`, until);
      const failedTasks = failures.size;
      if (failedTasks < this.#options.maxFailedTasksPerExecutorApplication || this.excludes(executorId))
        continue;
      this.#excluded.set(executorId, until);
      excluded.push({ executorId, failedTasks, until });
    }
    return excluded;
  }

  excludes(executorId: string): boolean {
    return this.#excluded.has(executorId);
  }

  /** Those whose time is over. Their failures are forgotten. */
  expire(now: number): string[] {
    const over = [...this.#excluded].flatMap(([executorId, until]) => (until <= now ? [executorId] : []));
    for (const executorId of over) this.executorRemoved(executorId);
    return over;
  }

  nextExpiry(): number | undefined {
    return this.#excluded.size === 0 ? undefined : Math.min(...this.#excluded.values());
  }

  executorRemoved(executorId: string): void {
    this.#excluded.delete(executorId);
    this.#failures.delete(executorId);
  }
}
