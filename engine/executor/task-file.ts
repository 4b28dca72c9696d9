/**
 * What control and an executor in a synchronous loop, which neither sends nor receives messages, tell each other: a file
 * of numbers (float64). Control names the task to cancel, up to which task it takes back those not begun and which of them
 * stays, the executor the task it is at. A pipe would not do: what the executor wrote last must be there after its death,
 * however it came.
 *
 * A task that control takes back must not be begun, and nobody waits for an answer. So each side writes before it reads
 * (Dekker's mutual exclusion): the executor which task it is about to begin, then reads what is taken back; control
 * what it takes back, then reads which task that is. Whoever reads second has the other's word; `take-back.ts` says what
 * follows from it.
 */
import { closeSync, openSync, readSync, writeSync } from 'node:fs';

/** Unlike the names of what tasks write, which end in an underscore and the number of the task. */
export function taskFileName(executorId: string): string {
  return `tasks.${executorId}`;
}

const CANCELLED = 0;
const TAKEN_BACK = 8;
/** Twice, once with the sign changed: a number read while it was being written does not pass for another. */
const RUNNING = 16;
const KEPT = 32;
const NUMBERS = 5;
const NONE = -1;

/** Where an executor stands in its queue, which it goes through in the order of numbers. */
export interface Standing {
  /** The task it was about to begin last; −1 before its first. */
  taskId: number;
  /** It has not begun that and will not. */
  left: boolean;
}

/** As one number: −2 and less for tasks that were left, so that before the first is −1. */
const asLeft = (taskId: number) => -2 - taskId;

class NumberCell {
  readonly #numbers = new Float64Array(NUMBERS);
  readonly #bytes = new Uint8Array(this.#numbers.buffer);

  read(fd: number, at: number): number {
    return readSync(fd, this.#bytes, 0, 8, at) === 8 ? this.#numbers[0]! : NONE;
  }

  write(fd: number, at: number, value: number): void {
    this.#numbers[0] = value;
    writeSync(fd, this.#bytes, 0, 8, at);
  }

  /** Undefined while it is being written. */
  readPair(fd: number, at: number): number | undefined {
    return readSync(fd, this.#bytes, 0, 16, at) === 16 && this.#numbers[0] === -this.#numbers[1]!
      ? this.#numbers[0]
      : undefined;
  }

  writePair(fd: number, at: number, value: number): void {
    this.#numbers[0] = value;
    this.#numbers[1] = -value;
    writeSync(fd, this.#bytes, 0, 16, at);
  }

  /** All of the file. */
  clear(fd: number): void {
    this.#numbers.fill(NONE);
    writeSync(fd, this.#bytes, 0, this.#bytes.length, 0);
    this.writePair(fd, RUNNING, NONE);
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

  /** To be called before `takenBack` is asked whether it may. */
  begins(taskId: number): void {
    this.#cell.writePair(this.#fd, RUNNING, taskId);
  }

  /** The task that it said it was about to begin was taken back. */
  leaves(taskId: number): void {
    this.#cell.writePair(this.#fd, RUNNING, asLeft(taskId));
  }

  /** Of the tasks up to this one, those not begun are not to be, except the one that is `kept`. */
  takenBack(): number {
    return this.#cell.read(this.#fd, TAKEN_BACK);
  }

  /** To be asked after `takenBack`. */
  kept(): number {
    return this.#cell.read(this.#fd, KEPT);
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** Control's side, which makes the file. */
export class TaskFileOwner {
  readonly #fd: number;
  #closed = false;
  #takenBack = NONE;
  readonly #cell = new NumberCell();

  constructor(path: string) {
    this.#fd = openSync(path, 'w+', 0o600);
    this.#cell.clear(this.#fd);
  }

  cancel(taskId: number): void {
    this.#cell.write(this.#fd, CANCELLED, taskId);
  }

  /** Not taken back with others. To be called before `takeBack`. */
  keep(taskId: number): void {
    this.#cell.write(this.#fd, KEPT, taskId);
  }

  /** Tasks up to this one are not to be begun any more. To be called before `standing` is asked which were. */
  takeBack(lastTaskId: number): void {
    // What was taken back once stays so: it may still stand in the executor's queue.
    this.#takenBack = Math.max(this.#takenBack, lastTaskId);
    this.#cell.write(this.#fd, TAKEN_BACK, this.#takenBack);
  }

  /** Undefined while the executor writes it down, and when the file was closed. */
  standing(): Standing | undefined {
    const at = this.#closed ? undefined : this.#cell.readPair(this.#fd, RUNNING);
    if (at === undefined) return undefined;
    return at >= 0 ? { taskId: at, left: false } : { taskId: asLeft(at), left: true };
  }

  close(): void {
    this.#closed = true;
    closeSync(this.#fd);
  }
}
