/** Finds in a row what cannot travel between processes: functions, symbols, instances of classes, handles, promises. */
import { types } from 'node:util';
import { errorToData, StagelightError } from '../errors.ts';
import { isPlainObject, typeName } from './plain-object.ts';
import { isSparse, itemPositions } from './sparse-array.ts';

export interface Offender {
  path: string;
  type: string;
}

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
function isCloneable(value: object): boolean {
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

function fieldPath(path: string, name: string): string {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name)
    ? `${path}.${name}`
    : `${path}[${JSON.stringify(name)}]`;
}

/** The first part of `row` that cannot travel; undefined when all of it can. Follows cycles once. */
export function findOffender(row: unknown): Offender | undefined {
  const seen = new Set<object>();
  const stack: { value: unknown; path: string }[] = [{ value: row, path: '' }];
  for (let entry = stack.pop(); entry !== undefined; entry = stack.pop()) {
    const { value, path } = entry;
    if (typeof value === 'function' || typeof value === 'symbol') {
      const name = typeof value === 'function' ? value.name : value.description;
      return { path, type: name ? `${typeof value} ${name}` : typeof value };
    }
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    // As a row or in one it travels as what it shows, but not where rows must be cloned whole.
    if (types.isProxy(value)) return { path, type: 'Proxy' };
    seen.add(value);
    const parts: { value: unknown; path: string }[] = [];
    if (Array.isArray(value)) {
      if (isSparse(value))
        for (const i of itemPositions(value)) parts.push({ value: value[i], path: `${path}[${i}]` });
      else
        value.forEach((element, i) => {
          parts.push({ value: element, path: `${path}[${i}]` });
        });
    } else if (isPlainObject(value)) {
      for (const [name, field] of Object.entries(value))
        parts.push({ value: field, path: fieldPath(path, name) });
    } else if (!isCloneable(value)) {
      return {
        path,
        type: isDetached(value)
          ? `detached ${typeName(value)}`
          : typeName(value) === 'object'
            ? 'object with a prototype of its own'
            : typeName(value),
      };
    } else if (types.isMap(value)) {
      let i = 0;
      for (const [key, mapped] of value) {
        parts.push(
          { value: key, path: `${path}.keys()[${i}]` },
          { value: mapped, path: `${path}.values()[${i}]` },
        );
        i++;
      }
    } else if (types.isSet(value)) {
      let i = 0;
      for (const element of value) parts.push({ value: element, path: `${path}.values()[${i++}]` });
    }
    for (let i = parts.length - 1; i >= 0; i--) stack.push(parts[i]!);
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
