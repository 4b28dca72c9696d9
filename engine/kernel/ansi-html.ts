/** Terminal text as HTML: colours and weights of ANSI sequences, all other sequences left out. */
import { escapeHtml } from './html-text.ts';

const ESC = String.fromCharCode(27);
const SEQUENCE = new RegExp(
  `${ESC}\\[([0-9;]*)m|${ESC}(?:\\[[0-?]*[ -/]*[@-~]|\\][^${ESC}\\u0007]*(?:\\u0007|${ESC}\\\\)|.)`,
  'g',
);
const MAX_STYLED = 500_000;

function applied(style: ReadonlySet<string>, codes: string): ReadonlySet<string> {
  const next = new Set(style);
  const drop = (pattern: RegExp) => {
    for (const name of next) if (pattern.test(name)) next.delete(name);
  };
  const list = codes.split(';').map(Number);
  for (let i = 0; i < list.length; i++) {
    const code = list[i]!;
    if (code === 0) next.clear();
    else if (code === 1) next.add('b');
    else if (code === 2) next.add('d');
    else if (code === 3) next.add('i');
    else if (code === 4) next.add('u');
    else if (code === 22) drop(/^[bd]$/);
    else if (code === 23) next.delete('i');
    else if (code === 24) next.delete('u');
    else if (code === 39 || (code >= 30 && code <= 37) || (code >= 90 && code <= 97)) {
      drop(/^a\d$/);
      if (code !== 39) next.add(`a${code % 10}`);
    } else if (code === 38 || code === 48) i += list[i + 1] === 5 ? 2 : 4;
  }
  return next;
}

export function ansiHtml(text: string): string {
  if (!text.includes(ESC) || text.length > MAX_STYLED) return escapeHtml(text.replace(SEQUENCE, ''));
  let html = '';
  let at = 0;
  let style: ReadonlySet<string> = new Set();
  const put = (part: string) => {
    if (part === '') return;
    html +=
      style.size > 0 ? `<span class="${[...style].join(' ')}">${escapeHtml(part)}</span>` : escapeHtml(part);
  };
  for (const match of text.matchAll(SEQUENCE)) {
    put(text.slice(at, match.index));
    at = match.index + match[0].length;
    if (match[1] !== undefined) style = applied(style, match[1]);
  }
  put(text.slice(at));
  return html;
}
