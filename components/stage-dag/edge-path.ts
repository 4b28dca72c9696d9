/** The line of an edge: bowed along the layers; one that leads back runs around the stages. */
import { curveBumpX, curveBumpY, line } from 'd3-shape';
import type { DagDirection, Point } from './layered-layout.ts';

/** How far a line that leads back keeps from the stages. */
const AROUND = 28;

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

export function runsBack(points: readonly Point[], direction: DagDirection): boolean {
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
