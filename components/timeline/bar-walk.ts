/** Where the arrow keys lead among the bars of a timeline, and what is shown of it then. Pure. */
import type { TimelineAnswer } from '../../engine/viewer-protocol.ts';
import type { Domain, TimelineSlice } from './time-scale.ts';

export interface BarPlace {
  lane: number;
  slice: number;
}

type Lanes = TimelineAnswer['lanes'];

export function sliceOf(lanes: Lanes, place: BarPlace | undefined): TimelineSlice | undefined {
  return place && lanes[place.lane]?.slices[place.slice];
}

/** The bar of a lane nearest to a time. */
function nearest(slices: readonly TimelineSlice[], time: number): number {
  let best = -1;
  let least = Number.POSITIVE_INFINITY;
  for (const [index, { start, end }] of slices.entries()) {
    const distance = time < start ? start - time : Math.max(0, time - end);
    if (distance >= least) continue;
    least = distance;
    best = index;
  }
  return best;
}

/** Left and right within the lane, up and down to the bar beside it in time; at first the first bar in view. */
export function walkBars(
  lanes: Lanes,
  from: BarPlace | undefined,
  key: string,
  domain: Domain,
): BarPlace | undefined {
  const current = sliceOf(lanes, from);
  if (!from || !current) {
    for (const [lane, { slices }] of lanes.entries()) {
      const slice = slices.findIndex((one) => one.end >= domain.from && one.start <= domain.to);
      if (slice >= 0) return { lane, slice };
    }
    return undefined;
  }
  if (key === 'ArrowLeft') return { lane: from.lane, slice: Math.max(0, from.slice - 1) };
  if (key === 'ArrowRight') {
    const last = lanes[from.lane]!.slices.length - 1;
    return { lane: from.lane, slice: Math.min(last, from.slice + 1) };
  }
  const step = key === 'ArrowUp' ? -1 : 1;
  for (let lane = from.lane + step; lanes[lane]; lane += step) {
    const slice = nearest(lanes[lane]!.slices, (current.start + current.end) / 2);
    if (slice >= 0) return { lane, slice };
  }
  return from;
}

/** The domain, moved no further than needed to show the bar. */
export function domainShowing(domain: Domain, { start, end }: TimelineSlice): Domain {
  if (end >= domain.from && start <= domain.to) return domain;
  const shift = start < domain.from ? start - domain.from : Math.min(start - domain.from, end - domain.to);
  return { from: domain.from + shift, to: domain.to + shift };
}

/** Which part is shown while the run goes on. */
export interface TimelineView {
  /** Absent: everything. */
  domain: Domain | undefined;
  /** The right edge moves with the run. */
  following: boolean;
}

/** A domain as it is now: one that follows ends where the data ends. */
export function currentDomain({ domain, following }: TimelineView, extent: Domain): Domain {
  if (!domain) return extent;
  if (!following) return domain;
  return { from: extent.to - (domain.to - domain.from), to: extent.to };
}

/** What the user moved to: it follows again as soon as it touches the end. */
export function movedTo(domain: Domain, extent: Domain, running: boolean): TimelineView {
  if (domain.from <= extent.from && domain.to >= extent.to) return { domain: undefined, following: true };
  const slack = (domain.to - domain.from) * 0.01;
  return { domain, following: running && domain.to >= extent.to - slack };
}
