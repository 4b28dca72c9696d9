/** Draws a stage graph into an SVG group with d3: enters once, then patches only what changed. */
import { type BaseType, type Selection, select } from 'd3-selection';
import { curveBumpX, curveBumpY, line } from 'd3-shape';
import { GLYPHS, STATE_LOOKS } from '../ui/state-looks.ts';
import { type DagEdge, type DagGraph, type DagNode, NODE_HEIGHT, NODE_WIDTH } from './dag-graph.ts';
import type { DagLayout, Point } from './layered-layout.ts';

export interface DrawOptions {
  selectedKey: string | undefined;
  onSelect: (node: DagNode) => void;
  onFocus: (node: DagNode) => void;
}

type NodeGroup = Selection<SVGGElement, DagNode, SVGGElement, unknown>;

const INSET = 12;
const BAR_WIDTH = NODE_WIDTH - 2;
const CHAIN_CHARACTERS = 33;
const GLYPH_WIDTH = 17;

const shorten = (text: string) =>
  text.length > CHAIN_CHARACTERS ? `${text.slice(0, CHAIN_CHARACTERS - 1)}…` : text;

export function drawDag(root: SVGGElement, graph: DagGraph, layout: DagLayout, options: DrawOptions): void {
  const canvas = select(root);
  drawEdges(layer(canvas, 'edges'), graph, layout);
  drawNodes(layer(canvas, 'nodes'), graph, layout, options);
}

function layer(canvas: Selection<SVGGElement, unknown, null, undefined>, name: string) {
  return canvas
    .selectAll<SVGGElement, string>(`g.${name}`)
    .data([name])
    .join((enter) => enter.append('g').attr('class', name));
}

function drawEdges(
  edges: Selection<SVGGElement, string, SVGGElement, unknown>,
  graph: DagGraph,
  layout: DagLayout,
) {
  const path = line<Point>(
    (point) => point.x,
    (point) => point.y,
  ).curve(layout.direction === 'LR' ? curveBumpX : curveBumpY);
  const statuses = new Map(graph.nodes.map((node) => [node.id, node.status]));
  const pointsOf = (edge: DagEdge) => layout.edges.get(`${edge.from}>${edge.to}`) ?? [];
  const middle = (edge: DagEdge): Point => {
    const points = pointsOf(edge);
    const [start, end] = [points[0], points.at(-1)];
    return start && end ? { x: (start.x + end.x) / 2, y: (start.y + end.y) / 2 } : { x: 0, y: 0 };
  };
  const groups = edges
    .selectAll<SVGGElement, DagEdge>('g.edge')
    .data(graph.edges, (edge) => `${edge.from}>${edge.to}`)
    .join((enter) => {
      const group = enter.append('g').attr('class', 'edge').attr('aria-hidden', 'true');
      group.append('path').attr('class', 'dag-edge');
      group.append('text').attr('class', 'dag-edge-label');
      return group;
    });
  groups
    .select('path')
    .attr('marker-end', 'url(#dag-arrow)')
    .attr('stroke-dasharray', (edge) => (statuses.get(edge.from) === 'skipped' ? '4 3' : null))
    .attr('d', (edge) => path(pointsOf(edge)));
  groups
    .select('text')
    .attr('text-anchor', layout.direction === 'LR' ? 'middle' : 'start')
    .attr('x', (edge) => middle(edge).x + (layout.direction === 'LR' ? 0 : 8))
    .attr('y', (edge) => middle(edge).y - (layout.direction === 'LR' ? 6 : -1))
    .text((edge) => edge.label);
}

function enterNode(enter: Selection<BaseType, DagNode, SVGGElement, unknown>) {
  const group = enter.insert('g') as unknown as NodeGroup;
  group.attr('class', 'dag-node').attr('role', 'button').attr('tabindex', 0);
  group.append('title');
  group
    .append('rect')
    .attr('class', 'dag-box')
    .attr('width', NODE_WIDTH)
    .attr('height', NODE_HEIGHT)
    .attr('rx', 8);
  group.append('path').attr('class', 'dag-glyph').attr('transform', `translate(${INSET},11)`);
  group
    .append('text')
    .attr('class', 'dag-title')
    .attr('x', INSET + GLYPH_WIDTH)
    .attr('y', 21);
  group
    .append('text')
    .attr('class', 'dag-count')
    .attr('x', NODE_WIDTH - INSET)
    .attr('y', 21)
    .attr('text-anchor', 'end');
  group.append('text').attr('class', 'dag-chain').attr('x', INSET).attr('y', 40);
  group.append('text').attr('class', 'dag-detail').attr('x', INSET).attr('y', 57);
  const bar = group
    .append('g')
    .attr('transform', `translate(1,${NODE_HEIGHT - 8})`)
    .attr('clip-path', 'url(#dag-bar)');
  bar.append('rect').attr('class', 'dag-bar').attr('width', BAR_WIDTH).attr('height', 4);
  for (const part of ['done', 'running', 'failed']) {
    bar.append('rect').attr('class', `dag-bar-${part}`).attr('height', 4).attr('width', 0);
  }
  return group;
}

function drawNodes(
  nodes: Selection<SVGGElement, string, SVGGElement, unknown>,
  graph: DagGraph,
  layout: DagLayout,
  { selectedKey, onSelect, onFocus }: DrawOptions,
) {
  const groups = nodes
    .selectAll<SVGGElement, DagNode>('g.dag-node')
    .data(graph.nodes, (node) => node.id)
    .join(
      (enter) => enterNode(enter as unknown as Selection<BaseType, DagNode, SVGGElement, unknown>) as never,
      (update) => update,
    ) as NodeGroup;
  groups
    .attr(
      'transform',
      ({ id }) => `translate(${layout.nodes.get(id)?.x ?? 0},${layout.nodes.get(id)?.y ?? 0})`,
    )
    .attr('data-status', (node) => node.status)
    .attr('data-retried', (node) => (node.retried ? '' : null))
    .attr('aria-label', (node) => node.label)
    .attr('aria-pressed', (node) => String(node.stageKey === selectedKey))
    .on('click', (_event, node) => onSelect(node))
    .on('focus', (_event, node) => onFocus(node))
    .on('keydown', (event: KeyboardEvent, node) => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      event.stopPropagation();
      onSelect(node);
    });
  groups.select('title').text((node) => `${node.chain}\n${node.label}`);
  const glyph = (node: DagNode) => GLYPHS[STATE_LOOKS[node.status].glyph];
  groups
    .select('.dag-glyph')
    .attr('d', (node) => glyph(node).path)
    .attr('data-filled', (node) => (glyph(node).filled ? '' : null));
  groups.select('.dag-title').text((node) => `${node.title}${node.retried ? ' · retried' : ''}`);
  groups.select('.dag-count').text((node) => node.count);
  groups.select('.dag-chain').text((node) => shorten(node.chain));
  groups.select('.dag-detail').text((node) => shorten(node.detail));
  const bars = (name: string) => groups.select<SVGRectElement>(`.dag-bar-${name}`);
  bars('done').attr('width', (node) => node.done * BAR_WIDTH);
  bars('running')
    .attr('x', (node) => node.done * BAR_WIDTH)
    .attr('width', (node) => node.running * BAR_WIDTH);
  bars('failed')
    .attr('x', (node) => (node.done + node.running) * BAR_WIDTH)
    .attr('width', (node) => node.failed * BAR_WIDTH);
}
