/**
 * The notebook file: a TypeScript script in percent format (Jupytext's), and the cells it holds.
 *
 * `// %%` begins a code cell, `// %% [markdown]` a Markdown cell whose every line stands behind `// `. A marker may
 * carry a stable id (`id="a1b2"`) and whatever else other tools wrote there, which is kept. One blank line separates
 * cells. A line of a cell that looks like a marker gets a backslash before its `%%`, taken away again on reading.
 */
import type { CellKind } from '../protocol.ts';

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
}

const MARKER = /^\/\/ %%(?![^\s])(.*)$/;
const LOOKS_LIKE_MARKER = /^\/\/ \\*%%(?![^\s])/;
const ESCAPED = /^\/\/ \\(\\*%%)/;
const KIND = /^\[(markdown|md)\]\s*/;
const ID = /(?:^|\s)id="([A-Za-z0-9_-]{1,64})"/;

interface OpenCell {
  kind: CellKind;
  cellId: string | undefined;
  markerText: string;
  lines: string[];
}

function openCell(markerRest: string): OpenCell {
  const kind = KIND.exec(markerRest.trim());
  const rest = markerRest.trim().replace(KIND, '');
  const id = ID.exec(rest);
  return {
    kind: kind ? 'markdown' : 'code',
    cellId: id?.[1],
    markerText: rest.replace(ID, ' ').replace(/\s+/g, ' ').trim(),
    lines: [],
  };
}

function sourceOf({ kind, lines }: OpenCell): string {
  const own = lines.at(-1) === '' ? lines.slice(0, -1) : lines;
  const unescaped = own.map((line) => line.replace(ESCAPED, '// $1'));
  if (kind === 'code') return unescaped.join('\n');
  return unescaped.map((line) => line.replace(/^\/\/ ?/, '')).join('\n');
}

/** Reads any text: without markers it is one code cell. `newId` makes ids for cells that have none, or one taken. */
export function parseNotebook(text: string, newId: () => string): NotebookFile {
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  const open: OpenCell[] = [{ kind: 'code', cellId: undefined, markerText: '', lines: [] }];
  for (const line of lines) {
    const marker = MARKER.exec(line);
    if (marker) open.push(openCell(marker[1]!));
    else open.at(-1)!.lines.push(line);
  }
  // What stands before the first marker is a cell of its own only if there is something.
  if (open.length > 1 && open[0]!.lines.every((line) => line.trim() === '')) open.shift();
  // The last cell ends with the file, not with a separating blank line.
  open.at(-1)!.lines.push('');
  const taken = new Set<string>();
  const cells = open.map((cell): FileCell => {
    let cellId = cell.cellId;
    while (cellId === undefined || taken.has(cellId)) cellId = newId();
    taken.add(cellId);
    return { cellId, kind: cell.kind, source: sourceOf(cell), markerText: cell.markerText };
  });
  return { cells, eol };
}

function cellLines({ cellId, kind, source, markerText }: FileCell): string[] {
  const marker = ['// %%', kind === 'markdown' ? '[markdown]' : '', markerText, `id="${cellId}"`];
  const lines = source.split('\n').map((line) => {
    if (kind === 'code') return line;
    return line === '' ? '//' : `// ${line}`;
  });
  const escaped = lines.map((line) => (LOOKS_LIKE_MARKER.test(line) ? line.replace('// ', '// \\') : line));
  return [marker.filter((part) => part !== '').join(' '), ...escaped];
}

/** The file of these cells; `parseNotebook` of it gives the same cells. */
export function serializeNotebook({ cells, eol }: NotebookFile): string {
  const lines = cells.flatMap((cell, i) => (i === 0 ? cellLines(cell) : ['', ...cellLines(cell)]));
  return `${lines.join('\n')}\n`.replaceAll('\n', eol);
}
