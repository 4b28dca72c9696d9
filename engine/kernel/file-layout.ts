/** How a notebook file is written, besides what its cells say: kept, so that an edit changes the lines it is about. */
import type { FileCell } from './notebook-file.ts';

export interface CellPiece {
  /** What the piece stood for when it was read. */
  cell: FileCell;
  /** The marker with its line end; absent for text in front of the first marker. */
  marker?: string;
  body: string;
  /** The blank line towards the next cell, or nothing. */
  gap: string;
  /** The cell that followed. */
  next?: string;
  /** Lines of the file in front of the source. */
  line: number;
}

export interface FileLayout {
  /** In front of the first cell: a byte order mark, `#!`, Jupytext's header, comments. */
  head: string;
  pieces: Map<string, CellPiece>;
}

export interface FileLine {
  text: string;
  end: '' | '\n' | '\r\n';
}

/** The lines of a text, each with its own end; a byte order mark belongs to none. */
export function fileLines(text: string): FileLine[] {
  return (text.replace(/^\uFEFF/, '').match(/[^\n]*\n|[^\n]+$/g) ?? []).map((line): FileLine => {
    const end = line.endsWith('\r\n') ? '\r\n' : line.endsWith('\n') ? '\n' : '';
    return { text: line.slice(0, line.length - end.length), end };
  });
}

/**
 * How many lines stand in front of the cells. With markers, all comment and blank lines before the first do. Without
 * one, or when there is code before it, only `#!` and Jupytext's header (`// ---` to `// ---`) do.
 */
export function headLength(lines: readonly FileLine[], firstMarker: number | undefined): number {
  const before = lines.slice(0, firstMarker ?? lines.length).map(({ text }) => text);
  if (firstMarker !== undefined && isComment(before)) return firstMarker;
  let length = before[0]?.startsWith('#!') ? 1 : 0;
  if (before[length] === '// ---') {
    const end = before.indexOf('// ---', length + 1);
    if (end > 0 && before.slice(length, end).every((line) => line.startsWith('//'))) length = end + 1;
  }
  return length;
}

function isComment(lines: readonly string[]): boolean {
  let inBlock = false;
  return lines.every((line, index) => {
    const text = line.trim();
    if (inBlock) {
      inBlock = !text.includes('*/');
      return inBlock || text.endsWith('*/');
    }
    if (text.startsWith('/*')) {
      inBlock = !text.includes('*/', 2);
      return inBlock || text.indexOf('*/', 2) === text.length - 2;
    }
    return text === '' || text.startsWith('//') || (index === 0 && text.startsWith('#!'));
  });
}
