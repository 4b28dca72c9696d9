/** The line of an edge: bowed along the layers; one that leads back runs around the stages. */
import { curveBumpX, curveBumpY, line } from 'd3-shape';
import type { DagDirection, Point } from './layered-layout.ts';

/** How far a line that leads back keeps from the stages. */
const AROUND = 28;
/** A line that turns by less is as good as straight. */
const STRAIGHT = 16;

const bump = {
  LR: line<Point>(
    (point) => point.x,
    (point) => point.y,
  ).curve(curveBumpX),
  TB: line<Point>(
    (point) => point.x,
    (point) => point.y,
  ).curve(curveBumpY),
};

function runsBack(points: readonly Point[], direction: DagDirection): boolean {
  const [start, end] = [points[0], points.at(-1)];
  if (!start || !end) return false;
  return direction === 'LR' ? end.x <= start.x : end.y <= start.y;
}

export function edgePath(points: readonly Point[], direction: DagDirection): string {
  const [start, end] = [points[0], points.at(-1)];
  if (!start || !end) return '';
  if (!runsBack(points, direction)) return bump[direction]([...points]) ?? '';
  if (direction === 'LR') {
    const y = Math.max(start.y, end.y) + AROUND;
    return `M${start.x},${start.y}C${start.x},${y} ${end.x},${y} ${end.x},${end.y}`;
  }
  const x = Math.max(start.x, end.x) + AROUND;
  return `M${start.x},${start.y}C${x},${start.y} ${x},${end.y} ${end.x},${end.y}`;
}

export interface LabelPlace extends Point {
  anchor: 'start' | 'middle' | 'end';
}

/**
 * Where the words of an edge stand so that its own line does not cross them: beside the middle of one that is straight,
 * else where it leaves its stage, on the side it does not turn to.
 */
export function labelPlace(points: readonly Point[], direction: DagDirection): LabelPlace {
  const [start, end] = [points[0], points.at(-1)];
  if (!start || !end) return { x: 0, y: 0, anchor: 'middle' };
  const wide = direction === 'LR';
  const middle = { x: (start.x + end.x) / 2, y: (start.y + end.y) / 2 };
  const back = runsBack(points, direction) ? 20 : 0;
  const turn = wide ? end.y - start.y : end.x - start.x;
  if (back > 0 || Math.abs(turn) < STRAIGHT) {
    return wide
      ? { x: middle.x, y: middle.y + back - 6, anchor: 'middle' }
      : { x: middle.x + back + 8, y: middle.y + 1, anchor: 'start' };
  }
  if (wide) return { x: start.x + 4, y: turn > 0 ? start.y - 6 : start.y + 14, anchor: 'start' };
  return { x: turn > 0 ? start.x - 8 : start.x + 8, y: start.y + 14, anchor: turn > 0 ? 'end' : 'start' };
}
