/** TypeScript as coloured HTML. By tokens alone: what cannot be told apart without a parser stays plain. */
import { escapeHtml } from './html-text.ts';

const KEYWORDS =
  'abstract any as asserts async await boolean break case catch class const continue debugger declare default delete do else enum export extends false finally for from function get if implements import in infer instanceof interface is keyof let namespace never new null number object of private protected public readonly return satisfies set static string super switch symbol this throw true try type typeof undefined unknown using var void while yield';
const isKeyword = new Set(KEYWORDS.split(' '));

/** One alternative per kind of token; a template is one token with what it embeds. What could be a regex has bounds. */
const TOKEN =
  /(?<comment>\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|(?<string>"(?:[^"\\\n]|\\[\s\S])*"?|'(?:[^'\\\n]|\\[\s\S])*'?|`(?:[^`\\]|\\[\s\S])*`?)|(?<regex>(?<=(?:^|[=(,:[!&|?{};+~>\n]|\breturn|\btypeof)[ \t]*)\/(?![/*])(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.){0,200}\]){1,1000}\/[a-z]*)|(?<number>\b(?:0[xob][\da-f_]+|\d[\d_]*(?:\.[\d_]+)?(?:e[+-]?\d+)?)n?\b)|(?<word>[A-Za-z_$][\w$]*)/gi;

const MAX_HIGHLIGHTED = 200_000;

export function codeHtml(source: string): string {
  if (source.length > MAX_HIGHLIGHTED) return escapeHtml(source);
  let html = '';
  let at = 0;
  for (const match of source.matchAll(TOKEN)) {
    html += escapeHtml(source.slice(at, match.index));
    at = match.index + match[0].length;
    const kind = kindOf(match.groups!, source, at);
    html += kind ? `<span class="${kind}">${escapeHtml(match[0])}</span>` : escapeHtml(match[0]);
  }
  return html + escapeHtml(source.slice(at));
}

function kindOf(groups: Record<string, string | undefined>, source: string, end: number): string | undefined {
  if (groups['comment'] !== undefined) return 'c';
  if (groups['string'] !== undefined || groups['regex'] !== undefined) return 's';
  if (groups['number'] !== undefined) return 'n';
  const word = groups['word']!;
  if (isKeyword.has(word)) return 'k';
  if (source[end] === '(') return 'f';
  return /^[A-Z]/.test(word) ? 't' : undefined;
}
