/** What an approximate action has found when its time is over: an estimate now, the exact result when its job ends. */
export class PartialResult<R> {
  /** The estimate made when time was over; the exact result when the job had ended by then. */
  readonly initialValue: R;
  readonly isInitialValueFinal: boolean;
  readonly #final: Promise<R>;

  constructor(initialValue: R, final: Promise<R> | undefined) {
    this.initialValue = initialValue;
    this.isInitialValueFinal = final === undefined;
    this.#final = final ?? Promise.resolve(initialValue);
    // Whoever is content with the estimate need not look after the job.
    this.#final.catch(() => {});
  }

  /** The exact result, once all partitions are computed; rejected when the job fails or is cancelled. */
  getFinalValue(): Promise<R> {
    return this.#final;
  }

  /** The same with both values changed by `fn`. */
  map<S>(fn: (value: R) => S): PartialResult<S> {
    return new PartialResult(
      fn(this.initialValue),
      this.isInitialValueFinal ? undefined : this.#final.then(fn),
    );
  }
}
