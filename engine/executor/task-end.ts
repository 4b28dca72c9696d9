/** The end of a task attempt inside its executor: listeners are called, and what it added is made ready to leave. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { TaskEndReason } from '../protocol.ts';
import type { AccumulatorPartial } from '../rdd/accumulation.ts';
import type { MapStatus, TaskResult } from '../rdd/plan.ts';
import type { TaskEnd } from '../scheduler/backend.ts';
import { deleteMapOutput, deleteResult } from '../scheduler/result-files.ts';
import { directoryFor } from '../shuffle/block-directory.ts';
import { blockNotWritten } from '../storage/write-error.ts';
import { isThenable } from './push-loop.ts';
import { claimAlone, dropAlone } from './shared-blocks.ts';
import { endReason, failure } from './task-error.ts';
import type { TaskRun } from './task-run.ts';
import { inTask } from './task-scope.ts';

/** Larger results travel as a file that the receiver reads and unlinks. */
export const LARGEST_MESSAGE = 256 * 1024;

export interface TaskOutcome {
  reason: TaskEndReason;
  result?: TaskResult;
  mapStatus?: MapStatus;
  accumulators?: AccumulatorPartial[];
}

/** In the message when small, else a file. */
export function ship(task: TaskRun, name: string, bytes: Uint8Array): TaskResult {
  if (bytes.length <= LARGEST_MESSAGE) return { bytes };
  const directory = directoryFor(task.services.config.blockDirectory, bytes.length);
  const file = join(directory, `task${name}_${task.launch.taskId}`);
  try {
    writeFileSync(file, bytes, { mode: 0o600 });
  } catch (error) {
    rmSync(file, { force: true });
    throw blockNotWritten(error, directory, 'the result of a task');
  }
  return { file, length: bytes.length, crc: crc32(bytes) };
}

/** Frees what an outcome that does not count has brought. */
export function discardOutcome(outcome: Omit<TaskOutcome, 'reason'>): void {
  if (outcome.result) deleteResult(outcome.result);
  if (outcome.mapStatus) deleteMapOutput(outcome.mapStatus);
  for (const added of outcome.accumulators ?? []) if (added.kind !== 'sum') deleteResult(added.value);
}

/** What it has written and cached may come in another order when it is made again. */
export function tellDisorder({ mapStatus, cachedBlocks = [] }: TaskEnd): void {
  if (mapStatus) mapStatus.disordered = true;
  for (const block of cachedBlocks) block.disordered = true;
}

/** A task that had come through has failed after all. */
export function failEnd(task: TaskRun, end: TaskEnd, error: unknown): void {
  end.reason = failure(task, error);
  task.dropCounted();
  end.cachedBlocks = task.cachedBlocks;
  discardOutcome(end);
  end.result = undefined;
  end.mapStatus = undefined;
  end.accumulators = undefined;
}

/** What it has cached that others cannot read counts with the task. */
export function settleAlone(task: TaskRun, end: TaskEnd): void {
  if (end.reason.kind === 'success') {
    try {
      claimAlone(task);
      return;
    } catch (error) {
      failEnd(task, end, error);
    }
  }
  dropAlone(task);
  end.cachedBlocks = task.cachedBlocks;
}

/** At once unless a listener returns a promise. */
export function endTask(task: TaskRun, outcome: TaskOutcome): TaskOutcome | Promise<TaskOutcome> {
  try {
    const called = inTask(task.scope, () => task.context.end(outcome.reason));
    if (!isThenable(called)) return leave(task, outcome);
    return called.then(
      () => leave(task, outcome),
      (error) => leave(task, failed(task, outcome, error)),
    );
  } catch (error) {
    return leave(task, failed(task, outcome, error));
  }
}

/** A task that failed anyway keeps its own reason. */
function failed(task: TaskRun, outcome: TaskOutcome, error: unknown): TaskOutcome {
  if (outcome.reason.kind !== 'success') return outcome;
  discardOutcome(outcome);
  return { reason: endReason(task, error) };
}

function leave(task: TaskRun, outcome: TaskOutcome): TaskOutcome {
  const { added } = task.scope;
  if (outcome.reason.kind !== 'success') {
    task.dropCounted();
    added.state = 'dropped';
    return outcome;
  }
  try {
    // What was thrown where nobody sees it while listeners were awaited has failed the task.
    task.cancellation.throwIfStopped();
    added.state = 'ended';
    const accumulators = added.partials((name, bytes) => ship(task, name, bytes));
    return accumulators ? { ...outcome, accumulators } : outcome;
  } catch (error) {
    return leave(task, failed(task, outcome, error));
  }
}
