/** The errors a failed job shows its user: which stage, which partition, and the user's own error as cause. */
import type { ErrorData, TaskEndReason } from '../protocol.ts';
import type { TaskFailure } from './events.ts';
import type { ActiveJob } from './job.ts';
import { type Stage, stageTitle } from './stage.ts';

const STAGELIGHT_ERROR = 'StagelightError';

export function taskFailed(stage: Stage, failure: TaskFailure): ErrorData {
  const { partition, attempt, executorId, times, cause, code = 'TASK_FAILED', hint = cause.hint } = failure;
  const what = cause.name === STAGELIGHT_ERROR ? cause.message : `${cause.name}: ${cause.message}`;
  // None where there was no executor to begin with.
  const last = executorId === '' ? what : `last failure on executor ${executorId}: ${what}`;
  const error: ErrorData = {
    code,
    name: STAGELIGHT_ERROR,
    message: `${stageTitle(stage)} failed: partition ${partition} ${times}; ${last}`,
    task: { stageId: stage.stageId, partition, attempt, executorId },
    cause,
  };
  if (hint !== undefined) error.hint = hint;
  const position = cause.position ?? cause.frames?.[0] ?? stage.callSite;
  if (position) {
    const { file, cellId, line, column } = position;
    error.position = cellId === undefined ? { file, line, column } : { file, cellId, line, column };
  }
  if (cause.frames) error.frames = cause.frames;
  if (cause.element !== undefined) error.element = cause.element;
  return error;
}

type FetchFailed = Extract<TaskEndReason, { kind: 'fetchFailed' }>;

export function fetchFailedTooOften(
  stage: Stage,
  attempts: number,
  { message, mapIndex }: Pick<FetchFailed, 'message' | 'mapIndex'>,
): ErrorData {
  return {
    code: 'FETCH_FAILED',
    name: STAGELIGHT_ERROR,
    message: `${stageTitle(stage)} failed: its shuffle input could not be read in ${attempts} consecutive attempts; last: ${message}`,
    // Without a map output it is no file that is at fault.
    hint:
      mapIndex < 0
        ? 'Run the cell again. If it fails again, restart the kernel.'
        : 'Check that the block directory has free space and that nothing else deletes or changes files in it.',
    position: stage.callSite,
  };
}

export function resultTooLarge(job: ActiveJob, stage: Stage, limit: number): ErrorData {
  return {
    code: 'RESULT_TOO_LARGE',
    name: STAGELIGHT_ERROR,
    message:
      `${stageTitle(stage)} failed: the results of ${job.finished} of ${job.results.length} partitions ` +
      `are ${job.resultBytes} bytes, more than the limit of ${limit}`,
    hint: 'Aggregate before collecting, or take() a part, or write the rows with saveAsTextFile().',
    position: stage.callSite,
  };
}

export function accumulatedTooMuch(stage: Stage, bytes: number, limit: number): ErrorData {
  return {
    code: 'ACCUMULATED_TOO_MUCH',
    name: STAGELIGHT_ERROR,
    message: `${stageTitle(stage)} failed: what its tasks added to accumulators is ${bytes} bytes, more than the limit of ${limit}`,
    hint: 'Add less, or write rows with saveAsTextFile(): accumulators are kept in the memory of the driver.',
    position: stage.callSite,
  };
}

/** `since` says what the first rows had already been used for. */
export function otherRowsRecomputed(stage: Stage, source: Stage, mapIndex: number, since: string): ErrorData {
  return {
    code: 'INDETERMINATE_RECOMPUTED',
    name: STAGELIGHT_ERROR,
    message:
      `${stageTitle(stage)} failed: partition ${mapIndex} of stage ${source.stageId} (${source.name}) was lost and its ` +
      `recomputation gave other rows, after ${since}`,
    hint: 'Make the functions before the shuffle deterministic (seed random numbers, pass the time in), or save their rows and read them back.',
    position: source.callSite ?? stage.callSite,
  };
}
