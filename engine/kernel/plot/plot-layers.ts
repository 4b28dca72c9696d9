/** One layer of a plot, planned: which mark is drawn, and which rows are grouped how before it is. */
import type { DrawnMark, PlotChannel, PlotMark, PlotMarkOptions, PlotMarkSpec } from '../../plot-protocol.ts';
import { type Bins, timeBins, widthBins } from '../../rdd/bins.ts';
import {
  type BoundChannel,
  type BoundChannels,
  bindChannels,
  type Columns,
  isCategory,
  isQuantitative,
} from './plot-channels.ts';
import { invalid } from './plot-spec.ts';

export interface KeyPlan {
  channel: PlotChannel;
  name: string;
  bins?: Bins;
}

export interface ReducerPlan {
  channel: PlotChannel;
  bound: Extract<BoundChannel, { kind: 'reduce' }>;
}

export interface LayerPlan {
  mark: DrawnMark;
  channels: BoundChannels;
  options: PlotMarkOptions;
  /** Absent: the rows are drawn as they are. */
  grouping?: { keys: KeyPlan[]; reducers: ReducerPlan[] };
}

export type RangeOf = (name: string) => readonly [number, number] | undefined;

const NUMERIC_STEPS = 20;
const HEATMAP_STEPS = 30;
const TIME_STEPS = 60;
const OPTIONS = ['curve', 'stack', 'opacity', 'strokeWidth', 'radius', 'points'] as const;

function binned(bound: BoundChannel | undefined, thresholds?: number): BoundChannel | undefined {
  if (bound?.kind !== 'column' || (!isQuantitative(bound.type) && bound.type !== 'date')) return bound;
  const { name, label } = bound;
  const type = bound.type === 'date' ? 'date' : 'number';
  return { kind: 'bin', name, label, type, ...(thresholds !== undefined && { thresholds }) };
}

function summed(bound: BoundChannel | undefined): BoundChannel | undefined {
  if (bound?.kind !== 'column' || !isQuantitative(bound.type)) return bound;
  return { kind: 'reduce', reducer: 'sum', name: bound.name, label: bound.label, type: 'number' };
}

/** Which axis holds the lengths of bars. */
function barOf({ x, y }: BoundChannels): 'x' | 'y' {
  const length = (bound: BoundChannel | undefined) =>
    bound?.kind === 'reduce' || (bound?.kind !== 'bin' && isQuantitative(bound?.type));
  if (length(x) && !length(y)) return 'x';
  return y === undefined ? 'x' : 'y';
}

/** Marks in the words of a spec become marks as they are drawn; channels are binned and summed where a mark says so. */
function drawn(mark: PlotMark, channels: BoundChannels): { mark: DrawnMark; channels: BoundChannels } {
  const { x, y } = channels;
  switch (mark) {
    case 'dot':
    case 'line':
    case 'text':
    case 'regression':
      return { mark, channels };
    case 'area':
      return { mark: y?.kind === 'bin' ? 'areaX' : 'areaY', channels };
    case 'histogram':
    case 'bar': {
      const lengths = barOf(channels);
      const base = lengths === 'x' ? 'y' : 'x';
      const dated = channels[base]?.type === 'date';
      const steps = mark === 'histogram' || dated ? binned(channels[base]) : channels[base];
      const upright = lengths === 'y';
      return {
        mark: steps?.kind === 'bin' ? (upright ? 'rectY' : 'rectX') : upright ? 'barY' : 'barX',
        channels: { ...channels, [base]: steps, [lengths]: summed(channels[lengths]) },
      };
    }
    case 'heatmap': {
      const both = { ...channels, x: binned(x, HEATMAP_STEPS), y: binned(y, HEATMAP_STEPS) };
      const [stepsX, stepsY] = [both.x?.kind === 'bin', both.y?.kind === 'bin'];
      return { mark: stepsX && stepsY ? 'rect' : stepsX ? 'barX' : stepsY ? 'barY' : 'cell', channels: both };
    }
    case 'rect':
      return { mark, channels };
    case 'cell':
      return { mark, channels };
    case 'boxplot':
      return { mark: isQuantitative(y?.type) && !isQuantitative(x?.type) ? 'boxY' : 'boxX', channels };
    case 'rule':
    case 'tick':
      // A rule at one x goes from top to bottom; of two places the category is the base of a tick.
      return {
        mark: x && !(y && isCategory(x.type)) ? `${mark}X` : `${mark}Y`,
        channels,
      };
    default:
      return mark satisfies never;
  }
}

function binsOf(bound: Extract<BoundChannel, { kind: 'bin' }>, rangeOf: RangeOf): Bins {
  const [min, max] = rangeOf(bound.name) ?? [0, 1];
  if (bound.type === 'date') return timeBins(min, max, bound.thresholds ?? TIME_STEPS, bound.interval);
  return widthBins(min, max, bound.thresholds ?? NUMERIC_STEPS);
}

export function planLayer(
  spec: PlotMarkSpec & { mark: PlotMark },
  path: string,
  columns: Columns,
  rangeOf: RangeOf,
): LayerPlan {
  const { mark, channels } = drawn(spec.mark, bindChannels(spec, path, columns));
  const options: PlotMarkOptions = {};
  for (const name of OPTIONS) if (spec[name] !== undefined) Object.assign(options, { [name]: spec[name] });
  const plan: LayerPlan = { mark, channels, options };
  const bound = Object.entries(channels).filter(([, channel]) => channel) as [PlotChannel, BoundChannel][];
  const isBox = mark === 'boxX' || mark === 'boxY';
  if (!bound.some(([, { kind }]) => kind === 'bin' || kind === 'reduce')) return plan;
  if (isBox || mark === 'regression') {
    const [channel] = bound.find(([, { kind }]) => kind === 'bin' || kind === 'reduce')!;
    throw invalid(
      `"${path}${channel}" of a ${spec.mark} must be a column`,
      'It needs every row, not groups of them.',
    );
  }
  const keys: KeyPlan[] = [];
  const reducers: ReducerPlan[] = [];
  for (const [channel, part] of bound) {
    if (part.kind === 'reduce') reducers.push({ channel, bound: part });
    else if (part.kind === 'bin') keys.push({ channel, name: part.name, bins: binsOf(part, rangeOf) });
    else if (part.kind === 'column') keys.push({ channel, name: part.name });
  }
  plan.grouping = { keys, reducers };
  return plan;
}
