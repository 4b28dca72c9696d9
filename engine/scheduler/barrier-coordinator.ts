/**
 * Where the tasks of a barrier stage meet (Spark's BarrierCoordinator): each call of `barrier()` or `allGather()` is
 * answered when all tasks of the attempt have made theirs. One that can never be is refused instead of waited for.
 */
import type { ErrorData } from '../protocol.ts';
import type { BarrierAnswer, BarrierMethod } from './backend.ts';
import type { TaskCommand } from './events.ts';
import type { RunningTask } from './running-task.ts';
import { DONE, type TaskSetState } from './task-set.ts';

interface Sync {
  /** How often all have met. */
  epoch: number;
  method: BarrierMethod;
  waiting: Map<RunningTask, string>;
  deadline: number;
}

function failure(code: string, message: string, hint: string): ErrorData {
  return { code, name: 'StagelightError', message, hint };
}

export class BarrierCoordinator {
  readonly #timeout: number;
  readonly #command: (command: TaskCommand) => void;
  readonly #syncs = new Map<TaskSetState, Sync>();

  constructor(timeout: number, command: (command: TaskCommand) => void) {
    this.#timeout = timeout;
    this.#command = command;
  }

  get size(): number {
    return this.#syncs.size;
  }

  request(task: RunningTask, epoch: number, method: BarrierMethod, message: string, now: number): void {
    const { set } = task;
    if (set.mode !== 'active') return;
    let sync = this.#syncs.get(set);
    if (!sync) this.#syncs.set(set, (sync = { epoch: 0, method, waiting: new Map(), deadline: 0 }));
    if (epoch !== sync.epoch) {
      const error = failure(
        'BARRIER_SYNC_OVER',
        `call ${epoch} of ${method}() is over: the tasks are at call ${sync.epoch}`,
        'Await each call of barrier() and allGather() before the next.',
      );
      this.#answer(task, { epoch, error });
      return;
    }
    if (sync.waiting.size === 0) {
      sync.method = method;
      sync.deadline = now + this.#timeout;
    }
    sync.waiting.set(task, message);
    if (sync.method !== method) this.#refuse(sync, differentMethods(task, sync, method));
    else if (set.status.includes(DONE)) this.#refuse(sync, endedWithout(set, sync));
    else if (sync.waiting.size === set.status.length) this.#meet(sync);
  }

  #meet(sync: Sync): void {
    const tasks = [...sync.waiting].sort(([a], [b]) => a.info.partition - b.info.partition);
    const messages = sync.method === 'allGather' ? tasks.map(([, message]) => message) : [];
    const { epoch } = sync;
    sync.epoch++;
    sync.waiting.clear();
    for (const [task] of tasks) this.#answer(task, { epoch, messages });
  }

  #refuse(sync: Sync, error: ErrorData): void {
    const tasks = [...sync.waiting.keys()];
    sync.waiting.clear();
    for (const task of tasks) this.#answer(task, { epoch: sync.epoch, error });
  }

  #answer({ info }: RunningTask, answer: BarrierAnswer): void {
    this.#command({ type: 'answerBarrier', executorId: info.executorId, taskId: info.taskId, answer });
  }

  /** One of the tasks has ended well: the others wait for it in vain. */
  taskSucceeded(set: TaskSetState): void {
    const sync = this.#syncs.get(set);
    if (sync && sync.waiting.size > 0) this.#refuse(sync, endedWithout(set, sync));
  }

  /** The set is over. */
  ended(set: TaskSetState): void {
    this.#syncs.delete(set);
  }

  /** Refuses those that have waited too long. */
  wake(now: number): void {
    for (const [set, sync] of this.#syncs) {
      if (sync.waiting.size === 0 || sync.deadline > now) continue;
      const here = new Set([...sync.waiting.keys()].map(({ info }) => info.partition));
      const missing = set.taskSet.partitions.filter((partition) => !here.has(partition));
      this.#refuse(
        sync,
        failure(
          'BARRIER_SYNC_TIMEOUT',
          `${sync.method}() was not called by all tasks within ${this.#timeout} ms: partitions ${missing.join(', ')} did not come`,
          'Give the tasks more time with --conf stagelight.barrier.sync.timeout=…, or see what those partitions do.',
        ),
      );
    }
  }

  nextDeadline(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { waiting, deadline } of this.#syncs.values())
      if (waiting.size > 0) next = Math.min(next, deadline);
    return next;
  }
}

function differentMethods(task: RunningTask, sync: Sync, method: BarrierMethod): ErrorData {
  return failure(
    'BARRIER_METHODS_DIFFER',
    `partition ${task.info.partition} called ${method}() where another called ${sync.method}()`,
    'All tasks of a barrier stage must make the same calls in the same order.',
  );
}

function endedWithout(set: TaskSetState, sync: Sync): ErrorData {
  const ended = set.taskSet.partitions.filter((_, position) => set.status[position] === DONE);
  return failure(
    'BARRIER_TASK_ENDED',
    `${sync.method}() waits for partition ${ended.join(', ')}, which ended without calling it`,
    'Call barrier() and allGather() as often in every partition, whatever its rows are.',
  );
}
