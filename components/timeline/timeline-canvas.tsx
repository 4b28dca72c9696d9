'use client';
/** The drawn timeline: canvas, gestures, keys and the tip. Holds no data of its own. */
import {
  type KeyboardEvent,
  type MouseEvent,
  type PointerEvent,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { isMenuKey } from '../faults/fault-context.tsx';
import { useTokens } from '../ui/use-tokens.ts';
import { type BarPlace, domainShowing, sliceOf, walkBars } from './bar-walk.ts';
import {
  AXIS_HEIGHT,
  drawTimeline,
  LANE_HEIGHT,
  MAX_LANES_HEIGHT,
  type TimelineColors,
  timelineHeight,
} from './draw-timeline.ts';
import { PHASES, phasePatterns } from './phases.ts';
import { clampDomain, type Domain, panDomain, sliceAt, toPixel, toTime, zoomDomain } from './time-scale.ts';
import type { TimelineBars } from './timeline-bars.ts';
import { menuTarget } from './timeline-menu.ts';
import { TimelineTip, type Tip, tipText } from './timeline-tip.tsx';
import { useGestures } from './use-gestures.ts';

const LEFT = 88;
const HIT_SLACK = 2;
/** A press that moves less than this is a click. */
const CLICK_SLACK = 4;
const TOKENS = [
  ...PHASES.map(({ token }) => token),
  '--line',
  '--ink-2',
  '--ink',
  '--bad',
  '--surface',
  '--focus',
] as const;

export interface TimelineCanvasProps extends TimelineBars {
  domain: Domain;
  width: number;
  label: string;
  onDomain: (domain: Domain) => void;
  onFit: () => void;
}

function useColors(canvas: React.RefObject<HTMLCanvasElement | null>): () => TimelineColors | undefined {
  const tokens = useTokens(TOKENS);
  return useMemo(() => {
    let colors: TimelineColors | undefined;
    return () => {
      const context = canvas.current?.getContext('2d');
      if (colors || !context || !canvas.current) return colors;
      const token = (name: string) => tokens[name] ?? '';
      colors = {
        phases: PHASES.map((phase) => token(phase.token)),
        patterns: phasePatterns(context, token('--surface')),
        line: token('--line'),
        ink: token('--ink-2'),
        strong: token('--ink'),
        bad: token('--bad'),
        surface: token('--surface'),
        focus: token('--focus'),
        font: getComputedStyle(canvas.current).fontFamily,
      };
      return colors;
    };
  }, [canvas, tokens]);
}

export function TimelineCanvas(props: TimelineCanvasProps) {
  const { answer, domain, width, label, lit, chosenTask, onDomain, onFit, onChoose, onPoint } = props;
  const { againOf, excludedOf, onMenu } = props;
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const colorsOf = useColors(canvas);
  const [scrollTop, setScrollTop] = useState(0);
  const [tip, setTip] = useState<Tip>();
  const [place, setPlace] = useState<BarPlace>();
  const pressed = useRef<{ x: number; y: number }>(undefined);
  const lanesHeight = answer.lanes.length * LANE_HEIGHT;
  const height = timelineHeight(answer.lanes.length);
  const plot = Math.max(1, width - LEFT);
  const extent: Domain = { from: answer.extent[0], to: answer.extent[1] };
  const inspected = sliceOf(answer.lanes, place);
  useGestures(box, width > 0 ? { domain, extent, left: LEFT, plot, change: onDomain } : undefined);

  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context || !canvas.current || width === 0) return;
    const frame = requestAnimationFrame(() => {
      const ratio = window.devicePixelRatio || 1;
      const { canvas: surface } = context;
      if (surface.width !== Math.round(width * ratio) || surface.height !== Math.round(height * ratio)) {
        surface.width = Math.round(width * ratio);
        surface.height = Math.round(height * ratio);
      }
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      const colors = colorsOf();
      if (!colors) return;
      drawTimeline(context, {
        answer,
        domain,
        left: LEFT,
        width,
        height,
        scrollTop,
        colors,
        lit,
        inspected,
        chosenTask,
        againOf,
        excludedOf,
      });
    });
    return () => cancelAnimationFrame(frame);
  }, [answer, domain, width, height, scrollTop, colorsOf, lit, inspected, chosenTask, againOf, excludedOf]);

  function under(event: PointerEvent<HTMLDivElement> | MouseEvent<HTMLDivElement>) {
    const bounds = event.currentTarget.getBoundingClientRect();
    const [x, y] = [event.clientX - bounds.left, event.clientY - bounds.top];
    const lane = answer.lanes[Math.floor((y + scrollTop) / LANE_HEIGHT)];
    const inside = x >= LEFT && y < height - AXIS_HEIGHT;
    const slack = (HIT_SLACK / plot) * (domain.to - domain.from);
    const slice = inside && lane ? sliceAt(lane.slices, toTime(x - LEFT, domain, plot), slack) : undefined;
    return { x, y, slice, lane };
  }

  function point(event: PointerEvent<HTMLDivElement>) {
    const { x, y, slice, lane } = under(event);
    setTip(slice && { x, y, slice, lane: lane?.label ?? '', again: againOf(slice) });
    onPoint(slice?.stage === undefined ? [] : [slice.stage]);
  }

  function leave() {
    setTip(undefined);
    onPoint([]);
  }

  function release(event: PointerEvent<HTMLDivElement>) {
    const from = pressed.current;
    pressed.current = undefined;
    const moved = from ? Math.hypot(event.clientX - from.x, event.clientY - from.y) : CLICK_SLACK;
    const { slice } = under(event);
    if (event.button === 0 && slice && moved < CLICK_SLACK) onChoose(slice);
  }

  function inspect(key: string) {
    const next = walkBars(answer.lanes, place, key, domain);
    const slice = sliceOf(answer.lanes, next);
    if (!next || !slice) return;
    setPlace(next);
    const shown = domainShowing(domain, slice);
    if (shown !== domain) onDomain(clampDomain(shown, extent));
    const top = next.lane * LANE_HEIGHT;
    const visible = Math.min(MAX_LANES_HEIGHT, lanesHeight);
    const scroll = Math.min(Math.max(scrollTop, top + LANE_HEIGHT - visible), top);
    if (box.current) box.current.scrollTop = scroll;
    const x = LEFT + Math.min(plot, Math.max(0, toPixel((slice.start + slice.end) / 2, shown, plot)));
    setTip({
      x,
      y: top - scroll + LANE_HEIGHT / 2,
      slice,
      lane: answer.lanes[next.lane]!.label,
      again: againOf(slice),
    });
    onPoint(slice.stage === undefined ? [] : [slice.stage]);
  }

  function openMenu(event: MouseEvent<HTMLDivElement>) {
    const { slice, lane } = under(event);
    const target = lane && menuTarget(lane, slice);
    if (!onMenu || !target) return;
    event.preventDefault();
    setTip(undefined);
    onMenu(target, { x: event.clientX, y: event.clientY, from: event.currentTarget });
  }

  /** Of the bar that the keys have reached. */
  function openMenuByKey(event: KeyboardEvent) {
    const lane = place && answer.lanes[place.lane];
    const target = lane && menuTarget(lane, inspected);
    if (!onMenu || !target || !box.current) return;
    event.preventDefault();
    event.stopPropagation();
    const { left, top } = box.current.getBoundingClientRect();
    const at = { x: left + (tip?.x ?? LEFT), y: top + (tip?.y ?? 0) };
    onMenu(target, { ...at, from: box.current });
  }

  function press(event: KeyboardEvent) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (isMenuKey(event)) {
      openMenuByKey(event);
      return;
    }
    const pan = (share: number) => onDomain(panDomain(domain, extent, share));
    const zoomBy = (factor: number) => onDomain(zoomDomain(domain, extent, factor));
    const shifted = event.shiftKey && event.key.startsWith('Arrow');
    const acts: Record<string, () => void> = {
      a: () => pan(-0.2),
      d: () => pan(0.2),
      w: () => zoomBy(1.5),
      s: () => zoomBy(1 / 1.5),
      '+': () => zoomBy(1.5),
      '=': () => zoomBy(1.5),
      '-': () => zoomBy(1 / 1.5),
      '0': onFit,
      Enter: () => inspected && onChoose(inspected),
    };
    if (tip) {
      acts.Escape = () => {
        setPlace(undefined);
        leave();
      };
    }
    for (const key of ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown']) acts[key] = () => inspect(key);
    if (shifted) {
      acts.ArrowLeft = () => pan(-0.2);
      acts.ArrowRight = () => pan(0.2);
    }
    const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  return (
    <div className="relative">
      {/* biome-ignore lint/a11y/useSemanticElements: a drawing that is moved and zoomed by keys */}
      <div
        ref={box}
        role="group"
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it takes the keys that move and zoom
        tabIndex={0}
        onKeyDown={press}
        onPointerMove={point}
        onPointerLeave={leave}
        onPointerDown={(event) => {
          pressed.current = { x: event.clientX, y: event.clientY };
        }}
        onPointerUp={release}
        onContextMenu={openMenu}
        onBlur={() => {
          setPlace(undefined);
          leave();
        }}
        onScroll={(event) => setScrollTop(event.currentTarget.scrollTop)}
        style={{ height }}
        className="touch-pan-y overflow-y-auto overflow-x-hidden rounded-sm"
      >
        <canvas ref={canvas} style={{ width, height }} className="sticky top-0 block" />
        <div style={{ height: Math.max(0, lanesHeight + AXIS_HEIGHT - height) }} />
      </div>
      <p aria-live="polite" className="sr-only">
        {inspected &&
          place &&
          tipText(
            { slice: inspected, lane: answer.lanes[place.lane]!.label, again: againOf(inspected) },
            extent.from,
          )}
      </p>
      {tip && <TimelineTip tip={tip} width={width} origin={extent.from} />}
    </div>
  );
}
