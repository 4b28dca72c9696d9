/** Which reduce partition a key (or, for the random partitioner, a row) belongs to. */
import { StagelightError } from '../errors.ts';
import type { PartitionerSpec } from '../rdd/plan.ts';
import { compareKeys } from '../storage/compare-keys.ts';
import { hashKey } from '../storage/key-encoding.ts';
import { hashInt } from '../storage/murmur3.ts';

export type Partitioner = (key: unknown) => number;

export interface PartitionerContext {
  /** For the range partitioner: the ascending upper bounds of all partitions but the last. */
  bounds?: readonly unknown[];
  /** For a custom partitioner. */
  closure?: (key: unknown) => unknown;
  /** Called with a promise that it returned, which cannot be awaited here. */
  onPromise?: (promise: unknown) => never;
  /** The map partition whose rows are placed: where round-robin starts depends on it alone. */
  mapPartition: number;
}

const LINEAR_SEARCH_BOUNDS = 128;

export function makePartitioner(spec: PartitionerSpec, context: PartitionerContext): Partitioner {
  switch (spec.kind) {
    case 'hash':
      return hashPartitioner(spec.numPartitions);
    case 'range':
      return rangePartitioner(context.bounds ?? [], spec.ascending);
    case 'random':
      return roundRobinPartitioner(spec.numPartitions, spec.seed, context.mapPartition);
    case 'custom':
      return customPartitioner(spec.numPartitions, context);
    default:
      return spec satisfies never;
  }
}

function hashPartitioner(numPartitions: number): Partitioner {
  return (key) => {
    // `| 0` keeps V8 on integers: the remainder of a negative number may be −0.
    const rest = (hashKey(key) % numPartitions) | 0;
    return rest < 0 ? rest + numPartitions : rest;
  };
}

/** Keys up to and including bounds[p] belong to p; a descending order mirrors the partitions. */
function rangePartitioner(bounds: readonly unknown[], ascending: boolean): Partitioner {
  const last = bounds.length;
  const numbers = bounds.every((bound) => typeof bound === 'number' && !Number.isNaN(bound))
    ? Float64Array.from(bounds as readonly number[])
    : undefined;
  const search = last <= LINEAR_SEARCH_BOUNDS ? linearSearch : binarySearch;
  return (key) => {
    const place =
      numbers !== undefined && typeof key === 'number' && !Number.isNaN(key)
        ? searchNumbers(numbers, key)
        : search(bounds, key);
    return ascending ? place : last - place;
  };
}

function linearSearch(bounds: readonly unknown[], key: unknown): number {
  let place = 0;
  while (place < bounds.length && compareKeys(key, bounds[place]) > 0) place++;
  return place;
}

function binarySearch(bounds: readonly unknown[], key: unknown): number {
  let low = 0;
  let high = bounds.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareKeys(key, bounds[middle]) > 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function searchNumbers(bounds: Float64Array, key: number): number {
  let low = 0;
  let high = bounds.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (key > bounds[middle]!) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Positional, so that a recomputed map partition with the same rows in the same order places them alike. */
function roundRobinPartitioner(numPartitions: number, seed: number, mapPartition: number): Partitioner {
  let next = (xorShift(hashInt(mapPartition, seed | 0)) >>> 0) % numPartitions;
  return () => {
    const place = next;
    next = next + 1 === numPartitions ? 0 : next + 1;
    return place;
  };
}

function xorShift(state: number): number {
  let x = state === 0 ? 1 : state;
  x ^= x << 13;
  x ^= x >>> 17;
  return x ^ (x << 5);
}

function customPartitioner(numPartitions: number, { closure, onPromise }: PartitionerContext): Partitioner {
  if (closure === undefined) throw new Error('a custom partitioner needs its closure');
  return (key) => {
    const place = closure(key);
    if (isPlace(place, numPartitions)) return place;
    if (typeof (place as PromiseLike<unknown> | undefined | null)?.then === 'function') onPromise?.(place);
    throw noPlace(place, numPartitions);
  };
}

function isPlace(place: unknown, numPartitions: number): place is number {
  return typeof place === 'number' && Number.isInteger(place) && place >= 0 && place < numPartitions;
}

/** What a custom partitioner answered, once it is awaited. */
export function requirePlace(place: unknown, numPartitions: number): number {
  if (isPlace(place, numPartitions)) return place;
  throw noPlace(place, numPartitions);
}

function noPlace(place: unknown, numPartitions: number): StagelightError {
  return new StagelightError(
    'PARTITIONER_RESULT',
    `the partitioner returned ${describe(place)} where an integer from 0 to ${numPartitions - 1} is needed`,
    { hint: `Return a whole number below ${numPartitions}, for example Math.abs(n) % ${numPartitions}.` },
  );
}

function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  return typeof value === 'number' || value === undefined || value === null
    ? String(value)
    : `a value of type ${typeof value}`;
}
