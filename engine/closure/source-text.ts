/** A piece of user code as JavaScript: types blanked in place, positions and their way back to what the user wrote. */
import { createHash } from 'node:crypto';
import { SourceMap, stripTypeScriptTypes } from 'node:module';
import { StagelightError } from '../errors.ts';
import { syntaxErrorOf } from './parse.ts';
import { quietly } from './quiet.ts';

export interface Position {
  line: number;
  column: number;
}

export interface SourceText {
  /** Shown to the user: a path, or `cell:<cellId>`. */
  file: string;
  cellId?: string;
  /** JavaScript. Same lines and columns as the user's text unless `mappings` is there. */
  text: string;
  /** Source map mappings back to the user's text, when enums, namespaces or parameter properties were lowered. */
  mappings?: string;
}

/** The hash by which content is recognised: long enough that equal means same. */
export function contentHash(...parts: (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex').slice(0, 32);
}

function strip(source: string, options: Parameters<typeof stripTypeScriptTypes>[1]): string {
  return quietly('stripTypeScriptTypes', () => stripTypeScriptTypes(source, options));
}

/** Typed for a later Node, which lacks it. */
const TRANSFORM = { mode: 'transform', sourceMap: true } as object;

const SOURCE_MAP = /\n*\/\/# sourceMappingURL=data:application\/json;base64,([\w+/=]+)\s*$/;

/** TypeScript (or JavaScript) to JavaScript. Throws a StagelightError SYNTAX at the user's position. */
export function toJavaScript(written: string, where: { file: string; cellId?: string }): SourceText {
  // A first line for the shell becomes a comment of the same length.
  const source = written.startsWith('#!') ? `//${written.slice(2)}` : written;
  try {
    return { ...where, text: strip(source, { mode: 'strip' }) };
  } catch (stripError) {
    if ((stripError as { code?: string }).code !== 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') {
      throw syntaxErrorOf(source, where, stripError);
    }
  }
  try {
    const lowered = strip(source, TRANSFORM);
    const match = SOURCE_MAP.exec(lowered);
    const map = JSON.parse(Buffer.from(match?.[1] ?? '', 'base64').toString('utf8')) as { mappings: string };
    return { ...where, text: lowered.slice(0, match?.index), mappings: map.mappings };
  } catch (transformError) {
    throw syntaxErrorOf(source, where, transformError);
  }
}

/** Start offset of every line. */
export function lineStarts(text: string): number[] {
  const starts = [0];
  for (let i = text.indexOf('\n'); i !== -1; i = text.indexOf('\n', i + 1)) starts.push(i + 1);
  return starts;
}

export function positionAt(starts: number[], offset: number): Position {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] as number) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - (starts[low] as number) + 1 };
}

export function offsetAt(starts: number[], length: number, { line, column }: Position): number {
  const start = starts[Math.min(Math.max(line, 1), starts.length) - 1] as number;
  const end = starts[line] === undefined ? length : (starts[line] as number) - 1;
  return Math.min(start + Math.max(column, 1) - 1, end);
}

const sourceMaps = new WeakMap<object, SourceMap>();

/** A position in `source.text` as the position in what the user wrote. */
export function originalPosition(source: Pick<SourceText, 'mappings'>, position: Position): Position {
  if (source.mappings === undefined) return position;
  let map = sourceMaps.get(source);
  if (!map) {
    map = new SourceMap({ version: 3, sources: [''], names: [], mappings: source.mappings } as never);
    sourceMaps.set(source, map);
  }
  const entry = map.findEntry(position.line - 1, position.column - 1);
  if (!('originalLine' in entry)) return position;
  return { line: entry.originalLine + 1, column: entry.originalColumn + 1 };
}

/** An error about a place in `source.text`, told at the user's position. */
export function errorAt(
  source: SourceText,
  at: number,
  code: string,
  message: string,
  hint?: string,
): StagelightError {
  const position = originalPosition(source, positionAt(lineStarts(source.text), at));
  return new StagelightError(code, message, {
    hint,
    position: { file: source.file, cellId: source.cellId, ...position },
  });
}
