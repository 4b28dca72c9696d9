/**
 * Whether the driver has room for what is sent to it, such as the rows of a result. Encoded they may take a byte each and be within every limit, and
 * in memory a hundred times as much: so they are decoded a frame at a time, and what does not fit is refused before V8
 * ends the thread, and the notebook with it.
 */
import { placeOf, StagelightError } from '../errors.ts';
import type { RowRoom } from '../storage/row-codec.ts';
import { type DriverHeap, driverHeap } from './driver-heap.ts';
import type { Call } from './lineage.ts';

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
/** So little of the heap is no room. */
const LEAST_SHARE = 0.02;

/** Looks at the heap while what is sent to the driver is read into it. */
export abstract class ReadingRoom {
  readonly #heap: DriverHeap;
  #bytes = 0;
  /** Bytes of the heap at the latest step, and the most that one has taken, with what was made on the way. */
  #before: number;
  #largestStep = 0;

  constructor(heap: DriverHeap) {
    this.#heap = heap;
    this.#before = heap.used;
  }

  /** Encoded bytes that were read. */
  protected get bytes(): number {
    return this.#bytes;
  }

  /** Whatever is there could be there twice more. */
  protected get isMostlyFree(): boolean {
    return this.#heap.used < this.#heap.limit / 4;
  }

  /** So much more is read at once, and `reserve` is still to be made of what was read. Throws when there is no room. */
  protected next(heap: number, reserve: number): void {
    if (heap < SMALL / 2) return;
    const { limit } = this.#heap;
    const inUse = this.#heap.inUse(reserve + heap, 0);
    if (inUse !== undefined && inUse > limit - reserve - heap)
      throw this.tooLarge(this.#words(inUse), heap, reserve);
  }

  /** So many encoded bytes were read and are in memory. Throws when there is no room for more. */
  protected step(bytes: number, reserve: number): void {
    const { limit, used } = this.#heap;
    this.#bytes += bytes;
    this.#largestStep = Math.max(this.#largestStep, bytes, used - this.#before);
    this.#before = used;
    // Of some rows nothing is left when they are encoded (lists of nulls), and much when they are there.
    if (this.#bytes + reserve < SMALL && used < limit / 2) return;
    const inUse = this.#heap.inUse(reserve, this.#largestStep);
    if (inUse === undefined) return;
    if (limit - reserve - inUse < limit * LEAST_SHARE) throw this.tooLarge(this.#words(inUse), 0, reserve);
    this.#before = Math.min(used, inUse);
  }

  #words(bytes: number): string {
    return `${megabytes(bytes)} of ${megabytes(this.#heap.size)} are in use`;
  }

  /** `next`: what comes at once, where that is what there is no room for. */
  protected abstract tooLarge(inUse: string, next: number, reserve: number): StagelightError;
}

export function megabytes(bytes: number): string {
  const mb = bytes / 2 ** 20;
  return `${mb > 0 && mb < 10 ? mb.toFixed(1) : Math.round(mb).toLocaleString('en-US')} MB`;
}

/** Of one job. */
export class DriverRoom extends ReadingRoom implements RowRoom {
  readonly #call: Call;
  readonly #reserve: number;
  #rows = 0;

  constructor(call: Call, heap: DriverHeap = driverHeap) {
    super(heap);
    this.#call = call;
    this.#reserve = MAKE_MAPS.has(call.name) ? ENTRY_RESERVE : ROW_RESERVE;
  }

  /** Rows come that take so many bytes of heap. Throws RESULT_TOO_LARGE when there is no room for them. */
  comes(heap: number): void {
    this.next(heap, this.#rows * this.#reserve);
  }

  /** So many rows came of a frame of so many bytes and are in memory. Throws RESULT_TOO_LARGE when there is no room for more. */
  took(rows: number, bytes: number): void {
    this.#rows += rows;
    this.step(bytes, this.#rows * this.#reserve);
  }

  protected override tooLarge(inUse: string, next: number): StagelightError {
    const { name, callSite } = this.#call;
    return new StagelightError(
      'RESULT_TOO_LARGE',
      `${name}: the driver has no room for its rows: ${inUse} after the first ` +
        `${this.#rows.toLocaleString('en-US')} rows (${megabytes(this.bytes)} encoded)${next > 0 ? `, and the next takes about ${megabytes(next)}` : ''}`,
      {
        hint: 'Aggregate before collecting, take() a part, walk through toLocalIterator(), write the rows with saveAsTextFile(), or raise --driver-memory.',
        ...(callSite && { position: placeOf(callSite) }),
      },
    );
  }
}
