/** Terminal text as styled runs: SGR colours and weights; carriage returns overwrite; other sequences are dropped. Pure. */
import { groundOf, inkOf, paletteColor, trueColor } from './ansi-colors.ts';

export interface AnsiRun {
  text: string;
  /** Class names for the run. */
  className: string;
  /** Colours that are no class of ours. */
  style?: { color?: string; backgroundColor?: string };
}

interface Style {
  bold: boolean;
  dim: boolean;
  italic: boolean;
  underline: boolean;
  struck: boolean;
  inverse: boolean;
  /** One of the eight, or a colour of its own. */
  color: number | string | undefined;
  ground: string | undefined;
}

const PLAIN: Style = {
  bold: false,
  dim: false,
  italic: false,
  underline: false,
  struck: false,
  inverse: false,
  color: undefined,
  ground: undefined,
};

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
  if (style.struck) names.push('line-through');
  if (style.inverse) names.push('bg-ink text-surface');
  else if (typeof style.color === 'number') names.push(COLORS[style.color]!);
  return names.join(' ');
}

function styleOf({ color, ground, inverse }: Style): Pick<AnsiRun, 'style'> {
  if (inverse || (typeof color !== 'string' && ground === undefined)) return {};
  return {
    style: {
      ...(typeof color === 'string' && { color: inkOf(color) }),
      ...(ground !== undefined && { backgroundColor: groundOf(ground) }),
    },
  };
}

/** A colour of more than the eight: `38;5;n` of 256, `38;2;r;g;b` of all. */
function extended(
  codes: readonly number[],
  index: number,
): { color: string | number | undefined; used: number } {
  if (codes[index + 1] === 5) {
    const number = codes[index + 2] ?? 7;
    return { color: number < 16 ? number % 8 : paletteColor(number), used: 2 };
  }
  const [r = 0, g = 0, b = 0] = codes.slice(index + 2, index + 5);
  return { color: trueColor(r, g, b), used: 4 };
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
      const { color, used } = extended(codes, index);
      const ground = typeof color === 'number' ? paletteColor(color) : color;
      next = code === 38 ? { ...next, color } : { ...next, ground };
      index += used;
    } else if (code >= 40 && code <= 47) next = { ...next, ground: paletteColor(code - 40) };
    else if (code >= 100 && code <= 107) next = { ...next, ground: paletteColor(code - 100) };
    else if (code === 49) next = { ...next, ground: undefined };
    else if (code === 7 || code === 27) next = { ...next, inverse: code === 7 };
    else if (code === 9 || code === 29) next = { ...next, struck: code === 9 };
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
      // What is longer stays behind what is written over it; of coloured text the width is not known.
      return parts.reduce(
        (under, part) =>
          under.includes('\u001b') || part.includes('\u001b') ? part : part + under.slice(part.length),
        '',
      );
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
    if (clean) runs.push({ text: clean, className: classOf(style), ...styleOf(style) });
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
