/**
 * Combines the values of equal keys, on the map side before they are written and on the reduce side after they are
 * read: one look-up per row, and combiners in one dense array.
 */
import { StagelightError } from '../errors.ts';
import type { ExecutionMemory } from '../storage/memory-manager.ts';
import { estimateSize } from '../storage/size-estimate.ts';
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
  grown(): void;
}

type InsertFactory = (
  table: Table,
  create: ((value: unknown) => unknown) | undefined,
  merge: (a: unknown, b: unknown) => unknown,
  refuseAsync: () => never,
) => { insert: Insert; insertAll: InsertAll };

/** New keys between two requests for memory. */
const KEYS_PER_REQUEST = 1024;
/** A key, a combiner, and the places of the table. */
const ENTRY_BYTES = 48;
const SAMPLED_KEYS = 4;
const MAX_FACTORIES = 512;

const factories = new Map<string, InsertFactory>();

function insertFactory(id: string): InsertFactory {
  let factory = factories.get(id);
  if (factory === undefined) {
    if (factories.size === MAX_FACTORIES) factories.clear();
    factory = new Function(
      'table, create, merge, refuseAsync',
      `// combiner ${id.replaceAll(/[^\w:.-]/g, '_')}
      const insert = (key, value) => {
        const { values } = table;
        const at = table.index.add(key);
        if (at === values.length) {
          const combined = create === undefined ? value : create(value);
          if (typeof combined === 'object' && combined !== null && typeof combined.then === 'function') refuseAsync();
          values.push(combined);
          table.grown();
        } else {
          const merged = merge(values[at], value);
          if (typeof merged === 'object' && merged !== null && typeof merged.then === 'function') refuseAsync();
          values[at] = merged;
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

function refuseAsync(): never {
  throw new StagelightError('ASYNC_AGGREGATOR', 'a function that combines values by key returned a promise', {
    hint: 'Combine synchronously; do the asynchronous part in a map before or a mapValues after.',
  });
}

export class Combiner {
  /** Adds one row of the input: creates or extends the combiner of its key. */
  readonly insertValue: Insert;
  readonly insertValues: InsertAll;
  /** Adds combiners made elsewhere. */
  readonly insertCombiners: InsertAll;

  private readonly table: Table;
  private readonly memory: ExecutionMemory | undefined;
  private readonly onMemoryRefused: ((combiner: Combiner) => void) | undefined;
  private held = 0;
  private unaccounted = 0;

  constructor(functions: AggregatorFunctions, options: CombinerOptions) {
    this.memory = options.memory;
    this.onMemoryRefused = options.onMemoryRefused;
    const table: Table = {
      index: new KeyIndex(),
      values: [],
      grown: () => {
        if (++this.unaccounted === KEYS_PER_REQUEST) this.account();
      },
    };
    this.table = table;
    const { createCombiner, mergeValue, mergeCombiners } = functions;
    const values = insertFactory(`${options.id}:values`)(table, createCombiner, mergeValue, refuseAsync);
    const combiners = insertFactory(`${options.id}:combiners`)(table, undefined, mergeCombiners, refuseAsync);
    this.insertValue = values.insert;
    this.insertValues = values.insertAll;
    this.insertCombiners = combiners.insertAll;
  }

  get size(): number {
    return this.table.index.size;
  }

  private account(): void {
    this.unaccounted = 0;
    if (this.memory === undefined) return;
    const { keys } = this.table.index;
    const { values } = this.table;
    let bytes = KEYS_PER_REQUEST * ENTRY_BYTES;
    // The newest few stand for all since the last request.
    for (let i = keys.length - SAMPLED_KEYS; i < keys.length; i++) {
      bytes += (estimateSize(keys[i]) + estimateSize(values[i])) * (KEYS_PER_REQUEST / SAMPLED_KEYS);
    }
    if (this.memory.acquire(bytes)) this.held += bytes;
    else this.onMemoryRefused?.(this);
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
    this.memory?.release(this.held);
    this.held = 0;
    this.unaccounted = 0;
  }
}
