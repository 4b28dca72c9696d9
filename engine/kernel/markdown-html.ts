/**
 * Markdown as HTML for exported pages: headings, lists, tables, code, quotes, as GitHub reads them. The page itself
 * renders with its own library; this one needs nothing but Node. Raw HTML is shown as text, never run.
 */
import { codeHtml } from './code-html.ts';
import { escapeHtml } from './html-text.ts';
import { inlineHtml } from './markdown-inline.ts';

// Each reads a line once, however long: none has two parts that could share what they match.
const HEADING = /^ {0,3}(#{1,6})(?:\s(.*))?$/s;
const RULE = /^ {0,3}([-*_])(?:\s*\1){2,}\s*$/;
const FENCE = /^( {0,3})(`{3,}|~{3,}(?!~))([^`]*)$/;
const ITEM = /^( {0,3})([-*+]|\d{1,9}[.)])(?:\s+(.*)|)$/;
const QUOTE = /^ {0,3}> ?/;
const INDENTED = /^( {4}|\t)\s*\S/;
/** Quotes and lists inside each other, beyond which text stays text. */
const MAX_DEPTH = 20;

export function markdownHtml(text: string): string {
  return blocks(text.split(/\r?\n/), 0);
}

function blocks(lines: readonly string[], depth: number): string {
  const html: string[] = [];
  let at = 0;
  while (at < lines.length) {
    const block = depth > MAX_DEPTH ? undefined : blockAt(lines, at, depth);
    if (block) {
      html.push(block.html);
      at = block.end;
    } else if (lines[at]!.trim() === '') at += 1;
    else {
      const end = paragraphEnd(lines, at, depth);
      const body = lines.slice(at, end).map((line) => line.trimStart());
      const level = /^ {0,3}=+\s*$/.test(lines[end] ?? '')
        ? 1
        : /^ {0,3}-+\s*$/.test(lines[end] ?? '')
          ? 2
          : 0;
      const tag = level === 0 ? 'p' : `h${level}`;
      html.push(`<${tag}>${inlineHtml(body.join('\n').trimEnd())}</${tag}>`);
      at = end + (level === 0 ? 0 : 1);
    }
  }
  return html.filter((part) => part !== '').join('\n');
}

interface Block {
  html: string;
  end: number;
}

function paragraphEnd(lines: readonly string[], from: number, depth: number): number {
  let end = from + 1;
  while (end < lines.length) {
    const line = lines[end]!;
    if (line.trim() === '' || /^ {0,3}(=+|-+)\s*$/.test(line)) break;
    // A numbered list begins within a paragraph only with 1.
    const item = ITEM.exec(line);
    if (item ? item[3] && /^([-*+]|1[.)])$/.test(item[2]!) : depth <= MAX_DEPTH && beginsBlock(lines, end))
      break;
    end += 1;
  }
  return end;
}

/** Whether `blockAt` finds something other than a list, without making it: inner blocks would be made twice per level. */
function beginsBlock(lines: readonly string[], at: number): boolean {
  const line = lines[at]!;
  return (
    [HEADING, RULE, FENCE, QUOTE, INDENTED].some((pattern) => pattern.test(line)) ||
    delimitersOf(lines, at) !== undefined
  );
}

function blockAt(lines: readonly string[], at: number, depth: number): Block | undefined {
  const line = lines[at]!;
  const heading = HEADING.exec(line);
  if (heading) {
    const level = heading[1]!.length;
    return { html: `<h${level}>${inlineHtml(headingText(heading[2] ?? ''))}</h${level}>`, end: at + 1 };
  }
  if (RULE.test(line)) return { html: '<hr>', end: at + 1 };
  return (
    fence(lines, at) ??
    quote(lines, at, depth) ??
    list(lines, at, depth) ??
    table(lines, at) ??
    indented(lines, at)
  );
}

/** Without the signs that may close a heading. */
function headingText(text: string): string {
  const body = text.trim();
  let end = body.length;
  while (body[end - 1] === '#') end -= 1;
  return end === 0 || /\s/.test(body[end - 1]!) ? body.slice(0, end).trimEnd() : body;
}

function fence(lines: readonly string[], at: number): Block | undefined {
  const open = FENCE.exec(lines[at]!);
  if (!open) return undefined;
  const [, indent, sign, info] = open;
  const isEnd = (line: string) => {
    const run = line.trim();
    return run.length >= sign!.length && run === sign![0]!.repeat(run.length) && /^ {0,3}\S/.test(line);
  };
  let end = at + 1;
  while (end < lines.length && !isEnd(lines[end]!)) end += 1;
  const body = lines
    .slice(at + 1, end)
    .map((line) => line.replace(new RegExp(`^ {0,${indent!.length}}`), ''));
  const language = info!.trim().split(/\s/)[0]!.toLowerCase();
  const code = /^(ts|tsx|js|jsx|typescript|javascript)$/.test(language)
    ? codeHtml(body.join('\n'))
    : escapeHtml(body.join('\n'));
  return { html: `<pre><code>${code}</code></pre>`, end: end + 1 };
}

function indented(lines: readonly string[], at: number): Block | undefined {
  if (!INDENTED.test(lines[at]!)) return undefined;
  let end = at + 1;
  while (end < lines.length && /^( {4}|\t|\s*$)/.test(lines[end]!)) end += 1;
  const body = lines.slice(at, end).map((line) => line.replace(/^( {4}|\t)/, ''));
  return { html: `<pre><code>${escapeHtml(body.join('\n').trimEnd())}</code></pre>`, end };
}

function quote(lines: readonly string[], at: number, depth: number): Block | undefined {
  if (!QUOTE.test(lines[at]!)) return undefined;
  let end = at + 1;
  while (
    end < lines.length &&
    lines[end]!.trim() !== '' &&
    (QUOTE.test(lines[end]!) || !ITEM.test(lines[end]!))
  )
    end += 1;
  const body = lines.slice(at, end).map((line) => line.replace(QUOTE, ''));
  return { html: `<blockquote>${blocks(body, depth + 1)}</blockquote>`, end };
}

function list(lines: readonly string[], at: number, depth: number): Block | undefined {
  const first = ITEM.exec(lines[at]!);
  if (!first) return undefined;
  const isOrdered = /\d/.test(first[2]!);
  const items: string[][] = [];
  let width = 0;
  let end = at;
  for (; end < lines.length; end++) {
    const line = lines[end]!;
    const item = RULE.test(line) ? null : ITEM.exec(line);
    if (line.trim() !== '' && /^\s*/.exec(line)![0].length >= width && items.length > 0)
      items.at(-1)!.push(line.slice(width));
    else if (item && /\d/.test(item[2]!) === isOrdered) {
      width = item[1]!.length + item[2]!.length + 1;
      items.push([item[3] ?? '']);
    } else if (line.trim() === '' && continues(lines, end + 1, width)) items.at(-1)!.push('');
    else if (line.trim() !== '' && !item && lines[end - 1]!.trim() !== '' && !beginsBlock(lines, end))
      items.at(-1)!.push(line.trimStart());
    else break;
  }
  const isLoose = items.some((item) => item.slice(0, -1).includes(''));
  const inner = items.map((item) => `<li>${itemHtml(item, isLoose, depth)}</li>`).join('\n');
  const start = Number.parseInt(first[2]!, 10);
  const tag = isOrdered ? 'ol' : 'ul';
  const from = isOrdered && start !== 1 ? ` start="${start}"` : '';
  return { html: `<${tag}${from}>\n${inner}\n</${tag}>`, end };
}

/** After a blank line the list goes on with an item or a line as deep as its text. */
function continues(lines: readonly string[], at: number, width: number): boolean {
  const next = lines.slice(at).find((line) => line.trim() !== '');
  return next !== undefined && (/^\s*/.exec(next)![0].length >= width || ITEM.test(next)) && !RULE.test(next);
}

function itemHtml(lines: string[], isLoose: boolean, depth: number): string {
  const task = /^\[([ xX])\]\s+/.exec(lines[0]!);
  const body = task ? [lines[0]!.slice(task[0].length), ...lines.slice(1)] : lines;
  const box = task ? `<input type="checkbox" disabled${task[1] === ' ' ? '' : ' checked'}> ` : '';
  const html = blocks(body, depth + 1);
  return box + (isLoose ? html : html.replace(/^<p>([\s\S]*?)<\/p>/, '$1'));
}

function rowTexts(line: string): string[] {
  const cells = line
    .trim()
    .replace(/^\|/, '')
    .split(/(?<!\\)\|/);
  if (cells.at(-1)!.trim() === '') cells.pop();
  return cells;
}

const rowCells = (line: string) =>
  rowTexts(line).map((cell) => inlineHtml(cell.trim().replaceAll('\\|', '|')));

/** The line below the head of a table, by column; undefined when no table begins here. */
function delimitersOf(lines: readonly string[], at: number): string[] | undefined {
  const [head, delimiters] = [lines[at]!, lines[at + 1] ?? ''];
  if (!head.includes('|') || !/^ {0,3}[|:-]/.test(delimiters)) return undefined;
  const sides = delimiters
    .trim()
    .replace(/^\||\|$/g, '')
    .split('|');
  const known = sides.every((side) => /^:?-+:?$/.test(side.trim()));
  return known && sides.length === rowTexts(head).length ? sides : undefined;
}

function table(lines: readonly string[], at: number): Block | undefined {
  const delimiters = delimitersOf(lines, at);
  if (!delimiters) return undefined;
  const names = rowCells(lines[at]!);
  const sides = delimiters.map((side) =>
    /-:$/.test(side.trim()) ? (/^:/.test(side.trim()) ? 'center' : 'right') : '',
  );
  let end = at + 2;
  while (end < lines.length && lines[end]!.trim() !== '' && lines[end]!.includes('|')) end += 1;
  const style = (i: number) => (sides[i] ? ` style="text-align:${sides[i]}"` : '');
  const row = (cells: string[], tag: string) =>
    `<tr>${names.map((_, i) => `<${tag}${style(i)}>${cells[i] ?? ''}</${tag}>`).join('')}</tr>`;
  const body = lines.slice(at + 2, end).map((line) => row(rowCells(line), 'td'));
  const html = `<table>\n<thead>${row(names, 'th')}</thead>\n<tbody>\n${body.join('\n')}\n</tbody>\n</table>`;
  return { html, end };
}
