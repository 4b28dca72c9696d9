'use client';
/** The stage graph of a job: status is patched in place, layout happens once per topology, in a worker. */
import { select } from 'd3-selection';
import { type ZoomBehavior, zoom, zoomIdentity, zoomTransform } from 'd3-zoom';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useWidth } from '../ui/use-width.ts';
import { ZoomControls } from '../ui/zoom-controls.tsx';
import { type DagGraph, type DagNode, NODE_HEIGHT, NODE_WIDTH } from './dag-graph.ts';
import { drawDag } from './draw-dag.ts';
import {
  type DagDirection,
  type DagLayout,
  type LayoutRequest,
  layoutByLayers,
  MARGIN,
} from './layered-layout.ts';
import { LayoutService } from './layout-service.ts';

export interface StageDagProps {
  graph: DagGraph;
  label: string;
  selectedKey: string | undefined;
  onSelect: (stageKey: string) => void;
}

const MAX_HEIGHT = 360;
const SMALLEST_SCALE = 0.9;
/** A graph that would be smaller than this opens on the selected stage instead of as a whole. */
const LEGIBLE_SCALE = 0.5;

/** Side by side where that stays legible, else top to bottom. */
const fits = (layout: DagLayout, width: number) => layout.width * SMALLEST_SCALE <= width;

function requestOf(graph: DagGraph, direction: DagDirection): LayoutRequest {
  return {
    nodeIds: graph.nodes.map((node) => node.id),
    edges: graph.edges.map(({ from, to }) => ({ from, to })),
    direction,
    nodeWidth: NODE_WIDTH,
    nodeHeight: NODE_HEIGHT,
  };
}

/** The worker's layout of this topology; until it answers, plain layers, which cost nothing. */
function useLayout(graph: DagGraph, width: number): DagLayout | undefined {
  const [service] = useState(() => new LayoutService());
  const [answered, setAnswered] = useState<{ topology: string; width: number; layout: DagLayout }>();
  useEffect(() => () => service.close(), [service]);
  const latest = useRef(graph);
  latest.current = graph;
  const { topology } = graph;

  useEffect(() => {
    if (width === 0) return;
    let current = true;
    // The graph as it is now: by the second question another job may be shown.
    const asked = latest.current;
    const ask = (direction: DagDirection) =>
      service.layout(`${direction}|${topology}`, requestOf(asked, direction));
    void ask('LR')
      .then((wide) => (fits(wide, width) ? wide : ask('TB')))
      .then((layout) => {
        if (current) setAnswered({ topology, width, layout });
      });
    return () => {
      current = false;
    };
  }, [service, topology, width]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: equal topologies have equal layouts
  const plain = useMemo(() => {
    if (width === 0) return undefined;
    const wide = layoutByLayers(requestOf(graph, 'LR'));
    return fits(wide, width) ? wide : layoutByLayers(requestOf(graph, 'TB'));
  }, [topology, width]);

  return answered?.topology === topology && answered.width === width ? answered.layout : plain;
}

export function StageDag({ graph, label, selectedKey, onSelect }: StageDagProps) {
  const [container, width] = useWidth<HTMLDivElement>();
  const svg = useRef<SVGSVGElement>(null);
  const canvas = useRef<SVGGElement>(null);
  const behavior = useRef<ZoomBehavior<SVGSVGElement, unknown>>(undefined);
  const layout = useLayout(graph, width);
  const scale = layout ? Math.min(1, width / layout.width) : 1;
  const height = layout
    ? Math.min(MAX_HEIGHT, layout.height * Math.max(scale, 0.5))
    : NODE_HEIGHT + 2 * MARGIN;

  const fitTo = useCallback(
    (least: number) => {
      if (!svg.current || !layout || !behavior.current) return;
      const whole = Math.min(1, width / layout.width, height / layout.height);
      const k = Math.max(whole, least);
      const x = Math.max(0, (width - layout.width * k) / 2);
      behavior.current.scaleExtent([Math.min(0.1, whole), 2]);
      select(svg.current).call(behavior.current.transform, zoomIdentity.translate(x, 0).scale(k));
    },
    [layout, width, height],
  );

  /** Moves a stage that lies outside the drawing's window into its middle. */
  const bringIntoView = useCallback(
    (id: number | undefined) => {
      const at = id === undefined ? undefined : layout?.nodes.get(id);
      if (!svg.current || !at || !behavior.current) return;
      const [left, top] = zoomTransform(svg.current).apply([at.x, at.y]);
      const [right, bottom] = zoomTransform(svg.current).apply([at.x + NODE_WIDTH, at.y + NODE_HEIGHT]);
      if (left > -1 && top > -1 && right < width + 1 && bottom < height + 1) return;
      select(svg.current).call(behavior.current.translateTo, at.x + NODE_WIDTH / 2, at.y + NODE_HEIGHT / 2);
    },
    [layout, width, height],
  );

  useEffect(() => {
    if (!svg.current) return;
    behavior.current = zoom<SVGSVGElement, unknown>()
      .scaleExtent([0.1, 2])
      .filter(
        (event: Event) =>
          event.type !== 'dblclick' && (event.type !== 'wheel' || (event as WheelEvent).ctrlKey),
      )
      .on('zoom', ({ transform }) => canvas.current?.setAttribute('transform', String(transform)));
    select(svg.current).call(behavior.current);
  }, []);

  const selectedId = graph.nodes.find(({ stageKey }) => stageKey === selectedKey)?.id;
  useEffect(() => {
    fitTo(LEGIBLE_SCALE);
  }, [fitTo]);
  useEffect(() => bringIntoView(selectedId), [bringIntoView, selectedId]);

  useEffect(() => {
    if (!canvas.current || !layout) return;
    drawDag(canvas.current, graph, layout, {
      selectedKey,
      onSelect: (node: DagNode) => onSelect(node.stageKey),
      onFocus: (node: DagNode) => {
        bringIntoView(node.id);
        // The browser has scrolled to where the stage was.
        svg.current?.scrollIntoView({ block: 'nearest' });
      },
    });
  }, [graph, layout, selectedKey, onSelect, bringIntoView]);

  const zoomBy = (factor: number) => {
    if (svg.current && behavior.current) select(svg.current).call(behavior.current.scaleBy, factor);
  };
  const cropped =
    layout !== undefined && (layout.width * SMALLEST_SCALE > width || layout.height > MAX_HEIGHT);
  return (
    <div ref={container} className="relative">
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot hold a drawing */}
      <svg
        ref={svg}
        role="group"
        aria-label={label}
        width={width}
        height={height}
        className={`dag block overflow-hidden ${cropped ? 'cursor-grab' : ''}`}
      >
        <defs>
          <marker
            id="dag-arrow"
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="7"
            markerHeight="7"
            orient="auto"
          >
            <path d="M0 0 8 4 0 8z" fill="var(--line-strong)" />
          </marker>
          <clipPath id="dag-bar">
            <path d={`M0 0h${NODE_WIDTH - 2}v0q0 7 -7 7H7q-7 0 -7 -7z`} />
          </clipPath>
        </defs>
        <g ref={canvas} />
      </svg>
      {cropped && (
        <div className="absolute right-0 bottom-0 flex rounded-md border border-line bg-surface">
          <ZoomControls
            of="stage graph"
            wholeLabel="Fit the whole stage graph"
            onZoom={(direction) => zoomBy(direction === 'in' ? 4 / 3 : 0.75)}
            onWhole={() => fitTo(0)}
          />
        </div>
      )}
    </div>
  );
}
