/** The call of `plot` in a cell's text: found again after edits, its options rewritten property by property. Pure. */
import { matching, partsOf, type Span, tokens } from './source-scan.ts';

export interface PlotCall extends Span {
  /** The opening bracket of the arguments. */
  open: number;
  data?: Span;
  options?: Span;
}

/** All calls of `plot`, in the order of the text. */
export function plotCalls(source: string): PlotCall[] {
  const calls: PlotCall[] = [];
  let previous: string | undefined;
  let word: { start: number } | undefined;
  for (const token of tokens(source)) {
    if (word && token.text === '(') {
      const end = matching(source, token.start);
      const parts = partsOf(source, token.start);
      if (end !== undefined && parts) {
        const [data, options] = parts;
        calls.push({
          start: word.start,
          end,
          open: token.start,
          ...(data && { data }),
          ...(options && { options }),
        });
      }
    }
    const called = token.text === 'plot' && previous !== '.' && previous !== 'function';
    word = called ? token : undefined;
    previous = token.text;
  }
  return calls;
}

export interface Place {
  line: number;
  column: number;
}

function offsetOf(source: string, { line, column }: Place): number {
  let at = 0;
  for (let i = 1; i < line; i++) {
    const next = source.indexOf('\n', at);
    if (next < 0) return source.length;
    at = next + 1;
  }
  return at + column - 1;
}

/**
 * The call that made a plot: at its place while the text is the one that ran, later the one in the same turn as long
 * as there are as many.
 */
export function findPlotCall(
  source: string,
  ranSource: string | undefined,
  place: Place,
): PlotCall | undefined {
  if (ranSource === undefined) return undefined;
  const then = plotCalls(ranSource);
  const turn = then.findIndex(({ start }) => start === offsetOf(ranSource, place));
  if (turn < 0) return undefined;
  const now = plotCalls(source);
  if (source === ranSource || now.length === then.length) return now[turn];
  return undefined;
}

/** What a plot was made of, as the text that ran says it: `rows.filter(isNew)`. */
export function plottedText(ranSource: string | undefined, place: Place): string | undefined {
  if (ranSource === undefined) return undefined;
  const { data } = plotCalls(ranSource).find(({ start }) => start === offsetOf(ranSource, place)) ?? {};
  return data && ranSource.slice(data.start, data.end);
}

export interface Property extends Span {
  name: string;
  value: Span;
}

/** The properties of an object literal; undefined when it holds what cannot be rewritten, such as a spread. */
function propertiesOf(source: string, literal: Span): Property[] | undefined {
  if (source[literal.start] !== '{') return undefined;
  if (matching(source, literal.start) !== literal.end) return undefined;
  const properties: Property[] = [];
  for (const part of partsOf(source, literal.start) ?? []) {
    const text = source.slice(part.start, part.end);
    const named = /^(?:([\p{ID_Start}$_][\p{ID_Continue}$]*)|'([^'\\\n]*)'|"([^"\\\n]*)")\s*:\s*/u.exec(text);
    if (!named) return undefined;
    const name = named[1] ?? named[2] ?? named[3]!;
    properties.push({ ...part, name, value: { start: part.start + named[0].length, end: part.end } });
  }
  return properties;
}

/** A value of a spec as it is written in code. */
export function codeOf(value: unknown): string {
  if (typeof value === 'string') {
    const escaped = JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
    return `'${escaped}'`;
  }
  if (Array.isArray(value)) return `[${value.map(codeOf).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const parts = Object.entries(value)
      .filter(([, part]) => part !== undefined)
      .map(([name, part]) => `${keyOf(name)}: ${codeOf(part)}`);
    return parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`;
  }
  return JSON.stringify(value);
}

function keyOf(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : codeOf(name);
}

/** What changes: a value, or undefined for an option that goes. */
export type Changes = Readonly<Record<string, unknown>>;

/**
 * The text with the options of `call` changed and all else as it was; undefined when they are not a plain literal.
 * What is in `absent` is written where the code does not say it.
 */
export function rewriteCall(
  source: string,
  call: PlotCall,
  changes: Changes,
  absent: Changes = {},
): string | undefined {
  if (!call.data) return undefined;
  const said = call.options ? propertiesOf(source, call.options) : [];
  if (!said) return undefined;
  const known = new Set(said.map(({ name }) => name));
  const filled = Object.entries(absent).filter(([name]) => !known.has(name) && !(name in changes));
  const entries = [...filled, ...Object.entries(changes)];
  if (!call.options) {
    const set = Object.fromEntries(entries.filter(([, value]) => value !== undefined));
    if (Object.keys(set).length === 0) return source;
    return `${source.slice(0, call.data.end)}, ${codeOf(set)}${source.slice(call.data.end)}`;
  }
  let text = source;
  let { options } = call;
  for (const [name, value] of entries) {
    const properties = propertiesOf(text, options);
    if (!properties) return undefined;
    const changed = changeOne(text, options, properties, name, value);
    options = { start: options.start, end: options.end + changed.length - text.length };
    text = changed;
  }
  return text;
}

function changeOne(
  text: string,
  literal: Span,
  properties: readonly Property[],
  name: string,
  value: unknown,
): string {
  const index = properties.findIndex((property) => property.name === name);
  const known = properties[index];
  if (known && value !== undefined)
    return text.slice(0, known.value.start) + codeOf(value) + text.slice(known.value.end);
  if (known) {
    const next = properties[index + 1];
    const before = properties[index - 1];
    // With the comma that separated it.
    const [from, to] = next ? [known.start, next.start] : [before ? before.end : known.start, known.end];
    return text.slice(0, from) + text.slice(to);
  }
  if (value === undefined) return text;
  const written = `${keyOf(name)}: ${codeOf(value)}`;
  const last = properties.at(-1);
  if (!last) return `${text.slice(0, literal.start)}{ ${written} }${text.slice(literal.end)}`;
  const own = /\n([ \t]*)[^\n]*$/.exec(text.slice(literal.start, last.start + 1));
  return `${text.slice(0, last.end)},${own ? `\n${own[1]}` : ' '}${written}${text.slice(last.end)}`;
}

/** The text with a call of its own for the plot, at the end. */
export function appendCall(source: string, data: string, spec: object): string {
  const end = source.trimEnd();
  return `${end}${end === '' ? '' : '\n'}plot(${data}, ${codeOf(spec)});\n`;
}
