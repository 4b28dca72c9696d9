/** Paints a large stage graph from afar: boxes told apart by fill, frame and cross, lines without labels. */
import { type DagGraph, type DagNode, NODE_HEIGHT, NODE_WIDTH } from './dag-graph.ts';
import { isLit } from './draw-dag.ts';
import type { DagLayout } from './layered-layout.ts';

export const FAR_TOKENS = [
  '--surface',
  '--line',
  '--line-strong',
  '--ink-2',
  '--ok',
  '--run',
  '--bad',
  '--skip',
  '--accent',
  '--focus',
] as const;

export interface FarPicture {
  graph: DagGraph;
  layout: DagLayout;
  transform: { x: number; y: number; k: number };
  width: number;
  height: number;
  selectedKey: string | undefined;
  lit: ReadonlySet<string>;
  tokens: Record<(typeof FAR_TOKENS)[number], string>;
}

const STATUS_TOKEN = {
  complete: '--ok',
  active: '--run',
  failed: '--bad',
  pending: '--line-strong',
  skipped: '--skip',
} as const;

export function drawFar(context: CanvasRenderingContext2D, picture: FarPicture): void {
  const { graph, layout, transform, width, height, tokens } = picture;
  const { x, y, k } = transform;
  context.clearRect(0, 0, width, height);
  context.lineWidth = 1;
  context.setLineDash([]);
  context.strokeStyle = tokens['--line'];
  context.beginPath();
  for (const points of layout.edges.values()) {
    const [start, end] = [points[0], points.at(-1)];
    if (!start || !end) continue;
    context.moveTo(x + start.x * k, y + start.y * k);
    context.lineTo(x + end.x * k, y + end.y * k);
  }
  context.stroke();
  const size = { width: Math.max(3, NODE_WIDTH * k), height: Math.max(3, NODE_HEIGHT * k) };
  for (const node of graph.nodes) {
    const at = layout.nodes.get(node.id);
    if (!at) continue;
    const [left, top] = [x + at.x * k, y + at.y * k];
    if (left > width || top > height || left + size.width < 0 || top + size.height < 0) continue;
    drawBox(context, node, left, top, size, picture);
  }
}

function drawBox(
  context: CanvasRenderingContext2D,
  node: DagNode,
  left: number,
  top: number,
  size: { width: number; height: number },
  { selectedKey, lit, tokens }: FarPicture,
): void {
  const color = tokens[STATUS_TOKEN[node.status]];
  context.fillStyle = tokens['--surface'];
  context.fillRect(left, top, size.width, size.height);
  context.fillStyle = color;
  const filled = node.status === 'complete' ? 1 : node.status === 'active' ? Math.max(0.1, node.done) : 0;
  if (filled > 0) context.fillRect(left, top, size.width * filled, size.height);
  context.strokeStyle = color;
  context.lineWidth = 1;
  context.setLineDash(node.status === 'skipped' ? [2, 2] : []);
  context.strokeRect(left + 0.5, top + 0.5, size.width - 1, size.height - 1);
  context.setLineDash([]);
  if (node.status === 'failed') {
    context.beginPath();
    context.moveTo(left, top);
    context.lineTo(left + size.width, top + size.height);
    context.moveTo(left + size.width, top);
    context.lineTo(left, top + size.height);
    context.stroke();
  }
  const marked = node.stageKey === selectedKey || isLit(node, lit);
  if (!marked) return;
  context.strokeStyle = node.stageKey === selectedKey ? tokens['--focus'] : tokens['--accent'];
  context.lineWidth = 2;
  context.strokeRect(left - 2, top - 2, size.width + 4, size.height + 4);
}

/** The node under a place of the drawing. */
export function nodeAt(
  { graph, layout, transform }: Pick<FarPicture, 'graph' | 'layout' | 'transform'>,
  x: number,
  y: number,
): DagNode | undefined {
  const [atX, atY] = [(x - transform.x) / transform.k, (y - transform.y) / transform.k];
  const slack = 2 / transform.k;
  return graph.nodes.find(({ id }) => {
    const at = layout.nodes.get(id);
    return (
      at !== undefined &&
      atX >= at.x - slack &&
      atX <= at.x + NODE_WIDTH + slack &&
      atY >= at.y - slack &&
      atY <= at.y + NODE_HEIGHT + slack
    );
  });
}
