'use client';
/** The stage graph of some jobs: status is patched in place, layout happens once per topology, in a worker. */
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { isMenuKey, placeOf } from '../faults/fault-context.tsx';
import type { MenuPlace } from '../faults/fault-store.ts';
import { useTokens } from '../ui/use-tokens.ts';
import { useWidth } from '../ui/use-width.ts';
import { ZoomControls } from '../ui/zoom-controls.tsx';
import { type DagGraph, type DagNode, NODE_HEIGHT, NODE_WIDTH } from './dag-graph.ts';
import { type DagView, viewOf, windowOf } from './dag-view.ts';
import { type DagScene, drawDag } from './draw-dag.ts';
import { drawFar, FAR_TOKENS, nodeAt } from './draw-far.ts';
import { MARGIN } from './layered-layout.ts';
import { StageDagDefs } from './stage-dag-defs.tsx';
import { useDagKeys } from './use-dag-keys.ts';
import { useDagZoom } from './use-dag-zoom.ts';
import { SMALLEST_SCALE, useLayout } from './use-layout.ts';

export interface StageDagProps {
  graph: DagGraph;
  label: string;
  selectedKey: string | undefined;
  lit: ReadonlySet<string>;
  heat: boolean;
  maxHeight?: number;
  onSelect: (stageKey: string) => void;
  onOpenGroup: (key: string) => void;
  onPoint: (stageKeys: readonly string[]) => void;
  /** Opens the menu of a stage; absent where there is none. */
  onMenu?: ((stageKey: string, place: MenuPlace) => void) | undefined;
}

const MAX_HEIGHT = 360;
/** A graph that would be smaller than this opens on the selected stage instead of as a whole. */
const LEGIBLE_SCALE = 0.5;
const NOTHING: readonly string[] = [];

const sameView = (a: DagView | undefined, b: DagView) =>
  a !== undefined &&
  a.far === b.far &&
  a.nodes.size === b.nodes.size &&
  a.edges.size === b.edges.size &&
  [...b.nodes].every((id) => a.nodes.has(id)) &&
  [...b.edges].every((key) => a.edges.has(key));

const keysOf = (node: DagNode | undefined): readonly string[] =>
  node ? (node.group?.members.map(({ stage }) => stage.key) ?? [node.stageKey]) : NOTHING;

export function StageDag(props: StageDagProps) {
  const { graph, label, selectedKey, lit, heat, maxHeight = MAX_HEIGHT } = props;
  const { onSelect, onOpenGroup, onPoint, onMenu } = props;
  const [container, width] = useWidth<HTMLDivElement>();
  const svg = useRef<SVGSVGElement>(null);
  const root = useRef<SVGGElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const tokens = useTokens(FAR_TOKENS);
  const layout = useLayout(graph, width);
  const [focused, setFocused] = useState<number>();
  const [pointed, setPointed] = useState<DagNode>();
  const [far, setFar] = useState(false);
  /** The node that gets the keyboard focus once it is drawn. */
  const walking = useRef<number>(undefined);
  const scale = layout ? Math.min(1, width / layout.width) : 1;
  const height = layout
    ? Math.min(maxHeight, layout.height * Math.max(scale, 0.5))
    : NODE_HEIGHT + 2 * MARGIN;

  const selectedId = useMemo(
    () => graph.nodes.find((node) => keysOf(node).includes(selectedKey ?? ''))?.id,
    [graph, selectedKey],
  );
  const focusId =
    focused !== undefined && layout?.nodes.has(focused) ? focused : (selectedId ?? graph.nodes[0]?.id);

  const choose = useCallback(
    (node: DagNode) => (node.group ? onOpenGroup(node.group.key) : onSelect(node.stageKey)),
    [onOpenGroup, onSelect],
  );
  const point = useCallback(
    (node: DagNode | undefined) => {
      setPointed(node);
      onPoint(keysOf(node));
    },
    [onPoint],
  );

  const menuAt = useMemo(
    () =>
      onMenu &&
      ((node: DagNode, event: MouseEvent) => {
        // A group of stages has no blocks of its own: it is opened first.
        if (node.group) return;
        event.preventDefault();
        const { clientX: x, clientY: y, currentTarget } = event;
        onMenu(node.stageKey, { x, y, from: currentTarget as SVGElement });
      }),
    [onMenu],
  );

  const drawn = useRef<DagView>(undefined);
  const paint = useRef<(always: boolean) => void>(() => {});
  const zoom = useDagZoom(svg, layout, { width, height }, () => {
    root.current?.setAttribute('transform', String(zoom.transform.current));
    requestFrame();
  });
  const { fitTo, bringIntoView } = zoom;
  const frame = useRef(0);
  const requestFrame = () => {
    frame.current ||= requestAnimationFrame(() => {
      frame.current = 0;
      paint.current(false);
    });
  };
  useEffect(() => () => cancelAnimationFrame(frame.current), []);

  useEffect(() => {
    fitTo(LEGIBLE_SCALE);
  }, [fitTo]);
  useEffect(() => bringIntoView(selectedId), [bringIntoView, selectedId]);

  useEffect(() => {
    paint.current = (always) => {
      if (!root.current || !layout || width === 0) return;
      const transform = zoom.transform.current;
      const keep = [focusId, selectedId, walking.current].filter((id) => id !== undefined);
      const size = { width: NODE_WIDTH, height: NODE_HEIGHT };
      const view = viewOf(layout, windowOf(transform, width, height), transform.k, size, keep);
      if (always || !sameView(drawn.current, view)) {
        const onFocus = (node: DagNode) => {
          setFocused(node.id);
          point(node);
          bringIntoView(node.id);
          // The browser has scrolled to where the stage was.
          svg.current?.scrollIntoView({ block: 'nearest' });
        };
        const scene: DagScene = {
          graph,
          layout,
          view,
          selectedKey,
          focusId,
          lit,
          heat,
          onSelect: choose,
          onFocus,
          onPoint: point,
          onMenu: menuAt,
        };
        drawDag(root.current, scene);
        drawn.current = view;
        setFar(view.far);
      }
      paintFar(canvas.current, view.far, {
        graph,
        layout,
        transform,
        width,
        height,
        selectedKey,
        lit,
        tokens,
      });
      if (walking.current === undefined) return;
      const node = root.current.querySelector<SVGGElement>(`[data-id="${walking.current}"]`);
      walking.current = undefined;
      node?.focus({ preventScroll: true });
    };
    paint.current(true);
  }, [
    graph,
    layout,
    width,
    height,
    selectedKey,
    selectedId,
    focusId,
    lit,
    heat,
    tokens,
    choose,
    point,
    bringIntoView,
    menuAt,
    zoom.transform,
  ]);

  const walkKeys = useDagKeys({
    graph,
    layout,
    focusId,
    zoom,
    onSelect: choose,
    onWalk: (id) => {
      walking.current = id;
      setFocused(id);
      paint.current(false);
    },
  });

  function onKeyDown(event: React.KeyboardEvent) {
    const node = graph.nodes.find(({ id }) => id === focusId);
    const element = node && root.current?.querySelector<SVGGElement>(`[data-id="${node.id}"]`);
    if (!isMenuKey(event) || !onMenu || !element || node.group) {
      walkKeys(event);
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    onMenu(node.stageKey, placeOf(element));
  }

  /** From afar the boxes are pixels: what is under the pointer is computed. */
  function under(event: React.PointerEvent | React.MouseEvent): DagNode | undefined {
    if (!drawn.current?.far || !layout || !svg.current) return undefined;
    const bounds = svg.current.getBoundingClientRect();
    const place = { graph, layout, transform: zoom.transform.current };
    return nodeAt(place, event.clientX - bounds.left, event.clientY - bounds.top);
  }
  const cropped =
    layout !== undefined && (layout.width * SMALLEST_SCALE > width || layout.height > maxHeight);
  return (
    <div ref={container} className="relative">
      <canvas ref={canvas} style={{ width, height }} className="pointer-events-none absolute inset-0" />
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot hold a drawing */}
      <svg
        ref={svg}
        role="group"
        aria-label={label}
        aria-describedby="dag-keys"
        width={width}
        height={height}
        onKeyDown={onKeyDown}
        onClick={(event) => {
          const node = under(event);
          if (node) choose(node);
        }}
        onPointerMove={(event) => {
          if (!drawn.current?.far) return;
          const node = under(event);
          if (node?.id !== pointed?.id) point(node);
        }}
        onPointerLeave={() => point(undefined)}
        onBlur={() => point(undefined)}
        className={`dag relative block overflow-hidden ${cropped ? 'cursor-grab' : ''}`}
      >
        <StageDagDefs />
        <g ref={root} />
      </svg>
      <p id="dag-keys" className="sr-only">
        Arrow keys follow the edges and the neighbours, digits jump to a stage, Enter chooses or opens, plus
        and minus zoom, 0 shows everything, Shift and arrows move the picture.
        {onMenu && ' Shift and F10 open the menu of what can be broken in a stage.'}
      </p>
      {far && (
        <p
          aria-hidden="true"
          className="pointer-events-none absolute bottom-0 left-0 max-w-[75%] truncate rounded-sm bg-surface px-1 text-ink-2 text-xs"
        >
          {pointed
            ? `${pointed.chain}: ${pointed.label}`
            : `${graph.nodes.length} boxes; zoom in to read them`}
        </p>
      )}
      {cropped && (
        <div className="absolute right-0 bottom-0 flex rounded-md border border-line bg-surface">
          <ZoomControls
            of="stage graph"
            wholeLabel="Fit the whole stage graph"
            onZoom={(direction) => zoom.zoomBy(direction === 'in' ? 4 / 3 : 0.75)}
            onWhole={() => fitTo(0)}
          />
        </div>
      )}
    </div>
  );
}

function paintFar(
  canvas: HTMLCanvasElement | null,
  far: boolean,
  picture: Parameters<typeof drawFar>[1],
): void {
  const context = canvas?.getContext('2d');
  if (!canvas || !context) return;
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = far
    ? [Math.round(picture.width * ratio), Math.round(picture.height * ratio)]
    : [0, 0];
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  if (!far) return;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  drawFar(context, picture);
}
