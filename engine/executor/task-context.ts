/** The task that is running in this process, as user code sees it: `TaskContext.get()`. */

export interface TaskIdentity {
  partitionId: number;
  stageId: number;
  attemptNumber: number;
  taskAttemptId: number;
}

let current: TaskContext | undefined;

export class TaskContext {
  readonly #identity: TaskIdentity;

  constructor(identity: TaskIdentity) {
    this.#identity = identity;
  }

  /** The context of the running task; undefined in the driver. */
  static get(): TaskContext | undefined {
    return current;
  }

  partitionId(): number {
    return this.#identity.partitionId;
  }

  stageId(): number {
    return this.#identity.stageId;
  }

  /** How often this partition was tried before: 0 for the first attempt. */
  attemptNumber(): number {
    return this.#identity.attemptNumber;
  }

  /** Unique among all task attempts of the application. */
  taskAttemptId(): number {
    return this.#identity.taskAttemptId;
  }
}

/** An executor has one slot and therefore one running task; undefined between tasks. */
export function setTaskContext(context: TaskContext | undefined): void {
  current = context;
}
