/** Terminal text as styled runs: SGR colours and weights; carriage returns overwrite; other sequences are dropped. Pure. */

export interface AnsiRun {
  text: string;
  /** Class names for the run. */
  className: string;
}

interface Style {
  bold: boolean;
  dim: boolean;
  italic: boolean;
  underline: boolean;
  color: number | undefined;
}

const PLAIN: Style = { bold: false, dim: false, italic: false, underline: false, color: undefined };

/** The eight colours as tokens that are legible in both themes; bright ones are the same. */
const COLORS = [
  'text-ink-3',
  'text-bad',
  'text-ok',
  'text-accent',
  'text-[var(--code-function)]',
  'text-[var(--code-keyword)]',
  'text-[var(--code-type)]',
  'text-ink',
];

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is about
const SEQUENCE = /\u001b(?:\[([0-9;?]*)([A-Za-z])|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is about
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;

function classOf(style: Style): string {
  const names: string[] = [];
  if (style.bold) names.push('font-semibold');
  if (style.dim) names.push('opacity-70');
  if (style.italic) names.push('italic');
  if (style.underline) names.push('underline');
  if (style.color !== undefined) names.push(COLORS[style.color]!);
  return names.join(' ');
}

function apply(style: Style, codes: readonly number[]): Style {
  let next = style;
  for (let index = 0; index < codes.length; index += 1) {
    const code = codes[index]!;
    if (code === 0) next = PLAIN;
    else if (code === 1) next = { ...next, bold: true };
    else if (code === 2) next = { ...next, dim: true };
    else if (code === 3) next = { ...next, italic: true };
    else if (code === 4) next = { ...next, underline: true };
    else if (code === 22) next = { ...next, bold: false, dim: false };
    else if (code === 23) next = { ...next, italic: false };
    else if (code === 24) next = { ...next, underline: false };
    else if (code >= 30 && code <= 37) next = { ...next, color: code - 30 };
    else if (code >= 90 && code <= 97) next = { ...next, color: code - 90 };
    else if (code === 39) next = { ...next, color: undefined };
    else if (code === 38 || code === 48) {
      if (codes[index + 1] === 5 && code === 38) next = { ...next, color: (codes[index + 2] ?? 7) % 8 };
      index += codes[index + 1] === 5 ? 2 : 4;
    }
  }
  return next;
}

/** A carriage return goes back to the start of its line: what follows replaces what stood there. */
function overwriteLines(text: string): string {
  if (!text.includes('\r')) return text;
  return text
    .replaceAll('\r\n', '\n')
    .split('\n')
    .map((line) => {
      const parts = line.split('\r').filter((part) => part !== '');
      return parts.at(-1) ?? '';
    })
    .join('\n');
}

export function parseAnsi(text: string): AnsiRun[] {
  const runs: AnsiRun[] = [];
  let style = PLAIN;
  let from = 0;
  const source = overwriteLines(text);
  const push = (piece: string) => {
    const clean = piece.replace(CONTROLS, '');
    if (clean) runs.push({ text: clean, className: classOf(style) });
  };
  for (const match of source.matchAll(SEQUENCE)) {
    push(source.slice(from, match.index));
    from = match.index + match[0].length;
    if (match[2] === 'm') style = apply(style, (match[1] || '0').split(';').map(Number));
  }
  push(source.slice(from));
  return runs;
}

/** The text alone, where colours have no place. */
export function plainText(text: string): string {
  return parseAnsi(text)
    .map((run) => run.text)
    .join('');
}
