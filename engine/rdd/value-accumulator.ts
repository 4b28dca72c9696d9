/** Accumulators of other values: a list of what was added, or whatever functions of the user make. */
import type { CapturedValue, ShippedHandle } from '../closure/closure.ts';
import { loadValue } from '../closure/load-closure.ts';
import { StagelightError } from '../errors.ts';
import {
  Accumulator,
  type AccumulatorIdentity,
  HANDLE,
  type MergedPartial,
  type Merging,
  merging,
  peek,
} from './accumulator.ts';
import { noNewValue } from './accumulator-errors.ts';

/** A list of what was added, in the order of partitions. */
export class CollectionAccumulator<T> extends Accumulator<T, T[]> {
  #values: T[] = [];
  protected override readonly kind = 'collection';

  /** A copy of the list. */
  override get value(): T[] {
    return [...this.#values];
  }

  override [peek](): T[] {
    return this.#values;
  }

  override add(value: T): void {
    this.#values.push(value);
  }

  override reset(): void {
    this.#values = [];
  }

  override get [HANDLE](): ShippedHandle {
    return { type: 'accumulator', data: this.handle() };
  }

  override get [merging](): Merging<T[]> {
    return {
      start: () => [],
      add: (total, partial: MergedPartial) => {
        if ('value' in partial) for (const each of partial.value as T[]) total.push(each);
        return total;
      },
      finish: (total) => {
        for (const each of total) this.#values.push(each);
      },
      show: (total) => total,
    };
  }
}

/** How a custom accumulator adds and merges. */
export interface AccumulatorFunctions<V, T> {
  /** Where every task, and the value, begins. Merging it with anything changes nothing. */
  zero: V;
  /** Runs in tasks: the value with one more in it. */
  add: (value: V, added: T) => V;
  /** Runs in the driver: one value out of two. */
  merge: (a: V, b: V) => V;
}

export class CustomAccumulator<V, T> extends Accumulator<T, V> {
  readonly #functions: AccumulatorFunctions<V, T>;
  readonly #zero: CapturedValue;
  #value: V;
  protected override readonly kind = 'custom';

  constructor(identity: AccumulatorIdentity, functions: AccumulatorFunctions<V, T>, zero: CapturedValue) {
    super(identity);
    this.#functions = functions;
    this.#zero = zero;
    this.#value = this.#freshZero();
  }

  #freshZero(): V {
    return loadValue(this.#zero.bytes) as V;
  }

  override get value(): V {
    return this.#value;
  }

  override add(value: T): void {
    this.#value = this.#checked('add', this.#functions.add(this.#value, value));
  }

  override reset(): void {
    this.#value = this.#freshZero();
  }

  #checked(fn: string, value: V): V {
    const isPromise = typeof (value as { then?: unknown } | undefined | null)?.then === 'function';
    if (isPromise || (value === undefined && this.#functions.zero !== undefined))
      throw noNewValue(this.title, fn, value, this.callSite);
    return value;
  }

  #merge(a: V, b: V): V {
    let merged: V;
    try {
      merged = this.#functions.merge(a, b);
    } catch (cause) {
      const said = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
      throw new StagelightError('ACCUMULATOR_MERGE', `${this.title}: merge threw ${said}`, {
        hint: 'merge is given the value so far and what a stage added, each made by add out of zero.',
        position: this.callSite,
        cause,
      });
    }
    return this.#checked('merge', merged);
  }

  override get [HANDLE](): ShippedHandle {
    const { bytes, fingerprint, imports } = this.#zero;
    return {
      type: 'accumulator',
      data: this.handle({ zero: bytes }),
      fingerprint: `${this.id} ${fingerprint}`,
      values: [this.#functions.add],
      imports,
    };
  }

  override get [merging](): Merging<V> {
    return {
      start: () => this.#freshZero(),
      add: (total, partial: MergedPartial) =>
        'value' in partial ? this.#merge(total, partial.value as V) : total,
      finish: (total) => {
        this.#value = this.#merge(this.#value, total);
      },
      show: (total) => total,
    };
  }
}
