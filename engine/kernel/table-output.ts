/** Rows as a table a page can show: records, tuples, Map and Set; bounded, with the total beside it. */
import type { CellOutput, ColumnType, JsonNode, TableColumn } from '../protocol.ts';
import { compactText } from './bounded-text.ts';
import { summarize } from './column-summary.ts';
import { jsonNode } from './json-output.ts';

type Table = Extract<CellOutput, { kind: 'table' }>;
type TableCell = string | number | boolean | null;
type Row = Record<string, unknown>;

const MAX_ROWS = 5_000;
const MAX_COLUMNS = 2_000;
const MAX_CELL_CHARACTERS = 1_000;
/** Keeps one table below the largest message. */
const MAX_TABLE_CHARACTERS = 150_000;
const MAX_NESTED_CHARACTERS = 40_000;
const NESTED_CELL_CHARACTERS = 2_000;
/** Rows looked at to find the columns. */
const SAMPLED_ROWS = 100;
/** Values looked at for summaries, and columns that get one. */
const MAX_SUMMARIZED = 1_000_000;
const MAX_SUMMARIES = 60;

function isRecord(value: unknown): value is Row {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** The value as a table, or undefined when it has no rows and columns. */
export function tableOutput(value: unknown): Table | undefined {
  if (value instanceof Map) return fromTuples(firstOf(value.entries()), value.size, ['key', 'value']);
  if (value instanceof Set) return fromTuples(firstOf(value.values()).map(single), value.size, ['value']);
  if (!Array.isArray(value) || value.length === 0) return undefined;
  return fromArray(value, value.length);
}

/** The first rows of a dataset: any rows are a table, `total` only when these are all. */
export function previewTable(rows: readonly unknown[], preview: string, total: number | undefined): Table {
  const table = fromArray(rows, rows.length) ?? fromTuples(rows.map(single), rows.length, ['value']);
  const { total: _shown, ...rest } = table;
  return { ...rest, preview, ...(total !== undefined && { total }) };
}

const single = (item: unknown): unknown[] => [item];

function fromArray(value: readonly unknown[], total: number): Table | undefined {
  if (value.length === 0) return undefined;
  // `Array.from`: a hole is a value that is no row.
  const head = Array.from({ length: Math.min(value.length, MAX_ROWS) }, (_, row) => value[row]);
  if (head.every(isRecord)) return fromRecords(value as Row[], total);
  if (head.every((row) => Array.isArray(row) && row.length > 0)) {
    const tuples = head as unknown[][];
    let width = 0;
    for (const row of tuples) width = Math.max(width, row.length);
    return fromTuples(
      value as unknown[][],
      total,
      Array.from({ length: Math.min(width, MAX_COLUMNS) }, (_, i) => `_${i + 1}`),
      width,
    );
  }
  return undefined;
}

/** Enough for the rows and for the summaries, however many there are. */
function firstOf<T>(items: Iterator<T>): T[] {
  const first: T[] = [];
  for (let next = items.next(); !next.done && first.length < MAX_SUMMARIZED; next = items.next())
    first.push(next.value);
  return first;
}

function fromRecords(records: readonly Row[], total: number): Table {
  const names = new Set<string>();
  for (const record of records.slice(0, SAMPLED_ROWS))
    for (const name of Object.keys(record)) names.add(name);
  const columns = [...names].slice(0, MAX_COLUMNS);
  return table(records.length, (row, column) => records[row]?.[columns[column]!], total, columns, names.size);
}

function fromTuples(
  tuples: readonly unknown[][],
  total: number,
  names: string[],
  width = names.length,
): Table {
  return table(tuples.length, (row, column) => tuples[row]?.[column], total, names, width);
}

function table(
  length: number,
  valueAt: (row: number, column: number) => unknown,
  total: number,
  names: string[],
  width: number,
): Table {
  const shown = Math.min(length, MAX_ROWS);
  // More rows than can be shown of so many columns.
  const typed = Math.min(shown, Math.max(1, Math.floor(MAX_SUMMARIZED / names.length)));
  const columns = names.map((name, column): TableColumn => {
    const values = Array.from({ length: typed }, (_, row) => valueAt(row, column));
    return { name, type: columnType(values) };
  });
  const looked = Math.min(length, Math.floor(MAX_SUMMARIZED / Math.min(names.length, MAX_SUMMARIES)));
  columns.slice(0, MAX_SUMMARIES).forEach((column, place) => {
    const values = Array.from({ length: looked }, (_, row) => valueAt(row, place));
    column.summary = summarize(values, column.type);
  });
  const rows: TableCell[][] = [];
  const nested: Record<string, JsonNode> = {};
  const undefinedCells: number[] = [];
  let [characters, inTrees] = [0, 0];
  for (let row = 0; row < shown; row++) {
    const values = names.map((_, column) => valueAt(row, column));
    const cells = values.map(tableCell);
    for (const cell of cells) characters += typeof cell === 'string' ? cell.length + 3 : 8;
    if (characters > MAX_TABLE_CHARACTERS && rows.length > 0) break;
    values.forEach((value, column) => {
      if (value === undefined) addToRuns(undefinedCells, row * names.length + column);
    });
    rows.push(cells);
    for (let column = 0; column < values.length && inTrees < MAX_NESTED_CHARACTERS; column++) {
      if (kindOf(values[column]) !== 'json' || typeof values[column] !== 'object') continue;
      const tree = jsonNode(values[column], NESTED_CELL_CHARACTERS);
      nested[`${row}:${column}`] = tree;
      inTrees += JSON.stringify(tree).length;
    }
  }
  return {
    kind: 'table',
    columns,
    rows,
    total,
    ...(undefinedCells.length > 0 && { undefinedCells }),
    ...(width > names.length && { columnsTotal: width }),
    ...(inTrees > 0 && { nested }),
  };
}

/** `runs` holds, in turn, where each run begins and how long it is; `at` is behind all of them. */
function addToRuns(runs: number[], at: number): void {
  const length = runs.length;
  if (length > 0 && runs[length - 2]! + runs[length - 1]! === at) runs[length - 1]! += 1;
  else runs.push(at, 1);
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
  if (typeof value === 'number') {
    if (Object.is(value, -0)) return '-0';
    return Number.isFinite(value) ? value : String(value);
  }
  if (typeof value === 'string') {
    return value.length > MAX_CELL_CHARACTERS ? `${value.slice(0, MAX_CELL_CHARACTERS)}…` : value;
  }
  if (typeof value === 'bigint') return compactText(value, MAX_CELL_CHARACTERS).replace(/n$/, '');
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  return compactText(value, MAX_CELL_CHARACTERS);
}
