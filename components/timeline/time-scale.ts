/** Geometry of the timeline: domains in milliseconds, ticks, phases as segments, hits. Pure. */
import { scaleLinear } from 'd3-scale';
import type { TimelineAnswer } from '../../engine/viewer-protocol.ts';
import { formatDuration } from '../ui/format.ts';

export interface Domain {
  from: number;
  to: number;
}

export type TimelineLane = TimelineAnswer['lanes'][number];
export type TimelineSlice = TimelineLane['slices'][number];

/** No zooming in beyond this many milliseconds. */
const SHORTEST = 0.5;
const COMPUTING = 3;

/** Keeps a domain within the extent, without changing its length where it fits. */
export function clampDomain({ from, to }: Domain, extent: Domain): Domain {
  const whole = Math.max(SHORTEST, extent.to - extent.from);
  const length = Math.min(whole, Math.max(SHORTEST, to - from));
  const middle = (from + to) / 2;
  const start = Math.min(Math.max(middle - length / 2, extent.from), extent.from + whole - length);
  return { from: start, to: start + length };
}

/** Zooms by a factor (above 1: in) around a place between 0 (left) and 1 (right). */
export function zoomDomain(domain: Domain, extent: Domain, factor: number, anchor = 0.5): Domain {
  const length = domain.to - domain.from;
  const at = domain.from + anchor * length;
  return clampDomain(
    { from: at - (anchor * length) / factor, to: at + ((1 - anchor) * length) / factor },
    extent,
  );
}

/** Moves by a share of the visible length. */
export function panDomain(domain: Domain, extent: Domain, share: number): Domain {
  const shift = share * (domain.to - domain.from);
  return clampDomain({ from: domain.from + shift, to: domain.to + shift }, extent);
}

export function toPixel(time: number, domain: Domain, width: number): number {
  return ((time - domain.from) / (domain.to - domain.from || 1)) * width;
}

export function toTime(pixel: number, domain: Domain, width: number): number {
  return domain.from + (pixel / (width || 1)) * (domain.to - domain.from);
}

export interface Tick {
  x: number;
  label: string;
}

/** Ticks as time since the origin, about one per 80 pixels. */
export function ticksOf(domain: Domain, origin: number, width: number): Tick[] {
  const scale = scaleLinear([domain.from - origin, domain.to - origin], [0, width]);
  return scale.ticks(Math.max(2, Math.floor(width / 80))).map((time) => ({
    x: scale(time),
    label: time < 1000 ? `${Math.round(time * 10) / 10} ms` : formatDuration(time),
  }));
}

export interface Segment {
  /** Index into TASK_PHASES. */
  phase: number;
  start: number;
  end: number;
}

/**
 * Cuts a slice into its phases, in order. Of a running task the time not yet accounted for is computing; of an
 * ended one the phases share the slice in proportion, since clocks of two processes never agree exactly.
 */
export function segmentsOf(slice: TimelineSlice): Segment[] {
  const length = slice.end - slice.start;
  const phases = [...slice.phases];
  const known = phases.reduce((sum, phase) => sum + phase, 0);
  if (known === 0 || (slice.running > 0 && known < length)) {
    phases[COMPUTING] = (phases[COMPUTING] ?? 0) + Math.max(length - known, known === 0 ? 1 : 0);
  }
  const total = phases.reduce((sum, phase) => sum + phase, 0);
  const segments: Segment[] = [];
  let start = slice.start;
  for (const [phase, time] of phases.entries()) {
    if (time <= 0) continue;
    const end = start + (time / total) * length;
    segments.push({ phase, start, end });
    start = end;
  }
  return segments;
}

/** The slice at a time, by binary search; `slack` widens each slice so that thin bars can be hit. */
export function sliceAt(
  slices: readonly TimelineSlice[],
  time: number,
  slack: number,
): TimelineSlice | undefined {
  let [low, high] = [0, slices.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (slices[middle]!.start - slack <= time) low = middle + 1;
    else high = middle;
  }
  for (let index = low - 1; index >= 0 && index >= low - 3; index -= 1) {
    const slice = slices[index]!;
    if (time <= slice.end + slack) return slice;
  }
  return undefined;
}

export function sliceState(slice: TimelineSlice): 'running' | 'failed' | 'killed' | 'success' {
  if (slice.failed > 0) return 'failed';
  if (slice.task?.killed) return 'killed';
  return slice.running > 0 ? 'running' : 'success';
}
