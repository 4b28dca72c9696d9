/** Whether this process has room for one row, before it is read, or gone through to be written: V8 ends a process that has none. */
import { StagelightError } from '../errors.ts';
import { heapInUse } from './heap-in-use.ts';
import { ENGINE_HEAP, OLD_LIMIT } from './heap-room.ts';

export interface DeepSize {
  /** The estimated bytes on the heap. */
  heap: number;
  objects: number;
  levels: number;
}

/** Of what is left a row may take; beside it are those who made it, or take it, and what is not collected yet. */
const ROW_SHARE = 0.75;
/** Of what was met, for each object. */
const TABLE_BYTES = 24;
/** No object takes less. */
const LEAST_OBJECT = 32;
const SLACK = 1 << 20;
/** Large rows of fewer levels are not large because of these. */
const DEEP = 24;
const FLATTEN =
  'Keep what is nested so deeply in a flat form (a list of nodes, each with the number of its parent), ';

const room = Math.max(ENGINE_HEAP, OLD_LIMIT - ENGINE_HEAP);

/**
 * Throws ROW_TOO_LARGE when a row that is in memory has no room to be gone through by someone who keeps a table of its
 * objects. `size` may be estimated: by what it is too large for, it is compared with what there really is.
 */
export function needRoomToWrite(which: () => string, size: DeepSize): void {
  if (size.heap <= room * ROW_SHARE && size.heap + size.objects * TABLE_BYTES <= room) return;
  const inUse = heapInUse(OLD_LIMIT - SLACK);
  const heap = Math.min(size.heap, inUse);
  const objects = Math.min(size.objects, Math.ceil(heap / LEAST_OBJECT));
  const table = objects * TABLE_BYTES;
  if (inUse + table > OLD_LIMIT - SLACK) throw tooLarge(which, { ...size, heap, objects }, table);
}

/** Throws ROW_TOO_LARGE when there is no room for rows that are to be read. */
export function needRoomToRead(which: () => string, size: DeepSize): void {
  if (size.heap > room * ROW_SHARE) throw tooLarge(which, size, 0);
}

function tooLarge(which: () => string, size: DeepSize, besides: number): StagelightError {
  const mb = (bytes: number) => `${Math.ceil(bytes / 2 ** 20)} MB`;
  const many = (count: number) => count.toLocaleString('en-US');
  const isDeep = size.levels > DEEP;
  const deep = isDeep ? `, nested ${many(size.levels)} levels deep${besides > 0 ? ' and more' : ''}` : '';
  const what = size.objects > 1 ? ` (${many(size.objects)} objects${deep})` : '';
  return new StagelightError(
    'ROW_TOO_LARGE',
    `${which()} takes about ${mb(size.heap)} of memory${what}${besides > 0 ? `, and ${mb(besides)} more while it is written` : ''}: too much for a process that has ${mb(room)} for rows`,
    {
      hint: `${isDeep ? FLATTEN : ''}${isDeep ? 's' : 'S'}plit the row into several, or raise --executor-memory.`,
    },
  );
}
