/** Finds in a row what cannot travel between processes: functions, symbols, instances of classes, handles, promises. */
import { types } from 'node:util';
import { errorToData, StagelightError } from '../errors.ts';
import { isPlainObject, typeName } from './plain-object.ts';
import { bytesBehind, estimatePrimitive, ownBytes } from './size-estimate.ts';
import { isSparse, itemPositions } from './sparse-array.ts';

export interface Offender {
  path: string;
  type: string;
}

/** Of more levels structured clone could run out of stack. */
const MOST_CLONED_LEVELS = 256;
/** A path that is told has no more steps. */
const MOST_STEPS = 64;

const ERROR_NAMES = new Set([
  'Error',
  'EvalError',
  'RangeError',
  'ReferenceError',
  'SyntaxError',
  'TypeError',
  'URIError',
]);

/** A buffer that was given away, or a view of one: nothing is left in it. */
function isDetached(value: object): boolean {
  const buffer = ArrayBuffer.isView(value) ? value.buffer : value;
  return types.isArrayBuffer(buffer) && buffer.detached;
}

/** Objects with a builtin class that structured clone brings back as they were. A subclass is not one of them. */
export function isCloneable(value: object): boolean {
  const name = typeName(value);
  if (types.isNativeError(value)) return ERROR_NAMES.has(name) && Object.getPrototypeOf(value).name === name;
  if (types.isMap(value)) return name === 'Map';
  if (types.isSet(value)) return name === 'Set';
  if (types.isDate(value)) return name === 'Date';
  if (types.isRegExp(value)) return name === 'RegExp';
  if (isDetached(value)) return false;
  if (types.isTypedArray(value)) return name === 'Buffer' || name === value[Symbol.toStringTag];
  if (types.isArrayBuffer(value)) return name === 'ArrayBuffer';
  if (types.isDataView(value)) return name === 'DataView';
  return types.isBoxedPrimitive(value) && !types.isSymbolObject(value);
}

/** Structured clone makes an Error without `errors` of it: rows that hold one are written object by object. */
export function isAggregateError(value: object): value is AggregateError {
  return (
    types.isNativeError(value) &&
    typeName(value) === 'AggregateError' &&
    Object.getPrototypeOf(value).name === 'AggregateError' &&
    Array.isArray((value as AggregateError).errors)
  );
}

function fieldStep(name: string): string {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}

/** What a value is that cannot travel by itself, whatever its parts; undefined for others. */
function offence(value: unknown): string | undefined {
  if (typeof value === 'function' || typeof value === 'symbol') {
    const name = typeof value === 'function' ? value.name : value.description;
    return name ? `${typeof value} ${name}` : typeof value;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  // As a row or in one it travels as what it shows, but not where rows must be cloned whole.
  if (types.isProxy(value)) return 'Proxy';
  if (Array.isArray(value) || isPlainObject(value) || isCloneable(value) || isAggregateError(value))
    return undefined;
  if (isDetached(value)) return `detached ${typeName(value)}`;
  return typeName(value) === 'object' ? 'object with a prototype of its own' : typeName(value);
}

/** Calls `visit` with every part of an object, and where in it that is. */
function eachPart(object: object, visit: (part: unknown, step: () => string) => void): void {
  if (Array.isArray(object)) {
    const at = (i: number) => visit(object[i], () => `[${i}]`);
    if (isSparse(object)) itemPositions(object).forEach(at);
    else
      object.forEach((_, i) => {
        at(i);
      });
  } else if (types.isMap(object)) {
    let i = 0;
    for (const [key, mapped] of object) {
      const entry = i++;
      visit(key, () => `.keys()[${entry}]`);
      visit(mapped, () => `.values()[${entry}]`);
    }
  } else if (types.isSet(object)) {
    let i = 0;
    for (const element of object) {
      const entry = i++;
      visit(element, () => `.values()[${entry}]`);
    }
  } else if (isAggregateError(object)) visit(object.errors, () => '.errors');
  else if (isPlainObject(object)) {
    for (const [name, field] of Object.entries(object)) visit(field, () => fieldStep(name));
  }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/**
 * Why values cannot be cloned together, at once or not at all; undefined when they can. An AggregateError is too deep. Structured clone goes down by calls,
 * so that the depth it bears is that of the stack, of the reader too. Goes through the parts in its order: where an object can
 * be come to in several ways, another one would find it at another depth. `take` is told what the clone takes on the heap,
 * bit by bit, and may throw: objects that are met again are the same there, texts are not.
 */
export function whyNotCloned(
  values: readonly unknown[],
  take: (bytes: number, outsideOfHeap?: number) => void,
): 'offends' | 'too deep' | undefined {
  const seen = new Set<object>();
  for (const value of values) {
    const why = whyNotClonedAfter(seen, value, take);
    if (why !== undefined) return why;
  }
  return undefined;
}

function whyNotClonedAfter(
  seen: Set<object>,
  value: unknown,
  take: (bytes: number, outsideOfHeap?: number) => void,
): 'offends' | 'too deep' | undefined {
  const objects: object[] = [];
  const levels: number[] = [];
  let parts: object[] = [];
  let offends = false;
  const look = (part: unknown): void => {
    if (typeof part === 'function' || typeof part === 'symbol') offends = true;
    else if (!isObject(part)) take(estimatePrimitive(part, undefined));
    else if (!seen.has(part)) parts.push(part);
  };
  look(value);
  for (let level = 0; !offends; level++) {
    for (let i = parts.length - 1; i >= 0; i--) {
      objects.push(parts[i]!);
      levels.push(level);
    }
    const object = objects.pop();
    if (object === undefined) return undefined;
    level = levels.pop()!;
    if (level === MOST_CLONED_LEVELS) return 'too deep';
    parts = [];
    if (seen.has(object)) continue;
    seen.add(object);
    if (offence(object) !== undefined) return 'offends';
    if (isAggregateError(object)) return 'too deep';
    take(ownBytes(object), bytesBehind(object));
    eachPart(object, look);
  }
  return 'offends';
}

/**
 * The first part of `row` that cannot travel; undefined when all of it can. Follows cycles once. Of what lies very deep only
 * the level is told: its path would be longer than anybody reads.
 */
export function findOffender(row: unknown): Offender | undefined {
  const seen = new Set<object>();
  const stack: { value: unknown; path: string; level: number }[] = [{ value: row, path: '', level: 0 }];
  let isDeeper = false;
  for (let entry = stack.pop(); entry !== undefined; entry = stack.pop()) {
    const { value, path, level } = entry;
    const type = offence(value);
    if (type !== undefined) return { path, type };
    if (!isObject(value) || seen.has(value)) continue;
    if (level === MOST_STEPS) {
      isDeeper = true;
      continue;
    }
    seen.add(value);
    const parts: typeof stack = [];
    eachPart(value, (part, step) => parts.push({ value: part, path: path + step(), level: level + 1 }));
    for (let i = parts.length - 1; i >= 0; i--) stack.push(parts[i]!);
  }
  return isDeeper ? findDeepOffender(row) : undefined;
}

function findDeepOffender(row: unknown): Offender | undefined {
  const seen = new Set<unknown>();
  let next = [row];
  for (let level = 0; next.length > 0; level++) {
    const values = next;
    next = [];
    for (const value of values) {
      const type = offence(value);
      if (type !== undefined) return { path: `level ${level.toLocaleString('en-US')}`, type };
      if (!isObject(value)) continue;
      eachPart(value, (part) => {
        if (seen.has(part) || (!isObject(part) && offence(part) === undefined)) return;
        seen.add(part);
        next.push(part);
      });
    }
  }
  return undefined;
}

const HINT =
  'Rows may hold primitives, arrays, plain objects, Date, Map, Set, RegExp, typed arrays and errors. Turn other objects into plain ones (map) before they are shuffled, stored on disk or collected; await promises.';

/** Or what a getter of it, or a trap of a proxy, threw when it was looked at. */
function lookedAt(row: unknown): { offender: Offender | undefined } | { thrown: unknown } {
  try {
    return { offender: findOffender(row) };
  } catch (thrown) {
    return { thrown };
  }
}

/** Why something cannot travel between processes, and what to do about it. */
interface Refusal {
  why: string;
  hint: string;
  cause?: unknown;
}

/** Undefined when nothing is found that is wrong with it. */
function refusalOf(value: unknown): Refusal | undefined {
  const look = lookedAt(value);
  if ('thrown' in look) {
    const { name, message } = errorToData(look.thrown);
    const hint = 'A getter of it or a trap of a proxy throws: turn such objects into plain ones (map).';
    return { why: `reading it threw ${name}: ${message}`, hint, cause: look.thrown };
  }
  const { offender } = look;
  if (offender === undefined) return undefined;
  const where = offender.path ? ` at ${offender.path.replace(/^\./, '')}` : '';
  return {
    why: `${where ? `it holds a value` : 'it is a value'} of type ${offender.type}${where}`,
    hint: HINT,
  };
}

/** Of what encoding them threw, when none of them shows why. */
function refusalFrom(cause: unknown): Refusal {
  if (cause instanceof RangeError && /call stack/.test(cause.message)) {
    return {
      why: 'it is nested too deeply',
      hint: 'Keep what is nested thousands of levels deep in a flat form: a list of nodes, each with the number of its parent.',
    };
  }
  return {
    why: errorToData(cause).message,
    hint: 'Turn the rows into plain objects of a moderate size.',
    cause,
  };
}

/** The error for the first row that cannot travel; `cause` is what was thrown when they were encoded. */
export function rowNotSerializable(
  rows: readonly unknown[],
  firstIndex: number,
  cause?: unknown,
): StagelightError {
  const refused = (which: string, { why, hint, cause: thrown }: Refusal) =>
    new StagelightError('ROW_NOT_SERIALIZABLE', `${which} cannot travel between processes: ${why}`, {
      hint,
      cause: thrown,
    });
  for (const [i, row] of rows.entries()) {
    const refusal = refusalOf(row);
    if (refusal !== undefined) return refused(`row ${firstIndex + i}`, refusal);
  }
  const which = rows.length === 1 ? `row ${firstIndex}` : `one of the rows from ${firstIndex} on`;
  return refused(which, refusalFrom(cause));
}

/** The same for a value that is no row, as `what` names it. */
export function argumentNotSerializable(what: string, value: unknown, cause: unknown): StagelightError {
  const refusal = refusalOf(value);
  return new StagelightError(
    'INVALID_ARGUMENT',
    `${what} cannot travel between processes: ${(refusal ?? refusalFrom(cause)).why}`,
    {
      hint: 'Pass primitives, arrays, plain objects, Date, Map, Set, RegExp, typed arrays or errors, of a moderate size.',
      cause: refusal === undefined ? cause : refusal.cause,
    },
  );
}
