/** Rows that functions of the user read, closed behind those who stop early or fail. */
import { isInstance, StagelightError } from '../errors.ts';
import { type Batches, rowsOf } from './batches.ts';
import type { Cancellation } from './cancellation.ts';
import { currentTask, inTask, type TaskScope, tellRunning } from './task-scope.ts';

/** Closes each, also when others fail to; the first of their errors is thrown. */
export function closeAll(all: Iterable<{ close(): void }>): void {
  let failed: { error: unknown } | undefined;
  for (const each of all) {
    try {
      each.close();
    } catch (error) {
      failed ??= { error };
    }
  }
  if (failed !== undefined) throw failed.error;
}

/** Ends calls whose function has ended, or is called again in the next pass of its task. */
export class LeftBehind extends Error {
  constructor(cause?: unknown) {
    super('the function that made this call has ended, or is called again', { cause });
  }
}

/** Rows that the engine had made and has no more, or has no room to make. */
const GONE = new Set([
  'CACHED_ROWS_LOST',
  'CACHED_ROWS_UNREADABLE',
  'CACHED_ROWS_DIFFER',
  'LOCAL_CHECKPOINT_LOST',
  'CHECKPOINT_MISSING',
  'CHECKPOINT_CORRUPT',
  'NO_SPACE',
  'BLOCKS_UNWRITABLE',
]);

/** How often calls are told that their rows have not come to their end: those that ask on and on must end some time. */
const MOST_TOLD = 1000;

export class LentRows {
  /** What the function gets, one iterator for each of the inputs. */
  readonly rows: IterableIterator<unknown>[];
  readonly #inputs: readonly Batches[];
  readonly #cancellation: Cancellation;
  readonly #failed = new Map<Batches, { error: unknown }>();
  /** Of the calls that the function begins: what they are told others are not. */
  readonly #scope: TaskScope | undefined;
  #told = 0;
  #closed = false;

  constructor(inputs: readonly Batches[], cancellation: Cancellation) {
    this.#inputs = inputs;
    this.#cancellation = cancellation;
    const scope = currentTask();
    this.#scope = scope && { context: scope.context, added: scope.added };
    this.rows = inputs.map((input) => rowsOf({ next: () => this.#next(input), close: () => input.close() }));
  }

  #next(input: Batches): unknown[] | undefined {
    if (this.#told > MOST_TOLD) return undefined;
    try {
      // The rows that it had are not all there are: neither for what the function left behind,
      if (this.#closed) throw new LeftBehind();
      // nor in a pass that counts for nothing,
      this.#cancellation.throwIfOver();
      // nor for a function that reads on behind an error: the rows that would come next nobody knows.
      const failed = this.#failed.get(input);
      if (failed !== undefined) this.#cancellation.fail(failed.error);
      this.#cancellation.throwIfStopped();
      return input.next();
    } catch (error) {
      // Not of these rows, but of what the engine had of them: whatever functions make of that, the task ends so.
      if (isInstance(error, StagelightError) && GONE.has(error.code)) this.#cancellation.fail(error);
      if (this.#cancellation.isOver) this.#tell('over');
      else if (this.#closed) this.#tell('left');
      else this.#failed.set(input, { error });
      throw error;
    }
  }

  #tell(why: 'over' | 'left'): void {
    this.#told++;
    tellRunning(why);
  }

  /** Calls the function. */
  within<R>(call: () => R): R {
    return this.#scope === undefined ? call() : inTask(this.#scope, call);
  }

  /** After the function, and whatever it returned, want no more. Generators that made the rows may throw here. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeAll(this.#inputs);
  }

  /** The function failed, or is to be called again. */
  takeBack(error: unknown): never {
    try {
      this.close();
    } catch {
      // What came first says more.
    }
    throw error;
  }
}
