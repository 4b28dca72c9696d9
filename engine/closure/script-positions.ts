/** Scripts made from user code in this process, by script name: ways from V8's positions to the user's text. */
import type { Node } from 'oxc-parser';
import type { CallSite } from '../protocol.ts';
import type { EditedText } from './edit-list.ts';
import {
  lineStarts,
  offsetAt,
  originalPosition,
  type Position,
  positionAt,
  type SourceText,
} from './source-text.ts';

export interface CallRange {
  start: number;
  end: number;
  name: string;
}

const MAX_SCRIPTS = 2000;
const scripts = new Map<string, ScriptMap>();

/** What is known of one script by V8's positions in it. */
export interface ScriptMap {
  source: { file: string; cellId?: string };
  map(position: Position): Position;
  callSite(position: Position): CallSite | undefined;
}

export class ScriptPositions implements ScriptMap {
  readonly source: SourceText;
  readonly #edited: EditedText;
  readonly #generatedStarts: number[];
  readonly #starts: number[];
  readonly #calls: ReadonlyMap<number, CallRange>;

  constructor(source: SourceText, edited: EditedText, calls: ReadonlyMap<number, CallRange>) {
    this.source = source;
    this.#edited = edited;
    this.#calls = calls;
    this.#generatedStarts = lineStarts(edited.text);
    this.#starts = lineStarts(source.text);
  }

  #offset(position: Position): number {
    return this.#edited.oldOffset(offsetAt(this.#generatedStarts, this.#edited.text.length, position));
  }

  #position(offset: number): Position {
    return originalPosition(this.source, positionAt(this.#starts, offset));
  }

  map(position: Position): Position {
    return this.#position(this.#offset(position));
  }

  callSite(position: Position): CallSite | undefined {
    const call = this.#calls.get(this.#offset(position));
    if (!call) return undefined;
    const { file, cellId } = this.source;
    const end = this.#position(call.end);
    return {
      file,
      cellId,
      ...this.#position(call.start),
      endLine: end.line,
      endColumn: end.column,
      name: call.name,
    };
  }
}

export function registerScript(name: string, positions: ScriptMap): void {
  scripts.delete(name);
  scripts.set(name, positions);
  if (scripts.size > MAX_SCRIPTS) scripts.delete(scripts.keys().next().value as string);
}

export function scriptPositions(name: string): ScriptMap | undefined {
  return scripts.get(name);
}

/** Adds `node`, when it is a call, under the offsets at which V8 may report it. */
export function indexCall(node: Node, text: string, calls: Map<number, CallRange>): void {
  if (node.type !== 'CallExpression') return;
  const { callee } = node;
  const property = callee.type === 'MemberExpression' && !callee.computed ? callee.property : undefined;
  const named = property ?? (callee.type === 'Identifier' ? callee : undefined);
  const name = named && 'name' in named ? named.name : 'call';
  const range = { start: (named ?? callee).start, end: node.end, name };
  if (named) calls.set(named.start, range);
  calls.set(text.indexOf('(', callee.end), range);
}
