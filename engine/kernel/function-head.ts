/** What a function says of itself at its beginning: whether it is a class, and how it is called. Nothing is called. */
import { types } from 'node:util';
import { ownValue, sourceOf } from './own-properties.ts';

/** Characters of a function's text that are read. */
const READ = 2_000;
const SHOWN = 80;

export interface FunctionHead {
  kind: 'function' | 'class';
  /** `(a, b) => …`, `async (url) => …`, `class Point extends Base`. */
  type: string;
}

export function functionHead(fn: object): FunctionHead {
  const text = sourceOf(fn).slice(0, READ).replace(/\s+/g, ' ');
  const name = ownValue(fn, 'name');
  if (/^class\b/.test(text)) {
    const parent = /^class(?: [\w$]+)? extends ([\w$.]{1,60})/.exec(text)?.[1];
    return {
      kind: 'class',
      type: `class ${typeof name === 'string' && name !== '' ? name.slice(0, 60) : '(anonymous)'}${parent ? ` extends ${parent}` : ''}`,
    };
  }
  const isAsync = types.isAsyncFunction(fn) || /^async\b/.test(text);
  const star = types.isGeneratorFunction(fn) ? '*' : '';
  const parameters = / \{ \[native code\] \}$/.test(text) ? '(…)' : parametersOf(text);
  return { kind: 'function', type: `${isAsync ? 'async ' : ''}${star}${parameters} => …` };
}

/** The text between the first parentheses, or the one name before an arrow. */
function parametersOf(text: string): string {
  const single = /^(?:async )?([\p{L}_$][\p{L}\p{N}_$]*) ?=>/u.exec(text);
  if (single) return `(${single[1]})`;
  const open = text.indexOf('(');
  if (open < 0) return '(…)';
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    const char = text[at];
    if (char === '(' || char === '[' || char === '{') depth++;
    else if (char === ')' || char === ']' || char === '}') depth--;
    if (depth === 0) {
      const inner = text
        .slice(open + 1, at)
        .trim()
        .replace(/ ,/g, ',')
        .replace(/,$/, '');
      return inner.length > SHOWN ? `(${inner.slice(0, SHOWN)}…)` : `(${inner})`;
    }
  }
  return '(…)';
}
