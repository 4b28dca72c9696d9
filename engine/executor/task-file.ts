/**
 * What control and an executor in a synchronous loop, which neither sends nor receives messages, tell each other: a file
 * of two numbers (float64). Control names the task to cancel, the executor the task it is at. A pipe would not do: what
 * the executor wrote last must be there after its death, however it came.
 */
import { closeSync, openSync, readSync, writeSync } from 'node:fs';

/** Unlike the names of what tasks write, which end in an underscore and the number of the task. */
export function taskFileName(executorId: string): string {
  return `tasks.${executorId}`;
}

const CANCELLED = 0;
const RUNNING = 8;
const NONE = -1;

class NumberCell {
  readonly #number = new Float64Array(1);
  readonly #bytes = new Uint8Array(this.#number.buffer);

  /** Undefined where nothing was written yet. */
  read(fd: number, at: number): number | undefined {
    return readSync(fd, this.#bytes, 0, 8, at) === 8 ? this.#number[0] : undefined;
  }

  write(fd: number, at: number, value: number): void {
    this.#number[0] = value;
    writeSync(fd, this.#bytes, 0, 8, at);
  }
}

/** The executor's side. */
export class TaskFile {
  readonly #fd: number;
  readonly #cell = new NumberCell();

  constructor(path: string) {
    this.#fd = openSync(path, 'r+');
  }

  cancels(taskId: number): boolean {
    return this.#cell.read(this.#fd, CANCELLED) === taskId;
  }

  runs(taskId: number): void {
    this.#cell.write(this.#fd, RUNNING, taskId);
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** Control's side, which makes the file. */
export class TaskFileOwner {
  readonly #fd: number;
  #closed = false;
  readonly #cell = new NumberCell();

  constructor(path: string) {
    this.#fd = openSync(path, 'w+', 0o600);
    this.cancel(NONE);
  }

  cancel(taskId: number): void {
    this.#cell.write(this.#fd, CANCELLED, taskId);
  }

  /** The task that the executor began last; undefined before its first, and when the file was closed. */
  begun(): number | undefined {
    return this.#closed ? undefined : this.#cell.read(this.#fd, RUNNING);
  }

  close(): void {
    this.#closed = true;
    closeSync(this.#fd);
  }
}
