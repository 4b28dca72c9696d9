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

export class LentRows {
  /** What the function gets, one iterator for each of the inputs. */
  readonly rows: IterableIterator<unknown>[];
  readonly #inputs: readonly Batches[];
  #closed = false;
  #failed: { error: unknown } | undefined;

  constructor(inputs: readonly Batches[]) {
    this.#inputs = inputs;
    this.rows = inputs.map((input) => rowsOf({ next: () => this.#next(input), close: () => input.close() }));
  }

  #next(input: Batches): unknown[] | undefined {
    if (this.#failed !== undefined) throw this.#failed.error;
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
   * it had for all there are: it gets the error instead.
   */
  takeBack(error: unknown): never {
    this.#failed ??= { error };
    try {
      this.close();
    } catch {
      // What came first says more.
    }
    throw error;
  }
}
