/** The memory of an executor, in use by its process and by its partitions, as it is told from time to time. */
import type { MemoryManager } from '../storage/memory-manager.ts';
import type { FromExecutor } from './messages.ts';

export class MemoryReport {
  readonly #memory: MemoryManager;
  #last = '';

  constructor(memory: MemoryManager) {
    this.#memory = memory;
  }

  /** Nothing where it is, in whole megabytes of the process, as it was told last. */
  next(): FromExecutor | undefined {
    const { heapUsed, rss } = process.memoryUsage();
    const { storageUsed, executionUsed } = this.#memory;
    const rounded = `${heapUsed >> 20} ${rss >> 20} ${storageUsed} ${executionUsed}`;
    if (rounded === this.#last) return undefined;
    this.#last = rounded;
    return {
      type: 'executorMetrics',
      heapUsed,
      rss,
      storageMemory: storageUsed,
      executionMemory: executionUsed,
    };
  }
}
