/** Where the stages go: dagre's layering for graphs of a usual size, plain layers for large ones. Pure. */
import { Graph, layout } from '@dagrejs/dagre';
import {
  type DagLayout,
  type LayoutRequest,
  layoutByLayers,
  MARGIN,
  NODE_GAP,
  type Point,
  RANK_GAP,
  withStraightEnds,
} from './layered-layout.ts';

/** Above this dagre takes longer than a second. */
const DAGRE_LIMIT = 400;

export function layoutDag(request: LayoutRequest): DagLayout {
  return request.nodeIds.length > DAGRE_LIMIT ? layoutByLayers(request) : layoutWithDagre(request);
}

function layoutWithDagre({ nodeIds, edges, direction, nodeWidth, nodeHeight }: LayoutRequest): DagLayout {
  const graph = new Graph();
  graph.setGraph({
    rankdir: direction,
    nodesep: NODE_GAP,
    ranksep: RANK_GAP[direction],
    marginx: MARGIN,
    marginy: MARGIN,
  });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const id of nodeIds) graph.setNode(String(id), { width: nodeWidth, height: nodeHeight });
  for (const { from, to } of edges) graph.setEdge(String(from), String(to));
  layout(graph);
  const nodes = new Map<number, Point>();
  for (const id of nodeIds) {
    const { x = 0, y = 0 } = graph.node(String(id));
    nodes.set(id, { x: x - nodeWidth / 2, y: y - nodeHeight / 2 });
  }
  const paths = new Map<string, Point[]>();
  for (const { from, to } of edges) {
    const { points = [] } = graph.edge({ v: String(from), w: String(to) });
    paths.set(
      `${from}>${to}`,
      withStraightEnds(points, nodes.get(from)!, nodes.get(to)!, direction, nodeWidth, nodeHeight),
    );
  }
  const { width = 0, height = 0 } = graph.graph();
  return { width, height, direction, nodes, edges: paths };
}
