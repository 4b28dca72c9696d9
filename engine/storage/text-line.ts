/** A row as a line of text, for files and for external programs. */
import { types } from 'node:util';
import { errorToData, StagelightError } from '../errors.ts';
import { rawJson } from './json-lines.ts';
import { isPlainObject } from './plain-object.ts';
import { nestingOf, rowTooDeep } from './row-depth.ts';

/** How deep rows may be nested that V8 makes JSON of depends on what is on the stack: these have room always. */
const SURE_LEVELS = 1000;

/** Strings as they are, other scalars and what `ownText` says as `String` shows them, arrays and objects as JSON; see `jsonPart`. */
export function lineOf(row: unknown, index: number): string {
  if (typeof row === 'string') return row;
  if (row instanceof Date) return Number.isNaN(row.getTime()) ? 'Invalid Date' : row.toISOString();
  if (typeof row !== 'object' || row === null) return String(row);
  try {
    return ownText(row) ?? JSON.stringify(row, jsonPart);
  } catch (error) {
    throw notJson(error, row, `row ${index}`);
  }
}

/** Bigints without the `n` at any depth, maps as their entries, sets and bytes as their values, see `ownText`: JSON shows none of them. */
function jsonPart(this: Record<string, unknown>, key: string, value: unknown): unknown {
  if (typeof value === 'bigint' || types.isBigIntObject(value)) return rawJson(value.toString());
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  if (value instanceof Map || value instanceof Set) return [...value];
  if (ArrayBuffer.isView(value))
    return Array.from(value instanceof DataView ? bytesOf(value) : (value as Uint8Array));
  // Made by the `toJSON` of Node's buffers, which are plain bytes once they have travelled.
  if ((value as { type?: unknown }).type === 'Buffer' && Buffer.isBuffer(this[key])) return [...this[key]];
  if (types.isAnyArrayBuffer(value)) return Array.from(new Uint8Array(value));
  return types.isBoxedPrimitive(value) ? value : (ownText(value) ?? value);
}

function bytesOf({ buffer, byteOffset, byteLength }: DataView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Of what JSON says nothing of though it has a text: errors, regular expressions, other instances without fields but with a `toString`. */
function ownText(value: object): string | undefined {
  if (isPlainObject(value) || Array.isArray(value) || hasParts(value)) return undefined;
  const { toJSON, toString: ownString } = value as { toJSON?: unknown; toString?: unknown };
  if (typeof toJSON === 'function' || typeof ownString !== 'function') return undefined;
  if (!types.isNativeError(value) && Object.keys(value).length > 0) return undefined;
  const text = String(value);
  return text.startsWith('[object ') ? undefined : text;
}

function hasParts(value: object): boolean {
  return value instanceof Map || value instanceof Set || ArrayBuffer.isView(value);
}

/** A `toJSON` of the user's may throw anything. */
function notJson(error: unknown, row: object, which: string): StagelightError {
  const isCycle = error instanceof TypeError && /circular structure/.test(error.message);
  const isOverflow = error instanceof RangeError && /call stack/.test(error.message);
  if (isCycle || isOverflow) {
    const nesting = nestingOf(row);
    if (nesting.holdsItself || nesting.levels > SURE_LEVELS) {
      const takes = 'a task has not the stack to write all of them as JSON';
      return rowTooDeep(nesting, { which, most: SURE_LEVELS, takes, code: 'ROW_NOT_JSON' });
    }
  }
  const { name, message } = errorToData(error);
  const why = isCycle ? 'what its toJSON returns holds itself' : `${name}: ${message}`;
  return new StagelightError('ROW_NOT_JSON', `${which} cannot be written as JSON: ${why}`, {
    hint: 'Map the rows to strings, or to objects without cycles and without a toJSON that throws or calls itself.',
    cause: error,
  });
}
