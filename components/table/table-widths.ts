/** How wide the columns of a table are before anybody resizes them, and which of very many are in sight. Pure. */
import type { TableColumn } from '../../engine/protocol.ts';
import { formatValue, isNumeric } from './cell-value.ts';
import { rangeWords } from './range-words.ts';
import type { Row } from './table-rows.ts';

const COLUMN_WIDTH = { least: 48, most: 800 };
const USUAL = { least: 104, most: 320 };
const CHARACTER = 7.2;
const PADDING = 52;
const SAMPLED_ROWS = 50;
/** Of the small print in the head. */
const SMALL_CHARACTER = 6.4;
const HEAD_PADDING = 26;

export function columnWidths(columns: readonly TableColumn[], rows: readonly Row[]): number[] {
  return columns.map((column, place) => {
    const { name, type } = column;
    let longest = name.length;
    for (const row of rows.slice(0, SAMPLED_ROWS))
      longest = Math.max(longest, formatValue(row[place], type).length);
    // The range of numbers is read whole; that of texts and times may be cut.
    const range = isNumeric(type) ? (rangeWords(column)?.length ?? 0) * SMALL_CHARACTER + HEAD_PADDING : 0;
    return Math.round(Math.min(USUAL.most, Math.max(USUAL.least, range, longest * CHARACTER + PADDING)));
  });
}

export function clampWidth(width: number): number {
  return Math.round(Math.min(COLUMN_WIDTH.most, Math.max(COLUMN_WIDTH.least, width)));
}

export interface ColumnWindow {
  from: number;
  to: number;
  /** Pixels of the columns left and right of the window. */
  before: number;
  after: number;
}

/** The columns to draw: those between the two edges of the view, and a few around them. */
export function columnWindow(
  widths: readonly number[],
  left: number,
  visible: number,
  around = 4,
): ColumnWindow {
  let [from, to] = [0, widths.length];
  let edge = 0;
  let started = false;
  for (let i = 0; i < widths.length; i++) {
    const end = edge + widths[i]!;
    if (!started && end > left) {
      from = i;
      started = true;
    }
    if (edge >= left + visible) {
      to = i;
      break;
    }
    edge = end;
  }
  from = Math.max(0, from - around);
  to = Math.min(widths.length, to + around);
  const sum = (a: number, b: number) => widths.slice(a, b).reduce((total, width) => total + width, 0);
  return { from, to, before: sum(0, from), after: sum(to, widths.length) };
}
