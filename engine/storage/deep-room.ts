/** Whether this process has room for one row, before it is read, or gone through to be written: V8 ends a process that has none. */
import { getHeapStatistics } from 'node:v8';
import { StagelightError } from '../errors.ts';

export interface DeepSize {
  /** The estimated bytes on the heap. */
  heap: number;
  objects: number;
  levels: number;
}

/** The rest of V8's limit is for young objects. */
const OLD_SHARE = 0.75;
/** The code of the engine and what belongs to it. */
const ENGINE = 10 << 20;
/** Of what is left a row may take; beside it are those who made it, or take it, and what is not collected yet. */
const ROW_SHARE = 0.75;

/** Asked once: it is not changed while a process runs. */
const room = Math.max(ENGINE, getHeapStatistics().heap_size_limit * OLD_SHARE - ENGINE);

/** Throws ROW_TOO_LARGE for a row that has no room, or none with so many bytes besides. `which`: names the row. */
export function needRoom(which: () => string, size: DeepSize, besides = 0): void {
  if (size.heap <= room * ROW_SHARE && size.heap + besides <= room) return;
  const mb = (bytes: number) => `${Math.ceil(bytes / 2 ** 20)} MB`;
  const many = (count: number) => count.toLocaleString('en-US');
  const deep = `nested ${many(size.levels)} levels deep${besides > 0 ? ' and more' : ''}`;
  const what = `${many(size.objects)} objects, ${deep}`;
  throw new StagelightError(
    'ROW_TOO_LARGE',
    `${which()} takes about ${mb(size.heap)} of memory (${what})${besides > 0 ? `, and ${mb(besides)} more while it is written` : ''}: too much for a process that has ${mb(room)} for rows`,
    {
      hint: 'Keep what is nested so deeply in a flat form (a list of nodes, each with the number of its parent), split the row into several, or raise --executor-memory.',
    },
  );
}
