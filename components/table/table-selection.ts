/** The cells selected in a table: a rectangle between an anchor and the cell that moves. Pure. */
export interface Place {
  row: number;
  column: number;
}

export interface Selection {
  anchor: Place;
  active: Place;
}

export interface Rectangle {
  top: number;
  bottom: number;
  left: number;
  right: number;
}

export function rectangle({ anchor, active }: Selection): Rectangle {
  return {
    top: Math.min(anchor.row, active.row),
    bottom: Math.max(anchor.row, active.row),
    left: Math.min(anchor.column, active.column),
    right: Math.max(anchor.column, active.column),
  };
}

export function contains(selection: Selection | undefined, { row, column }: Place): boolean {
  if (!selection) return false;
  const { top, bottom, left, right } = rectangle(selection);
  return row >= top && row <= bottom && column >= left && column <= right;
}

const STEPS: Record<string, readonly [number, number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  PageUp: [-10, 0],
  PageDown: [10, 0],
};

/** Where a key leads; undefined when it is none of these keys. `far` goes to the edge. */
export function moved(
  selection: Selection | undefined,
  key: string,
  size: { rows: number; columns: number },
  { extend, far }: { extend: boolean; far: boolean },
): Selection | undefined {
  if (size.rows === 0 || size.columns === 0) return undefined;
  const from = selection?.active;
  const within = (row: number, column: number): Place => ({
    row: Math.max(0, Math.min(size.rows - 1, row)),
    column: Math.max(0, Math.min(size.columns - 1, column)),
  });
  let active: Place;
  const step = STEPS[key];
  if (step) {
    const [rows, columns] = step;
    const reach = far ? Number.MAX_SAFE_INTEGER / 2 : 1;
    active = from ? within(from.row + rows * reach, from.column + columns * reach) : within(0, 0);
  } else if (key === 'Home' || key === 'End') {
    const row = far ? (key === 'Home' ? 0 : size.rows - 1) : (from?.row ?? 0);
    active = within(row, key === 'Home' ? 0 : size.columns - 1);
  } else return undefined;
  return { anchor: extend && selection ? selection.anchor : active, active };
}
