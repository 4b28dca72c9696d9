/** Errors as the user should see them: only frames of user code, at the positions the user wrote. */
import { fileURLToPath } from 'node:url';
import { errorToData } from '../errors.ts';
import type { ErrorData, ErrorFrame } from '../protocol.ts';
import { scriptPositions } from './script-positions.ts';
import { isUserFile } from './user-code.ts';

/** `at name (where:line:column)`, `at where:line:column`, each also behind `async`. */
const FRAME = /^\s*at (?:async )?(?:(.*?) \()?([^()]*?|.*):(\d+):(\d+)\)?$/;
const MAX_STACK = 100_000;

export interface Located {
  file: string;
  cellId?: string;
  line: number;
  column: number;
}

/** Where in user code a position V8 reports lies; undefined for engine, package and Node code. */
export function userPosition(script: string, line: number, column: number): Located | undefined {
  const known = scriptPositions(script);
  if (known) return { ...known.source, ...known.map({ line, column }), file: known.source.file };
  if (script.startsWith('cell:')) return { file: script, cellId: script.slice('cell:'.length), line, column };
  if (!isUserFile(script)) return undefined;
  return {
    file: script.startsWith('file:') ? fileURLToPath(script.replace(/\?.*$/, '')) : script,
    line,
    column,
  };
}

function located(position: Located): Located {
  const { file, cellId, line, column } = position;
  return cellId === undefined ? { file, line, column } : { file, cellId, line, column };
}

function frameOf(text: string): ErrorFrame | undefined {
  const match = FRAME.exec(text);
  if (!match) return undefined;
  const position = userPosition(match[2] as string, Number(match[3]), Number(match[4]));
  if (!position) return undefined;
  const functionName = match[1]
    ?.replace(/^(Object|Function|Module|Array|String)\./, '')
    .replace(/ \[as .*\]$/, '');
  const named = functionName && !/^(<anonymous>|\$\$\$|compiled$)/.test(functionName);
  return named ? { ...located(position), functionName } : located(position);
}

function stackOf(error: unknown): string {
  try {
    const { stack } = error as { stack?: unknown };
    return typeof stack === 'string' ? stack.slice(0, MAX_STACK) : '';
  } catch {
    return '';
  }
}

/** Innermost first. Total: answers [] for what is no error. */
function userFrames(error: unknown): ErrorFrame[] {
  const frames: ErrorFrame[] = [];
  for (const line of stackOf(error).split('\n')) {
    const frame = frameOf(line);
    if (frame) frames.push(frame);
  }
  return frames;
}

/** Names the compiler put into V8's messages, back to what the user wrote. */
function plainMessage(message: string): string {
  if (!message.includes('$$$')) return message;
  return message
    .replace(/\(0\s*,\s*\$\$\$s\.([\p{ID_Continue}$]+)\)/gu, '$1')
    .replace(/\$\$\$[sk]\./g, '')
    .replace(/\$\$\$v_/g, '');
}

function plainStack(message: string, frames: ErrorFrame[]): string {
  const lines = frames.map(({ functionName, file, line, column }) => {
    const where = `${file}:${line}:${column}`;
    return functionName ? `    at ${functionName} (${where})` : `    at ${where}`;
  });
  return [message, ...lines].join('\n');
}

/** Anything thrown as data, at the user's own position; causes too. */
export function withUserPosition(error: unknown): ErrorData {
  const data = errorToData(error);
  let at: ErrorData | undefined = data;
  let thrown: unknown = error;
  while (at) {
    at.message = plainMessage(at.message);
    const frames = userFrames(thrown);
    if (frames.length > 0) {
      at.frames ??= frames;
      at.position ??= located(frames[0] as ErrorFrame);
      at.stack = plainStack(`${at.name}: ${at.message}`, frames);
    }
    at = at.cause;
    thrown = causeOf(thrown);
  }
  return data;
}

function causeOf(thrown: unknown): unknown {
  try {
    return (thrown as { cause?: unknown }).cause;
  } catch {
    return undefined;
  }
}
