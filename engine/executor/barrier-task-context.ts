/** The running task of a barrier stage, as user code sees it: `BarrierTaskContext.get()`. */
import { errorFromData, StagelightError } from '../errors.ts';
import type { BarrierAnswer, BarrierMethod } from '../scheduler/backend.ts';
import type { Cancellation } from './cancellation.ts';
import { LeftBehind } from './lent-rows.ts';
import { describeValue } from './push-loop.ts';
import { TaskContext, type TaskIdentity, type TaskProbe } from './task-context.ts';
import { currentTask } from './task-scope.ts';

/** Where a task of a barrier stage runs. */
export interface BarrierTaskInfo {
  /** The executor, in words. */
  readonly address: string;
}

/** Tells control that the task has come to its call number `epoch`, and what control says to it. */
export type RequestBarrier = (
  epoch: number,
  method: BarrierMethod,
  message: string,
) => Promise<BarrierAnswer>;

interface BarrierCall {
  method: BarrierMethod;
  message: string;
  answer: Promise<string[]>;
}

/**
 * The calls of one task. A pass over the partition that begins again in the awaiting kind must make the same calls again,
 * for the others have heard them, and is given the same answers.
 */
export class BarrierCalls {
  readonly addresses: readonly string[];
  readonly #request: RequestBarrier;
  readonly #cancellation: Cancellation;
  readonly #calls: BarrierCall[] = [];
  #next = 0;

  constructor(addresses: readonly string[], request: RequestBarrier, cancellation: Cancellation) {
    this.addresses = addresses;
    this.#request = request;
    this.#cancellation = cancellation;
  }

  restart(): void {
    this.#next = 0;
  }

  async call(method: BarrierMethod, message: string): Promise<string[]> {
    // What is made of rows that could not be read the others must not hear.
    this.#cancellation.throwIfOver();
    // Those of the present pass are counted, and nobody answers a task that has ended.
    if ((currentTask()?.added.state ?? 'open') !== 'open') throw new LeftBehind();
    const epoch = this.#next++;
    const call = (this.#calls[epoch] ??= this.#begin(epoch, method, message));
    if (call.method !== method || call.message !== message) {
      const error = toldOtherwise(call, method, message);
      this.#cancellation.fail(error);
      throw error;
    }
    return this.#cancellation.wait(call.answer);
  }

  #begin(epoch: number, method: BarrierMethod, message: string): BarrierCall {
    const before = this.#calls[epoch - 1]?.answer ?? Promise.resolve([]);
    const answer = before.then(() => this.#ask(epoch, method, message));
    // Whoever called hears of it; the next call must not fail the task a second time.
    answer.catch(() => {});
    return { method, message, answer };
  }

  async #ask(epoch: number, method: BarrierMethod, message: string): Promise<string[]> {
    const answer = await this.#request(epoch, method, message);
    if ('error' in answer) throw errorFromData(answer.error);
    return answer.messages;
  }
}

function toldOtherwise(before: BarrierCall, method: BarrierMethod, message: string): StagelightError {
  const text = (of: { method: BarrierMethod; message: string }) =>
    of.method === 'barrier' ? 'barrier()' : `allGather(${describeValue(of.message)})`;
  return new StagelightError(
    'BARRIER_BEGUN_AGAIN',
    `the other tasks have heard ${text(before)}, and this one says ${text({ method, message })} now: it had to begin again`,
    {
      hint: 'Write async before functions that return promises, those before the barrier too, as in mapPartitions(async (rows) => work(rows)); checkpoint a dataset of hundreds of steps before the barrier; or read the rows before the first call.',
    },
  );
}

/** The context of a task whose stage was made by `rdd.barrier()`: all tasks of it run at the same time. */
export class BarrierTaskContext extends TaskContext {
  readonly #calls: BarrierCalls;

  constructor(identity: TaskIdentity, probe: TaskProbe, calls: BarrierCalls) {
    super(identity, probe);
    this.#calls = calls;
  }

  /** The context of the running task; NOT_IN_BARRIER_STAGE outside of one. */
  static override get(): BarrierTaskContext {
    const context = currentTask()?.context;
    if (context instanceof BarrierTaskContext) return context;
    const where = context ? 'this task is not one of a barrier stage' : 'no task runs here';
    throw new StagelightError('NOT_IN_BARRIER_STAGE', `BarrierTaskContext.get(): ${where}`, {
      hint: 'Call it in the function of rdd.barrier().mapPartitions(…).',
    });
  }

  /** Resolves when all tasks of the stage have called it. All must call it equally often, and await it. */
  async barrier(): Promise<void> {
    await this.#calls.call('barrier', '');
  }

  /** As barrier(); the texts that all tasks gave, in the order of their partitions. */
  allGather(message = ''): Promise<string[]> {
    if (typeof message !== 'string') {
      throw new StagelightError('INVALID_ARGUMENT', 'allGather: the message must be a text', {
        hint: 'Convert the value with String(value) or JSON.stringify(value).',
      });
    }
    return this.#calls.call('allGather', message);
  }

  /** Where the tasks of the stage run, in the order of their partitions. */
  getTaskInfos(): BarrierTaskInfo[] {
    return this.#calls.addresses.map((address) => ({ address }));
  }
}
