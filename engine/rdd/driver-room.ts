/**
 * Whether the driver has room for the rows of a result. Encoded they may take a byte each and be within every limit, and
 * in memory a hundred times as much: so they are decoded a frame at a time, and what does not fit is refused before V8
 * ends the thread, and the notebook with it.
 */
import { getHeapStatistics } from 'node:v8';
import { resourceLimits } from 'node:worker_threads';
import { placeOf, StagelightError } from '../errors.ts';
import { heapInUse, heapSpaces } from '../storage/heap-in-use.ts';
import type { Call } from './lineage.ts';

/** Of the heap of old objects: the rest is for what runs beside. */
const SHARE = 0.9;
/** Smaller results are not looked at while most of the heap is free. */
const SMALL = 16 << 20;
/** Places of a row in the arrays that actions make of those of the partitions, while these grow. */
const ROW_RESERVE = 16;
/** The same with its place in the Map that these make of their pairs, while it grows. */
const ENTRY_RESERVE = 72;
const MAKE_MAPS: ReadonlySet<string> = new Set([
  'collectAsMap',
  'countByKey',
  'countByValue',
  'reduceByKeyLocally',
]);
/** V8's. */
const MOST_ENTRIES = 2 ** 24;
/** So little of the heap is no room. */
const LEAST_SHARE = 0.02;

/** Of a worker's own heap, where it has one. */
const { maxOldGenerationSizeMb = 0 } = resourceLimits;
const heap =
  maxOldGenerationSizeMb > 0 ? maxOldGenerationSizeMb * 2 ** 20 : getHeapStatistics().heap_size_limit;
const limit = heap * SHARE;

/** Young objects become old ones. */
function pagesTaken(): number {
  const { young, oldPages } = heapSpaces();
  return young + oldPages;
}

/** Of one job. */
export class DriverRoom {
  readonly #call: Call;
  readonly #reserve: number;
  #rows = 0;
  #bytes = 0;
  /** Garbage was collected, and there is room up to here. */
  #enoughUpTo = 0;

  constructor(call: Call) {
    this.#call = call;
    this.#reserve = MAKE_MAPS.has(call.name) ? ENTRY_RESERVE : ROW_RESERVE;
  }

  /** So many rows came of so many bytes and are in memory. Throws RESULT_TOO_LARGE when there is no room for more. */
  took(rows: number, bytes: number): void {
    this.#rows += rows;
    this.#bytes += bytes;
    const reserve = this.#rows * this.#reserve;
    const { used_heap_size, total_heap_size } = getHeapStatistics();
    const used = total_heap_size < limit ? used_heap_size : Math.max(used_heap_size, pagesTaken());
    // Of some rows nothing is left when they are encoded (lists of nulls), and much when they are there.
    if (this.#bytes + reserve < SMALL && used < limit / 2) return;
    if (used + reserve <= limit || used <= this.#enoughUpTo) return;
    const inUse = heapInUse(limit - reserve);
    const room = limit - reserve - inUse;
    if (room < limit * LEAST_SHARE) throw this.#tooLarge(inUse);
    this.#enoughUpTo = inUse + room / 2;
  }

  #tooLarge(inUse: number): StagelightError {
    const { name, callSite } = this.#call;
    const mb = (bytes: number) => `${Math.round(bytes / 2 ** 20).toLocaleString('en-US')} MB`;
    return new StagelightError(
      'RESULT_TOO_LARGE',
      `${name}: the driver has no room for its rows: ${mb(inUse)} of ${mb(heap)} are in use after the first ` +
        `${this.#rows.toLocaleString('en-US')} rows (${mb(this.#bytes)} encoded)`,
      {
        hint: 'Aggregate before collecting, take() a part, walk through toLocalIterator(), write the rows with saveAsTextFile(), or raise --driver-memory.',
        ...(callSite && { position: placeOf(callSite) }),
      },
    );
  }
}

/** A Map of all pairs; RESULT_TOO_LARGE when they have more keys than a Map can. */
export function mapOf<K, V>(call: Call, pairs: [K, V][], most: number = MOST_ENTRIES): Map<K, V> {
  if (pairs.length <= most) return new Map(pairs);
  const map = new Map<K, V>();
  for (const [key, value] of pairs) {
    if (map.size === most && !map.has(key)) throw tooManyKeys(call, most);
    map.set(key, value);
  }
  return map;
}

function tooManyKeys({ name, callSite }: Call, most: number): StagelightError {
  return new StagelightError(
    'RESULT_TOO_LARGE',
    `${name}: there are more keys than the ${most.toLocaleString('en-US')} that a Map can have`,
    {
      hint: 'Keep them in a dataset: reduceByKey(), join(), or lookup() of single keys.',
      ...(callSite && { position: placeOf(callSite) }),
    },
  );
}
