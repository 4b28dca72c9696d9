/** Values of a table's cells: their order by column type, and their text. Pure. */
import type { ColumnType } from '../../engine/protocol.ts';

export type CellValue = string | number | boolean | null | undefined;

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

/** Numbers that JSON does not have stand in a cell as text (`-Infinity`, `NaN`), dates always do: these are read. */
function ordered(value: CellValue, type: ColumnType): CellValue {
  if (typeof value !== 'string') return value;
  return type === 'number' ? Number(value) : type === 'date' ? Date.parse(value) : value;
}

/** Ascending by the column's type; what is missing after everything. */
export function compareValues(left: CellValue, right: CellValue, type: ColumnType): number {
  const [noA, noB] = [isMissing(left, type), isMissing(right, type)];
  if (noA || noB) return Number(noA) - Number(noB);
  if (type === 'bigint') return compareBigints(left, right);
  // Dates of four digits are ordered as texts, also before a part of one: `2024-02`.
  const asText = type === 'date' && /^\d/.test(String(left)) && /^\d/.test(String(right));
  const [a, b] = asText ? [left, right] : [ordered(left, type), ordered(right, type)];
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  return collator.compare(String(a), String(b));
}

/** No value, or one without a place in the order: NaN, an invalid date. */
export function isMissing(value: CellValue, type: ColumnType): boolean {
  return value === null || value === undefined || Number.isNaN(ordered(value, type));
}

const whole = new Intl.NumberFormat('en-US');
const numbers = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 15 });

export function formatValue(value: CellValue, type: ColumnType): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'number') return numbers.format(value);
  if (type === 'bigint' && typeof value === 'string' && /^-?\d+$/.test(value))
    return whole.format(BigInt(value));
  return String(value);
}
