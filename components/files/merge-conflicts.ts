/**
 * The marks that a merge left in a notebook (`<<<<<<<`, `=======`, `>>>>>>>`), also across cells, and what the cells
 * become when one chooses a side. Pure.
 */

export interface ConflictCell {
  cellId: string;
  source: string;
}

interface Line {
  cell: number;
  text: string;
}

export interface MergeConflict {
  /** What the marks call the two sides. */
  mine: string;
  theirs: string;
  mineText: string;
  theirsText: string;
  /** Cells that it touches, in order; it begins in the first. */
  cellIds: string[];
  /** Line numbers over all cells: of `<<<<<<<`, `|||||||` or `=======`, `=======`, `>>>>>>>`. */
  at: { open: number; ancestor: number; middle: number; close: number };
}

export type ConflictChoice = 'mine' | 'theirs' | 'both';

export type ConflictEdit =
  | { type: 'editCell'; cellId: string; source: string }
  | { type: 'deleteCell'; cellId: string };

const OPEN = /^<{7}(?: (.*))?$/;
const ANCESTOR = /^\|{7}(?: |$)/;
const MIDDLE = /^={7}$/;
const CLOSE = /^>{7}(?: (.*))?$/;

function linesOf(cells: readonly ConflictCell[]): Line[] {
  return cells.flatMap(({ source }, cell) =>
    source.split('\n').map((text) => ({ cell, text: text.trimEnd() })),
  );
}

export function findConflicts(cells: readonly ConflictCell[]): MergeConflict[] {
  // Most notebooks have none: looking must cost nothing.
  if (!cells.some(({ source }) => source.includes('<<<<<<<'))) return [];
  const lines = linesOf(cells);
  const found: MergeConflict[] = [];
  let open = -1;
  let ancestor = -1;
  let middle = -1;
  lines.forEach(({ text }, n) => {
    if (OPEN.test(text)) [open, ancestor, middle] = [n, -1, -1];
    else if (open < 0) return;
    else if (ANCESTOR.test(text) && middle < 0) ancestor = n;
    else if (MIDDLE.test(text) && middle < 0) middle = n;
    else if (CLOSE.test(text) && middle >= 0) {
      const at = { open, ancestor: ancestor < 0 ? middle : ancestor, middle, close: n };
      const textOf = (from: number, to: number) =>
        lines
          .slice(from + 1, to)
          .map((line) => line.text)
          .join('\n');
      const touched = new Set(lines.slice(open, n + 1).map(({ cell }) => cell));
      found.push({
        mine: OPEN.exec(lines[open]!.text)![1] || 'ours',
        theirs: CLOSE.exec(text)![1] || 'theirs',
        mineText: textOf(open, at.ancestor),
        theirsText: textOf(middle, n),
        cellIds: [...touched].map((cell) => cells[cell]!.cellId),
        at,
      });
      open = -1;
    }
  });
  return found;
}

/** Between which marks a line is, or a cell that begins with it. The marks count to what stands above them. */
function partOf(
  n: number,
  { open, ancestor, middle, close }: MergeConflict['at'],
): ConflictChoice | 'neither' {
  if (n <= open || n > close) return 'both';
  if (n <= ancestor) return 'mine';
  return n <= middle ? 'neither' : 'theirs';
}

/** The edits that leave one side, or both, in place of a conflict. Cells that only the other side has go. */
export function settleConflict(
  cells: readonly ConflictCell[],
  { at }: MergeConflict,
  choice: ConflictChoice,
): ConflictEdit[] {
  const marks = new Set(Object.values(at));
  const stays = (part: ConflictChoice | 'neither') =>
    part === 'both' || part === choice || (choice === 'both' && part !== 'neither');
  const texts = new Map<number, string[]>();
  let into = 0;
  let n = 0;
  cells.forEach(({ source }, cell) => {
    // What is left of a cell whose beginning goes belongs to the one before.
    if (cell === 0 || stays(partOf(n, at))) {
      into = cell;
      texts.set(cell, []);
    }
    for (const line of source.split('\n')) {
      if (!marks.has(n) && stays(partOf(n, at))) texts.get(into)!.push(line);
      n += 1;
    }
  });
  return cells.flatMap(({ cellId, source }, cell): ConflictEdit[] => {
    const lines = texts.get(cell);
    if (!lines) return [{ type: 'deleteCell', cellId }];
    const text = lines.join('\n');
    return text === source ? [] : [{ type: 'editCell', cellId, source: text }];
  });
}
