/** The inline part of Markdown as HTML: code, emphasis, links, pictures. Raw HTML is shown as text, never run. */
import { escapeHtml } from './html-text.ts';

const SAFE_LINK = /^(https?:|mailto:|#|\.{0,2}\/|[^:]*$)/i;
const SAFE_IMAGE = /^data:image\/(png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=]*$/;
const TARGET = /^\(\s*<?([^\s<>()]*(?:\([^\s()]*\)[^\s<>()]*)*)>?(?:\s+(?:"[^"]*"|'[^']*'))?\s*\)/;

/** Index of the bracket that closes the one at `from`, or −1. */
function closing(text: string, from: number): number {
  let depth = 0;
  for (let i = from; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '[') depth++;
    else if (text[i] === ']' && --depth === 0) return i;
  }
  return -1;
}

function image(alt: string, url: string): string {
  if (SAFE_IMAGE.test(url)) return `<img src="${url}" alt="${escapeHtml(alt)}">`;
  const name = escapeHtml(alt || url);
  return SAFE_LINK.test(url) ? `<a href="${escapeHtml(url)}">${name}</a>` : name;
}

/** A link or picture that begins at `at`, and where it ends. */
function linkAt(text: string, at: number): { html: string; end: number } | undefined {
  const isImage = text[at] === '!';
  const open = isImage ? at + 1 : at;
  const close = closing(text, open);
  const target = close < 0 ? null : TARGET.exec(text.slice(close + 1));
  if (!target) return undefined;
  const [label, url] = [text.slice(open + 1, close), target[1]!];
  const end = close + 1 + target[0].length;
  if (isImage) return { html: image(label, url), end };
  const inner = inlineHtml(label);
  return { html: SAFE_LINK.test(url) ? `<a href="${escapeHtml(url)}">${inner}</a>` : inner, end };
}

const SPANS: [RegExp, string][] = [
  [/^\*\*(?=\S)([\s\S]*?\S)\*\*/, 'strong'],
  [/^__(?=\S)([\s\S]*?\S)__(?!\w)/, 'strong'],
  [/^~~(?=\S)([\s\S]*?\S)~~/, 'del'],
  [/^\*(?=[^\s*])([\s\S]*?[^\s*])\*(?!\*)/, 'em'],
  [/^_(?=[^\s_])([\s\S]*?[^\s_])_(?!\w)/, 'em'],
];
const BARE_URL = /^https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)]/;
/** Signs that may begin something other than text. */
const SPECIAL = /[\\`*_~[!<\nh]/;

export function inlineHtml(text: string): string {
  let html = '';
  for (let at = 0; at < text.length; ) {
    const rest = text.slice(at);
    const plain = rest.search(SPECIAL);
    if (plain !== 0) {
      html += escapeHtml(plain < 0 ? rest : rest.slice(0, plain));
      at += plain < 0 ? rest.length : plain;
      continue;
    }
    const found = special(text, at, rest);
    html += found.html;
    at = found.end;
  }
  return html;
}

function special(text: string, at: number, rest: string): { html: string; end: number } {
  const sign = rest[0]!;
  const literal = { html: escapeHtml(sign), end: at + 1 };
  if (sign === '\\') {
    if (rest[1] === '\n') return { html: '<br>\n', end: at + 2 };
    return /^\\[!-/:-@[-`{-~]/.test(rest) ? { html: escapeHtml(rest[1]!), end: at + 2 } : literal;
  }
  if (sign === '\n') return { html: / {2}$/.test(text.slice(0, at)) ? '<br>\n' : '\n', end: at + 1 };
  if (sign === '`') {
    const fence = /^`+/.exec(rest)![0];
    const end = new RegExp(`(?<!\`)${fence}(?!\`)`).exec(rest.slice(fence.length));
    if (!end) return { html: escapeHtml(fence), end: at + fence.length };
    const code = rest.slice(fence.length, fence.length + end.index).replaceAll('\n', ' ');
    const trimmed = /^ .*[^ ].* $/.test(code) ? code.slice(1, -1) : code;
    return { html: `<code>${escapeHtml(trimmed)}</code>`, end: at + 2 * fence.length + end.index };
  }
  if (sign === '[' || rest.startsWith('![')) return linkAt(text, at) ?? literal;
  const url = sign === '<' ? /^<(https?:\/\/[^\s<>]+)>/.exec(rest) : BARE_URL.exec(rest);
  if (url && !/\w$/.test(text.slice(0, at))) {
    const address = escapeHtml(url[1] ?? url[0]);
    return { html: `<a href="${address}">${address}</a>`, end: at + url[0].length };
  }
  // `a_b_c` is a name, not emphasis.
  if (sign === '_' && /\w$/.test(text.slice(0, at))) return literal;
  for (const [pattern, tag] of SPANS) {
    const span = pattern.exec(rest);
    if (span) return { html: `<${tag}>${inlineHtml(span[1]!)}</${tag}>`, end: at + span[0].length };
  }
  return literal;
}
