/** Steps of numbers and of time: their edges are round, their number is near what was asked for. */
import type { PlotInterval } from '../plot-protocol.ts';

/** Steps of equal width, or calendar steps in UTC. */
export type Bins = { kind: 'width'; start: number; step: number } | { kind: 'time'; interval: PlotInterval };

const LENGTHS: [PlotInterval, number][] = [
  ['second', 1_000],
  ['minute', 60_000],
  ['hour', 3_600_000],
  ['day', 86_400_000],
  ['week', 7 * 86_400_000],
  ['month', 30.4 * 86_400_000],
  ['quarter', 91.3 * 86_400_000],
  ['year', 365.25 * 86_400_000],
];
const MONDAY = 4 * 86_400_000;

/** 1, 2 or 5 times a power of ten, so that about `count` steps fill the range. */
function niceStep(range: number, count: number): number {
  const rough = range / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const error = rough / power;
  return power * (error >= 7.07 ? 10 : error >= 3.16 ? 5 : error >= 1.41 ? 2 : 1);
}

/** Edges keep twelve digits, and the least numbers have not even those: steps are never finer. */
function tellable(min: number, max: number, count: number): number {
  return count * Math.max(1e-11 * Math.max(Math.abs(min), Math.abs(max)), 1e-290);
}

export function widthBins(min: number, max: number, count: number): Bins {
  const range = Math.max(max - min, tellable(min, max, count));
  const step = max > min ? niceStep(range, count) : Math.abs(min) > 1 ? Math.abs(min) / 10 : 1;
  return { kind: 'width', start: Math.floor(min / step) * step, step };
}

/** The shortest calendar step of which at most `count` fill the range. */
export function timeBins(min: number, max: number, count: number, interval?: PlotInterval): Bins {
  const fitting = LENGTHS.find(([, length]) => (max - min) / length <= count) ?? LENGTHS.at(-1)!;
  return { kind: 'time', interval: interval ?? fitting[0] };
}

function floorTime(time: number, interval: PlotInterval): number {
  const date = new Date(time);
  switch (interval) {
    case 'second':
    case 'minute':
    case 'hour':
    case 'day': {
      const length = LENGTHS.find(([name]) => name === interval)![1];
      return Math.floor(time / length) * length;
    }
    case 'week': {
      const length = 7 * 86_400_000;
      return Math.floor((time - MONDAY) / length) * length + MONDAY;
    }
    case 'month':
      return Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
    case 'quarter':
      return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - (date.getUTCMonth() % 3));
    case 'year':
      return Date.UTC(date.getUTCFullYear(), 0);
    default:
      return interval satisfies never;
  }
}

/** The start of the step that holds a value. */
export function binStart(bins: Bins, value: number): number {
  if (bins.kind === 'time') return floorTime(value, bins.interval);
  return tidy(bins.start + Math.floor((value - bins.start) / bins.step) * bins.step);
}

/** The end of the step that begins at `start`. */
export function binEnd(bins: Bins, start: number): number {
  if (bins.kind === 'width') return tidy(start + bins.step);
  const length = LENGTHS.find(([name]) => name === bins.interval)![1];
  return floorTime(start + length * 1.2, bins.interval);
}

/** Without the noise of the last bits: 0.1 + 0.2 is an edge at 0.3. */
function tidy(edge: number): number {
  return Number(edge.toPrecision(12));
}
