/**
 * Combines the values of equal keys, on the map side before they are written and on the reduce side after they are
 * read. Keys that are primitives are found in a Map as they are, others by their canonical string.
 */
import { StagelightError } from '../errors.ts';
import { keyToMapKey } from '../storage/key-encoding.ts';
import type { ExecutionMemory } from '../storage/memory-manager.ts';

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

/** A combiner in its place in the table. `key` is the first of the equal keys. */
interface Slot {
  key: unknown;
  value: unknown;
}

type Insert = (key: unknown, value: unknown) => void;
type InsertAll = (keys: readonly unknown[], values: readonly unknown[]) => void;

type InsertFactory = (
  primitives: Map<unknown, Slot>,
  others: Map<unknown, Slot>,
  mapKey: (key: unknown) => unknown,
  create: ((value: unknown) => unknown) | undefined,
  merge: (a: unknown, b: unknown) => unknown,
  isAsync: (result: unknown) => boolean,
  refuseAsync: () => never,
  grown: () => void,
) => { insert: Insert; insertAll: InsertAll };

/** New keys between two requests for memory. */
const KEYS_PER_REQUEST = 1024;
/** A Map entry, a slot, and its share of empty places. */
const SLOT_BYTES = 96;
const MAX_FACTORIES = 512;

const factories = new Map<string, InsertFactory>();

function insertFactory(id: string): InsertFactory {
  let factory = factories.get(id);
  if (factory === undefined) {
    if (factories.size === MAX_FACTORIES) factories.clear();
    factory = new Function(
      'primitives, others, mapKey, create, merge, isAsync, refuseAsync, grown',
      `// combiner ${id.replaceAll(/[^\w:.-]/g, '_')}
      const first = (map, place, key, value) => {
        const combined = create === undefined ? value : create(value);
        if (isAsync(combined)) refuseAsync();
        map.set(place, { key, value: combined });
        grown();
      };
      const insertOther = (key, value) => {
        const place = mapKey(key);
        const slot = others.get(place);
        if (slot === undefined) return first(others, place, key, value);
        const merged = merge(slot.value, value);
        if (isAsync(merged)) refuseAsync();
        slot.value = merged;
      };
      const insert = (key, value) => {
        if (typeof key !== 'string' && typeof key !== 'number' && typeof key !== 'boolean') return insertOther(key, value);
        const slot = primitives.get(key);
        if (slot === undefined) return first(primitives, key, key, value);
        const merged = merge(slot.value, value);
        if (typeof merged === 'object' && isAsync(merged)) refuseAsync();
        slot.value = merged;
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

function isThenable(result: unknown): boolean {
  return (
    typeof result === 'object' && result !== null && typeof (result as { then?: unknown }).then === 'function'
  );
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
  /** Adds a combiner made elsewhere. */
  readonly insertCombiner: Insert;
  readonly insertCombiners: InsertAll;

  private readonly primitives = new Map<unknown, Slot>();
  private readonly others = new Map<unknown, Slot>();
  private readonly memory: ExecutionMemory | undefined;
  private readonly onMemoryRefused: ((combiner: Combiner) => void) | undefined;
  private held = 0;
  private unaccounted = 0;

  constructor(functions: AggregatorFunctions, options: CombinerOptions) {
    this.memory = options.memory;
    this.onMemoryRefused = options.onMemoryRefused;
    const { primitives, others } = this;
    const grown = () => {
      if (++this.unaccounted === KEYS_PER_REQUEST) this.account();
    };
    const { createCombiner, mergeValue, mergeCombiners } = functions;
    const make = (
      side: string,
      create: AggregatorFunctions['createCombiner'],
      merge: AggregatorFunctions['mergeValue'],
    ) =>
      insertFactory(`${options.id}:${side}`)(
        primitives,
        others,
        keyToMapKey,
        create,
        merge,
        isThenable,
        refuseAsync,
        grown,
      );
    const values = make('values', createCombiner, mergeValue);
    const combiners = make('combiners', undefined, mergeCombiners);
    this.insertValue = values.insert;
    this.insertValues = values.insertAll;
    this.insertCombiner = combiners.insert;
    this.insertCombiners = combiners.insertAll;
  }

  get size(): number {
    return this.primitives.size + this.others.size;
  }

  private account(): void {
    this.unaccounted = 0;
    if (this.memory === undefined) return;
    const bytes = KEYS_PER_REQUEST * SLOT_BYTES;
    if (this.memory.acquire(bytes)) this.held += bytes;
    else this.onMemoryRefused?.(this);
  }

  forEach(visit: (key: unknown, combiner: unknown) => void): void {
    for (const slot of this.primitives.values()) visit(slot.key, slot.value);
    for (const slot of this.others.values()) visit(slot.key, slot.value);
  }

  /** All keys with their combiners, as parallel arrays. */
  toPairs(): { keys: unknown[]; values: unknown[] } {
    const keys: unknown[] = [];
    const values: unknown[] = [];
    this.forEach((key, combiner) => {
      keys.push(key);
      values.push(combiner);
    });
    return { keys, values };
  }

  /** Hands everything out and empties the combiner. */
  drain(visit: (key: unknown, combiner: unknown) => void): void {
    this.forEach(visit);
    this.release();
  }

  release(): void {
    this.primitives.clear();
    this.others.clear();
    this.memory?.release(this.held);
    this.held = 0;
    this.unaccounted = 0;
  }
}
