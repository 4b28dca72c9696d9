/** Why a task ended, as data, from whatever was thrown. Total: no thrown value can break the reply. */
import { withUserPosition } from '../closure/stack-frames.ts';
import { nameOverflow } from '../closure/stack-overflow.ts';
import { isInstance, placeOf } from '../errors.ts';
import type { ErrorData, TaskEndReason } from '../protocol.ts';
import { FetchFailedError } from '../shuffle/fetch-failed-error.ts';
import { CommitDenied } from './action-sinks.ts';
import { TaskKilled } from './cancellation.ts';
import { isCached } from './lineage-path.ts';
import { isRowOperator } from './prepared-stage.ts';
import { describeValue } from './push-loop.ts';
import { failedWith } from './task-error-codes.ts';
import type { TaskRun } from './task-run.ts';

/** Mistakes in rows that the operator which reads them must name: what is told of them is the last operator of the stage. */
const OF_KEYS = new Set(['KEY_NOT_HASHABLE', 'KEY_NOT_ORDERABLE', 'NOT_A_PAIR', 'PARTITIONER_RESULT']);

/** Says which operator it is that wants keys of these rows, and which row it refused. */
function nameOperator(task: TaskRun, data: ErrorData, isOfRow: boolean): void {
  const { output } = task.stage.plan;
  const site = output.kind === 'shuffle' ? output.dependency.callSite : undefined;
  if (site !== undefined) {
    data.message = `${site.name}: ${data.message}`;
    data.position ??= placeOf(site);
  }
  // Rows of a chain are counted as they come, the one that failed too; those of a source by the batch.
  const { root } = task.stage;
  if (!isRowOperator(root.op) || isCached(root)) return;
  const row = task.loop.rows[task.stage.slot(root)]! - 1;
  if (isOfRow && row >= 0) data.message += ` (row ${row} of partition ${task.launch.partition})`;
}

export function taskErrorData(task: TaskRun, error: unknown): ErrorData {
  const data = withUserPosition(error);
  nameOverflow(data);
  data.position ??= data.cause?.position;
  const { plan } = task.stage;
  data.task = {
    stageId: plan.stageId,
    partition: task.launch.partition,
    attempt: task.launch.attempt,
    executorId: task.services.config.executorId,
  };
  const { failure } = task.loop;
  if (failure !== undefined && failure.error === error && failure.element !== undefined) {
    data.element = describeValue(failure.element);
  }
  if (OF_KEYS.has(data.code)) nameOperator(task, data, failure?.error === error);
  return data;
}

/** The task has failed of this. */
export function failure(task: TaskRun, error: unknown): TaskEndReason {
  const reason = failedWith(taskErrorData(task, error));
  return task.heldBy === undefined ? reason : { ...reason, heldBy: task.heldBy };
}

export function endReason(task: TaskRun, error: unknown): TaskEndReason {
  if (isInstance(error, TaskKilled)) return { kind: 'killed', reason: error.reason };
  // User code may have caught the fetch failure and thrown something else, or gone on.
  const fetch: FetchFailedError | undefined =
    task.fetchFailure ?? (isInstance(error, FetchFailedError) ? error : undefined);
  if (fetch !== undefined) {
    const { shuffleId, mapIndex, reduceId, executorId, message } = fetch;
    return { kind: 'fetchFailed', shuffleId, mapIndex, reduceId, executorId, message };
  }
  if (isInstance(error, CommitDenied)) return { kind: 'commitDenied', message: error.message };
  return failure(task, error);
}
