/** Layouts keep the order of layers, never overlap, and join the facing sides of their stages. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layoutDag } from './dag-layout.ts';
import { labelPlace } from './edge-path.ts';
import { type DagLayout, isChain, type LayoutRequest, layoutByLayers } from './layered-layout.ts';

const SIZE = { nodeWidth: 100, nodeHeight: 40 };

/** Edges only from smaller to larger ids: always acyclic. */
const graphs = fc.integer({ min: 1, max: 14 }).chain((count) =>
  fc.record({
    nodeIds: fc.constant(Array.from({ length: count }, (_, id) => id)),
    edges: fc
      .uniqueArray(fc.tuple(fc.nat(count - 1), fc.nat(count - 1)), { maxLength: 24, selector: String })
      .map((pairs) => pairs.filter(([from, to]) => from < to).map(([from, to]) => ({ from, to }))),
    direction: fc.constantFrom('LR' as const, 'TB' as const),
  }),
);

function check(
  { edges, direction, nodeIds }: Omit<LayoutRequest, 'nodeWidth' | 'nodeHeight'>,
  layout: DagLayout,
) {
  const along = direction === 'LR' ? 'x' : 'y';
  const length = direction === 'LR' ? SIZE.nodeWidth : SIZE.nodeHeight;
  for (const { from, to } of edges) {
    const points = layout.edges.get(`${from}>${to}`)!;
    expect(layout.nodes.get(to)![along]).toBeGreaterThanOrEqual(layout.nodes.get(from)![along] + length);
    expect(points[0]![along]).toBe(layout.nodes.get(from)![along] + length);
    expect(points.at(-1)![along]).toBe(layout.nodes.get(to)![along]);
  }
  for (const [index, a] of nodeIds.entries()) {
    const p = layout.nodes.get(a)!;
    expect(p.x).toBeGreaterThanOrEqual(0);
    expect(p.x + SIZE.nodeWidth).toBeLessThanOrEqual(layout.width + 1e-9);
    expect(p.y + SIZE.nodeHeight).toBeLessThanOrEqual(layout.height + 1e-9);
    for (const b of nodeIds.slice(index + 1)) {
      const q = layout.nodes.get(b)!;
      const apart = Math.abs(p.x - q.x) >= SIZE.nodeWidth || Math.abs(p.y - q.y) >= SIZE.nodeHeight;
      expect(apart, `${a} and ${b}`).toBe(true);
    }
  }
}

describe('stage graph layout', () => {
  it('places parents before children without overlaps', () => {
    fc.assert(
      fc.property(graphs, (graph) => check(graph, layoutDag({ ...graph, ...SIZE }))),
      { numRuns: 100 },
    );
  });

  it('holds for the plain layers too', () => {
    fc.assert(
      fc.property(graphs, (graph) => check(graph, layoutByLayers({ ...graph, ...SIZE }))),
      { numRuns: 200 },
    );
  });

  it('places a chain where plain layers place it, and knows one from a fork', () => {
    for (const direction of ['LR', 'TB'] as const) {
      for (let count = 1; count <= 12; count++) {
        const nodeIds = Array.from({ length: count }, (_, id) => id);
        const edges = nodeIds.slice(1).map((to) => ({ from: to - 1, to }));
        const request = { nodeIds, edges, direction, ...SIZE };
        expect(isChain(request)).toBe(true);
        expect(layoutByLayers(request).nodes).toEqual(layoutDag(request).nodes);
      }
    }
    const to = (from: number, ...targets: number[]) => targets.map((target) => ({ from, to: target }));
    expect(isChain({ nodeIds: [0, 1, 2], edges: to(0, 1, 2) })).toBe(false);
    expect(isChain({ nodeIds: [0, 1, 2], edges: [...to(0, 2), ...to(1, 2)] })).toBe(false);
    expect(isChain({ nodeIds: [0, 1, 2], edges: to(0, 1) })).toBe(false);
  });

  it('lays out 2,000 stages in plain layers', () => {
    const nodeIds = Array.from({ length: 2000 }, (_, id) => id);
    const edges = nodeIds.slice(1).map((to) => ({ from: to >> 1, to }));
    const layout = layoutDag({ nodeIds, edges, direction: 'LR', ...SIZE });
    expect(layout.nodes.size).toBe(2000);
    expect(layout.edges.size).toBe(1999);
  });
});

describe('words of an edge', () => {
  const from = { x: 0, y: 100 };
  it('stand beside the middle of a straight line', () => {
    expect(labelPlace([from, { x: 60, y: 100 }], 'LR')).toEqual({ x: 30, y: 94, anchor: 'middle' });
    expect(labelPlace([from, { x: 10, y: 140 }], 'TB').anchor).toBe('start');
    expect(labelPlace([from, { x: 0, y: 140 }], 'TB')).toEqual({ x: 8, y: 121, anchor: 'start' });
  });
  it('stand where the line leaves, on the side it does not turn to', () => {
    expect(labelPlace([from, { x: 60, y: 20 }], 'LR').y).toBeGreaterThan(from.y);
    expect(labelPlace([from, { x: 60, y: 180 }], 'LR').y).toBeLessThan(from.y);
    expect(labelPlace([from, { x: 60, y: 180 }], 'TB')).toEqual({ x: -8, y: 114, anchor: 'end' });
    expect(labelPlace([from, { x: -60, y: 180 }], 'TB')).toEqual({ x: 8, y: 114, anchor: 'start' });
  });
});
