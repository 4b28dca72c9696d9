'use client';
/** The drawn timeline: canvas, gestures, keys and the tip. Holds no data of its own. */
import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from 'react';
import type { TimelineAnswer } from '../../engine/viewer-protocol.ts';
import { useTheme } from '../theme/use-theme.ts';
import { AXIS_HEIGHT, drawTimeline, LANE_HEIGHT, type TimelineColors } from './draw-timeline.ts';
import { PHASES } from './phases.ts';
import { type Domain, panDomain, sliceAt, toTime, zoomDomain } from './time-scale.ts';
import { TimelineTip, type Tip } from './timeline-tip.tsx';
import { useGestures } from './use-gestures.ts';

const LEFT = 88;
const MAX_LANES_HEIGHT = 8 * LANE_HEIGHT;
const HIT_SLACK = 2;

export interface TimelineCanvasProps {
  answer: TimelineAnswer;
  domain: Domain;
  width: number;
  label: string;
  onDomain: (domain: Domain) => void;
  onFit: () => void;
}

function readColors(element: HTMLElement): TimelineColors {
  const style = getComputedStyle(element);
  const token = (name: string) => style.getPropertyValue(name).trim();
  return {
    phases: PHASES.map((phase) => token(phase.token)),
    line: token('--line'),
    ink: token('--ink-2'),
    bad: token('--bad'),
    surface: token('--surface'),
    font: style.fontFamily,
  };
}

export function TimelineCanvas({ answer, domain, width, label, onDomain, onFit }: TimelineCanvasProps) {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [scrollTop, setScrollTop] = useState(0);
  const [tip, setTip] = useState<Tip>();
  const theme = useTheme();
  const lanesHeight = answer.lanes.length * LANE_HEIGHT;
  const height = Math.min(MAX_LANES_HEIGHT, lanesHeight) + AXIS_HEIGHT;
  const plot = Math.max(1, width - LEFT);
  const extent: Domain = { from: answer.extent[0], to: answer.extent[1] };
  useGestures(box, width > 0 ? { domain, extent, left: LEFT, plot, change: onDomain } : undefined);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme changes the colours that are read
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
      drawTimeline(context, {
        answer,
        domain,
        left: LEFT,
        width,
        height,
        scrollTop,
        colors: readColors(surface),
      });
    });
    return () => cancelAnimationFrame(frame);
  }, [answer, domain, width, height, scrollTop, theme]);

  function point(event: PointerEvent<HTMLDivElement>) {
    const bounds = event.currentTarget.getBoundingClientRect();
    const [x, y] = [event.clientX - bounds.left, event.clientY - bounds.top];
    const lane = answer.lanes[Math.floor((y + scrollTop) / LANE_HEIGHT)];
    const inside = x >= LEFT && y < height - AXIS_HEIGHT;
    const slack = (HIT_SLACK / plot) * (domain.to - domain.from);
    const slice = inside && lane ? sliceAt(lane.slices, toTime(x - LEFT, domain, plot), slack) : undefined;
    setTip(slice && lane ? { x, y, slice, lane: lane.label } : undefined);
  }

  function press(event: KeyboardEvent) {
    const next: Record<string, () => void> = {
      ArrowLeft: () => onDomain(panDomain(domain, extent, -0.2)),
      ArrowRight: () => onDomain(panDomain(domain, extent, 0.2)),
      '+': () => onDomain(zoomDomain(domain, extent, 1.5)),
      '=': () => onDomain(zoomDomain(domain, extent, 1.5)),
      '-': () => onDomain(zoomDomain(domain, extent, 1 / 1.5)),
      '0': onFit,
      Escape: () => setTip(undefined),
    };
    const act = next[event.key];
    if (!act || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
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
        onPointerLeave={() => setTip(undefined)}
        onScroll={(event) => setScrollTop(event.currentTarget.scrollTop)}
        style={{ height }}
        className="touch-pan-y overflow-y-auto overflow-x-hidden rounded-sm"
      >
        <canvas ref={canvas} style={{ width, height }} className="sticky top-0 block" />
        <div style={{ height: Math.max(0, lanesHeight + AXIS_HEIGHT - height) }} />
      </div>
      {tip && <TimelineTip tip={tip} width={width} origin={extent.from} />}
    </div>
  );
}
