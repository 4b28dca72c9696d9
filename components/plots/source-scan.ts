/**
 * Just enough of TypeScript's lexis to find calls, their arguments and the properties of an object literal: strings,
 * templates, comments and regular expressions are skipped, brackets are matched. Never guesses: what it cannot follow
 * it reports as not found.
 */

const OPEN: Record<string, string> = { '(': ')', '[': ']', '{': '}' };
const IDENTIFIER = /[\p{ID_Continue}$]/u;
/** Before these a slash begins a regular expression. */
const BEFORE_REGEX = /(?:^|[(,=:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|in|of|void|delete|await|yield))$/;

/** The place after a string, template, comment or regular expression that begins at `at`; `at` when none does. */
function skipOpaque(text: string, at: number, before: string): number {
  const character = text[at];
  if (character === "'" || character === '"') return skipString(text, at, character);
  if (character === '`') return skipTemplate(text, at);
  if (character !== '/') return at;
  if (text[at + 1] === '/') {
    const end = text.indexOf('\n', at);
    return end < 0 ? text.length : end;
  }
  if (text[at + 1] === '*') {
    const end = text.indexOf('*/', at + 2);
    return end < 0 ? text.length : end + 2;
  }
  return BEFORE_REGEX.test(before) ? skipRegex(text, at) : at;
}

function skipString(text: string, at: number, quote: string): number {
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === quote) return i + 1;
    else if (text[i] === '\n') return i;
  }
  return text.length;
}

function skipTemplate(text: string, at: number): number {
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '`') return i + 1;
    else if (text[i] === '$' && text[i + 1] === '{') i = (matching(text, i + 1) ?? text.length) - 1;
  }
  return text.length;
}

function skipRegex(text: string, at: number): number {
  let inClass = false;
  for (let i = at + 1; i < text.length && text[i] !== '\n'; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '[') inClass = true;
    else if (text[i] === ']') inClass = false;
    else if (text[i] === '/' && !inClass) return i + 1;
  }
  return at;
}

export interface Token {
  start: number;
  end: number;
  /** One character of punctuation, or a word. */
  text: string;
  depth: number;
}

/** Words and punctuation from `from` on, without what is opaque; stops where brackets do not match. */
export function* tokens(text: string, from = 0, to = text.length): Generator<Token> {
  const closers: string[] = [];
  let before = '';
  for (let at = from; at < to; ) {
    const character = text[at]!;
    if (/\s/.test(character)) {
      at += 1;
      continue;
    }
    const after = skipOpaque(text, at, before);
    if (after > at) {
      // A value stands here: a slash after it divides. A comment is nothing.
      const comment = character === '/' && (text[at + 1] === '/' || text[at + 1] === '*');
      if (!comment) {
        yield { start: at, end: after, text: 'literal', depth: closers.length };
        before = 'x';
      }
      at = after;
      continue;
    }
    if (IDENTIFIER.test(character)) {
      let end = at;
      while (end < to && IDENTIFIER.test(text[end]!)) end++;
      yield { start: at, end, text: text.slice(at, end), depth: closers.length };
      before = text.slice(at, end);
      at = end;
      continue;
    }
    if (closers.at(-1) === character) closers.pop();
    else if (OPEN[character] === undefined && ')]}'.includes(character)) return;
    yield { start: at, end: at + 1, text: character, depth: closers.length };
    if (OPEN[character] !== undefined) closers.push(OPEN[character]);
    before = character;
    at += 1;
  }
}

/** The place after the bracket that closes the one at `at`. */
export function matching(text: string, at: number): number | undefined {
  for (const token of tokens(text, at)) {
    if (token.depth === 0 && token.start > at && token.text === OPEN[text[at]!]) return token.end;
  }
  return undefined;
}

export interface Span {
  start: number;
  end: number;
}

/** The parts between the commas inside brackets, without the space around them; `open` is the opening bracket. */
export function partsOf(text: string, open: number): Span[] | undefined {
  const end = matching(text, open);
  if (end === undefined) return undefined;
  const parts: Span[] = [];
  let part: Span | undefined;
  for (const token of tokens(text, open + 1, end - 1)) {
    if (token.depth === 0 && token.text === ',') {
      if (part) parts.push(part);
      part = undefined;
    } else if (part) part.end = token.end;
    else part = { start: token.start, end: token.end };
  }
  if (part) parts.push(part);
  return parts;
}
