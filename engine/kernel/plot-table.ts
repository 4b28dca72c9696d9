/** The numbers of a plot as tables, one per layer: what is read where nothing can be drawn. */
import type { PlotColumn, PlotLayer, PlotOutput } from '../plot-protocol.ts';
import type { CellOutput } from '../protocol.ts';

type Table = Extract<CellOutput, { kind: 'table' }>;

const MAX_ROWS = 1000;

/** Dates are numbers in a plot and text in a table. */
function shown(column: PlotColumn, index: number): string | number | boolean | null {
  const value = column.values[index] ?? null;
  if (column.type !== 'date' || typeof value !== 'number') return value;
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? null : date.toISOString().replace(/T00:00:00\.000Z$/, '');
}

function layerTable(layer: PlotLayer): Table {
  const columns = Object.values(layer.channels).filter((column) => column !== undefined);
  const total = Math.max(0, ...columns.map(({ values }) => values.length));
  const rows = Array.from({ length: Math.min(total, MAX_ROWS) }, (_, i) =>
    columns.map((column) => shown(column, i)),
  );
  return { kind: 'table', columns: columns.map(({ label, type }) => ({ name: label, type })), rows, total };
}

export function plotTables(plot: PlotOutput): Table[] {
  return plot.layers.map(layerTable).filter(({ columns }) => columns.length > 0);
}
