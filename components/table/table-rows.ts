/** Which rows of a table are shown in which order: filters per column, sorting by several. Pure. */
import type { TableColumn } from '../../engine/protocol.ts';
import { type CellValue, compareValues, isMissing } from './cell-value.ts';

export type Row = readonly CellValue[];

export interface Sort {
  column: number;
  descending: boolean;
}

export type Filters = Readonly<Record<number, string>>;

export type RowTest = (value: CellValue) => boolean;

const COMPARISON = /^(<=|>=|!=|<|>|=)\s*(.*)$/s;

const hasValue = (value: CellValue) => value !== null && value !== undefined;

/**
 * What a filter's text asks of a value: `>5`, `!=x`, `1..9`, `null`, `undefined`, `!null` (neither), `/regex/`, or a part of the text in any
 * case. A string is an explanation of what cannot be understood.
 */
export function parseFilter(text: string, type: TableColumn['type']): RowTest | string | undefined {
  const asked = text.trim();
  if (asked === '') return undefined;
  if (asked === 'null') return (value) => value === null;
  if (asked === 'undefined') return (value) => value === undefined;
  if (asked === '!null') return hasValue;
  const ordered = type === 'number' || type === 'bigint' || type === 'date';
  const range = ordered ? /^(\S+?)\s*\.\.\s*(\S+)$/.exec(asked) : null;
  if (range) {
    const [low, high] = [operand(range[1]!, type), operand(range[2]!, type)];
    if (low === undefined || high === undefined) return `"${asked}" is no range of ${type} values`;
    return (value) =>
      !isMissing(value, type) &&
      compareValues(value, low, type) >= 0 &&
      compareValues(value, high, type) <= 0;
  }
  const comparison = COMPARISON.exec(asked);
  if (comparison) {
    const [, sign, right = ''] = comparison;
    const bound = operand(right, type);
    if (right === '') return 'write a value after the sign';
    if (bound === undefined) return `"${right}" is no ${type} value`;
    return (value) =>
      isMissing(value, type)
        ? hasValue(value) && sign === '!='
        : holds(sign!, compareValues(value, bound, type));
  }
  const pattern = /^\/(.*)\/([iu]*)$/s.exec(asked);
  if (pattern) {
    try {
      const regex = new RegExp(pattern[1]!, pattern[2]);
      return (value) => hasValue(value) && regex.test(String(value));
    } catch {
      return `"${asked}" is no regular expression`;
    }
  }
  const part = asked.toLowerCase();
  return (value) => hasValue(value) && String(value).toLowerCase().includes(part);
}

function operand(text: string, type: TableColumn['type']): CellValue | undefined {
  const plain = text.trim();
  if (type === 'number') {
    const number = Number(plain.replaceAll(/[_,](?=\d)/g, ''));
    return plain === '' || Number.isNaN(number) ? undefined : number;
  }
  if (type === 'bigint') return /^-?\d+n?$/.test(plain) ? plain.replace(/n$/, '') : undefined;
  if (type === 'date') return Number.isNaN(Date.parse(plain)) ? undefined : plain;
  return plain;
}

function holds(sign: string, order: number): boolean {
  switch (sign) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
    case '!=':
      return order !== 0;
    default:
      return order === 0;
  }
}

/** The places of the rows that pass all filters, sorted; equal rows stay in the order they came in. */
export function shownRows(
  rows: readonly Row[],
  columns: readonly TableColumn[],
  sorts: readonly Sort[],
  filters: Filters,
): number[] {
  const tests = Object.entries(filters).flatMap(([place, text]) => {
    const column = Number(place);
    const test = parseFilter(text, columns[column]?.type ?? 'string');
    return typeof test === 'function' ? [{ column, test }] : [];
  });
  const shown: number[] = [];
  rows.forEach((row, index) => {
    if (tests.every(({ column, test }) => test(row[column] ?? null))) shown.push(index);
  });
  if (sorts.length === 0) return shown;
  return shown.sort((a, b) => {
    for (const { column, descending } of sorts) {
      const [x, y, { type }] = [rows[a]![column], rows[b]![column], columns[column]!];
      const order = compareValues(x, y, type);
      // What is missing stays at the end either way.
      if (order !== 0) return descending && !isMissing(x, type) && !isMissing(y, type) ? -order : order;
    }
    return a - b;
  });
}

/** A click on a header: first direction, then the other, then none; with `add` beside the sorts there are. */
export function nextSorts(
  sorts: readonly Sort[],
  column: number,
  add: boolean,
  descendingFirst: boolean,
): Sort[] {
  const known = sorts.find((sort) => sort.column === column);
  const next: Sort | undefined = !known
    ? { column, descending: descendingFirst }
    : known.descending === descendingFirst
      ? { column, descending: !descendingFirst }
      : undefined;
  if (!add) return next ? [next] : [];
  if (!known) return [...sorts, next!];
  return sorts.flatMap((sort) => (sort.column === column ? (next ? [next] : []) : [sort]));
}
