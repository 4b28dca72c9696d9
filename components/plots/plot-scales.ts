/** The scales, margins and size of a plot, from its spec and what its layers hold. */
import type {
  PlotColumn,
  PlotLayer,
  PlotOutput,
  PlotScale,
  PlotScaleName,
  PlotValue,
} from '../../engine/plot-protocol.ts';
import { type PlotColors, plotScheme } from './plot-colors.ts';
import { logBase } from './plot-marks.ts';

const BANDED: Record<'x' | 'y', ReadonlySet<PlotLayer['mark']>> = {
  x: new Set(['barY', 'boxY', 'cell', 'tickY']),
  y: new Set(['barX', 'boxX', 'cell', 'tickX']),
};
const CHARACTER = 6.6;
const collator = new Intl.Collator('en', { numeric: true });
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 4 });
const plain = new Intl.NumberFormat('en', { maximumSignificantDigits: 4 });
const ROW = 22;

type Options = Record<string, unknown>;

export function columnsOf(output: PlotOutput, scale: PlotScaleName): PlotColumn[] {
  const names =
    scale === 'x' ? (['x', 'x1'] as const) : scale === 'y' ? (['y', 'y1'] as const) : ([scale] as const);
  return output.layers.flatMap(({ channels }) => {
    const found = names.flatMap((name) => channels[name] ?? []);
    return found.filter(({ values }) => values.length > 0);
  });
}

function isBanded(output: PlotOutput, axis: 'x' | 'y'): boolean {
  return output.layers.some(({ mark, channels }) => BANDED[axis].has(mark) && channels[axis] !== undefined);
}

function shortened(value: unknown, most: number): string {
  const text = String(value);
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

function typed(scale: PlotScale | undefined, banded: boolean): Options {
  switch (scale?.type) {
    case undefined:
      return {};
    case 'time':
      return { type: 'utc' };
    case 'category':
      return { type: banded ? 'band' : 'point' };
    case 'linear':
    case 'log':
    case 'sqrt':
    case 'symlog':
      return banded ? {} : { type: scale.type };
    default:
      return scale!.type satisfies never;
  }
}

function domainOf(
  scale: PlotScale | undefined,
  columns: PlotColumn[],
  arranged: PlotValue[] | undefined,
): Options {
  const dated = columns.some(({ type }) => type === 'date');
  const ready = (value: PlotValue) =>
    dated && (typeof value === 'number' || typeof value === 'string') ? new Date(value) : value;
  const domain = scale?.domain ?? arranged;
  return domain ? { domain: domain.map(ready) } : {};
}

/** Position scales: an axis in Plot's words. */
export function axisOptions(output: PlotOutput, axis: 'x' | 'y', width: number): Options {
  const scale = output.spec.scales?.[axis];
  const columns = columnsOf(output, axis);
  const banded = isBanded(output, axis);
  const categories = output.domains[axis];
  const options: Options = {
    ...typed(scale, banded),
    ...domainOf(scale, columns, categories),
    grid: scale?.grid ?? !(banded || categories),
    nice:
      scale?.nice ?? (banded || categories || columns.some(({ type }) => type === 'date') ? undefined : true),
    zero: scale?.zero ?? undefined,
    reverse: scale?.reverse ?? undefined,
    percent: scale?.percent ?? undefined,
    label: scale?.label ?? sharedLabel(columns),
  };
  if (scale?.type === 'log' && !scale.domain && columns[0]) {
    const values = columns
      .flatMap((column) => column.values)
      .filter((value): value is number => Number(value) > 0);
    // Without a value above 0 the axis stays empty: Plot would take a logarithm of what is below it.
    options['domain'] =
      values.length > 0 ? [logBase(columns[0]), values.reduce((a, b) => Math.max(a, b))] : [1, 10];
  }
  if (!(banded || categories) && largest(columns) >= 1e5)
    options['tickFormat'] = (value: unknown) =>
      typeof value === 'number' ? compact.format(value) : String(value);
  if (scale?.type === 'log' && !(banded || categories))
    options['tickFormat'] = logTicks((options['domain'] as PlotValue[] | undefined) ?? []);
  if (banded || categories) {
    if (axis === 'y') Object.assign(options, { labelAnchor: 'top', labelArrow: 'none' });
    const many = categories?.length ?? 0;
    const room = axis === 'x' ? Math.max(4, Math.floor(width / Math.max(1, many) / CHARACTER)) : 24;
    const tilted = axis === 'x' && longest(output, 'x') > room;
    options['tickFormat'] = (value: unknown) =>
      value instanceof Date ? value.toISOString().slice(0, 10) : shortened(value, tilted ? 16 : 24);
    if (tilted) options['tickRotate'] = -40;
    if (axis === 'x' && many > 0 && width / many < 12) {
      const every = Math.ceil((many * 12) / width);
      options['ticks'] = categories!.filter((_, i) => i % every === 0);
    }
  }
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/** A rule at a fixed place has no name, and Plot names no axis whose layers disagree: then those that have one decide. */
function sharedLabel(columns: readonly PlotColumn[]): string | undefined {
  const named = new Set(columns.map(({ label }) => label).filter(Boolean));
  return named.size === 1 && columns.some(({ label }) => !label) ? [...named][0] : undefined;
}

function plainNumber(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && size < 1e-4) return Number(value.toPrecision(4)).toExponential();
  return size >= 1e5 ? compact.format(value) : plain.format(value);
}

/** Names the powers of ten; within two of them also the twos and fives, within one every tick. */
export function logTicks(domain: readonly PlotValue[]): (value: unknown) => string {
  const ends = domain.map(Number);
  const decades = Math.log10(Math.max(...ends) / Math.min(...ends));
  const named = decades > 2 ? [1] : decades > 1 ? [1, 2, 5] : undefined;
  return (value) => {
    if (typeof value !== 'number') return String(value);
    const digit = Math.round(value / 10 ** Math.floor(Math.log10(value) + 1e-9));
    return !named || named.includes(digit) ? plainNumber(value) : '';
  };
}

/** Over 100,000 digits take the room of the drawing; dates have a format of their own. */
function largest(columns: readonly PlotColumn[]): number {
  let most = 0;
  for (const { type, values } of columns) {
    if (type !== 'number') return 0;
    for (const value of values) if (Math.abs(Number(value)) > most) most = Math.abs(Number(value));
  }
  return most;
}

function longest(output: PlotOutput, axis: 'x' | 'y'): number {
  return Math.max(0, ...(output.domains[axis] ?? []).map((value) => String(value).length));
}

/** Room for the labels of the categories. */
export function margins(output: PlotOutput, width: number): Options {
  const left = output.domains.y ? Math.min(24, longest(output, 'y')) * CHARACTER + 16 : 0;
  const room = Math.floor(width / Math.max(1, output.domains.x?.length ?? 1) / CHARACTER);
  const tilted = longest(output, 'x') > Math.max(4, room);
  const facets = output.domains.fy
    ? Math.max(...output.domains.fy.map((value) => String(value).length)) * CHARACTER + 12
    : 0;
  return {
    marginLeft: Math.round(Math.min(width * 0.4, Math.max(56, left))),
    marginBottom: tilted ? Math.min(16, longest(output, 'x')) * 4.6 + 40 : 42,
    marginTop: output.domains.fx ? 40 : 26,
    marginRight: Math.round(Math.max(20, Math.min(facets, 140))),
  };
}

/** As asked for; otherwise so that every category has a row of its own. */
export function plotHeight(output: PlotOutput): number {
  if (output.spec.height !== undefined) return output.spec.height;
  const rows = isBanded(output, 'y') ? (output.domains.y?.length ?? 0) : 0;
  const facets = output.domains.fy?.length ?? 1;
  if (rows > 0) return Math.min(1_000, Math.max(120, rows * ROW * Math.min(facets, 4) + 70));
  return facets > 1 ? Math.min(1_000, Math.max(320, facets * 140)) : 320;
}

/** Whether the colours are those of categories, and which. */
export function colorCategories(output: PlotOutput): PlotValue[] | undefined {
  const columns = columnsOf(output, 'color');
  if (columns.length === 0 || output.spec.scales?.color?.type === 'linear') return undefined;
  const asked = output.spec.scales?.color;
  const numeric = columns.every(({ type }) => type === 'number' || type === 'date');
  if (numeric && asked?.type !== 'category') return undefined;
  if (asked?.domain) return asked.domain;
  const met = new Set(columns.flatMap(({ values }) => values).filter((value) => value !== null));
  // By name: a category then has one colour in all plots of the same rows.
  return [...met].sort((a, b) => collator.compare(String(a), String(b)));
}

export function colorOptions(output: PlotOutput, colors: PlotColors): Options {
  const scale = output.spec.scales?.color;
  const scheme = plotScheme(scale?.scheme);
  const categories = colorCategories(output);
  if (categories) {
    return { type: 'ordinal', domain: categories, ...(scheme ? { scheme } : { range: colors.categories }) };
  }
  const type = scale?.type === 'category' || scale?.type === 'time' ? undefined : scale?.type;
  return {
    ...(type && { type }),
    ...(scale?.domain && { domain: scale.domain }),
    ...(scale?.reverse && { reverse: true }),
    ...(scheme ? { scheme } : { range: colors.ramp, interpolate: 'lab' }),
    label: scale?.label ?? columnsOf(output, 'color')[0]?.label ?? '',
  };
}
