/** Values of a table's cells: their order by column type, and their text. Pure. */
import type { ColumnType } from '../../engine/protocol.ts';

export type CellValue = string | number | boolean | null;

export function isNumeric(type: ColumnType | undefined): boolean {
  return type === 'number' || type === 'bigint';
}

const collator = new Intl.Collator('en', { numeric: true });

function compareBigints(a: CellValue, b: CellValue): number {
  try {
    const [x, y] = [BigInt(String(a)), BigInt(String(b))];
    return x < y ? -1 : x > y ? 1 : 0;
  } catch {
    return collator.compare(String(a), String(b));
  }
}

/** Ascending by the column's type; null and NaN after everything. */
export function compareValues(a: CellValue, b: CellValue, type: ColumnType): number {
  const [noA, noB] = [isMissing(a), isMissing(b)];
  if (noA || noB) return Number(noA) - Number(noB);
  if (type === 'bigint') return compareBigints(a, b);
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  return collator.compare(String(a), String(b));
}

function isMissing(value: CellValue): boolean {
  return value === null || (typeof value === 'number' && Number.isNaN(value));
}

const whole = new Intl.NumberFormat('en-US');
const numbers = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 15 });

export function formatValue(value: CellValue, type: ColumnType): string {
  if (value === null) return 'null';
  if (typeof value === 'number') return numbers.format(value);
  if (type === 'bigint' && typeof value === 'string' && /^-?\d+$/.test(value))
    return whole.format(BigInt(value));
  return String(value);
}
