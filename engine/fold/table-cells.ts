/** The cells of a table output with undefined where JSON has only null. Pure. */
import type { CellOutput } from '../protocol.ts';

type Table = Extract<CellOutput, { kind: 'table' }>;
export type TableCell = Table['rows'][number][number] | undefined;

interface TableRows {
  columns: readonly unknown[];
  rows: readonly (readonly Table['rows'][number][number][])[];
  undefinedCells?: number[];
}

/** The rows themselves where nothing is undefined. */
export function tableCells({
  columns,
  rows,
  undefinedCells = [],
}: TableRows): readonly (readonly TableCell[])[] {
  if (undefinedCells.length === 0) return rows;
  const cells: TableCell[][] = rows.map((row) => [...row]);
  for (let i = 0; i < undefinedCells.length; i += 2) {
    const start = undefinedCells[i]!;
    for (let at = start; at < start + undefinedCells[i + 1]!; at++) {
      const row = cells[Math.floor(at / columns.length)];
      if (row) row[at % columns.length] = undefined;
    }
  }
  return cells;
}
