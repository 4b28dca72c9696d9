/** An error of a headless run as terminal text: what, where in the file, the lines around it, what to do next. */
import type { ErrorData, SourcePosition } from '../engine/protocol.ts';

/** Where a cell stands in the file that is run. */
export interface CellPlace {
  cellId: string;
  source: string;
  /** The file's line before the cell's first, from 0. */
  lineOffset: number;
}

const FRAME_LINES = 2;
const MAX_STACK_LINES = 10;

export function errorText(error: ErrorData, file: string, cells: readonly CellPlace[]): string {
  const lines = [headOf(error)];
  const position = error.position ?? error.frames?.[0];
  if (position) lines.push(...positionLines(position, file, cells));
  if (error.task) {
    const { stageId, partition, attempt, executorId } = error.task;
    lines.push(
      `  in stage ${stageId}, partition ${partition}, attempt ${attempt}${executorId ? ` on executor ${executorId}` : ''}`,
    );
  }
  if (error.element !== undefined) lines.push(`  while processing ${error.element}`);
  for (const frame of (error.frames ?? []).slice(1, MAX_STACK_LINES)) {
    const where = placeOf(frame, file, cells);
    lines.push(`    at ${frame.functionName ? `${frame.functionName} (${where})` : where}`);
  }
  if (error.hint) lines.push(`  ${error.hint}`);
  if (error.cause) {
    const cause = samePlace(error.cause, error) ? headOf(error.cause) : errorText(error.cause, file, cells);
    lines.push(`Caused by: ${cause}`.trimEnd());
  }
  return `${lines.join('\n')}\n`;
}

function headOf({ name, message }: ErrorData): string {
  return `${name}: ${message}`;
}

/** A cause at the place already shown needs no second look at the code. */
function samePlace(cause: ErrorData, error: ErrorData): boolean {
  const [a, b] = [cause.position, error.position];
  return a !== undefined && a.cellId === b?.cellId && a.line === b?.line && a.column === b?.column;
}

function placeOf(
  { file: at, cellId, line, column }: SourcePosition,
  file: string,
  cells: readonly CellPlace[],
): string {
  const cell = cells.find((candidate) => candidate.cellId === cellId);
  return cell ? `${file}:${line + cell.lineOffset}:${column}` : `${at}:${line}:${column}`;
}

/** The place, and the code around it with a caret below the column. */
function positionLines(position: SourcePosition, file: string, cells: readonly CellPlace[]): string[] {
  const where = `  at ${placeOf(position, file, cells)}`;
  const cell = cells.find((candidate) => candidate.cellId === position.cellId);
  if (!cell) return [where];
  const source = cell.source.split('\n');
  const first = Math.max(1, position.line - FRAME_LINES);
  const last = Math.min(source.length, position.line + FRAME_LINES);
  const width = String(last + cell.lineOffset).length;
  const frame: string[] = [];
  for (let line = first; line <= last; line++) {
    const isHere = line === position.line;
    const number = String(line + cell.lineOffset).padStart(width);
    frame.push(`  ${isHere ? '>' : ' '} ${number} | ${source[line - 1] ?? ''}`.trimEnd());
    if (isHere) frame.push(`    ${' '.repeat(width)} | ${' '.repeat(Math.max(0, position.column - 1))}^`);
  }
  return [where, ...frame];
}
