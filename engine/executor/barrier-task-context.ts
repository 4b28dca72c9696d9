/** The running task of a barrier stage, as user code sees it: `BarrierTaskContext.get()`. */
import { errorFromData, StagelightError } from '../errors.ts';
import type { BarrierAnswer, BarrierMethod } from '../scheduler/backend.ts';
import { LeftBehind } from './lent-rows.ts';
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

/** For the answer, or the end of the task or of its present pass, which the next one outlives. */
type Wait = (answer: Promise<string[]>) => Promise<string[]>;

/**
 * The calls of one task. A pass over the partition that begins again in the awaiting kind makes the same calls again, and
 * is given the same answers.
 */
export class BarrierCalls {
  readonly addresses: readonly string[];
  readonly #request: RequestBarrier;
  readonly #wait: Wait;
  readonly #calls: { method: BarrierMethod; answer: Promise<string[]> }[] = [];
  #next = 0;

  constructor(addresses: readonly string[], request: RequestBarrier, wait: Wait) {
    this.addresses = addresses;
    this.#request = request;
    this.#wait = wait;
  }

  restart(): void {
    this.#next = 0;
  }

  call(method: BarrierMethod, message: string): Promise<string[]> {
    // Those of the present pass are counted.
    if (currentTask()?.added.state === 'dropped') return Promise.reject(new LeftBehind());
    const epoch = this.#next++;
    const known = this.#calls[epoch];
    if (known?.method === method) return this.#wait(known.answer);
    const before = this.#calls[epoch - 1]?.answer ?? Promise.resolve([]);
    const answer = before.then(() => this.#ask(epoch, method, message));
    // Whoever called hears of it; the next call must not fail the task a second time.
    answer.catch(() => {});
    this.#calls[epoch] = { method, answer };
    return this.#wait(answer);
  }

  async #ask(epoch: number, method: BarrierMethod, message: string): Promise<string[]> {
    const answer = await this.#request(epoch, method, message);
    if ('error' in answer) throw errorFromData(answer.error);
    return answer.messages;
  }
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
