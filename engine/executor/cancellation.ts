/**
 * Whether the running task is to stop. A task in a synchronous loop receives no messages, so it looks into a file
 * that control writes; how many rows lie between two looks follows from how long the last ones took.
 */
import { types } from 'node:util';
import type { TaskFile } from './task-file.ts';

const INTERVAL = 20;
const MOST_ROWS = 1 << 16;

export class TaskKilled extends Error {
  readonly reason: string;

  constructor(reason: string) {
    super(`task killed: ${reason}`);
    this.reason = reason;
  }
}

export class Cancellation {
  readonly #taskId: number;
  readonly #file: TaskFile | undefined;
  /** Called at every look: a chance to send what has been waiting. */
  readonly #onLook: () => void;
  #stop: { error: unknown } | undefined;
  /** Why the present pass over the partition leads nowhere, though the task may go on. */
  #passOver: { error: unknown } | undefined;
  #rows = 16;
  #lookedAt = performance.now();
  readonly #waiting = new Set<(error: unknown) => void>();

  constructor(taskId: number, file: TaskFile | undefined, onLook: () => void) {
    this.#taskId = taskId;
    this.#file = file;
    this.#onLook = onLook;
  }

  /** By message; reaches tasks that await. */
  kill(reason: string): void {
    this.fail(new TaskKilled(reason));
  }

  /** Ends the task with an error that did not come out of its own calls: an unhandled rejection, a timer's throw. */
  fail(error: unknown): void {
    this.#stop ??= { error };
    this.#endWaits(this.#stop.error);
  }

  /** Ends what is awaited, now and later, until a new pass begins; not the task. */
  endPass(error: unknown): void {
    this.#passOver ??= { error };
    this.#endWaits(this.#passOver.error);
  }

  newPass(): void {
    this.#passOver = undefined;
  }

  #endWaits(error: unknown): void {
    for (const reject of this.#waiting) reject(error);
    this.#waiting.clear();
  }

  /** Why the task is to stop, asked at any time; undefined while it may go on. */
  stopReason(): string | undefined {
    if (this.#stop === undefined && this.#file?.cancels(this.#taskId)) this.kill('cancelled');
    if (this.#stop === undefined) return undefined;
    const { error } = this.#stop;
    if (error instanceof TaskKilled) return error.reason;
    return error instanceof Error ? error.message : String(error);
  }

  throwIfStopped(): void {
    if (this.#stop !== undefined) throw this.#stop.error;
  }

  /** Throws when what the present pass computes counts for nothing: functions may have swallowed what told them so. */
  throwIfOver(): void {
    this.throwIfStopped();
    if (this.#passOver !== undefined) throw this.#passOver.error;
  }

  get isOver(): boolean {
    return this.#stop !== undefined || this.#passOver !== undefined;
  }

  /** Awaits what user code promised, or the end of the task or of its present pass. */
  wait<T>(promise: PromiseLike<T>): Promise<T> {
    // Nobody hears what it is rejected with, later, beside another task. To listen to what is lazy would begin it.
    if (this.isOver && types.isPromise(promise)) promise.then(undefined, () => {});
    this.throwIfOver();
    return new Promise<T>((resolve, reject) => {
      this.#waiting.add(reject);
      promise.then(
        (value) => {
          this.#waiting.delete(reject);
          resolve(value);
        },
        (error) => {
          this.#waiting.delete(reject);
          reject(error);
        },
      );
    });
  }

  /** Throws when the task is to stop; else how many rows may pass until the next call. */
  check = (): number => {
    this.throwIfStopped();
    const now = performance.now();
    const elapsed = now - this.#lookedAt;
    if (elapsed < INTERVAL) {
      if (elapsed < INTERVAL / 4) this.#rows = Math.min(this.#rows * 2, MOST_ROWS);
      return this.#rows;
    }
    this.#rows = Math.max(1, this.#rows >> 1);
    this.#lookedAt = now;
    if (this.#file?.cancels(this.#taskId)) this.kill('cancelled');
    this.throwIfStopped();
    this.#onLook();
    return this.#rows;
  };
}
