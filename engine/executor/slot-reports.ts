/** What an executor tells of itself while it runs, from time to time: how far its task is, and its memory in use. */
import type { MemoryManager } from '../storage/memory-manager.ts';
import { MemoryReport } from './memory-report.ts';
import type { FromExecutor } from './messages.ts';
import type { TaskRun } from './task-run.ts';

const INTERVAL_MS = 500;

export class SlotReports {
  readonly #memory: MemoryReport;
  #at = 0;

  constructor(memory: MemoryManager) {
    this.#memory = new MemoryReport(memory);
  }

  /** Nothing as long as it is not time, or nothing has changed. */
  due(running: { run: TaskRun; started: number } | undefined): FromExecutor[] {
    const now = performance.now();
    if (now - this.#at < INTERVAL_MS) return [];
    this.#at = now;
    const reports: FromExecutor[] = [];
    if (running !== undefined && now - running.started >= INTERVAL_MS)
      reports.push(progress(running.run, now - running.started));
    const memory = this.#memory.next();
    if (memory !== undefined) reports.push(memory);
    return reports;
  }
}

/** Of a task that runs for long: whether it is slow is judged by it. */
function progress({ context, launch }: TaskRun, runTime: number): FromExecutor {
  const { inputRecords, shuffleReadRecords } = context.taskMetrics();
  const recordsRead = inputRecords + shuffleReadRecords;
  return { type: 'taskProgress', taskId: launch.taskId, recordsRead, runTime };
}
