/**
 * Combines the values of equal keys with functions that return promises. The merges of one key follow each other in
 * the order of its rows; those of different keys overlap, as many at once as a task may have on their way.
 */
import { EntryAccount, isLarge } from '../shuffle/entry-account.ts';
import { KeyIndex } from '../shuffle/key-index.ts';
import type { ExecutionMemory } from '../storage/memory-manager.ts';
import { withOwnText } from '../storage/own-text.ts';
import { InFlight } from './in-flight.ts';
import { isThenable } from './push-loop.ts';

export interface AwaitingFunctions {
  /** Absent: the first value is the combiner. */
  create: ((value: unknown) => unknown) | undefined;
  merge: (combiner: unknown, value: unknown) => unknown;
}

export interface AwaitingCombinerOptions {
  memory: ExecutionMemory;
  /** Awaits a promise or the end of the task. */
  wait: <T>(promise: PromiseLike<T>) => Promise<T>;
  failedAt: (error: unknown, key: unknown) => void;
  /** Empties the combiner with `drain`; without it the combiner grows on. */
  onMemoryRefused?: () => Promise<void>;
}

export class AwaitingCombiner {
  readonly #functions: AwaitingFunctions;
  readonly #options: AwaitingCombinerOptions;
  readonly #entries: EntryAccount;
  readonly #flying: InFlight<void>;
  #index = new KeyIndex();
  #values: unknown[] = [];
  /** The last merge on its way of each key that has one. */
  readonly #merging = new Map<number, Promise<void>>();
  #unaccounted = 0;

  constructor(functions: AwaitingFunctions, options: AwaitingCombinerOptions) {
    this.#functions = functions;
    this.#options = options;
    this.#entries = new EntryAccount(options.memory);
    this.#flying = new InFlight(options.wait);
  }

  async insert(givenKey: unknown, givenValue: unknown): Promise<void> {
    if (this.#flying.full) await this.#flying.next();
    const key = this.#entries.ownsText ? withOwnText(givenKey) : givenKey;
    const value = this.#entries.ownsText ? withOwnText(givenValue) : givenValue;
    const at = this.#index.add(key);
    const isNew = at === this.#values.length;
    if (isNew) this.#values.push(undefined);
    const before = this.#merging.get(at);
    try {
      const result =
        before === undefined ? this.#step(at, isNew, value) : before.then(() => this.#step(at, false, value));
      if (isThenable(result)) this.#settleLater(at, key, result);
      else this.#values[at] = result;
    } catch (error) {
      this.#options.failedAt(error, key);
      throw error;
    }
    if (isNew && ++this.#unaccounted === this.#entries.step) await this.#account();
    if (isLarge(value) || (!isNew && --this.#entries.meter.left <= 0)) await this.#look(value);
  }

  #step(at: number, isNew: boolean, value: unknown): unknown {
    const { create, merge } = this.#functions;
    if (!isNew) return merge(this.#values[at], value);
    return create === undefined ? value : create(value);
  }

  #settleLater(at: number, key: unknown, result: PromiseLike<unknown>): void {
    const settled = Promise.resolve(result).then(
      (combined) => {
        this.#values[at] = combined;
        if (this.#merging.get(at) === settled) this.#merging.delete(at);
      },
      (error) => {
        this.#options.failedAt(error, key);
        throw error;
      },
    );
    this.#merging.set(at, settled);
    this.#flying.add(settled);
  }

  get size(): number {
    return this.#values.length;
  }

  get held(): number {
    return this.#entries.held;
  }

  insist(): boolean {
    return this.#entries.insist([this.#index.keys, this.#values]);
  }

  /** The key of a combiner that has no other. */
  get firstKey(): unknown {
    return this.#index.keys[0];
  }

  async #account(): Promise<void> {
    this.#unaccounted = 0;
    await this.#settle();
    if (!this.#entries.grow(this.#index.keys, this.#values)) await this.#options.onMemoryRefused?.();
  }

  async #look(value: unknown): Promise<void> {
    // What is on its way would not be measured.
    await this.#settle();
    if (!this.#entries.look(value, this.#index.keys, this.#values)) await this.#options.onMemoryRefused?.();
  }

  async #settle(): Promise<void> {
    while (this.#flying.size > 0) await this.#flying.next();
  }

  /** All keys, in the order they first came, with their combiners; empties the combiner. */
  async takePairs(): Promise<{ keys: unknown[]; values: unknown[] }> {
    await this.#settle();
    const pairs = { keys: this.#index.keys, values: this.#values };
    this.release();
    return pairs;
  }

  release(): void {
    this.#index = new KeyIndex();
    this.#values = [];
    this.#merging.clear();
    this.#entries.release();
    this.#unaccounted = 0;
  }
}
