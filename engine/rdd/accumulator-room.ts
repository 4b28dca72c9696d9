/** Whether the driver has room for what the tasks of a stage added to an accumulator, beside the value that is there already. */
import { placeOf, StagelightError } from '../errors.ts';
import type { CallSite } from '../protocol.ts';
import { isPlainObject } from '../storage/plain-object.ts';
import { mapBytes, setBytes, tableBytes, textBytes } from '../storage/size-estimate.ts';
import { type DriverHeap, driverHeap } from './driver-heap.ts';
import { megabytes, ReadingRoom } from './driver-room.ts';

/** Of an item of a list, while it grows. */
const PLACE = 16;
/** What is less is not worth saying. */
const MUCH = 1 << 20;
const FEW_NAMES = 1024;

/** What is said when there is none. */
export interface Addition {
  /** The accumulator as errors call it, and where it was made. */
  title: string;
  callSite: CallSite | undefined;
  stageId: number;
  /** Of all that the stage added to it, encoded. */
  bytes: number;
}

export class AccumulatorRoom extends ReadingRoom {
  readonly #addition: Addition;

  constructor(addition: Addition, heap: DriverHeap = driverHeap) {
    super(heap);
    this.#addition = addition;
  }

  /** Something large is read or made next. Throws ACCUMULATED_TOO_MUCH when there is no room for it. */
  comes(heap: number): void {
    this.next(heap, 0);
  }

  /** So many bytes were read. Throws ACCUMULATED_TOO_MUCH when there is no room for more. */
  took(bytes: number, reserve: number): void {
    this.step(bytes, reserve);
  }

  /** These are merged into one, which may be a third beside them. Throws ACCUMULATED_TOO_MUCH when there is no room for it. */
  merges(a: unknown, b: unknown): void {
    this.step(0, this.isMostlyFree ? 0 : placesOf(a, b));
  }

  protected override tooLarge(inUse: string, next: number, reserve: number): StagelightError {
    const { title, callSite, stageId, bytes } = this.#addition;
    const more = next + reserve;
    return new StagelightError(
      'ACCUMULATED_TOO_MUCH',
      `${title}: the driver has no room for what stage ${stageId} added (${megabytes(bytes)} encoded): ${inUse} with ` +
        `${megabytes(this.bytes)} of it read${more >= MUCH ? `, and the next step takes up to ${megabytes(more)}` : ''}`,
      {
        hint: 'Add less, write rows with saveAsTextFile(), reset() the accumulator once its value was used, or raise --driver-memory.',
        ...(callSite && { position: placeOf(callSite) }),
      },
    );
  }
}

/** Bytes of the places of what is made of two lists, tables or texts; what lies in them is there. */
function placesOf(a: unknown, b: unknown): number {
  if (typeof a === 'string' && typeof b === 'string') return textBytes(a) + textBytes(b);
  if (Array.isArray(a) && Array.isArray(b)) return (a.length + b.length) * PLACE;
  if (a instanceof Map && b instanceof Map) return mapBytes(a.size + b.size);
  if (a instanceof Set && b instanceof Set) return setBytes(a.size + b.size);
  if (!isRecord(a) || !isRecord(b)) return 0;
  const names = Object.keys(a).length + Object.keys(b).length;
  return names > FEW_NAMES ? tableBytes(names) : 0;
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && isPlainObject(value);
}
