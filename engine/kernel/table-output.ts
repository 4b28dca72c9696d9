/** Rows as a table a page can show: records, tuples, Map and Set; bounded, with the total beside it. */
import type { CellOutput, ColumnType } from '../protocol.ts';
import { compactText } from './bounded-text.ts';

type Table = Extract<CellOutput, { kind: 'table' }>;
type TableCell = string | number | boolean | null;
type Row = Record<string, unknown>;

const MAX_ROWS = 1_000;
const MAX_COLUMNS = 100;
const MAX_CELL_CHARACTERS = 1_000;
/** Keeps one table below the largest message. */
const MAX_TABLE_CHARACTERS = 180_000;
/** Rows looked at to find the columns. */
const SAMPLED_ROWS = 100;

function isRecord(value: unknown): value is Row {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** The value as a table, or undefined when it has no rows and columns. */
export function tableOutput(value: unknown): Table | undefined {
  if (value instanceof Map) return fromTuples(firstOf(value.entries()), value.size, ['key', 'value']);
  if (value instanceof Set) {
    return fromTuples(
      firstOf(value.values()).map((item) => [item]),
      value.size,
      ['value'],
    );
  }
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const shown = value.slice(0, MAX_ROWS);
  if (shown.every(isRecord)) return fromRecords(shown, value.length);
  if (shown.every((row) => Array.isArray(row) && row.length > 0)) {
    const tuples = shown as unknown[][];
    const width = Math.min(MAX_COLUMNS, Math.max(...tuples.map((row) => row.length)));
    return fromTuples(
      tuples,
      value.length,
      Array.from({ length: width }, (_, i) => `_${i + 1}`),
    );
  }
  return undefined;
}

function firstOf<T>(items: Iterator<T>): T[] {
  const first: T[] = [];
  for (let next = items.next(); !next.done && first.length < MAX_ROWS; next = items.next())
    first.push(next.value);
  return first;
}

function fromRecords(records: Row[], total: number): Table {
  const names = new Set<string>();
  for (const record of records.slice(0, SAMPLED_ROWS)) {
    for (const name of Object.keys(record)) if (names.size < MAX_COLUMNS) names.add(name);
  }
  const columns = [...names];
  return table(
    records.map((record) => columns.map((name) => record[name])),
    total,
    columns,
  );
}

function fromTuples(tuples: unknown[][], total: number, names: string[]): Table {
  return table(
    tuples.map((tuple) => names.map((_, i) => tuple[i])),
    total,
    names,
  );
}

function table(values: unknown[][], total: number, names: string[]): Table {
  const columns = names.map((name, i) => ({ name, type: columnType(values.map((row) => row[i])) }));
  const rows: TableCell[][] = [];
  let characters = 0;
  for (const row of values) {
    const cells = row.map(tableCell);
    for (const cell of cells) characters += typeof cell === 'string' ? cell.length + 3 : 8;
    if (characters > MAX_TABLE_CHARACTERS && rows.length > 0) break;
    rows.push(cells);
  }
  return { kind: 'table', columns, rows, total };
}

function kindOf(value: unknown): ColumnType {
  if (value === null || value === undefined) return 'null';
  if (value instanceof Date) return 'date';
  const type = typeof value;
  return type === 'number' || type === 'string' || type === 'boolean' || type === 'bigint' ? type : 'json';
}

function columnType(values: unknown[]): ColumnType {
  let found: ColumnType = 'null';
  for (const value of values) {
    const kind = kindOf(value);
    if (kind === 'null' || kind === found) continue;
    if (found !== 'null') return 'json';
    found = kind;
  }
  return found;
}

function tableCell(value: unknown): TableCell {
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'string') {
    return value.length > MAX_CELL_CHARACTERS ? `${value.slice(0, MAX_CELL_CHARACTERS)}…` : value;
  }
  if (typeof value === 'bigint') return compactText(value, MAX_CELL_CHARACTERS).replace(/n$/, '');
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  return compactText(value, MAX_CELL_CHARACTERS);
}
