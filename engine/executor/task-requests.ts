/** What running tasks ask control and wait for: may this output be made visible, have all tasks come to the barrier. */
import type { BarrierAnswer, BarrierMethod } from '../scheduler/backend.ts';
import type { FromExecutor, ToExecutor } from './messages.ts';

export type TaskReply = Extract<ToExecutor, { type: 'commitReply' | 'barrierReply' }>;

export class TaskRequests {
  readonly #send: (message: FromExecutor) => void;
  readonly #commits = new Map<number, (allowed: boolean) => void>();
  /** Tasks of barrier stages that wait for the others. */
  readonly #barriers = new Map<number, (answer: BarrierAnswer) => void>();

  /** What it is given to send leaves at once: a task waits for the answer. */
  constructor(send: (message: FromExecutor) => void) {
    this.#send = send;
  }

  commit(taskId: number): Promise<boolean> {
    return new Promise((resolve) => {
      this.#commits.set(taskId, resolve);
      this.#send({ type: 'commitRequest', taskId });
    });
  }

  barrier(taskId: number, epoch: number, method: BarrierMethod, message: string): Promise<BarrierAnswer> {
    return new Promise((resolve) => {
      this.#barriers.set(taskId, resolve);
      this.#send({ type: 'barrierRequest', taskId, epoch, method, message });
    });
  }

  receive(reply: TaskReply): void {
    const { taskId } = reply;
    if (reply.type === 'commitReply') {
      this.#commits.get(taskId)?.(reply.allowed);
      this.#commits.delete(taskId);
    } else {
      this.#barriers.get(taskId)?.(reply.answer);
      this.#barriers.delete(taskId);
    }
  }

  /** It waits at no barrier any more: it may have been cancelled there. */
  taskOver(taskId: number): void {
    this.#barriers.delete(taskId);
  }
}
