/** Rows that functions of the user read, closed behind those who stop early or fail. */
import { type Batches, rowsOf } from './batches.ts';

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

/** Ends calls whose function has failed, or is called again in the next pass of its task. */
export class LeftBehind extends Error {
  /** The loop of the pass that made the call: of no other one does this say anything. */
  readonly pass: object;

  /** Without a pass: of none that may still run. */
  constructor(cause?: unknown, pass: object = {}) {
    super('the function that made this call has failed, or is called again', { cause });
    this.pass = pass;
  }
}

export class LentRows {
  /** What the function gets, one iterator for each of the inputs. */
  readonly rows: IterableIterator<unknown>[];
  readonly #inputs: readonly Batches[];
  #closed = false;
  readonly #pass: object;
  #takenBack: LeftBehind | undefined;

  /** `pass`: the loop of the task's present pass. */
  constructor(inputs: readonly Batches[], pass: object) {
    this.#inputs = inputs;
    this.#pass = pass;
    this.rows = inputs.map((input) => rowsOf({ next: () => this.#next(input), close: () => input.close() }));
  }

  #next(input: Batches): unknown[] | undefined {
    if (this.#takenBack !== undefined) throw this.#takenBack;
    return input.next();
  }

  /** After the function, and whatever it returned, want no more. Generators that made the rows may throw here. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeAll(this.#inputs);
  }

  /**
   * The function failed, or is to be called again. What it left behind may still read, and must not take the rows that
   * it had for all there are: it gets an error instead.
   */
  takeBack(error: unknown): never {
    this.#takenBack ??= new LeftBehind(error, this.#pass);
    try {
      this.close();
    } catch {
      // What came first says more.
    }
    throw error;
  }
}
