/** A column in a few numbers: nulls, distinct values, range, mean, and a tiny histogram. */
import type { ColumnSummary, ColumnType } from '../protocol.ts';

const MAX_DISTINCT = 10_000;
const BINS = 12;
const MAX_TEXT = 100;

type Comparable = number | bigint | string;

function comparable(value: unknown): Comparable | undefined {
  if (typeof value === 'number') return Number.isNaN(value) ? undefined : value;
  if (typeof value === 'bigint') return value;
  if (typeof value === 'string') return value.length > MAX_TEXT ? value.slice(0, MAX_TEXT) : value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : value.getTime();
  return undefined;
}

function shown(value: Comparable, type: ColumnType): string | number {
  if (type === 'date') return new Date(Number(value)).toISOString();
  if (typeof value === 'bigint') return String(value);
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

export function summarize(values: readonly unknown[], type: ColumnType): ColumnSummary {
  const seen = new Set<unknown>();
  let [nulls, numbers, mean] = [0, 0, 0];
  let min: Comparable | undefined;
  let max: Comparable | undefined;
  for (const value of values) {
    if (value === null || value === undefined) {
      nulls += 1;
      continue;
    }
    const place = comparable(value);
    if (seen.size < MAX_DISTINCT) seen.add(place ?? value);
    if (place === undefined) continue;
    if (min === undefined || place < min) min = place;
    if (max === undefined || place > max) max = place;
    if (typeof value !== 'number' || !Number.isFinite(value)) continue;
    numbers += 1;
    mean += (value - mean) / numbers;
  }
  const summary: ColumnSummary = { rows: values.length, nulls, distinct: seen.size };
  if (seen.size === MAX_DISTINCT) summary.more = true;
  if (min === undefined || max === undefined || type === 'json') return summary;
  summary.min = shown(min, type);
  summary.max = shown(max, type);
  if (type === 'number' && numbers > 0) summary.mean = mean;
  const bins = histogram(values, Number(min), Number(max), type);
  if (bins) summary.bins = bins;
  return summary;
}

function histogram(
  values: readonly unknown[],
  min: number,
  max: number,
  type: ColumnType,
): number[] | undefined {
  if (type !== 'number' && type !== 'date' && type !== 'bigint') return undefined;
  if (!Number.isFinite(max - min) || max <= min) return undefined;
  const bins = new Array<number>(BINS).fill(0);
  for (const value of values) {
    if (value === null || value === undefined) continue;
    const place = Number(value);
    if (Number.isNaN(place)) continue;
    bins[Math.min(BINS - 1, Math.floor(((place - min) / (max - min)) * BINS))]! += 1;
  }
  return bins;
}
