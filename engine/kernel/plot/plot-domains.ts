/** The categories of a plot's scales: their order, and the most that are shown. */
import type { PlotLayer, PlotOutput, PlotScaleName, PlotSpec, PlotValue } from '../../plot-protocol.ts';
import { isCategory } from './plot-channels.ts';
import { lengthOf } from './plot-draw.ts';

const LIMITS: Partial<Record<PlotScaleName, number>> = { x: 60, y: 40, fx: 12, fy: 12 };
const BARS = new Set(['barX', 'barY']);

const collator = new Intl.Collator('en', { numeric: true });

interface Axis {
  scale: 'x' | 'y' | 'fx' | 'fy';
  label: string;
  /** Categories in order of appearance, each with the sum of its lengths. */
  sums: Map<PlotValue, number>;
  sorted: boolean;
}

/** What makes a category large: the length of its bars, or how often it occurs. */
function weights({ mark, channels }: PlotLayer): readonly PlotValue[] | undefined {
  if (mark === 'barX') return channels.x?.values ?? channels.color?.values;
  if (mark === 'barY') return channels.y?.values ?? channels.color?.values;
  if (mark === 'boxX' || mark === 'boxY') return channels.median?.values;
  return undefined;
}

function axisOf(scale: Axis['scale'], layers: readonly PlotLayer[]): Axis | undefined {
  const axis: Axis = { scale, label: '', sums: new Map(), sorted: false };
  for (const layer of layers) {
    const column = layer.channels[scale];
    if (!column) continue;
    const banded = BARS.has(layer.mark) && (layer.mark === 'barX') === (scale === 'y');
    if (!isCategory(column.type) && !(banded || layer.mark === 'cell' || scale[0] === 'f')) return undefined;
    axis.label ||= column.label;
    axis.sorted ||= weights(layer) !== undefined && scale[0] !== 'f';
    const lengths = weights(layer);
    column.values.forEach((value, row) => {
      const length = lengths ? Math.abs(Number(lengths[row] ?? 0)) : 1;
      axis.sums.set(value, (axis.sums.get(value) ?? 0) + length);
    });
  }
  return axis.sums.size > 0 ? axis : undefined;
}

function compare(a: PlotValue, b: PlotValue): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return collator.compare(String(a), String(b));
}

function order({ sums, sorted }: Axis, sort: PlotSpec['sort'], type: 'category' | 'number'): PlotValue[] {
  const values = [...sums.keys()];
  const by = sort ?? (sorted && type === 'category' ? 'descending' : 'name');
  switch (by) {
    case 'none':
      return values;
    case 'name':
      return values.sort(compare);
    case 'descending':
      return values.sort((a, b) => sums.get(b)! - sums.get(a)!);
    case 'ascending':
      return values.sort((a, b) => sums.get(a)! - sums.get(b)!);
    default:
      return by satisfies never;
  }
}

function keepOnly(layer: PlotLayer, scale: Axis['scale'], kept: ReadonlySet<PlotValue>): PlotLayer {
  const column = layer.channels[scale];
  if (!column) return layer;
  const rows = Array.from({ length: lengthOf(layer.channels) }, (_, row) => row).filter((row) =>
    kept.has(column.values[row]!),
  );
  const channels = Object.fromEntries(
    Object.entries(layer.channels).map(([name, { label, type, values }]) => [
      name,
      { label, type, values: rows.map((row) => values[row]!) },
    ]),
  );
  return { ...layer, channels };
}

export interface Arranged {
  layers: PlotLayer[];
  domains: PlotOutput['domains'];
  notes: string[];
}

/** The layers with their categories in order, the largest of very many. */
export function arrange(drawn: readonly PlotLayer[], spec: PlotSpec): Arranged {
  let layers = [...drawn];
  const domains: PlotOutput['domains'] = {};
  const notes: string[] = [];
  for (const scale of ['x', 'y', 'fx', 'fy'] as const) {
    const axis = axisOf(scale, layers);
    if (!axis || spec.scales?.[scale]?.domain) continue;
    const numeric = [...axis.sums.keys()].every((value) => typeof value === 'number');
    const sort = scale[0] === 'f' ? 'name' : spec.sort;
    let categories = order(axis, sort, numeric ? 'number' : 'category');
    const limit = scale[0] === 'f' ? LIMITS[scale]! : (spec.limit ?? LIMITS[scale]!);
    if (categories.length > limit) {
      const largest = new Set(
        order(axis, axis.sorted && sort === 'ascending' ? sort : 'descending', 'category').slice(0, limit),
      );
      notes.push(`showing ${limit} of ${categories.length} values of ${axis.label || scale}`);
      categories = categories.filter((value) => largest.has(value));
      layers = layers.map((layer) => keepOnly(layer, scale, largest));
    }
    domains[scale] = categories;
  }
  return { layers, domains, notes };
}
