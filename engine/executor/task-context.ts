/** The task that is running in this process, as user code sees it: `TaskContext.get()`. */
import { errorFromData } from '../errors.ts';
import type { TaskEndReason, TaskMetrics } from '../protocol.ts';
import { currentTask, inTask } from './task-scope.ts';

export interface TaskIdentity {
  partitionId: number;
  numPartitions: number;
  stageId: number;
  stageAttemptNumber: number;
  attemptNumber: number;
  taskAttemptId: number;
  properties: Readonly<Record<string, string>>;
}

/** What a running task can be asked at any time. */
export interface TaskProbe {
  /** Why it is to stop; undefined while it may go on. */
  stopReason(): string | undefined;
  metrics(): TaskMetrics;
}

export type CompletionListener = (context: TaskContext) => unknown;
export type FailureListener = (context: TaskContext, error: Error) => unknown;

export class TaskContext {
  readonly #identity: TaskIdentity;
  readonly #probe: TaskProbe;
  readonly #onCompletion: CompletionListener[] = [];
  readonly #onFailure: FailureListener[] = [];
  #end: { error?: Error } | undefined;

  constructor(identity: TaskIdentity, probe: TaskProbe) {
    this.#identity = identity;
    this.#probe = probe;
  }

  /** The context of the running task; undefined in the driver. */
  static get(): TaskContext | undefined {
    return currentTask()?.context;
  }

  /** The partition of the running task; 0 in the driver. */
  static getPartitionId(): number {
    return currentTask()?.context.partitionId() ?? 0;
  }

  partitionId(): number {
    return this.#identity.partitionId;
  }

  /** How many partitions the dataset has that the stage computes. */
  numPartitions(): number {
    return this.#identity.numPartitions;
  }

  stageId(): number {
    return this.#identity.stageId;
  }

  /** How often the stage was tried before: 0 for the first attempt. */
  stageAttemptNumber(): number {
    return this.#identity.stageAttemptNumber;
  }

  /** How often this partition was tried before: 0 for the first attempt. */
  attemptNumber(): number {
    return this.#identity.attemptNumber;
  }

  /** Unique among all task attempts of the application. */
  taskAttemptId(): number {
    return this.#identity.taskAttemptId;
  }

  /** What `sc.setLocalProperty` set where the job was started; undefined when nothing. */
  getLocalProperty(key: string): string | undefined {
    const { properties } = this.#identity;
    return Object.hasOwn(properties, key) ? properties[key] : undefined;
  }

  /** Whether the task was told to stop, because its job was cancelled for example: long loops may look. */
  isInterrupted(): boolean {
    return this.#probe.stopReason() !== undefined;
  }

  /** Why it was told to stop. */
  getKillReason(): string | undefined {
    return this.#probe.stopReason();
  }

  isCompleted(): boolean {
    return this.#end !== undefined;
  }

  isFailed(): boolean {
    return this.#end?.error !== undefined;
  }

  /** What the task has measured so far. */
  taskMetrics(): TaskMetrics {
    return this.#probe.metrics();
  }

  /**
   * `listener` is called when the task ends, well or badly; those added last are called first. One that throws fails
   * the task; a promise is awaited. Called at once when the task has ended.
   */
  addTaskCompletionListener(listener: CompletionListener): this {
    if (this.#end) listener(this);
    else this.#onCompletion.push(inItsPass(listener));
    return this;
  }

  /** As addTaskCompletionListener, when the task fails or is stopped, and before those: with the error. */
  addTaskFailureListener(listener: FailureListener): this {
    if (!this.#end) this.#onFailure.push(inItsPass(listener));
    else if (this.#end.error) listener(this, this.#end.error);
    return this;
  }

  /** For the executor. Calls the listeners; all of them, then the first error is thrown. */
  end(reason: TaskEndReason): void | Promise<void> {
    const error = errorOf(reason);
    this.#end = error ? { error } : {};
    const calls = [
      ...(error ? this.#onFailure.reverse().map((listener) => () => listener(this, error)) : []),
      ...this.#onCompletion.reverse().map((listener) => () => listener(this)),
    ];
    if (calls.length === 0) return;
    return callAll(calls);
  }
}

/** What listeners add that a pass before has left counts for nothing, as all that it added. */
function inItsPass<A extends unknown[], R>(listener: (...args: A) => R): (...args: A) => R {
  const scope = currentTask();
  if (scope === undefined) return listener;
  return (...args) =>
    scope.added.state === 'dropped' ? inTask(scope, () => listener(...args)) : listener(...args);
}

function callAll(calls: (() => unknown)[]): void | Promise<void> {
  let failure: { error: unknown } | undefined;
  const fail = (error: unknown): void => {
    failure ??= { error };
  };
  const finish = (): void => {
    if (failure) throw failure.error;
  };
  for (const [index, call] of calls.entries()) {
    try {
      const said = call();
      if (typeof (said as { then?: unknown } | undefined | null)?.then !== 'function') continue;
      const rest = calls.slice(index + 1);
      return (said as Promise<unknown>)
        .then(undefined, fail)
        .then(() => callAll(rest))
        .then(finish, fail)
        .then(finish);
    } catch (error) {
      fail(error);
    }
  }
  finish();
}

function errorOf(reason: TaskEndReason): Error | undefined {
  switch (reason.kind) {
    case 'success':
      return undefined;
    case 'exception':
      return errorFromData(reason.error);
    case 'killed':
      return new Error(`task killed: ${reason.reason}`);
    case 'fetchFailed':
    case 'commitDenied':
      return new Error(reason.message);
    case 'executorLost':
      return new Error(reason.reason);
    default:
      return reason satisfies never;
  }
}
