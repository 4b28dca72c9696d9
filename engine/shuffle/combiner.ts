/**
 * Combines the values of equal keys, on the map side before they are written and on the reduce side after they are
 * read: one look-up per row, and combiners in one dense array.
 */

import type { GrowthMeter } from '../storage/growth-meter.ts';
import type { ExecutionMemory } from '../storage/memory-manager.ts';
import { withOwnText } from '../storage/own-text.ts';
import { EntryAccount, isLarge } from './entry-account.ts';
import { KeyIndex } from './key-index.ts';

/** The functions of Spark's Aggregator; without createCombiner the first value is the combiner. */
export interface AggregatorFunctions {
  createCombiner?: (value: unknown) => unknown;
  mergeValue: (combiner: unknown, value: unknown) => unknown;
  mergeCombiners: (a: unknown, b: unknown) => unknown;
}

export interface CombinerOptions {
  /**
   * Identifies the chain of operators this combiner belongs to. The inner loop is compiled once per id: loops that
   * share code share V8's type feedback, and then run several times slower.
   */
  id: string;
  memory?: ExecutionMemory;
  /** Called with a promise that one of the functions returned: only an AwaitingCombiner can go on with it. */
  onPromise: (from: keyof AggregatorFunctions, promise: unknown) => never;
  /**
   * Called when more memory is refused; empties the combiner with `drain`. On the map side what is drained is
   * simply written: the reducer merges it with the rest. Without it the combiner grows on.
   */
  onMemoryRefused?: (combiner: Combiner) => void;
}

type Insert = (key: unknown, value: unknown) => void;
type InsertAll = (keys: readonly unknown[], values: readonly unknown[]) => void;

/** What the compiled loop uses of a combiner. */
interface Table {
  index: KeyIndex;
  values: unknown[];
  meter: GrowthMeter;
  entries: EntryAccount;
  grown(): void;
  look(value: unknown): void;
}

type InsertFactory = (
  table: Table,
  create: ((value: unknown) => unknown) | undefined,
  merge: (a: unknown, b: unknown) => unknown,
  promised: (from: 'create' | 'merge', promise: unknown) => never,
  isLarge: (value: unknown) => boolean,
  own: (value: unknown) => unknown,
) => { insert: Insert; insertAll: InsertAll };

const MAX_FACTORIES = 512;

const factories = new Map<string, InsertFactory>();

function insertFactory(id: string): InsertFactory {
  let factory = factories.get(id);
  if (factory === undefined) {
    if (factories.size === MAX_FACTORIES) factories.clear();
    factory = new Function(
      'table, create, merge, promised, isLarge, own',
      `// combiner ${id.replaceAll(/[^\w:.-]/g, '_')}
      const { meter, entries } = table;
      const insert = (key, value) => {
        const { values } = table;
        if (entries.ownsText) {
          key = own(key);
          value = own(value);
        }
        const at = table.index.add(key);
        if (at === values.length) {
          const combined = create === undefined ? value : create(value);
          if (typeof combined === 'object' && combined !== null && typeof combined.then === 'function') promised('create', combined);
          values.push(combined);
          if (typeof combined !== 'number' && isLarge(combined)) table.look(combined);
          table.grown();
        } else {
          const merged = merge(values[at], value);
          values[at] = merged;
          if (typeof merged === 'string' || (typeof merged === 'object' && merged !== null)) {
            if (typeof merged.then === 'function') promised('merge', merged);
            if (--meter.left <= 0 || isLarge(value)) table.look(value);
          }
        }
      };
      const insertAll = (keys, values) => {
        for (let i = 0; i < keys.length; i++) insert(keys[i], values[i]);
      };
      return { insert, insertAll };`,
    ) as InsertFactory;
    factories.set(id, factory);
  }
  return factory;
}

export class Combiner {
  /** Adds one row of the input: creates or extends the combiner of its key. */
  readonly insertValue: Insert;
  readonly insertValues: InsertAll;
  /** Adds combiners made elsewhere. */
  readonly insertCombiner: Insert;
  readonly insertCombiners: InsertAll;

  private readonly table: Table;
  private readonly entries: EntryAccount;
  private readonly onMemoryRefused: ((combiner: Combiner) => void) | undefined;
  private unaccounted = 0;

  constructor(functions: AggregatorFunctions, options: CombinerOptions) {
    this.entries = new EntryAccount(options.memory);
    this.onMemoryRefused = options.onMemoryRefused;
    const table: Table = {
      index: new KeyIndex(),
      values: [],
      meter: this.entries.meter,
      entries: this.entries,
      grown: () => {
        if (++this.unaccounted === this.entries.step) this.account();
      },
      look: (value) => {
        if (!this.entries.look(value, table.index.keys, table.values)) this.onMemoryRefused?.(this);
      },
    };
    this.table = table;
    const { createCombiner, mergeValue, mergeCombiners } = functions;
    const { onPromise } = options;
    const values = insertFactory(`${options.id}:values`)(
      table,
      createCombiner,
      mergeValue,
      (from, promise) => onPromise(from === 'create' ? 'createCombiner' : 'mergeValue', promise),
      isLarge,
      withOwnText,
    );
    const combiners = insertFactory(`${options.id}:combiners`)(
      table,
      undefined,
      mergeCombiners,
      (_from, promise) => onPromise('mergeCombiners', promise),
      isLarge,
      withOwnText,
    );
    this.insertValue = values.insert;
    this.insertValues = values.insertAll;
    this.insertCombiner = combiners.insert;
    this.insertCombiners = combiners.insertAll;
  }

  get size(): number {
    return this.table.index.size;
  }

  /** Bytes of memory it has asked for. */
  get held(): number {
    return this.entries.held;
  }

  /** Whether a single key, which nothing can divide, may grow on. */
  insist(): boolean {
    return this.entries.insist([this.table.index.keys, this.table.values]);
  }

  private account(): void {
    this.unaccounted = 0;
    if (!this.entries.grow(this.table.index.keys, this.table.values)) this.onMemoryRefused?.(this);
  }

  /** All keys, in the order they first came, with their combiners. The arrays are the combiner's own. */
  toPairs(): { keys: unknown[]; values: unknown[] } {
    return { keys: this.table.index.keys, values: this.table.values };
  }

  /** Hands everything out and empties the combiner. */
  drain(visit: (key: unknown, combiner: unknown) => void): void {
    const { keys, values } = this.toPairs();
    for (let i = 0; i < keys.length; i++) visit(keys[i], values[i]);
    this.release();
  }

  /** Empties the combiner; arrays handed out stay as they are. */
  release(): void {
    this.table.index = new KeyIndex();
    this.table.values = [];
    this.entries.release();
    this.unaccounted = 0;
  }
}
