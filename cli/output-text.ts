/** A cell's outputs as terminal text: tables aligned, markup named by its size. */
import { plotText } from '../engine/kernel/plot-text.ts';
import type { CellOutput } from '../engine/protocol.ts';

type Table = Extract<CellOutput, { kind: 'table' }>;
type TableCell = Table['rows'][number][number];

const MAX_CELL_WIDTH = 80;

/** The text of an output that is not a stream and not an error, with its line end. */
export function outputText(output: Exclude<CellOutput, { kind: 'stream' | 'error' }>): string {
  switch (output.kind) {
    case 'text': {
      const cut = output.truncated
        ? `\n… showing ${output.truncated.shown} of ${output.truncated.total} characters`
        : '';
      return `${output.text}${cut}\n`;
    }
    case 'table':
      return tableText(output);
    case 'markdown':
      return `${output.text}\n`;
    case 'html':
      return `[HTML, ${output.html.length} characters]\n`;
    case 'image':
      return `[${output.mime}, ${Math.floor((output.base64.length * 3) / 4)} bytes]\n`;
    case 'json':
      return `${output.text}\n`;
    case 'plot':
      return `${plotText(output)}\n`;
    default:
      return output satisfies never;
  }
}

/** Columns padded to their widest cell, numbers to the right, a rule below the names. */
export function tableText({ columns, rows, total }: Table): string {
  const cells = rows.map((row) => row.map(cellText));
  const widths = columns.map(({ name }, i) =>
    Math.max(widthOf(name), ...cells.map((row) => widthOf(row[i] ?? ''))),
  );
  const isNumber = columns.map(({ type }) => type === 'number' || type === 'bigint');
  const lineOf = (row: string[]) =>
    row
      .map((text, i) => {
        const gap = ' '.repeat(Math.max(0, widths[i]! - widthOf(text)));
        return isNumber[i] ? gap + text : text + gap;
      })
      .join('  ')
      .trimEnd();
  const lines = [
    lineOf(columns.map(({ name }) => name)),
    widths.map((width) => '─'.repeat(width)).join('  '),
  ];
  for (const row of cells) lines.push(lineOf(row));
  if (total !== undefined && total > rows.length) lines.push(`… showing ${rows.length} of ${total} rows`);
  return `${lines.join('\n')}\n`;
}

function cellText(value: TableCell): string {
  if (value === null) return '';
  const text = String(value).replaceAll(/\s*[\r\n]+\s*/g, ' ⏎ ');
  return text.length > MAX_CELL_WIDTH ? `${text.slice(0, MAX_CELL_WIDTH - 1)}…` : text;
}

function widthOf(text: string): number {
  return [...text].length;
}
