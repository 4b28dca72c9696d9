/** The smallest and largest value of a column in words, short enough for its head. */
import type { TableColumn } from '../../engine/protocol.ts';
import { formatValue } from './cell-value.ts';

const LONGEST = 24;

/** One value of a summary: six digits of a number, the beginning of a long text. */
export function summaryWords(value: string | number, type: TableColumn['type']): string {
  const words = formatValue(typeof value === 'number' ? Number(value.toPrecision(6)) : value, type);
  return words.length > LONGEST ? `${words.slice(0, LONGEST - 1)}…` : words;
}

/** `1 … 99`; undefined where the column has no order. */
export function rangeWords({ summary, type }: TableColumn): string | undefined {
  if (summary?.min === undefined || summary.max === undefined) return undefined;
  return `${summaryWords(summary.min, type)} … ${summaryWords(summary.max, type)}`;
}
