/** Walks into a variable on request, one bounded page of parts at a time; and persists the dataset it holds. */
import { types } from 'node:util';
import type { CellScope } from '../closure/closure.ts';
import { errorToData, StagelightError } from '../errors.ts';
import type { InspectVariableAnswer, ValueStep } from '../viewer-protocol.ts';
import type { InspectAnswer, InspectQuestion } from './messages.ts';
import {
  arrayLength,
  entriesOfMap,
  mapSize,
  type Own,
  own,
  ownKeys,
  setSize,
  typedLength,
  valuesOfSet,
} from './own-properties.ts';
import { isExpandable, previewOf } from './value-preview.ts';
import { heldBy, isRdd, typeOf } from './value-type.ts';

export const PAGE = 100;
/** Entries of a Map or Set are reached by walking over those before them. */
const FARTHEST_ENTRY = 1_000_000;

type Part = InspectVariableAnswer['parts'][number];
const KEY_OF_ENTRY = 0;

export function inspectVariable(scope: CellScope, { name, path, offset }: InspectQuestion): InspectAnswer {
  try {
    const variable = own(scope, name);
    if (!variable) throw gone(`There is no variable "${name}" now`);
    let value: unknown = 'value' in variable ? variable.value : undefined;
    for (const step of path) value = inside(value, step);
    return { ok: true, answer: { type: 'inspectVariable', ...partsOf(value, offset) } };
  } catch (error) {
    return { ok: false, error: errorToData(error) };
  }
}

export function persistVariable(
  scope: CellScope,
  { name, level }: { name: string; level: 'MEMORY_ONLY' | 'NONE' },
): void {
  const variable = own(scope, name);
  const value = variable && 'value' in variable ? variable.value : undefined;
  if (!isRdd(value)) return;
  if (level === 'NONE') value.unpersist();
  else if (value.getStorageLevel().name === 'NONE') value.persist(level);
}

function gone(message: string): StagelightError {
  return new StagelightError('VALUE_CHANGED', message, { hint: 'Close and open the value again.' });
}

/** An entry of a Map is itself two parts: its key and its value. */
class Entry {
  readonly pair: [unknown, unknown];
  constructor(pair: [unknown, unknown]) {
    this.pair = pair;
  }
}

function inside(value: unknown, step: ValueStep): unknown {
  const part = at(value, step);
  if (!part) throw gone('The value has changed: this part of it is not there any more');
  if ('getter' in part) throw gone('A getter is not called for looking');
  return part.value;
}

function at(value: unknown, step: ValueStep): Own {
  if (value instanceof Entry) return { value: value.pair[step === KEY_OF_ENTRY ? 0 : 1] };
  if (!isExpandable(value)) return undefined;
  const object = heldBy(value) as object;
  if (typeof step === 'string') return own(object, step);
  if (step > FARTHEST_ENTRY && (types.isMap(object) || types.isSet(object))) return undefined;
  if (types.isMap(object)) {
    const [entry] = entriesOfMap(object, step, 1);
    return entry && { value: new Entry(entry) };
  }
  if (types.isSet(object)) {
    const found = valuesOfSet(object, step, 1);
    return found.length > 0 ? { value: found[0] } : undefined;
  }
  return own(object, step);
}

function partsOf(value: unknown, offset: number): { total: number; parts: Part[] } {
  if (value instanceof Entry) {
    const [key, content] = value.pair;
    return { total: 2, parts: [partOf('key', 0, { value: key }), partOf('value', 1, { value: content })] };
  }
  if (!isExpandable(value)) return { total: 0, parts: [] };
  const object = heldBy(value) as object;
  if (types.isMap(object)) {
    const entries = offset > FARTHEST_ENTRY ? [] : entriesOfMap(object, offset, PAGE);
    const parts = entries.map(([key, content], i): Part => {
      const inner = isExpandable(key) || isExpandable(content);
      return {
        label: `${previewOf(key)} →`,
        type: typeOf(content),
        preview: previewOf(content),
        ...(inner ? { step: offset + i } : {}),
      };
    });
    return { total: mapSize(object), parts };
  }
  if (types.isSet(object)) {
    const found = offset > FARTHEST_ENTRY ? [] : valuesOfSet(object, offset, PAGE);
    return {
      total: setSize(object),
      parts: found.map((each, i) => partOf(String(offset + i), offset + i, { value: each })),
    };
  }
  const length = Array.isArray(object)
    ? arrayLength(object)
    : types.isTypedArray(object)
      ? typedLength(object)
      : undefined;
  if (length !== undefined) return { total: length, parts: elements(object, length, offset) };
  // An error's own texts are not enumerable, yet what one wants to see.
  const keys = types.isNativeError(object)
    ? [...new Set(['message', 'stack', 'cause', ...ownKeys(object)])].filter((key) => own(object, key))
    : ownKeys(object);
  const page = keys.slice(offset, offset + PAGE);
  return { total: keys.length, parts: page.map((key) => partOf(key.slice(0, 200), key, own(object, key))) };
}

function elements(object: object, length: number, offset: number): Part[] {
  const count = Math.max(0, Math.min(PAGE, length - offset));
  return Array.from({ length: count }, (_, i) =>
    partOf(`[${offset + i}]`, offset + i, own(object, offset + i)),
  );
}

function partOf(label: string, step: ValueStep, part: Own): Part {
  if (!part) return { label, type: 'empty', preview: '—' };
  if ('getter' in part) return { label, type: 'getter', preview: '(getter, not called)' };
  const { value } = part;
  return { label, type: typeOf(value), preview: previewOf(value), ...(isExpandable(value) ? { step } : {}) };
}
