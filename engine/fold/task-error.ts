/** Why a task attempt did not succeed, as the bounded error a task table shows. */
import type { ErrorData, TaskEndReason } from '../protocol.ts';

const MAX_MESSAGE = 2_000;
const MAX_STACK = 4_000;
const MAX_FRAMES = 20;

export function boundedError(error: ErrorData, maxMessage = MAX_MESSAGE, maxStack = MAX_STACK): ErrorData {
  const bounded: ErrorData = { ...error, message: cut(error.message, maxMessage) };
  if (error.stack !== undefined) bounded.stack = cut(error.stack, maxStack);
  if (error.frames) bounded.frames = error.frames.slice(0, MAX_FRAMES);
  if (error.element !== undefined) bounded.element = cut(error.element, maxMessage);
  if (error.cause) bounded.cause = boundedError(error.cause, maxMessage, maxStack);
  return bounded;
}

function cut(text: string, max: number): string {
  return text.length > max ? `${text.slice(0, max)}…` : text;
}

export function taskError(reason: TaskEndReason): ErrorData | undefined {
  switch (reason.kind) {
    case 'success':
      return undefined;
    case 'exception':
      return boundedError(reason.error);
    case 'fetchFailed':
      return {
        code: 'FETCH_FAILED',
        name: 'FetchFailed',
        message: cut(reason.message, MAX_MESSAGE),
      };
    case 'executorLost':
      return reason.error
        ? boundedError(reason.error)
        : {
            code: 'EXECUTOR_LOST',
            name: 'ExecutorLost',
            message: cut(`executor ${reason.executorId} was lost: ${reason.reason}`, MAX_MESSAGE),
          };
    case 'killed':
      return { code: 'TASK_KILLED', name: 'TaskKilled', message: cut(reason.reason, MAX_MESSAGE) };
    case 'commitDenied':
      return { code: 'COMMIT_DENIED', name: 'CommitDenied', message: cut(reason.message, MAX_MESSAGE) };
    default:
      reason satisfies never;
      return undefined;
  }
}
