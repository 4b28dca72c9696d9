/** Where the arrow keys lead in a stage graph: along edges, and among the neighbours of a layer. Pure. */
import type { DagLayout, Point } from './layered-layout.ts';

export interface Walkable {
  /** In topological order. */
  ids: readonly number[];
  edges: readonly { from: number; to: number }[];
  layout: Pick<DagLayout, 'direction' | 'nodes'>;
}

type Move = 'child' | 'parent' | 'next' | 'previous' | 'first' | 'last';

const KEYS: Record<DagLayout['direction'], Record<string, Move>> = {
  LR: { ArrowRight: 'child', ArrowLeft: 'parent', ArrowDown: 'next', ArrowUp: 'previous' },
  TB: { ArrowDown: 'child', ArrowUp: 'parent', ArrowRight: 'next', ArrowLeft: 'previous' },
};

export function moveOf(key: string, direction: DagLayout['direction']): Move | undefined {
  if (key === 'Home') return 'first';
  if (key === 'End') return 'last';
  return KEYS[direction][key];
}

/** The node a move leads to; the same node where there is none further. */
export function walk({ ids, edges, layout }: Walkable, from: number, move: Move): number {
  const at = layout.nodes.get(from);
  if (move === 'first') return ids[0] ?? from;
  if (move === 'last') return ids.at(-1) ?? from;
  if (!at) return ids[0] ?? from;
  const across = (point: Point) => (layout.direction === 'LR' ? point.y : point.x);
  const along = (point: Point) => (layout.direction === 'LR' ? point.x : point.y);
  if (move === 'child' || move === 'parent') {
    const linked = edges.flatMap((edge) =>
      move === 'child' ? (edge.from === from ? [edge.to] : []) : edge.to === from ? [edge.from] : [],
    );
    return nearest(linked, layout, (point) => Math.abs(across(point) - across(at))) ?? from;
  }
  const sign = move === 'next' ? 1 : -1;
  const layer = ids.filter((id) => {
    const point = layout.nodes.get(id);
    return point && along(point) === along(at) && (across(point) - across(at)) * sign > 0;
  });
  const beside = nearest(layer, layout, (point) => Math.abs(across(point) - across(at)));
  if (beside !== undefined) return beside;
  // A layer of one: on to the neighbour in topological order, so that these keys reach every stage.
  return ids[ids.indexOf(from) + sign] ?? from;
}

function nearest(
  ids: readonly number[],
  layout: Pick<DagLayout, 'nodes'>,
  distance: (point: Point) => number,
): number | undefined {
  let best: number | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const id of ids) {
    const point = layout.nodes.get(id);
    if (!point || distance(point) >= least) continue;
    least = distance(point);
    best = id;
  }
  return best;
}

/** Digits typed one after another name a stage: the one of exactly that number, else the first that begins so. */
export function stageByNumber(ids: readonly number[], typed: string): number | undefined {
  const wanted = Number(typed);
  return ids.find((id) => id === wanted) ?? ids.find((id) => id >= 0 && String(id).startsWith(typed));
}
