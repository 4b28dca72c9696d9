/** Paints the visible lanes of a timeline on a canvas. */
import type { TimelineAnswer } from '../../engine/viewer-protocol.ts';
import {
  type Domain,
  segmentsOf,
  sliceState,
  type TimelineLane,
  type TimelineSlice,
  ticksOf,
  toPixel,
} from './time-scale.ts';

export const LANE_HEIGHT = 32;
const BAR_HEIGHT = 24;
export const AXIS_HEIGHT = 20;
/** More lanes than this scroll. */
export const MAX_LANES_HEIGHT = 8 * LANE_HEIGHT;

/** Pixels that so many lanes take, with the axis. */
export function timelineHeight(lanes: number): number {
  return Math.min(MAX_LANES_HEIGHT, lanes * LANE_HEIGHT) + AXIS_HEIGHT;
}
/** A narrower piece shows its colour alone. */
const PATTERN_WIDTH = 5;

export interface TimelineColors {
  phases: string[];
  patterns: (CanvasPattern | undefined)[];
  focus: string;
  line: string;
  ink: string;
  /** What must stand out of every phase. */
  strong: string;
  bad: string;
  surface: string;
  font: string;
}

export interface TimelinePicture {
  answer: TimelineAnswer;
  domain: Domain;
  /** Left edge of the bars; lane labels stand before it. */
  left: number;
  width: number;
  height: number;
  scrollTop: number;
  colors: TimelineColors;
  /** Keys of stages whose bars stand out; the others are dimmed. Empty: none are. */
  lit: ReadonlySet<string>;
  /** The bar under the keyboard's cursor. */
  inspected: TimelineSlice | undefined;
  chosenTask: number | undefined;
  /** Why a bar is not the first of its partition. */
  againOf: (slice: TimelineSlice) => string | undefined;
  /** Why the executor of a lane gets no tasks. */
  excludedOf: (lane: TimelineLane) => string | undefined;
}

export function drawTimeline(context: CanvasRenderingContext2D, picture: TimelinePicture): void {
  const { answer, domain, left, width, height, scrollTop, colors } = picture;
  const plot = width - left;
  context.clearRect(0, 0, width, height);
  context.font = `11px ${colors.font}`;
  context.textBaseline = 'middle';
  context.lineWidth = 1;
  const laneArea = height - AXIS_HEIGHT;
  context.strokeStyle = colors.line;
  const ticks = ticksOf(domain, answer.extent[0], plot);
  for (const { x } of ticks) line(context, Math.round(left + x) + 0.5, 0, laneArea);
  context.save();
  context.beginPath();
  context.rect(0, 0, width, laneArea);
  context.clip();
  const first = Math.max(0, Math.floor(scrollTop / LANE_HEIGHT));
  const last = Math.min(answer.lanes.length, Math.ceil((scrollTop + laneArea) / LANE_HEIGHT));
  for (let index = first; index < last; index += 1) {
    const lane = answer.lanes[index]!;
    const y = index * LANE_HEIGHT - scrollTop + (LANE_HEIGHT - BAR_HEIGHT) / 2;
    context.fillStyle = colors.ink;
    context.textAlign = 'left';
    const excluded = picture.excludedOf(lane) !== undefined;
    context.fillText(lane.label, 0, y + BAR_HEIGHT / 2 - (excluded ? 6 : 0), left - 8);
    if (excluded) drawExcluded(context, y + BAR_HEIGHT / 2 + 7, left - 8, colors);
    context.save();
    context.beginPath();
    context.rect(left, y - 1, plot, BAR_HEIGHT + 2);
    context.clip();
    for (const slice of lane.slices) {
      if (slice.end < domain.from || slice.start > domain.to) continue;
      const dimmed = picture.lit.size > 0 && !(slice.stage !== undefined && picture.lit.has(slice.stage));
      context.globalAlpha = dimmed ? 0.25 : 1;
      drawSlice(context, slice, y, picture);
      context.globalAlpha = 1;
    }
    context.restore();
  }
  context.restore();
  context.fillStyle = colors.ink;
  for (const { x, label } of ticks) {
    const half = context.measureText(label).width / 2;
    context.textAlign = 'center';
    context.fillText(
      label,
      Math.min(Math.max(left + x, left + half), width - half),
      laneArea + AXIS_HEIGHT / 2 + 2,
    );
  }
}

function line(context: CanvasRenderingContext2D, x: number, top: number, bottom: number): void {
  context.beginPath();
  context.moveTo(x, top);
  context.lineTo(x, bottom);
  context.stroke();
}

function drawSlice(
  context: CanvasRenderingContext2D,
  slice: TimelineSlice,
  y: number,
  picture: TimelinePicture,
): void {
  const { domain, left, width, colors } = picture;
  const plot = width - left;
  const x = (time: number) => left + toPixel(time, domain, plot);
  const start = x(slice.start);
  const end = Math.max(start + 1, x(slice.end) - (x(slice.end) - start > 4 ? 1 : 0));
  for (const segment of segmentsOf(slice)) {
    const from = Math.max(left, x(segment.start));
    const to = Math.min(end, x(segment.end));
    if (to - from < 0.2) continue;
    context.fillStyle = colors.phases[segment.phase] ?? colors.line;
    context.fillRect(from, y, to - from, BAR_HEIGHT);
    const pattern = colors.patterns[segment.phase];
    if (!pattern || to - from < PATTERN_WIDTH) continue;
    context.fillStyle = pattern;
    context.fillRect(from, y, to - from, BAR_HEIGHT);
  }
  if (picture.againOf(slice)) drawAgain(context, start, end - start, y, colors);
  if (slice.task?.speculative) drawCopy(context, start, end - start, y, colors);
  const marked =
    (slice.task !== undefined && slice.task.taskId === picture.chosenTask) || slice === picture.inspected;
  if (marked) {
    context.strokeStyle = colors.focus;
    context.lineWidth = 2;
    context.strokeRect(start, y, Math.max(2, end - start), BAR_HEIGHT);
    context.lineWidth = 1;
  }
  const state = sliceState(slice);
  if (state === 'failed') drawFailure(context, start, end - start, y, colors);
  else if (state === 'killed') drawKilled(context, start, end - start, y, colors);
  else if (slice.running > 0) drawOpenEnd(context, end, y, colors);
}

/** A stitched upper edge: the task, or what it makes, was there before. */
function drawAgain(
  context: CanvasRenderingContext2D,
  x: number,
  width: number,
  y: number,
  { strong, surface }: TimelineColors,
) {
  context.fillStyle = surface;
  context.fillRect(x, y, width, 4);
  context.fillStyle = strong;
  for (let at = 0; at < width; at += 6) context.fillRect(x + at, y, Math.min(4, width - at), 3);
}

/** Dots along the lower edge: a second copy of a task that was slow elsewhere. */
function drawCopy(
  context: CanvasRenderingContext2D,
  x: number,
  width: number,
  y: number,
  { strong, surface }: TimelineColors,
) {
  const top = y + BAR_HEIGHT - 5;
  context.fillStyle = surface;
  context.fillRect(x, top, width, 5);
  context.fillStyle = strong;
  for (let at = 1; at < width; at += 6) context.fillRect(x + at, top + 1.5, Math.min(3, width - at), 3);
}

/** A barred circle and the word, below the name of the lane. */
function drawExcluded(context: CanvasRenderingContext2D, y: number, width: number, { ink }: TimelineColors) {
  context.strokeStyle = ink;
  context.beginPath();
  context.arc(4.5, y, 3.5, 0, 2 * Math.PI);
  context.moveTo(2, y + 2.5);
  context.lineTo(7, y - 2.5);
  context.stroke();
  context.fillText('excluded', 12, y, width - 12);
}

/** A frame and a square: it was stopped, and is no failure. */
function drawKilled(
  context: CanvasRenderingContext2D,
  x: number,
  width: number,
  y: number,
  { ink, surface }: TimelineColors,
) {
  context.strokeStyle = ink;
  context.strokeRect(x + 0.5, y + 0.5, Math.max(1, width - 1), BAR_HEIGHT - 1);
  if (width <= 14) return;
  context.fillStyle = surface;
  context.fillRect(x + width / 2 - 6, y + BAR_HEIGHT / 2 - 6, 12, 12);
  context.fillStyle = ink;
  context.fillRect(x + width / 2 - 3, y + BAR_HEIGHT / 2 - 3, 6, 6);
}

/** A frame and a cross: a failed bar is known without its colour. */
function drawFailure(
  context: CanvasRenderingContext2D,
  x: number,
  width: number,
  y: number,
  colors: TimelineColors,
) {
  context.strokeStyle = colors.bad;
  context.lineWidth = 2;
  context.strokeRect(x + 1, y + 1, Math.max(1, width - 2), BAR_HEIGHT - 2);
  if (width > 14) {
    context.fillStyle = colors.surface;
    context.fillRect(x + width / 2 - 6, y + BAR_HEIGHT / 2 - 6, 12, 12);
    drawCross(context, x + width / 2, y + BAR_HEIGHT / 2, colors.bad);
  }
  context.lineWidth = 1;
}

/** A torn edge: the task still runs. */
function drawOpenEnd(context: CanvasRenderingContext2D, x: number, y: number, colors: TimelineColors) {
  context.fillStyle = colors.surface;
  for (let step = 0; step < BAR_HEIGHT; step += 8) {
    context.beginPath();
    context.moveTo(x, y + step);
    context.lineTo(x - 4, y + step + 4);
    context.lineTo(x, y + step + 8);
    context.fill();
  }
}

function drawCross(context: CanvasRenderingContext2D, x: number, y: number, color: string) {
  context.strokeStyle = color;
  context.beginPath();
  context.moveTo(x - 3, y - 3);
  context.lineTo(x + 3, y + 3);
  context.moveTo(x + 3, y - 3);
  context.lineTo(x - 3, y + 3);
  context.stroke();
}
