/** The shape of a layout, and the plain one: layers by longest path. Pure, cheap, for any size. */

export type DagDirection = 'LR' | 'TB';

export interface LayoutRequest {
  nodeIds: number[];
  edges: { from: number; to: number }[];
  direction: DagDirection;
  nodeWidth: number;
  nodeHeight: number;
}

export interface Point {
  x: number;
  y: number;
}

export interface DagLayout {
  width: number;
  height: number;
  direction: DagDirection;
  /** Top left corner of each node. */
  nodes: Map<number, Point>;
  /** By `from>to`, from border to border. */
  edges: Map<string, Point[]>;
}

export const NODE_GAP = 20;
export const RANK_GAP = 56;
export const MARGIN = 4;

/** Edges leave and enter at the middle of the facing sides, whatever dagre chose. */
export function withStraightEnds(
  points: Point[],
  from: Point,
  to: Point,
  direction: DagDirection,
  width: number,
  height: number,
): Point[] {
  const [start, end] =
    direction === 'LR'
      ? [
          { x: from.x + width, y: from.y + height / 2 },
          { x: to.x, y: to.y + height / 2 },
        ]
      : [
          { x: from.x + width / 2, y: from.y + height },
          { x: to.x + width / 2, y: to.y },
        ];
  return [start, ...points.slice(1, -1), end];
}

/** Longest path from a source gives the layer; order within a layer is that of the ids. */
export function layoutByLayers(request: LayoutRequest): DagLayout {
  const { nodeIds, edges, direction, nodeWidth, nodeHeight } = request;
  const parents = new Map<number, number[]>(nodeIds.map((id) => [id, []]));
  for (const { from, to } of edges) parents.get(to)?.push(from);
  const layers = new Map<number, number>();
  const layerOf = (id: number, path: Set<number>): number => {
    const known = layers.get(id);
    if (known !== undefined) return known;
    if (path.has(id)) return 0;
    path.add(id);
    const layer = Math.max(-1, ...parents.get(id)!.map((parent) => layerOf(parent, path))) + 1;
    path.delete(id);
    layers.set(id, layer);
    return layer;
  };
  const counts: number[] = [];
  const nodes = new Map<number, Point>();
  for (const id of [...nodeIds].sort((a, b) => a - b)) {
    const layer = layerOf(id, new Set());
    const place = counts[layer] ?? 0;
    counts[layer] = place + 1;
    nodes.set(
      id,
      direction === 'LR'
        ? { x: MARGIN + layer * (nodeWidth + RANK_GAP), y: MARGIN + place * (nodeHeight + NODE_GAP) }
        : { x: MARGIN + place * (nodeWidth + NODE_GAP), y: MARGIN + layer * (nodeHeight + RANK_GAP) },
    );
  }
  const paths = new Map<string, Point[]>();
  for (const { from, to } of edges) {
    const [a, b] = [nodes.get(from), nodes.get(to)];
    if (a && b) paths.set(`${from}>${to}`, withStraightEnds([], a, b, direction, nodeWidth, nodeHeight));
  }
  const corners = [...nodes.values()];
  return {
    width: Math.max(0, ...corners.map((corner) => corner.x)) + nodeWidth + MARGIN,
    height: Math.max(0, ...corners.map((corner) => corner.y)) + nodeHeight + MARGIN,
    direction,
    nodes,
    edges: paths,
  };
}
