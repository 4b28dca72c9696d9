/**
 * The notebook file: a TypeScript script in percent format (Jupytext's), and the cells it holds.
 *
 * `// %%` begins a code cell, `// %% [markdown]` a Markdown cell whose every line stands behind `// `. A marker may
 * carry a stable id (`id="a1b2"`) and whatever else other tools wrote there, which is kept. One blank line separates
 * cells. A line of a cell that looks like a marker gets a backslash before its `%%`, taken away again on reading.
 *
 * What is read also remembers how it was written (`FileLayout`): cells that did not change are written back as they
 * were, to the byte, whatever their line ends and blank lines.
 */
import type { CellKind } from '../protocol.ts';
import { type FileLayout, fileLines, headLength } from './file-layout.ts';
import { idOf, isMarker, markerLine, readMarker, withId } from './marker-line.ts';

export interface FileCell {
  cellId: string;
  kind: CellKind;
  source: string;
  /** The marker's text besides kind and id: a title, other tools' keys, another kind such as `[sql]`. */
  markerText: string;
}

export interface NotebookFile {
  cells: FileCell[];
  eol: '\n' | '\r\n';
  /** How the cells were written; absent for cells that come from elsewhere. */
  layout?: FileLayout;
}

const LOOKS_LIKE_MARKER = /^\/\/ \\*%%(?![^\s])/;
const ESCAPED = /^\/\/ \\(\\*%%)(?![^\s])/;
/** Lines that only a merge writes; behind a comment sign git would not find them again. */
const CONFLICT_MARK = /^(<{7}|\|{7}|>{7})( |$)/;

/** The source that a cell's lines stand for. */
function sourceOf(kind: CellKind, lines: readonly string[]): string {
  const unescaped = lines.map((line) => line.replace(ESCAPED, '// $1'));
  if (kind === 'code') return unescaped.join('\n');
  return unescaped.map((line) => line.replace(/^\/\/ ?/, '')).join('\n');
}

/** The lines of a cell's body as they are written. */
function bodyLines(kind: CellKind, source: string): string[] {
  let inConflict = false;
  const lines = source.split(/\r?\n/).map((line) => {
    if (kind === 'code') return line;
    const isMark = CONFLICT_MARK.test(line) || (inConflict && line === '=======');
    if (isMark) inConflict = line.startsWith('<') || (inConflict && !line.startsWith('>'));
    if (isMark) return line;
    return line === '' ? '//' : `// ${line}`;
  });
  return lines.map((line) => (LOOKS_LIKE_MARKER.test(line) ? line.replace('// ', '// \\') : line));
}

/** Reads any text: without markers it is one code cell. `newId` makes ids for cells that have none, or one taken. */
export function parseNotebook(text: string, newId: () => string): NotebookFile {
  const lines = fileLines(text);
  const crlf = lines.filter(({ end }) => end === '\r\n').length;
  const eol = crlf > lines.length / 2 ? '\r\n' : '\n';
  const starts = lines.flatMap((line, index) => (isMarker(line.text) ? [index] : []));
  const headEnd = headLength(lines, starts[0]);
  if (starts[0] !== headEnd) starts.unshift(headEnd);
  const raw = (from: number, to: number) =>
    lines
      .slice(from, to)
      .map(({ text: line, end }) => line + end)
      .join('');
  const layout: FileLayout = {
    head: (text.startsWith('\uFEFF') ? '\uFEFF' : '') + raw(0, headEnd),
    pieces: new Map(),
  };
  const taken = new Set<string>();
  const cells = starts.map((start, n): FileCell => {
    const end = starts[n + 1] ?? lines.length;
    const first = lines[start]?.text;
    const isMarked = first !== undefined && isMarker(first);
    const from = isMarked ? start + 1 : start;
    // The last cell ends with the file, not with a separating blank line.
    const hasGap = n < starts.length - 1 && end > from && lines[end - 1]!.text === '';
    const bodyEnd = hasGap ? end - 1 : end;
    const { kind, markerText } = readMarker(isMarked ? first : '// %%');
    const source = sourceOf(
      kind,
      lines.slice(from, bodyEnd).map((line) => line.text),
    );
    let cellId = isMarked ? idOf(first) : undefined;
    const known = cellId !== undefined && !taken.has(cellId);
    while (cellId === undefined || taken.has(cellId)) cellId = newId();
    taken.add(cellId);
    const cell = { cellId, kind, source, markerText };
    const marker = isMarked ? (known ? first : withId(first, cellId)) : undefined;
    layout.pieces.set(cellId, {
      cell,
      ...(marker === undefined ? {} : { marker: marker + lines[start]!.end }),
      body: raw(from, bodyEnd),
      gap: hasGap ? raw(end - 1, end) : '',
      line: from,
    });
    return cell;
  });
  cells.forEach(({ cellId }, n) => {
    const next = cells[n + 1]?.cellId;
    if (next !== undefined) layout.pieces.get(cellId)!.next = next;
  });
  return { cells, eol, layout };
}

/** The file of these cells; `parseNotebook` of it gives the same cells. */
export function serializeNotebook({ cells, eol, layout }: NotebookFile): string {
  const ended = (text: string) => (text === '' || text.endsWith('\n') ? text : text + eol);
  const parts = cells.map((cell, n) => {
    const piece = layout?.pieces.get(cell.cellId);
    const sameMarker = piece?.cell.kind === cell.kind && piece.cell.markerText === cell.markerText;
    const sameBody = piece?.cell.kind === cell.kind && piece.cell.source === cell.source;
    const marker = (sameMarker && piece.marker) || markerLine(cell) + eol;
    const written = bodyLines(cell.kind, cell.source);
    const body = sameBody ? piece.body : `${written.join(eol)}${eol}`;
    const next = cells[n + 1]?.cellId;
    const sameNext = piece !== undefined && piece.next === next;
    if (next === undefined) return sameNext && sameBody ? marker + body : ended(marker) + ended(body);
    const keepsGap = sameNext && (sameBody || piece.gap !== '' || written.at(-1) !== '');
    return ended(marker) + ended(body) + (keepsGap ? piece.gap : eol);
  });
  return (layout?.head ?? '') + parts.join('');
}
