/** The rows given to `plot`, whatever their form, as columns read one at a time. */
import { types } from 'node:util';
import { StagelightError } from '../../errors.ts';
import type { PlotValue } from '../../plot-protocol.ts';
import type { ColumnType } from '../../protocol.ts';
import { kindOf, plotValue } from '../../rdd/plot-value.ts';
import { compactText } from '../bounded-text.ts';

const MAX_COLUMNS = 1_000;
const SAMPLED_ROWS = 1_000;

export interface PlotData {
  readonly length: number;
  readonly columns: readonly { name: string; type: ColumnType }[];
  /** The values of a column as a drawing has them. */
  values(name: string): PlotValue[];
}

type Reader = (row: number) => unknown;

/** The kind of a column, from a bounded look at its values; mixed kinds are `json`. */
function typeOf(read: Reader, length: number): ColumnType {
  let found: ColumnType = 'null';
  const step = Math.max(1, Math.floor(length / SAMPLED_ROWS));
  for (let row = 0; row < length; row += step) {
    const kind = kindOf(read(row));
    if (kind === 'null' || kind === found) continue;
    const numeric = (type: ColumnType) => type === 'number' || type === 'bigint';
    if (found !== 'null') {
      if (numeric(kind) && numeric(found)) found = 'number';
      else return 'json';
    } else found = kind;
  }
  return found;
}

function fromReaders(names: readonly string[], readerOf: (name: string) => Reader, length: number): PlotData {
  const readers = new Map(names.slice(0, MAX_COLUMNS).map((name) => [name, readerOf(name)]));
  return {
    length,
    columns: [...readers].map(([name, read]) => ({ name, type: typeOf(read, length) })),
    values(name) {
      const read = readers.get(name)!;
      return Array.from({ length }, (_, row) => plotValue(read(row)));
    },
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return !ArrayBuffer.isView(value) && !(value instanceof Date);
}

function isColumn(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

/** Names of records in order of appearance, looking at a bounded number of rows. */
function recordNames(rows: ArrayLike<unknown>): string[] {
  const names = new Set<string>();
  const step = Math.max(1, Math.floor(rows.length / SAMPLED_ROWS));
  for (let i = 0; i < rows.length; i += step) {
    const row = rows[i];
    if (isRecord(row)) for (const name of Object.keys(row)) names.add(name);
  }
  return [...names];
}

/** Of no rows nothing is known: any column may be named, none has a value. */
const NO_ROWS: PlotData = { length: 0, columns: [], values: () => [] };

function fromRows(rows: ArrayLike<unknown>): PlotData {
  if (rows.length === 0) return NO_ROWS;
  const first = Array.prototype.find.call(rows, (row: unknown) => row !== null && row !== undefined);
  if (Array.isArray(first)) {
    let width = 0;
    for (let i = 0; i < Math.min(rows.length, SAMPLED_ROWS); i++) {
      const row = rows[i];
      if (Array.isArray(row)) width = Math.max(width, row.length);
    }
    const names = Array.from({ length: width }, (_, i) => `_${i + 1}`);
    const tuples = rows as ArrayLike<unknown[] | undefined>;
    return fromReaders(
      names,
      (name) => {
        const place = Number(name.slice(1)) - 1;
        return (row) => tuples[row]?.[place];
      },
      rows.length,
    );
  }
  if (isRecord(first)) {
    const records = rows as ArrayLike<Record<string, unknown> | undefined>;
    return fromReaders(recordNames(rows), (name) => (row) => records[row]?.[name], rows.length);
  }
  return fromReaders(['value'], () => (row) => rows[row], rows.length);
}

function fromColumns(columns: Record<string, ArrayLike<unknown>>): PlotData {
  const names = Object.keys(columns);
  const length = columns[names[0]!]!.length;
  const odd = names.find((name) => columns[name]!.length !== length);
  if (odd !== undefined) {
    throw new StagelightError(
      'PLOT_INVALID',
      `plot: the column "${odd}" has ${columns[odd]!.length} values, "${names[0]}" has ${length}`,
      { hint: 'Give columns of the same length.' },
    );
  }
  return fromReaders(names, (name) => (row) => columns[name]![row], length);
}

/** Rows as records, tuples or plain values; an object of columns; a typed array; a Map or a Set. */
export function plotData(data: unknown): PlotData {
  const value = types.isProxy(data) ? undefined : data;
  if (value instanceof Map) {
    const entries = [...value.entries()];
    const data = fromRows(entries);
    const rename = (name: string) => (name === '_1' ? 'key' : name === '_2' ? 'value' : name);
    return {
      length: data.length,
      columns: data.columns.map(({ name, type }) => ({ name: rename(name), type })),
      values: (name) => data.values(name === 'key' ? '_1' : '_2'),
    };
  }
  if (value instanceof Set) return fromRows([...value]);
  if (isColumn(value)) return fromRows(value);
  if (isRecord(value) && Object.keys(value).length > 0 && Object.values(value).every(isColumn)) {
    return fromColumns(value as Record<string, ArrayLike<unknown>>);
  }
  throw new StagelightError('PLOT_INVALID', `plot was given ${compactText(data, 80)}, which has no rows`, {
    hint: 'Give it an array of records or tuples, an object of columns, a typed array, a Map or a dataset.',
  });
}
