/** Why an executor process ended, in words and as an error with a next step. */
import type { ErrorData } from '../protocol.ts';
import type { BackendEvent } from '../scheduler/backend.ts';
import { BROKEN_EXIT_CODE } from './messages.ts';

type Removed = Extract<BackendEvent, { type: 'executorRemoved' }>;

export interface Loss {
  code: Removed['code'];
  reason: string;
  /** Whether the task that was running is to blame. */
  causedByTask: boolean;
  error?: ErrorData;
}

/** Signals with which someone else ends a process; others are the process's own doing (a crash in native code). */
const FROM_OUTSIDE = new Set<NodeJS.Signals>(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT']);

function lost(code: string, message: string, hint: string): ErrorData {
  return { code, name: 'StagelightError', message, hint };
}

export function lossOf(
  executorId: string,
  exit: { code: number | null; signal: NodeJS.Signals | null; stderr: string },
  memory: number,
): Loss {
  const { code, signal, stderr } = exit;
  if (/heap out of memory|Reached heap limit|invalid array length Allocation failed/.test(stderr)) {
    const limit = `${Math.round(memory / 1024 ** 2)} MB`;
    const reason = `out of memory: its limit is ${limit} (--executor-memory)`;
    const hint =
      'Use more partitions, keep less per key or per cached RDD, make single rows smaller than half of it, or raise --executor-memory.';
    const message = `executor ${executorId} ran out of memory: its limit is ${limit} (--executor-memory)`;
    return { code: 'oom', reason, causedByTask: true, error: lost('EXECUTOR_OUT_OF_MEMORY', message, hint) };
  }
  if (signal !== null) {
    const outside = FROM_OUTSIDE.has(signal);
    const killed =
      signal === 'SIGKILL'
        ? 'killed (SIGKILL), by someone or because the machine ran out of memory'
        : `ended by ${signal}`;
    const hint = outside
      ? 'If nobody did it, use fewer executors or less --executor-memory, so that all of them fit into the machine.'
      : 'A native module crashed; find the package whose code the closure calls.';
    const error = lost('EXECUTOR_LOST', `executor ${executorId} was ${killed}`, hint);
    return { code: 'signal', reason: killed, causedByTask: !outside, error };
  }
  const lastWords = stderr
    .split('\n')
    .find((line) => /error/i.test(line))
    ?.trim()
    .slice(0, 500);
  const reason = `exited with code ${code}${lastWords ? `: ${lastWords}` : ''}`;
  const hint =
    code === BROKEN_EXIT_CODE
      ? 'Look for code that changes what JavaScript is made of (Array.prototype, say); where there is none, report this as a defect.'
      : 'Throw an error instead of calling process.exit inside a closure.';
  return {
    code: 'exit',
    reason,
    causedByTask: true,
    error: lost('EXECUTOR_EXITED', `executor ${executorId} ${reason}`, hint),
  };
}

export function hungLoss(executorId: string, seconds: number): Loss {
  const reason = `hung: no answer and no CPU time for ${seconds} s`;
  const hint =
    'Something in the closure blocks for ever (a synchronous wait, a stopped process); give it a time limit.';
  return {
    code: 'hung',
    reason,
    causedByTask: true,
    error: lost('EXECUTOR_HUNG', `executor ${executorId} ${reason}`, hint),
  };
}

export function killedLoss(reason: string): Loss {
  return { code: 'killed', reason, causedByTask: false };
}

export function startFailure(attempts: number, reason: string): ErrorData {
  const message = `no executor could be started in ${attempts} attempts: the last ${reason}`;
  return lost(
    'EXECUTOR_START_FAILED',
    message,
    'Check the memory and process limits of this machine, then run again.',
  );
}

export function engineChanged(path: string): ErrorData {
  return lost(
    'ENGINE_CHANGED',
    `an executor ended and cannot be replaced: ${path} is another version than the one this kernel runs`,
    'Restart the kernel to use the version that is installed now; its variables are lost.',
  );
}
