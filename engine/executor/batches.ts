/** Rows on their way between two loops: arrays of about a thousand, pulled one after the other. */
import { care } from '../storage/care.ts';
import { estimateSize } from '../storage/size-estimate.ts';
import { BATCH_ROWS, BatchSize } from './batch-size.ts';

export { BATCH_ROWS };

export interface Batches {
  /** The next rows, possibly none; undefined at the end. The array belongs to the caller until the next call. */
  next(): unknown[] | undefined;
  /** Releases files, at the end or on an early stop; closed once more it does nothing. */
  close(): void;
}

const nothing = () => {};

/** One array handed out whole. */
export function batchesOf(rows: unknown[]): Batches {
  let given = false;
  return {
    next() {
      if (given) return undefined;
      given = true;
      return rows;
    },
    close: nothing,
  };
}

/** Smaller batches need no bound, unless their rows are large. */
const LOOKED_AT = 16;
const LARGE_BYTES = 1 << 16;

/** As `for of` takes what an iterator gives: what is no object would never be done. */
export function stepOf(step: unknown): IteratorResult<unknown> {
  if (Object(step) !== step) throw new TypeError(`Iterator result ${String(step)} is not an object`);
  return step as IteratorResult<unknown>;
}

/** The rows of any iterable, gathered into batches that start small, so that an early stop asks for little. */
export function batchesFrom(iterable: Iterable<unknown>): Batches {
  if (Array.isArray(iterable)) return batchesOf(iterable);
  const iterator = iterable[Symbol.iterator]();
  let size = 1;
  let limit: BatchSize | undefined;
  let ended = false;
  return {
    next() {
      if (ended) return undefined;
      const rows: unknown[] = [];
      // One that throws has ended.
      ended = true;
      while (rows.length < size) {
        const step = iterator.next();
        if (step.done) return rows;
        const { value } = step;
        // What is no object has no value; looking at each would cost a quarter of the time of a plain generator.
        if (value === undefined) stepOf(step);
        rows.push(value);
      }
      ended = false;
      if (limit !== undefined || rows.length >= LOOKED_AT || estimateSize(rows[0]) > LARGE_BYTES) {
        limit ??= new BatchSize();
        limit.look(rows, rows.length);
      }
      size = care.isTaken ? 1 : Math.min(size * 2, limit?.rows ?? BATCH_ROWS);
      return rows;
    },
    close() {
      if (ended) return;
      ended = true;
      iterator.return?.();
    },
  };
}

/** Batches written as a generator, one resumption per batch. */
export function batchesOfGenerator(generator: Generator<unknown[], void>): Batches {
  return {
    next() {
      const step = generator.next();
      return step.done ? undefined : step.value;
    },
    close() {
      generator.return();
    },
  };
}

/** What user code sees of batches: an ordinary iterator of rows. */
export function rowsOf(batches: Batches): IterableIterator<unknown> {
  let rows: unknown[] | undefined = [];
  let index = 0;
  const end = (): IteratorResult<unknown> => ({ done: true, value: undefined });
  return {
    next() {
      while (rows !== undefined) {
        if (index < rows.length) return { done: false, value: rows[index++] };
        // Not held while the next are made: rows may be large.
        rows = [];
        rows = batches.next();
        index = 0;
      }
      return end();
    },
    return() {
      rows = undefined;
      batches.close();
      return end();
    },
    [Symbol.iterator]() {
      return this;
    },
  };
}

/** Every row in one new array. */
export function gather(batches: Batches): unknown[] {
  const all: unknown[] = [];
  for (let rows = batches.next(); rows !== undefined; rows = batches.next()) {
    for (let i = 0; i < rows.length; i++) all.push(rows[i]);
  }
  batches.close();
  return all;
}
