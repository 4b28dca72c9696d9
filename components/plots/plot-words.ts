/** A plot in words: for screen readers, for its footer and as the rows of its table. Pure. */
import type { PlotColumn, PlotLayer, PlotOutput } from '../../engine/plot-protocol.ts';
import type { ColumnType } from '../../engine/protocol.ts';
import { formatCount } from '../ui/format.ts';

const MARKS: Record<PlotLayer['mark'], string> = {
  dot: 'Dots',
  line: 'Line',
  areaX: 'Area',
  areaY: 'Area',
  barX: 'Bars',
  barY: 'Bars',
  rect: 'Rectangles',
  rectX: 'Histogram',
  rectY: 'Histogram',
  cell: 'Cells',
  boxX: 'Box plot',
  boxY: 'Box plot',
  text: 'Texts',
  ruleX: 'Rules',
  ruleY: 'Rules',
  tickX: 'Ticks',
  tickY: 'Ticks',
  regression: 'Regression line',
};

function placeOf(layer: PlotLayer, axis: 'x' | 'y'): PlotColumn | undefined {
  const { channels } = layer;
  return channels[axis] ?? channels[`${axis}1`] ?? channels.median;
}

function layerWords(layer: PlotLayer): string {
  const [x, y] = [placeOf(layer, 'x'), placeOf(layer, 'y')];
  const places =
    y?.label && x?.label ? ` of ${y.label} by ${x.label}` : ` of ${x?.label || y?.label || 'rows'}`;
  const color = layer.channels.color?.label;
  return `${MARKS[layer.mark]}${places}${color ? `, coloured by ${color}` : ''}`;
}

/** What is drawn, one sentence. */
export function plotSummary(output: PlotOutput): string {
  const words = output.layers
    .filter((layer) => Object.values(layer.channels).some(({ values }) => values.length > 0))
    .map(layerWords);
  const title = output.spec.title ? `${output.spec.title}. ` : '';
  return `${title}${[...new Set(words)].join('; ') || 'No rows to draw'}.`;
}

/** How many of how many rows, and everything left out. */
export function rowsNote(output: PlotOutput): string {
  const { rows, notes } = output;
  const { shown, total, how } = rows;
  const many = `${formatCount(total)} ${total === 1 ? 'row' : 'rows'}`;
  const first = how === 'sampled' || shown < total ? `showing ${formatCount(shown)} of ${many}` : many;
  const numbers = (note: string) => note.replaceAll(/\d{4,}/g, (digits) => formatCount(Number(digits)));
  return [
    first + (how === 'sampled' ? ', sampled' : ''),
    ...notes.map(numbers),
    ...leftOutWithoutPlace(output),
    ...leftOutByLog(output),
  ].join(' · ');
}

/** Marks that are drawn row by row, where both places are numbers or times. */
const PLACED_BY_ROW: readonly PlotLayer['mark'][] = ['dot', 'line', 'text'];

/** Rows without a number, or a time, for one of the axes have no place: of how many that is so. */
function leftOutWithoutPlace({ layers }: PlotOutput): string[] {
  let left = 0;
  for (const { mark, channels } of layers) {
    if (!PLACED_BY_ROW.includes(mark)) continue;
    const columns = [channels.x, channels.y].flatMap((column) =>
      column && (column.type === 'number' || column.type === 'date') ? [column.values] : [],
    );
    const length = columns[0]?.length ?? 0;
    for (let i = 0; i < length; i++) if (columns.some((values) => !Number.isFinite(values[i]))) left += 1;
  }
  return left === 0 ? [] : [`${formatCount(left)} not drawn: no x or no y`];
}

const OF_SCALE = { x: ['x', 'x1', 'x2'], y: ['y', 'y1', 'y2'], color: ['color'] } as const;

/** A logarithm has no place for 0 and below: of each logarithmic scale how many marks are not drawn for that. */
function leftOutByLog({ layers, spec }: PlotOutput): string[] {
  return (['x', 'y', 'color'] as const).flatMap((scale) => {
    if (spec.scales?.[scale]?.type !== 'log') return [];
    let left = 0;
    for (const { channels } of layers) {
      const columns = OF_SCALE[scale].flatMap((name) => channels[name] ?? []);
      const length = Math.max(0, ...columns.map(({ values }) => values.length));
      for (let i = 0; i < length; i++)
        if (columns.some(({ values }) => typeof values[i] === 'number' && Number(values[i]) <= 0)) left += 1;
    }
    if (left === 0) return [];
    const values = left === 1 ? 'value' : 'values';
    return [`${formatCount(left)} ${values} of 0 or less left out of the logarithmic ${scale} scale`];
  });
}

export interface PlotTable {
  columns: { name: string; type: ColumnType }[];
  rows: (string | number | boolean | null)[][];
}

/** What one layer draws, as a table. */
export function layerTable({ channels }: PlotLayer): PlotTable {
  const used = Object.entries(channels);
  const columns = used.map(([channel, { label, type }]) => ({
    name: label && label !== channel ? `${label} (${channel})` : channel,
    type,
  }));
  const length = used[0]?.[1].values.length ?? 0;
  const rows = Array.from({ length }, (_, row) =>
    used.map(([, { type, values }]) => {
      const value = values[row] ?? null;
      return type === 'date' && typeof value === 'number' ? new Date(value).toISOString() : value;
    }),
  );
  return { columns, rows };
}

/** What the layers draw, one table after another where there are several. */
export function plotTables(output: PlotOutput): { name: string; table: PlotTable }[] {
  return output.layers
    .map((layer) => ({ name: layerWords(layer), table: layerTable(layer) }))
    .filter(({ table }) => table.rows.length > 0);
}
