/** The part of a long text that stands below its cell: its beginning and its end. Pure. */

export interface TextPart {
  head: string;
  /** Absent when all is shown. */
  cut?: {
    tail: string;
    shownLines: number;
    lines: number;
    shownCharacters: number;
    characters: number;
    /** Which of the two counts says more of it: of few long lines, that of characters. */
    unit: 'lines' | 'characters';
  };
}

const LINES = { head: 200, tail: 300 };
const CHARACTERS = { head: 20_000, tail: 30_000 };
/** Of one row in the view of all: a longer line goes on in the next. */
export const ROW_CHARACTERS = 2_000;

function countLines(text: string): number {
  let lines = text === '' || text.endsWith('\n') ? 0 : 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
}

/** The place after the nth line. */
function afterLines(text: string, count: number): number {
  let at = 0;
  for (let i = 0; i < count; i++) {
    const next = text.indexOf('\n', at);
    if (next < 0) return text.length;
    at = next + 1;
  }
  return at;
}

function beforeLines(text: string, count: number): number {
  let at = text.endsWith('\n') ? text.length - 1 : text.length;
  for (let i = 0; i < count; i++) {
    const previous = text.lastIndexOf('\n', at - 1);
    if (previous < 0) return 0;
    at = previous;
  }
  return at + 1;
}

export function partOf(text: string): TextPart {
  const lines = countLines(text);
  const few = LINES.head + LINES.tail;
  if (lines <= few && text.length <= CHARACTERS.head + CHARACTERS.tail) return { head: text };
  const from = Math.min(afterLines(text, LINES.head), CHARACTERS.head);
  const to = Math.max(from, beforeLines(text, LINES.tail), text.length - CHARACTERS.tail);
  const [head, tail] = [text.slice(0, from), text.slice(to)];
  if (from === to) return { head: text };
  return {
    head,
    cut: {
      tail,
      shownLines: Math.min(lines, countLines(head) + countLines(tail)),
      lines,
      shownCharacters: head.length + tail.length,
      characters: text.length,
      unit: lines > few ? 'lines' : 'characters',
    },
  };
}

/** Rows of bounded length for a view that draws only some of them. */
export function rowsOf(text: string): string[] {
  const rows: string[] = [];
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  for (const line of lines) {
    for (let at = 0; at === 0 || at < line.length; at += ROW_CHARACTERS)
      rows.push(line.slice(at, at + ROW_CHARACTERS));
  }
  return rows;
}
