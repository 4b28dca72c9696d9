/** The inline part of Markdown as HTML: code, emphasis, links, pictures. Raw HTML is shown as text, never run. */
import { escapeHtml } from './html-text.ts';

const SAFE_LINK = /^(https?:|mailto:|#|\.{0,2}\/|[^:]*$)/i;
const SAFE_IMAGE = /^data:image\/(png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=]*$/;
const TARGET = /^\(\s*<?([^\s<>()]*(?:\([^\s()]*\)[^\s<>()]*)*)>?(?:\s+(?:"[^"]*"|'[^']*'))?\s*\)/;

/** Links and emphasis inside each other, beyond which signs stay text. */
const MAX_DEPTH = 20;

/** One text on its way to HTML: what was found out once is not searched for again at every later sign. */
interface Scan {
  text: string;
  depth: number;
  /** By opening bracket, the one that closes it. */
  brackets?: Map<number, number>;
  /** What has no end behind the present place: tags, and fences of so many backticks. */
  endless: Set<string>;
}

function bracketsOf(text: string): Map<number, number> {
  const pairs = new Map<number, number>();
  const open: number[] = [];
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '[') open.push(i);
    else if (text[i] === ']' && open.length > 0) pairs.set(open.pop()!, i);
  }
  return pairs;
}

function image(alt: string, url: string): string {
  if (SAFE_IMAGE.test(url)) return `<img src="${url}" alt="${escapeHtml(alt)}">`;
  const name = escapeHtml(alt || url);
  return SAFE_LINK.test(url) ? `<a href="${escapeHtml(url)}">${name}</a>` : name;
}

/** A link or picture that begins at `at`, and where it ends. */
function linkAt(scan: Scan, at: number): { html: string; end: number } | undefined {
  const { text, depth } = scan;
  scan.brackets ??= bracketsOf(text);
  const isImage = text[at] === '!';
  const open = isImage ? at + 1 : at;
  const close = scan.brackets.get(open);
  const target = close === undefined ? null : TARGET.exec(text.slice(close + 1));
  if (close === undefined || !target || depth >= MAX_DEPTH) return undefined;
  const [label, url] = [text.slice(open + 1, close), target[1]!];
  const end = close + 1 + target[0].length;
  if (isImage) return { html: image(label, url), end };
  const inner = inlineHtml(label, depth + 1);
  return { html: SAFE_LINK.test(url) ? `<a href="${escapeHtml(url)}">${inner}</a>` : inner, end };
}

/** How a span begins, what it is, and where it ends: behind the shortest text that can be one. */
const SPANS: { open: RegExp; span: RegExp; tag: string }[] = [
  { open: /^\*\*(?=\S)/, span: /^\*\*([\s\S]*?\S)\*\*/, tag: 'strong' },
  { open: /^__(?=\S)/, span: /^__([\s\S]*?\S)__(?!\w)/, tag: 'strong' },
  { open: /^~~(?=\S)/, span: /^~~([\s\S]*?\S)~~/, tag: 'del' },
  { open: /^\*(?=[^\s*])/, span: /^\*([\s\S]*?[^\s*])\*(?!\*)/, tag: 'em' },
  { open: /^_(?=[^\s_])/, span: /^_([\s\S]*?[^\s_])_(?!\w)/, tag: 'em' },
];
const BARE_URL = /^https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)]/;
/** Signs that may begin something other than text. */
const SPECIAL = /[\\`*_~[!<\nh]/;

export function inlineHtml(text: string, depth = 0): string {
  const scan: Scan = { text, depth, endless: new Set() };
  let html = '';
  for (let at = 0; at < text.length; ) {
    const rest = text.slice(at);
    const plain = rest.search(SPECIAL);
    if (plain !== 0) {
      html += escapeHtml(plain < 0 ? rest : rest.slice(0, plain));
      at += plain < 0 ? rest.length : plain;
      continue;
    }
    const found = special(scan, at, rest);
    html += found.html;
    at = found.end;
  }
  return html;
}

function special(scan: Scan, at: number, rest: string): { html: string; end: number } {
  const { text, depth, endless } = scan;
  const sign = rest[0]!;
  const behindWord = at > 0 && /\w/.test(text[at - 1]!);
  const literal = { html: escapeHtml(sign), end: at + 1 };
  if (sign === '\\') {
    if (rest[1] === '\n') return { html: '<br>\n', end: at + 2 };
    return /^\\[!-/:-@[-`{-~]/.test(rest) ? { html: escapeHtml(rest[1]!), end: at + 2 } : literal;
  }
  if (sign === '\n')
    return { html: text.slice(Math.max(0, at - 2), at) === '  ' ? '<br>\n' : '\n', end: at + 1 };
  if (sign === '`') {
    const fence = /^`+/.exec(rest)![0];
    const end = endless.has(fence)
      ? null
      : new RegExp(`(?<!\`)${fence}(?!\`)`).exec(rest.slice(fence.length));
    if (!end) {
      endless.add(fence);
      return { html: escapeHtml(fence), end: at + fence.length };
    }
    const code = rest.slice(fence.length, fence.length + end.index).replaceAll('\n', ' ');
    const trimmed = /^ .*[^ ].* $/.test(code) ? code.slice(1, -1) : code;
    return { html: `<code>${escapeHtml(trimmed)}</code>`, end: at + 2 * fence.length + end.index };
  }
  if (sign === '[' || rest.startsWith('![')) return linkAt(scan, at) ?? literal;
  const url = behindWord ? null : sign === '<' ? /^<(https?:\/\/[^\s<>]+)>/.exec(rest) : BARE_URL.exec(rest);
  if (url) {
    const address = escapeHtml(url[1] ?? url[0]);
    return { html: `<a href="${address}">${address}</a>`, end: at + url[0].length };
  }
  // `a_b_c` is a name, not emphasis.
  if (sign === '_' && behindWord) return literal;
  if (depth >= MAX_DEPTH) return literal;
  for (const { open, span, tag } of SPANS) {
    const key = open.source;
    if (endless.has(key) || !open.test(rest)) continue;
    const found = span.exec(rest);
    if (found)
      return { html: `<${tag}>${inlineHtml(found[1]!, depth + 1)}</${tag}>`, end: at + found[0].length };
    // It began, so it is the end that is missing, here and from every later sign.
    endless.add(key);
  }
  return literal;
}
