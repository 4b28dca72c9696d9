/** Values as a drawing has them, and their kinds. */
import type { PlotValue } from '../plot-protocol.ts';
import type { ColumnType } from '../protocol.ts';

const MAX_TEXT = 200;

export function kindOf(value: unknown): ColumnType {
  if (value === null || value === undefined) return 'null';
  if (value instanceof Date) return 'date';
  const type = typeof value;
  return type === 'number' || type === 'string' || type === 'boolean' || type === 'bigint' ? type : 'json';
}

/** Finite numbers, milliseconds for dates, short texts; nothing for what has parts. */
export function plotValue(value: unknown): PlotValue {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'string') return value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return Number(value);
  if (!(value instanceof Date)) return null;
  const time = value.getTime();
  return Number.isNaN(time) ? null : time;
}

/** A part of a row: of a record by name, of a tuple by place, or the row itself. */
export type RowPart = string | number | null;

export function readPart(row: unknown, part: RowPart): unknown {
  if (part === null) return row;
  return (row as Record<string | number, unknown> | null | undefined)?.[part];
}
