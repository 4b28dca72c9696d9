/**
 * What a plot is, as data: the closed vocabulary of marks, channels, reducers and scales, shared by the kernel, which
 * computes a plot, and the page, which draws and edits it. Types and constant tables only.
 */
import type { CallSite, ColumnType } from './protocol.ts';

/** The marks a spec can name. */
export const PLOT_MARKS = [
  'dot',
  'line',
  'area',
  'bar',
  'histogram',
  'rect',
  'cell',
  'heatmap',
  'boxplot',
  'text',
  'rule',
  'tick',
  'regression',
] as const;
export type PlotMark = (typeof PLOT_MARKS)[number];

export const PLOT_CHANNELS = [
  'x',
  'y',
  'x1',
  'x2',
  'y1',
  'y2',
  'color',
  'size',
  'symbol',
  'series',
  'text',
  'fx',
  'fy',
] as const;
export type PlotChannel = (typeof PLOT_CHANNELS)[number];

/** One value of many: `{ mean: 'delay' }`. `count` and `proportion` need no column. */
export const PLOT_REDUCERS = [
  'count',
  'proportion',
  'sum',
  'mean',
  'median',
  'min',
  'max',
  'p25',
  'p75',
  'p95',
  'deviation',
  'distinct',
  'first',
  'last',
] as const;
export type PlotReducer = (typeof PLOT_REDUCERS)[number];

export const PLOT_INTERVALS = [
  'second',
  'minute',
  'hour',
  'day',
  'week',
  'month',
  'quarter',
  'year',
] as const;
export type PlotInterval = (typeof PLOT_INTERVALS)[number];

export const SCALE_TYPES = ['linear', 'log', 'sqrt', 'symlog', 'time', 'category'] as const;
export type ScaleType = (typeof SCALE_TYPES)[number];

export const PLOT_SCALES = ['x', 'y', 'color', 'size', 'fx', 'fy'] as const;
export type PlotScaleName = (typeof PLOT_SCALES)[number];

export const PLOT_CURVES = ['linear', 'step', 'basis', 'natural', 'monotone-x', 'cardinal'] as const;
export const PLOT_SORTS = ['descending', 'ascending', 'name', 'none'] as const;
export const PLOT_STACKS = ['stack', 'normalize', 'overlap', 'group'] as const;
export const COLOR_SCHEMES = [
  'stagelight',
  'blues',
  'greens',
  'oranges',
  'purples',
  'viridis',
  'magma',
  'turbo',
  'rdbu',
  'spectral',
] as const;

type ReducedChannel = { [R in Exclude<PlotReducer, 'count' | 'proportion'>]?: string };

/** A channel that says more than a column's name. Exactly one of column, bin, value or a reducer. */
export interface PlotChannelObject extends ReducedChannel {
  /** A column, also one that is called like a reducer. */
  column?: string;
  /** The column in steps: of equal width, or of `interval` for dates. */
  bin?: string;
  /** About how many steps; 20 when not said. */
  thresholds?: number;
  interval?: PlotInterval;
  /** The same for all rows: a number, a date as text, a category. */
  value?: string | number | boolean;
  count?: true;
  proportion?: true;
  label?: string;
}

/** A column's name, `'count'`, `'proportion'`, a constant number, or an object. */
export type PlotChannelSpec = string | number | PlotChannelObject;

export interface PlotScale {
  type?: ScaleType;
  /** First and last value, or all categories in their order. */
  domain?: (string | number)[];
  label?: string;
  grid?: boolean;
  zero?: boolean;
  nice?: boolean;
  reverse?: boolean;
  /** Numbers as percentages: 0.25 is shown as 25. */
  percent?: boolean;
  /** Of colours. */
  scheme?: (typeof COLOR_SCHEMES)[number];
  legend?: boolean;
}

/** How one mark looks. */
export interface PlotMarkOptions {
  curve?: (typeof PLOT_CURVES)[number];
  /** How bars and areas of several colours at one place share it. */
  stack?: (typeof PLOT_STACKS)[number];
  opacity?: number;
  strokeWidth?: number;
  radius?: number;
  /** A dot at every point of a line. */
  points?: boolean;
}

export type PlotChannels = { [C in PlotChannel]?: PlotChannelSpec };

/** One layer: what it does not say it takes from the plot. */
export interface PlotMarkSpec extends PlotChannels, PlotMarkOptions {
  mark?: PlotMark;
}

/** A plot as data. Nothing in it is a function: what has to be computed is computed in the rows first. */
export interface PlotSpec extends PlotMarkSpec {
  /** Several layers, drawn in order. */
  marks?: PlotMarkSpec[];
  title?: string;
  subtitle?: string;
  caption?: string;
  /** Pixels, 80 to 1,200. */
  height?: number;
  /** Order of the categories of bars and boxes: by value, by name, or as they come. */
  sort?: (typeof PLOT_SORTS)[number];
  /** The most categories shown. */
  limit?: number;
  scales?: { [S in PlotScaleName]?: PlotScale };
  /** Plots of one run with the same key are one plot, updated in place. */
  key?: string;
}

// ---------------------------------------------------------------- what is drawn

export type PlotValue = string | number | boolean | null;

/** The values of one channel; dates as milliseconds since 1970, their kind in `type`. */
export interface PlotColumn {
  label: string;
  type: ColumnType;
  values: PlotValue[];
}

export type DrawnMark =
  | 'dot'
  | 'line'
  | 'areaX'
  | 'areaY'
  | 'barX'
  | 'barY'
  | 'rect'
  | 'rectX'
  | 'rectY'
  | 'cell'
  | 'boxX'
  | 'boxY'
  | 'text'
  | 'ruleX'
  | 'ruleY'
  | 'tickX'
  | 'tickY'
  | 'regression';

export type DrawnChannel = PlotChannel | 'lower' | 'q1' | 'median' | 'q3' | 'upper' | 'count';

/** One mark with everything computed: groups, bins, quartiles. */
export interface PlotLayer {
  mark: DrawnMark;
  channels: { [C in DrawnChannel]?: PlotColumn };
  options: PlotMarkOptions;
}

export interface PlotOutput {
  kind: 'plot';
  /** An output with the key of an earlier one of the same run takes its place. */
  key: string;
  /** What was asked for, with the defaults that were chosen. */
  spec: PlotSpec;
  /** All columns of the rows, for the form. */
  columns: { name: string; type: ColumnType }[];
  layers: PlotLayer[];
  /** Order of the categories, by scale. */
  domains: { [S in PlotScaleName]?: PlotValue[] };
  rows: {
    /** Rows behind the drawing. */
    shown: number;
    total: number;
    /** `all`: drawn or aggregated without exception. */
    how: 'all' | 'sampled';
  };
  /** What was left out, in words. */
  notes: string[];
  /** Where `plot` was called: the form rewrites this call. */
  callSite?: CallSite;
}
