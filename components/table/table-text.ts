/** A table, or a part of one, as text to copy or to save: TSV, CSV, Markdown. Pure. */
import type { TableColumn } from '../../engine/protocol.ts';
import type { CellValue } from './cell-value.ts';
import type { Row } from './table-rows.ts';

export interface Part {
  columns: readonly TableColumn[];
  rows: readonly Row[];
}

const textOf = (value: CellValue | undefined) => (value === null || value === undefined ? '' : String(value));

function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** RFC 4180: what a spreadsheet reads. */
export function toCsv({ columns, rows }: Part): string {
  const lines = [columns.map(({ name }) => csvField(name)).join(',')];
  for (const row of rows) lines.push(columns.map((_, i) => csvField(textOf(row[i]))).join(','));
  return `${lines.join('\r\n')}\r\n`;
}

/** Tabs and line ends inside values would be cells of their own: they become spaces. */
export function toTsv({ columns, rows }: Part, header = true): string {
  const flat = (text: string) => text.replaceAll(/[\t\r\n]+/g, ' ');
  const lines = rows.map((row) => columns.map((_, i) => flat(textOf(row[i]))).join('\t'));
  if (header) lines.unshift(columns.map(({ name }) => flat(name)).join('\t'));
  return lines.join('\n');
}

export function toMarkdown({ columns, rows }: Part): string {
  const plain = (text: string) =>
    text
      .replaceAll('\\', '\\\\')
      .replaceAll('|', '\\|')
      .replaceAll(/[\r\n]+/g, ' ');
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const numeric = columns.map(({ type }) => type === 'number' || type === 'bigint');
  return [
    line(columns.map(({ name }) => plain(name))),
    line(numeric.map((right) => (right ? '---:' : '---'))),
    ...rows.map((row) => line(columns.map((_, i) => plain(textOf(row[i]))))),
  ].join('\n');
}
