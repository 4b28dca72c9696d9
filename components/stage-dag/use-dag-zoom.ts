'use client';
/** Zoom and pan of the stage graph: wheel, drag and pinch by d3-zoom, and the same by function for keys and buttons. */
import { select } from 'd3-selection';
import { type D3ZoomEvent, type ZoomBehavior, type ZoomTransform, zoom, zoomIdentity } from 'd3-zoom';
import { type RefObject, useCallback, useEffect, useRef } from 'react';
import { NODE_HEIGHT, NODE_WIDTH } from './dag-graph.ts';
import type { DagLayout } from './layered-layout.ts';

export interface DagZoom {
  transform: RefObject<ZoomTransform>;
  zoomBy: (factor: number) => void;
  panBy: (x: number, y: number) => void;
  /** Shows the whole graph, but no smaller than `least`. */
  fitTo: (least: number) => void;
  /** Moves a stage that lies outside the drawing's window into its middle. */
  bringIntoView: (id: number | undefined) => void;
}

/** Plain wheel scrolls the page until the graph has the focus; with Ctrl it always zooms. */
function wanted(event: Event, element: Element): boolean {
  if (event.type === 'dblclick') return false;
  if (event.type !== 'wheel') return !(event as MouseEvent).ctrlKey && !(event as MouseEvent).button;
  const { ctrlKey, metaKey } = event as WheelEvent;
  return ctrlKey || metaKey || element.contains(element.ownerDocument.activeElement);
}

export function useDagZoom(
  svg: RefObject<SVGSVGElement | null>,
  layout: DagLayout | undefined,
  size: { width: number; height: number },
  onTransform: () => void,
): DagZoom {
  const behavior = useRef<ZoomBehavior<SVGSVGElement, unknown>>(undefined);
  const transform = useRef<ZoomTransform>(zoomIdentity);
  const changed = useRef(onTransform);
  changed.current = onTransform;
  const { width, height } = size;

  useEffect(() => {
    const element = svg.current;
    if (!element) return;
    behavior.current = zoom<SVGSVGElement, unknown>()
      .scaleExtent([0.1, 2])
      .filter((event: Event) => wanted(event, element))
      .on('zoom', (event: D3ZoomEvent<SVGSVGElement, unknown>) => {
        transform.current = event.transform;
        changed.current();
      });
    select(element).call(behavior.current);
    return () => {
      select(element).on('.zoom', null);
    };
  }, [svg]);

  const fitTo = useCallback(
    (least: number) => {
      if (!svg.current || !layout || !behavior.current) return;
      const whole = Math.min(1, width / layout.width, height / layout.height);
      const k = Math.max(whole, least);
      const x = Math.max(0, (width - layout.width * k) / 2);
      behavior.current.scaleExtent([Math.min(0.1, whole), 2]);
      select(svg.current).call(behavior.current.transform, zoomIdentity.translate(x, 0).scale(k));
    },
    [svg, layout, width, height],
  );

  const bringIntoView = useCallback(
    (id: number | undefined) => {
      const at = id === undefined ? undefined : layout?.nodes.get(id);
      if (!svg.current || !at || !behavior.current) return;
      const [left, top] = transform.current.apply([at.x, at.y]);
      const [right, bottom] = transform.current.apply([at.x + NODE_WIDTH, at.y + NODE_HEIGHT]);
      if (left > -1 && top > -1 && right < width + 1 && bottom < height + 1) return;
      select(svg.current).call(behavior.current.translateTo, at.x + NODE_WIDTH / 2, at.y + NODE_HEIGHT / 2);
    },
    [svg, layout, width, height],
  );

  const zoomBy = useCallback(
    (factor: number) => {
      if (svg.current && behavior.current) select(svg.current).call(behavior.current.scaleBy, factor);
    },
    [svg],
  );

  const panBy = useCallback(
    (x: number, y: number) => {
      const { k } = transform.current;
      if (svg.current && behavior.current)
        select(svg.current).call(behavior.current.translateBy, x / k, y / k);
    },
    [svg],
  );

  return { transform, zoomBy, panBy, fitTo, bringIntoView };
}
