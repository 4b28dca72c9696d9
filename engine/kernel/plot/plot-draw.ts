/** Planned layers with their values: groups as rows, rows thinned out where there are too many to draw. */
import type { DrawnChannel, PlotChannel, PlotColumn, PlotLayer, PlotValue } from '../../plot-protocol.ts';
import { binEnd } from '../../rdd/bins.ts';
import { type Groups, isApproximate, reducedValue } from '../../rdd/row-groups.ts';
import type { BoundChannel } from './plot-channels.ts';
import type { PlotData } from './plot-data.ts';
import type { LayerPlan } from './plot-layers.ts';

export interface DrawnLayer {
  layer: PlotLayer;
  /** Rows it was made of, and how many there were. */
  shown: number;
  total: number;
  notes: string[];
}

type Columns = PlotLayer['channels'];

const HAS_ORDER = new Set(['line', 'areaX', 'areaY']);

function constant(bound: Extract<BoundChannel, { kind: 'constant' }>, length: number): PlotColumn {
  return { label: bound.label, type: bound.type, values: new Array(length).fill(bound.value) };
}

function select(columns: Columns, rows: readonly number[]): Columns {
  return Object.fromEntries(
    Object.entries(columns).map(([channel, column]) => [
      channel,
      { ...column, values: rows.map((row) => column.values[row]!) },
    ]),
  );
}

export function lengthOf(columns: Columns): number {
  return Object.values(columns)[0]?.values.length ?? 0;
}

/** Rows in the order of their place on the base axis: a line through shuffled rows would be a scribble. */
function ordered(columns: Columns, base: PlotColumn | undefined): Columns {
  if (!base || (base.type !== 'number' && base.type !== 'date')) return columns;
  const { values } = base;
  const rows = values.map((_, row) => row);
  if (values.every((value, row) => row === 0 || (value ?? 0) >= (values[row - 1] ?? 0))) return columns;
  rows.sort((a, b) => Number(values[a] ?? Infinity) - Number(values[b] ?? Infinity) || a - b);
  return select(columns, rows);
}

/** Evenly spaced rows; of a line, the lowest and the highest of each stretch, so that no spike is lost. */
export function thinned(columns: Columns, limit: number, along: PlotColumn | undefined): Columns {
  const length = lengthOf(columns);
  if (length <= limit) return columns;
  if (!along)
    return select(
      columns,
      Array.from({ length: limit }, (_, i) => Math.floor((i * length) / limit)),
    );
  const rows: number[] = [];
  const stretches = Math.max(1, Math.floor(limit / 2));
  for (let i = 0; i < stretches; i++) {
    const [from, to] = [Math.floor((i * length) / stretches), Math.floor(((i + 1) * length) / stretches)];
    let [low, high] = [from, from];
    for (let row = from; row < to; row++) {
      if (Number(along.values[row]) < Number(along.values[low])) low = row;
      if (Number(along.values[row]) > Number(along.values[high])) high = row;
    }
    rows.push(...(low === high ? [low] : [Math.min(low, high), Math.max(low, high)]));
  }
  return select(columns, rows);
}

/** What a layer's thinning must keep the extremes of. */
export function alongOf({ mark, channels }: PlotLayer): PlotColumn | undefined {
  const series = channels.color ?? channels.series;
  if (mark !== 'line' || (series && new Set(series.values).size > 1)) return undefined;
  return channels.y?.type === 'number' ? channels.y : undefined;
}

/** Rows as they are, without those that miss a place. */
export function drawRows(plan: LayerPlan, data: PlotData, total: number): DrawnLayer {
  const columns: Columns = {};
  for (const [channel, bound] of Object.entries(plan.channels) as [PlotChannel, BoundChannel][]) {
    if (bound.kind === 'constant') columns[channel] = constant(bound, data.length);
    else if (bound.kind === 'column') {
      const type = bound.type === 'bigint' ? 'number' : bound.type;
      columns[channel] = { label: bound.label, type, values: data.values(bound.name) };
    }
  }
  if (Object.values(plan.channels).every(({ kind }) => kind === 'constant')) {
    return {
      layer: {
        mark: plan.mark,
        channels: select(columns, data.length > 0 ? [0] : []),
        options: plan.options,
      },
      shown: total,
      total,
      notes: [],
    };
  }
  const placed = data.length === 0 ? columns : withPlaces(columns);
  const sorted = HAS_ORDER.has(plan.mark)
    ? ordered(placed, plan.mark === 'areaX' ? placed.y : placed.x)
    : placed;
  const missing = data.length - lengthOf(placed);
  const rows =
    missing === 1
      ? '1 row without a value for a place is'
      : `${missing} rows without a value for a place are`;
  const notes = missing > 0 ? [`${rows} not drawn`] : [];
  return {
    layer: { mark: plan.mark, channels: sorted, options: plan.options },
    shown: data.length,
    total,
    notes,
  };
}

function withPlaces(columns: Columns): Columns {
  const places = (['x', 'y', 'x1', 'x2', 'y1', 'y2'] as const).flatMap((name) => columns[name] ?? []);
  const rows: number[] = [];
  for (let row = 0; row < lengthOf(columns); row++) {
    // A line is interrupted where a value is missing; the row must stay for that.
    if (places.some(({ values }) => values[row] !== null)) {
      if (places.every(({ values, type }) => values[row] !== null || type === 'number')) rows.push(row);
    }
  }
  return rows.length === lengthOf(columns) ? columns : select(columns, rows);
}

/** Marks that fill a step from edge to edge. */
const FILLS_X = new Set(['rect', 'rectY', 'barX']);
const FILLS_Y = new Set(['rect', 'rectX', 'barY']);

export function drawGroups(plan: LayerPlan, groups: Groups, total: number): DrawnLayer {
  const { keys, reducers } = plan.grouping!;
  const rows = [...groups.groups.values()].filter(({ keys: placed }) =>
    placed.every((key, i) => key !== null || !keys[i]!.bins),
  );
  const columns: Columns = {};
  const put = (channel: DrawnChannel, label: string, type: PlotColumn['type'], values: PlotValue[]) => {
    columns[channel] = { label, type: type === 'bigint' ? 'number' : type, values };
  };
  keys.forEach(({ channel, bins }, i) => {
    const { label, type } = plan.channels[channel]!;
    const starts = rows.map((group) => group.keys[i]!);
    if (!bins) {
      put(channel, label, type, starts);
      return;
    }
    const ends = starts.map((start) => binEnd(bins, start as number));
    const fills = channel === 'x' ? FILLS_X : channel === 'y' ? FILLS_Y : undefined;
    if (fills?.has(plan.mark)) {
      put(`${channel as 'x' | 'y'}1`, label, type, starts);
      put(`${channel as 'x' | 'y'}2`, label, type, ends);
    } else if (type === 'date') put(channel, label, type, starts);
    else {
      const middles = starts.map((start, row) => ((start as number) + ends[row]!) / 2);
      put(channel, label, type, middles);
    }
  });
  const single = rows.every(({ states }) => states.every((state) => state.rows <= 1));
  reducers.forEach(({ channel, bound }, i) => {
    const values = rows.map(({ states }) => reducedValue(states[i]!, bound.reducer, groups.rows));
    const plain = bound.label === bound.name && !single && bound.reducer === 'sum';
    put(channel, plain ? `sum of ${bound.label}` : bound.label, bound.type, values);
  });
  for (const [channel, bound] of Object.entries(plan.channels) as [PlotChannel, BoundChannel][]) {
    if (bound.kind === 'constant') columns[channel] = constant(bound, rows.length);
  }
  const base = plan.mark === 'areaX' ? columns.y : columns.x;
  const notes: string[] = [];
  if (groups.left > 0)
    notes.push(`${groups.left} rows of groups beyond the first ${groups.groups.size} are left out`);
  if (rows.some(({ states }) => states.some(isApproximate)))
    notes.push('quantiles and numbers of distinct values of large groups are estimates');
  return {
    layer: {
      mark: plan.mark,
      channels: HAS_ORDER.has(plan.mark) ? ordered(columns, base) : columns,
      options: plan.options,
    },
    shown: groups.rows - groups.left,
    total,
    notes,
  };
}
