/** Several cells selected at once: the unbroken row from where the selection began to where the keys are. Pure. */

export function selectedCells(
  order: readonly string[],
  active: string | undefined,
  anchor: string | undefined,
): readonly string[] {
  const to = active === undefined ? -1 : order.indexOf(active);
  if (to < 0) return [];
  const from = anchor === undefined ? to : order.indexOf(anchor);
  if (from < 0) return [active!];
  return order.slice(Math.min(from, to), Math.max(from, to) + 1);
}

/**
 * The place that cells dropped into a gap get, as the order without them counts; gap 0 is above the first cell.
 * Undefined when they would stay where they are.
 */
export function dropIndex(
  order: readonly string[],
  moved: readonly string[],
  gap: number,
): number | undefined {
  const ids = new Set(moved);
  const index = order.slice(0, gap).filter((cellId) => !ids.has(cellId)).length;
  const rest = order.filter((cellId) => !ids.has(cellId));
  const after = [...rest.slice(0, index), ...order.filter((cellId) => ids.has(cellId)), ...rest.slice(index)];
  return after.every((cellId, i) => cellId === order[i]) ? undefined : index;
}

/** From one gap to the next in which the moved cells would not stay where they are; the same gap when there is none. */
export function nextGap(
  order: readonly string[],
  moved: readonly string[],
  gap: number,
  step: -1 | 1,
): number {
  for (let next = gap + step; next >= 0 && next <= order.length; next += step)
    if (dropIndex(order, moved, next) !== undefined) return next;
  return gap;
}

/** The gap nearest to a height, among cells that lie from top to bottom. */
export function gapAt(y: number, cells: readonly { top: number; bottom: number }[]): number {
  const below = cells.findIndex(({ top, bottom }) => y < (top + bottom) / 2);
  return below < 0 ? cells.length : below;
}
