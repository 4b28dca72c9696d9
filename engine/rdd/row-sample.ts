/** A fair sample of rows, their number, and the range of every numeric part, in one pass of an `aggregate` action. */

import { plotValue, type RowPart } from './plot-value.ts';
import { nextSeed } from './row-groups.ts';

export interface RowSample {
  limit: number;
  count: number;
  rows: unknown[];
  ranges: Map<RowPart, [number, number]>;
  seed: number;
}

const MAX_PARTS = 200;

export function emptySample(limit: number): RowSample {
  return { limit, count: 0, rows: [], ranges: new Map(), seed: 1 };
}

/** The function of the `aggregate` action. */
export function sampleRow(sample: RowSample, row: unknown): RowSample {
  sample.count += 1;
  if (sample.rows.length < sample.limit) sample.rows.push(row);
  else {
    sample.seed = nextSeed(sample.seed);
    const place = sample.seed % sample.count;
    if (place < sample.limit) sample.rows[place] = row;
  }
  if (Array.isArray(row)) {
    for (let i = 0; i < row.length; i++) widen(sample, i, row[i]);
  } else if (typeof row === 'object' && row !== null && !(row instanceof Date)) {
    for (const name in row) widen(sample, name, (row as Record<string, unknown>)[name]);
  } else widen(sample, null, row);
  return sample;
}

function widen({ ranges }: RowSample, part: RowPart, value: unknown): void {
  if (typeof value === 'string') return;
  const number = plotValue(value);
  if (typeof number !== 'number') return;
  const range = ranges.get(part);
  if (range) {
    if (number < range[0]) range[0] = number;
    if (number > range[1]) range[1] = number;
  } else if (ranges.size < MAX_PARTS) ranges.set(part, [number, number]);
}

/** Adds the sample of one partition; each keeps its share. */
export function mergeSamples(into: RowSample, other: RowSample): RowSample {
  const count = into.count + other.count;
  if (into.rows.length + other.rows.length <= into.limit) into.rows.push(...other.rows);
  else {
    const fromOther = Math.min(other.rows.length, Math.round((into.limit * other.count) / count));
    const every = (rows: unknown[], length: number) =>
      Array.from(
        { length: Math.min(length, rows.length) },
        (_, i) => rows[Math.floor((i * rows.length) / length)],
      );
    into.rows = every(into.rows, into.limit - fromOther).concat(every(other.rows, fromOther));
  }
  into.count = count;
  for (const [part, [min, max]] of other.ranges) {
    const range = into.ranges.get(part);
    into.ranges.set(part, range ? [Math.min(range[0], min), Math.max(range[1], max)] : [min, max]);
  }
  return into;
}
