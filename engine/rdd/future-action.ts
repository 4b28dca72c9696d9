/** An action under way that can be cancelled by itself: what collectAsync, countAsync and their kin return. */
import { currentScope, runInScope } from './job-scope.ts';

export class FutureAction<T> implements PromiseLike<T> {
  readonly #result: Promise<T>;
  readonly #abort = new AbortController();
  #completed = false;

  /** Starts `action` at once; the jobs it submits end when this is cancelled, and it submits no further ones. */
  constructor(action: () => Promise<T>) {
    const { signal } = this.#abort;
    const outer = currentScope();
    const either = outer?.signal ? AbortSignal.any([outer.signal, signal]) : signal;
    this.#result = runInScope({ ...outer, signal: either }, action);
    const complete = () => {
      this.#completed = true;
    };
    // Whoever cancels need not await the result: its rejection is then no accident.
    this.#result.then(complete, complete);
  }

  /** Ends the running job and keeps further ones from starting; the result is then rejected with JOB_CANCELLED. */
  cancel(reason = 'its future was cancelled'): void {
    this.#abort.abort(reason);
  }

  get isCancelled(): boolean {
    return this.#abort.signal.aborted;
  }

  get isCompleted(): boolean {
    return this.#completed;
  }

  // biome-ignore lint/suspicious/noThenProperty: awaiting it is awaiting its result
  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#result.then(onFulfilled, onRejected);
  }

  catch<B = never>(onRejected: (reason: unknown) => B | PromiseLike<B>): Promise<T | B> {
    return this.#result.catch(onRejected);
  }

  finally(onFinally: () => void): Promise<T> {
    return this.#result.finally(onFinally);
  }
}
