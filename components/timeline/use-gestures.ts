'use client';
/** Wheel, drag and pinch on the timeline, by d3-zoom: each step is applied to the domain, which stays ours. */
import { select } from 'd3-selection';
import { type D3ZoomEvent, type ZoomTransform, zoom, zoomIdentity } from 'd3-zoom';
import { type RefObject, useEffect, useRef } from 'react';
import { clampDomain, type Domain, toTime } from './time-scale.ts';

export interface GestureTarget {
  domain: Domain;
  extent: Domain;
  left: number;
  plot: number;
  change: (domain: Domain) => void;
}

/** Plain wheel scrolls the page until the timeline has the focus; with Ctrl it always zooms. */
function wanted(event: Event, element: HTMLElement): boolean {
  if (event.type !== 'wheel') return !(event as MouseEvent).ctrlKey && !(event as MouseEvent).button;
  return (
    (event as WheelEvent).ctrlKey ||
    (event as WheelEvent).metaKey ||
    element.ownerDocument.activeElement === element
  );
}

export function useGestures(ref: RefObject<HTMLElement | null>, target: GestureTarget | undefined): void {
  const latest = useRef(target);
  latest.current = target;
  const ready = target !== undefined;
  useEffect(() => {
    const element = ref.current;
    if (!element || !ready) return;
    let last: ZoomTransform = zoomIdentity;
    const behavior = zoom<HTMLElement, unknown>()
      .scaleExtent([1e-12, 1e12])
      .filter((event: Event) => wanted(event, element))
      .on('zoom', ({ transform }: D3ZoomEvent<HTMLElement, unknown>) => {
        const now = latest.current;
        if (!now) return;
        const { domain, extent, left, plot } = now;
        const before = (pixel: number) =>
          toTime(last.applyX(transform.invertX(left + pixel)) - left, domain, plot);
        now.change(clampDomain({ from: before(0), to: before(plot) }, extent));
        last = transform;
      });
    const selection = select(element);
    selection.call(behavior).on('dblclick.zoom', null);
    return () => {
      selection.on('.zoom', null);
    };
  }, [ref, ready]);
}
