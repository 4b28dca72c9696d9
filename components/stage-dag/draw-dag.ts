/** Draws the visible part of a stage graph into an SVG group with d3: enters what comes into view, patches the rest. */
import { type BaseType, type Selection, select } from 'd3-selection';
import { GLYPHS, STATE_LOOKS } from '../ui/state-looks.ts';
import { type DagEdge, type DagGraph, type DagNode, NODE_HEIGHT, NODE_WIDTH } from './dag-graph.ts';
import { titleOf } from './dag-title.ts';
import type { DagView } from './dag-view.ts';
import { edgePath, labelPlace } from './edge-path.ts';
import type { DagLayout } from './layered-layout.ts';

export interface DagScene {
  graph: DagGraph;
  layout: DagLayout;
  view: DagView;
  selectedKey: string | undefined;
  /** The one node in the Tab order. */
  focusId: number | undefined;
  /** Keys of stages that are pointed at elsewhere: in the source, in the timeline. */
  lit: ReadonlySet<string>;
  /** Show each stage's share of the time. */
  heat: boolean;
  onSelect: (node: DagNode) => void;
  onFocus: (node: DagNode) => void;
  onPoint: (node: DagNode | undefined) => void;
  /** The menu of a node was asked for by the pointer. */
  onMenu?: ((node: DagNode, event: MouseEvent) => void) | undefined;
}

type NodeGroup = Selection<SVGGElement, DagNode, SVGGElement, unknown>;

const INSET = 12;
const BAR_WIDTH = NODE_WIDTH - 2;
const CHAIN_CHARACTERS = 33;
const GLYPH_WIDTH = 17;
/** A post at each side, clear of the corners: its tasks begin together and wait for one another. */
const BARRIER_POSTS = `M5 12V${NODE_HEIGHT - 18}M${NODE_WIDTH - 5} 12V${NODE_HEIGHT - 18}`;

const shorten = (text: string) =>
  text.length > CHAIN_CHARACTERS ? `${text.slice(0, CHAIN_CHARACTERS - 1)}…` : text;

export const isLit = (node: DagNode, lit: ReadonlySet<string>): boolean =>
  lit.has(node.stageKey) || (node.group?.members.some(({ stage }) => lit.has(stage.key)) ?? false);

/** Each node's share of the time of all tasks, 0…1. */
function timeShares({ nodes }: DagGraph): Map<number, number> {
  const total = nodes.reduce((sum, node) => sum + node.taskTime, 0) || 1;
  return new Map(nodes.map((node) => [node.id, node.taskTime / total]));
}

export function drawDag(root: SVGGElement, scene: DagScene): void {
  const canvas = select(root);
  drawEdges(layer(canvas, 'edges'), scene);
  drawNodes(layer(canvas, 'nodes'), scene);
}

function layer(canvas: Selection<SVGGElement, unknown, null, undefined>, name: string) {
  return canvas
    .selectAll<SVGGElement, string>(`g.${name}`)
    .data([name])
    .join((enter) => enter.append('g').attr('class', name));
}

function drawEdges(
  edges: Selection<SVGGElement, string, SVGGElement, unknown>,
  { graph, layout, view }: DagScene,
) {
  const keyOf = (edge: DagEdge) => `${edge.from}>${edge.to}`;
  const pointsOf = (edge: DagEdge) => layout.edges.get(keyOf(edge)) ?? [];
  // What a stage wrote is told once, however many read it.
  const told = new Map<string, DagEdge>();
  for (const edge of graph.edges) {
    const words = `${edge.from} ${edge.label}`;
    if (view.edges.has(keyOf(edge)) && !told.has(words)) told.set(words, edge);
  }
  const placeOf = (edge: DagEdge) => labelPlace(pointsOf(edge), layout.direction);
  const groups = edges
    .selectAll<SVGGElement, DagEdge>('g.edge')
    .data(
      graph.edges.filter((edge) => view.edges.has(keyOf(edge))),
      keyOf,
    )
    .join((enter) => {
      const group = enter.append('g').attr('class', 'edge').attr('aria-hidden', 'true');
      group.append('path').attr('class', 'dag-edge');
      group.append('text').attr('class', 'dag-edge-label');
      return group;
    });
  groups
    .select('path')
    .attr('marker-end', (edge) => (edge.again ? 'url(#dag-arrow-again)' : 'url(#dag-arrow)'))
    .attr('data-again', (edge) => (edge.again ? '' : null))
    .attr('stroke-dasharray', (edge) => (edge.reused ? '4 3' : null))
    .attr('d', (edge) => edgePath(pointsOf(edge), layout.direction));
  groups
    .select('text')
    .attr('text-anchor', (edge) => placeOf(edge).anchor)
    .attr('x', (edge) => placeOf(edge).x)
    .attr('y', (edge) => placeOf(edge).y)
    .text((edge) => (told.get(`${edge.from} ${edge.label}`) === edge ? edge.label : ''));
}

function enterNode(enter: Selection<BaseType, DagNode, SVGGElement, unknown>) {
  const group = enter.insert('g') as unknown as NodeGroup;
  group.attr('class', 'dag-node').attr('role', 'button');
  group.append('title');
  for (const shift of [6, 3]) {
    group
      .filter((node) => node.group !== undefined)
      .append('rect')
      .attr('class', 'dag-behind')
      .attr('x', shift)
      .attr('y', shift)
      .attr('width', NODE_WIDTH)
      .attr('height', NODE_HEIGHT)
      .attr('rx', 8);
  }
  const box = (className: string, inset: number) =>
    group
      .append('rect')
      .attr('class', className)
      .attr('x', inset)
      .attr('y', inset)
      .attr('width', NODE_WIDTH - 2 * inset)
      .attr('height', NODE_HEIGHT - 2 * inset)
      .attr('rx', 8 - inset);
  box('dag-box', 0);
  box('dag-heat', 1);
  box('dag-again', 3);
  group.append('path').attr('class', 'dag-barrier').attr('d', BARRIER_POSTS);
  group.append('path').attr('class', 'dag-glyph').attr('transform', `translate(${INSET},11)`);
  const text = (className: string, x: number, y: number) =>
    group.append('text').attr('class', className).attr('x', x).attr('y', y);
  text('dag-title', INSET + GLYPH_WIDTH, 21);
  text('dag-count', NODE_WIDTH - INSET, 21).attr('text-anchor', 'end');
  text('dag-chain', INSET, 40);
  text('dag-detail', INSET, 57);
  const bar = group
    .append('g')
    .attr('transform', `translate(1,${NODE_HEIGHT - 8})`)
    .attr('clip-path', 'url(#dag-bar)');
  bar.append('rect').attr('class', 'dag-bar').attr('width', BAR_WIDTH).attr('height', 4);
  for (const part of ['done', 'running', 'failed'])
    bar.append('rect').attr('class', `dag-bar-${part}`).attr('height', 4).attr('width', 0);
  return group;
}

function drawNodes(nodes: Selection<SVGGElement, string, SVGGElement, unknown>, scene: DagScene) {
  const { graph, layout, view, selectedKey, focusId, lit, heat, onSelect, onFocus, onPoint, onMenu } = scene;
  const shares = heat ? timeShares(graph) : undefined;
  const hottest = shares ? Math.max(1e-9, ...shares.values()) : 1;
  const groups = nodes
    .selectAll<SVGGElement, DagNode>('g.dag-node')
    .data(
      graph.nodes.filter(({ id }) => view.nodes.has(id)),
      (node) => node.id,
    )
    .join(
      (enter) => enterNode(enter as unknown as Selection<BaseType, DagNode, SVGGElement, unknown>) as never,
      (update) => update,
    ) as NodeGroup;
  const share = ({ id }: DagNode) => shares?.get(id) ?? 0;
  const percent = (node: DagNode) => (shares ? `${Math.round(share(node) * 100)} % of time` : '');
  groups
    .attr(
      'transform',
      ({ id }) => `translate(${layout.nodes.get(id)?.x ?? 0},${layout.nodes.get(id)?.y ?? 0})`,
    )
    .attr('tabindex', ({ id }) => (id === focusId ? 0 : -1))
    .attr('data-id', (node) => node.id)
    .attr('data-status', (node) => node.status)
    .attr('data-retried', (node) => (node.retried ? '' : null))
    .attr('data-barrier', (node) => (node.barrier ? '' : null))
    .attr('data-recomputed', (node) => (node.recomputed > 0 ? '' : null))
    .attr('data-lit', (node) => (isLit(node, lit) ? '' : null))
    .attr('aria-label', (node) => [node.label, percent(node)].filter(Boolean).join(', '))
    .attr('aria-pressed', (node) => String(node.stageKey === selectedKey && !node.group))
    .attr('aria-expanded', (node) => (node.group ? 'false' : null))
    .on('click', (_event, node) => onSelect(node))
    .on('contextmenu', (event: MouseEvent, node) => onMenu?.(node, event))
    .on('focus', (_event, node) => onFocus(node))
    .on('pointerenter', (_event, node) => onPoint(node))
    .on('pointerleave', () => onPoint(undefined));
  groups.select('title').text((node) => `${node.chain}\n${node.label}`);
  const glyph = (node: DagNode) => GLYPHS[STATE_LOOKS[node.status].glyph];
  groups
    .select('.dag-glyph')
    .attr('d', (node) => glyph(node).path)
    .attr('data-filled', (node) => (glyph(node).filled ? '' : null));
  groups.select('.dag-heat').attr('fill-opacity', (node) => 0.3 * (share(node) / hottest));
  groups.select('.dag-title').text((node) => titleOf(node).title);
  groups.select('.dag-count').text((node) => node.count);
  groups.select('.dag-chain').text((node) => shorten(node.chain));
  groups
    .select('.dag-detail')
    .text((node) => shorten([titleOf(node).left, percent(node), node.detail].filter(Boolean).join(' · ')));
  const bars = (name: string) => groups.select<SVGRectElement>(`.dag-bar-${name}`);
  bars('done').attr('width', (node) => node.done * BAR_WIDTH);
  bars('running')
    .attr('x', (node) => node.done * BAR_WIDTH)
    .attr('width', (node) => node.running * BAR_WIDTH);
  bars('failed')
    .attr('x', (node) => (node.done + node.running) * BAR_WIDTH)
    .attr('width', (node) => node.failed * BAR_WIDTH);
}
