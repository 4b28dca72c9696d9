/** What of a layout lies in the drawing's window, and how closely it is drawn. Pure. */
import type { DagLayout, Point } from './layered-layout.ts';

export interface Window {
  /** In the layout's coordinates. */
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export interface DagView {
  nodes: Set<number>;
  /** `from>to` */
  edges: Set<string>;
  /** Too many, or too small to read: boxes and lines alone, on a canvas. */
  far: boolean;
}

/** Up to so many stages are always drawn in full, wherever they lie. */
export const ALWAYS_DRAWN = 120;
/** More than this in the window are drawn as boxes. */
const MOST_IN_FULL = 160;
const LEGIBLE_SCALE = 0.35;

export function windowOf(
  transform: { x: number; y: number; k: number },
  width: number,
  height: number,
): Window {
  const { x, y, k } = transform;
  return { left: -x / k, top: -y / k, right: (width - x) / k, bottom: (height - y) / k };
}

const overlaps = (a: Window, b: Window) =>
  a.left <= b.right && b.left <= a.right && a.top <= b.bottom && b.top <= a.bottom;

function boundsOf(points: readonly Point[]): Window {
  const bounds = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const { x, y } of points) {
    bounds.left = Math.min(bounds.left, x);
    bounds.right = Math.max(bounds.right, x);
    bounds.top = Math.min(bounds.top, y);
    bounds.bottom = Math.max(bounds.bottom, y);
  }
  return bounds;
}

/** `keep` names stages that are drawn wherever they are: the focused one, the selected one. */
export function viewOf(
  layout: DagLayout,
  window: Window,
  scale: number,
  size: { width: number; height: number },
  keep: readonly number[],
): DagView {
  if (layout.nodes.size <= ALWAYS_DRAWN)
    return { nodes: new Set(layout.nodes.keys()), edges: new Set(layout.edges.keys()), far: false };
  const margin = 100;
  const around: Window = {
    left: window.left - margin,
    top: window.top - margin,
    right: window.right + margin,
    bottom: window.bottom + margin,
  };
  const kept = keep.filter((id) => layout.nodes.has(id));
  const nodes = new Set<number>();
  if (scale >= LEGIBLE_SCALE) {
    for (const [id, { x, y }] of layout.nodes) {
      if (overlaps({ left: x, top: y, right: x + size.width, bottom: y + size.height }, around))
        nodes.add(id);
    }
  }
  if (scale < LEGIBLE_SCALE || nodes.size > MOST_IN_FULL)
    return { nodes: new Set(kept), edges: new Set(), far: true };
  for (const id of kept) nodes.add(id);
  const edges = new Set<string>();
  for (const [key, points] of layout.edges) if (overlaps(boundsOf(points), around)) edges.add(key);
  return { nodes, edges, far: false };
}
