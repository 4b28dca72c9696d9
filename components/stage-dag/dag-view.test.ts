/** Culling shows exactly what the window overlaps; the keys reach every stage. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { moveOf, stageByNumber, type Walkable, walk } from './dag-navigation.ts';
import { ALWAYS_DRAWN, viewOf, windowOf } from './dag-view.ts';
import { layoutByLayers } from './layered-layout.ts';

const SIZE = { width: 100, height: 40 };

function chainOfLayers(count: number, perLayer: number, direction: 'LR' | 'TB') {
  const nodeIds = Array.from({ length: count }, (_, id) => id);
  const edges = nodeIds.slice(perLayer).map((to) => ({ from: to - perLayer, to }));
  const layout = layoutByLayers({ nodeIds, edges, direction, nodeWidth: 100, nodeHeight: 40 });
  return { nodeIds, edges, layout };
}

describe('culling', () => {
  it('draws what overlaps the window, and what is kept', () => {
    const { layout } = chainOfLayers(1000, 8, 'LR');
    const place = fc.record({
      x: fc.integer({ min: -16_000, max: 500 }),
      y: fc.integer({ min: -500, max: 200 }),
      k: fc.constantFrom(0.4, 1, 2),
    });
    fc.assert(
      fc.property(place, (transform) => {
        const window = windowOf(transform, 500, 360);
        const view = viewOf(layout, window, transform.k, SIZE, [999]);
        expect(view.far).toBe(false);
        for (const [id, { x, y }] of layout.nodes) {
          const inside =
            x + 100 >= window.left && x <= window.right && y + 40 >= window.top && y <= window.bottom;
          if (inside || id === 999) expect(view.nodes.has(id)).toBe(true);
        }
        expect(view.nodes.size).toBeLessThan(160);
        for (const key of view.edges) expect(layout.edges.has(key)).toBe(true);
      }),
    );
  });

  it('draws small graphs whole, and large ones from afar as boxes', () => {
    const small = chainOfLayers(ALWAYS_DRAWN, 4, 'TB').layout;
    expect(viewOf(small, windowOf({ x: 9e5, y: 0, k: 0.1 }, 10, 10), 0.1, SIZE, []).nodes.size).toBe(
      ALWAYS_DRAWN,
    );
    const large = chainOfLayers(2000, 8, 'LR').layout;
    const view = viewOf(large, windowOf({ x: 0, y: 0, k: 0.05 }, 500, 360), 0.05, SIZE, [7]);
    expect(view).toMatchObject({ far: true });
    expect([...view.nodes]).toEqual([7]);
  });
});

describe('keys', () => {
  const walkable = (direction: 'LR' | 'TB', perLayer: number): Walkable => {
    const { nodeIds, edges, layout } = chainOfLayers(24, perLayer, direction);
    return { ids: nodeIds, edges, layout };
  };

  it('lead along edges and among siblings, turned with the direction', () => {
    const wide = walkable('LR', 3);
    expect(walk(wide, 4, moveOf('ArrowRight', 'LR')!)).toBe(7);
    expect(walk(wide, 4, moveOf('ArrowLeft', 'LR')!)).toBe(1);
    expect(walk(wide, 4, moveOf('ArrowDown', 'LR')!)).toBe(5);
    expect(walk(wide, 4, moveOf('ArrowUp', 'LR')!)).toBe(3);
    const tall = walkable('TB', 3);
    expect(walk(tall, 4, moveOf('ArrowDown', 'TB')!)).toBe(7);
    expect(walk(tall, 4, moveOf('ArrowRight', 'TB')!)).toBe(5);
    expect([walk(wide, 4, 'first'), walk(wide, 4, 'last')]).toEqual([0, 23]);
    expect(walk(wide, 23, 'child')).toBe(23);
    expect(moveOf('x', 'LR')).toBeUndefined();
  });

  it('reach every stage from every stage', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('LR' as const, 'TB' as const),
        fc.integer({ min: 1, max: 6 }),
        (direction, layer) => {
          const graph = walkable(direction, layer);
          const reached = new Set<number>([5]);
          for (const id of reached)
            for (const move of ['child', 'parent', 'next', 'previous'] as const)
              reached.add(walk(graph, id, move));
          expect(reached.size).toBe(24);
        },
      ),
    );
  });

  it('find a stage by its typed number', () => {
    const ids = [-13, 3, 12, 120];
    expect(stageByNumber(ids, '12')).toBe(12);
    expect(stageByNumber(ids, '1')).toBe(12);
    expect(stageByNumber(ids, '9')).toBeUndefined();
  });
});
