'use client';
/** The worker's layout of a topology; for a chain, and until it answers, plain layers, which cost little. */
import { useEffect, useMemo, useRef, useState } from 'react';
import { type DagGraph, NODE_HEIGHT, NODE_WIDTH } from './dag-graph.ts';
import {
  type DagDirection,
  type DagLayout,
  isChain,
  type LayoutRequest,
  layoutByLayers,
} from './layered-layout.ts';
import { LayoutService } from './layout-service.ts';

export const SMALLEST_SCALE = 0.9;

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

export function useLayout(graph: DagGraph, width: number): DagLayout | undefined {
  const [service] = useState(() => new LayoutService());
  const [answered, setAnswered] = useState<{ topology: string; width: number; layout: DagLayout }>();
  useEffect(() => () => service.close(), [service]);
  const latest = useRef(graph);
  latest.current = graph;
  const { topology } = graph;

  useEffect(() => {
    // The graph as it is now: by the second question another job may be shown.
    const asked = latest.current;
    // The first jobs of a page mostly are chains: they do not wait for the start of a worker.
    if (width === 0 || isChain(requestOf(asked, 'LR'))) return;
    let current = true;
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
