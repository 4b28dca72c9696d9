/** What a chain begins with, in the forms its rows can be had: as rows, as keys and values, or as a join in the making. */
import type { PairBatch } from '../shuffle/shuffle-reader.ts';
import { BATCH_ROWS, type Batches } from './batches.ts';
import type { JoinTable } from './join-table.ts';

export interface PairSource {
  next(): PairBatch | undefined;
  close(): void;
}

/** A join, or the part of it that fits into memory: a push loop makes its rows, out of the table and the pairs that pass. */
export interface JoinPart {
  /** Of the left side, unless it `holdsRight`. */
  table: JoinTable;
  holdsRight: boolean;
  /** Of the other side. */
  passing: PairSource;
  /** Rows that pass come out too when they find no partner. */
  keepPassing: boolean;
  /** After all have passed: rows of the table that found no partner. */
  rest: PairSource | undefined;
}

export interface Source extends Batches {
  /** Instead of `next`. */
  pairs?: PairSource;
  /** Instead of `next`. */
  join?: () => Iterable<JoinPart>;
}

/** Pairs, made into rows only for those who pull rows. */
export function sourceOfPairs(pairs: PairSource): Source {
  let batch: PairBatch | undefined = { keys: [], values: [] };
  let at = 0;
  return {
    pairs,
    next() {
      while (batch !== undefined && at >= batch.keys.length) {
        batch = pairs.next();
        at = 0;
      }
      if (batch === undefined) return undefined;
      const { keys, values } = batch;
      const rows: unknown[] = [];
      for (const end = Math.min(keys.length, at + BATCH_ROWS); at < end; at++)
        rows.push([keys[at], values[at]]);
      return rows;
    },
    close: () => pairs.close(),
  };
}

/** Pairs written as a generator, one resumption per batch. */
export function pairsOfGenerator(generator: Generator<PairBatch, void>): PairSource {
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
