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
/** Between layers: side by side, the words of an edge stand in it. */
export const RANK_GAP = { LR: 56, TB: 36 };
export const MARGIN = 4;

const leadsBack = (from: Point, to: Point, direction: DagDirection) =>
  direction === 'LR' ? to.x <= from.x : to.y <= from.y;

/** Edges leave and enter at the middle of the facing sides, whatever dagre chose. */
export function withStraightEnds(
  points: Point[],
  from: Point,
  to: Point,
  direction: DagDirection,
  width: number,
  height: number,
): Point[] {
  if (leadsBack(from, to, direction)) {
    // Back to an earlier layer: from edge to edge, below or beside the stages.
    return direction === 'LR'
      ? [
          { x: from.x + width / 2, y: from.y + height },
          { x: to.x + width / 2, y: to.y + height },
        ]
      : [
          { x: from.x + width, y: from.y + height / 2 },
          { x: to.x + width, y: to.y + height / 2 },
        ];
  }
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

/** The longest path from a source; in a cycle, the stage that comes first begins it. */
function layersOf(nodeIds: readonly number[], edges: LayoutRequest['edges']): Map<number, number> {
  const children = new Map<number, number[]>(nodeIds.map((id) => [id, []]));
  const waiting = new Map<number, number>(nodeIds.map((id) => [id, 0]));
  for (const { from, to } of edges) {
    if (!children.has(from) || !waiting.has(to)) continue;
    children.get(from)!.push(to);
    waiting.set(to, waiting.get(to)! + 1);
  }
  const layers = new Map<number, number>();
  const queue = nodeIds.filter((id) => waiting.get(id) === 0);
  const done = new Set<number>();
  let next = 0;
  while (done.size < nodeIds.length) {
    let id = queue.shift();
    if (id === undefined) {
      while (done.has(nodeIds[next]!)) next += 1;
      id = nodeIds[next]!;
    }
    if (done.has(id)) continue;
    done.add(id);
    const layer = layers.get(id) ?? 0;
    layers.set(id, layer);
    for (const child of children.get(id)!) {
      if (done.has(child)) continue;
      layers.set(child, Math.max(layers.get(child) ?? 0, layer + 1));
      waiting.set(child, waiting.get(child)! - 1);
      if (waiting.get(child) === 0) queue.push(child);
    }
  }
  return layers;
}

/** Orders a layer by the mean place of its parents, which uncrosses most edges. */
function ordered(
  layer: number[],
  parents: ReadonlyMap<number, number[]>,
  places: ReadonlyMap<number, number>,
) {
  const key = new Map(
    layer.map((id, index) => {
      const known = (parents.get(id) ?? []).flatMap((parent) => places.get(parent) ?? []);
      const mean = known.reduce((sum, place) => sum + place, 0) / (known.length || 1);
      return [id, known.length > 0 ? mean : index];
    }),
  );
  return layer.sort((a, b) => key.get(a)! - key.get(b)! || a - b);
}

/** A layer longer than this continues beside itself. */
const LONGEST_LAYER = 40;

/** One stage after the other, whose layers are its layout: there is nothing to search for. */
export function isChain({ nodeIds, edges }: Pick<LayoutRequest, 'nodeIds' | 'edges'>): boolean {
  const sources = new Set(edges.map(({ from }) => from));
  const targets = new Set(edges.map(({ to }) => to));
  return edges.length === nodeIds.length - 1 && Math.min(sources.size, targets.size) === edges.length;
}

export function layoutByLayers(request: LayoutRequest): DagLayout {
  const { nodeIds, edges, direction, nodeWidth, nodeHeight } = request;
  const parents = new Map<number, number[]>(nodeIds.map((id) => [id, []]));
  for (const { from, to } of edges) parents.get(to)?.push(from);
  const layerOf = layersOf(nodeIds, edges);
  const layers: number[][] = [];
  for (const id of nodeIds) (layers[layerOf.get(id)!] ??= []).push(id);
  const along = (direction === 'LR' ? nodeWidth : nodeHeight) + RANK_GAP[direction];
  const across = (direction === 'LR' ? nodeHeight : nodeWidth) + NODE_GAP;
  const nodes = new Map<number, Point>();
  const places = new Map<number, number>();
  let column = 0;
  for (const layer of layers) {
    for (const [place, id] of ordered(layer ?? [], parents, places).entries()) {
      const ahead = MARGIN + (column + Math.floor(place / LONGEST_LAYER)) * along;
      const aside = MARGIN + (place % LONGEST_LAYER) * across;
      places.set(id, place);
      nodes.set(id, direction === 'LR' ? { x: ahead, y: aside } : { x: aside, y: ahead });
    }
    column += Math.ceil((layer?.length ?? 0) / LONGEST_LAYER);
  }
  const paths = new Map<string, Point[]>();
  for (const { from, to } of edges) {
    const [a, b] = [nodes.get(from), nodes.get(to)];
    if (a && b) paths.set(`${from}>${to}`, withStraightEnds([], a, b, direction, nodeWidth, nodeHeight));
  }
  const far = { x: 0, y: 0 };
  for (const { x, y } of nodes.values()) {
    far.x = Math.max(far.x, x);
    far.y = Math.max(far.y, y);
  }
  return {
    width: far.x + nodeWidth + MARGIN,
    height: far.y + nodeHeight + MARGIN,
    direction,
    nodes,
    edges: paths,
  };
}
