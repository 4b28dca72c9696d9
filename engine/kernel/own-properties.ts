/**
 * Reading values without running any of the user's code: no getter, no proxy trap, no patched method. The built-in
 * functions are taken when this file is loaded, before a cell can replace them.
 */
import { types } from 'node:util';

const { getOwnPropertyDescriptor, getPrototypeOf, keys } = Object;

function uncurried<Receiver, Args extends unknown[], R>(
  method: (this: Receiver, ...args: Args) => R,
): (receiver: Receiver, ...args: Args) => R {
  return Function.prototype.call.bind(method) as (receiver: Receiver, ...args: Args) => R;
}

function getterOf<R>(prototype: object, name: string | symbol): (receiver: unknown) => R {
  return uncurried(getOwnPropertyDescriptor(prototype, name)!.get!) as (receiver: unknown) => R;
}

export const mapSize = getterOf<number>(Map.prototype, 'size');
export const setSize = getterOf<number>(Set.prototype, 'size');
export const typedLength = getterOf<number>(getPrototypeOf(Uint8Array.prototype) as object, 'length');
const typedBytes = getterOf<number>(getPrototypeOf(Uint8Array.prototype) as object, 'byteLength');
export const bufferBytes = getterOf<number>(ArrayBuffer.prototype, 'byteLength');
export const sharedBufferBytes = getterOf<number>(SharedArrayBuffer.prototype, 'byteLength');
const viewBytes = getterOf<number>(DataView.prototype, 'byteLength');
const typedName = getterOf<string | undefined>(
  getPrototypeOf(Uint8Array.prototype) as object,
  Symbol.toStringTag,
);
const dateTime = uncurried(Date.prototype.getTime);
const dateText = uncurried(Date.prototype.toISOString);
const sourceGet = getterOf<string>(RegExp.prototype, 'source');
const flagNames = [
  ['hasIndices', 'd'],
  ['global', 'g'],
  ['ignoreCase', 'i'],
  ['multiline', 'm'],
  ['dotAll', 's'],
  ['unicode', 'u'],
  ['unicodeSets', 'v'],
  ['sticky', 'y'],
] as const;
const flags = flagNames.map(([name, letter]) => ({ has: getterOf<boolean>(RegExp.prototype, name), letter }));
const functionText = uncurried(Function.prototype.toString);
const mapEntries = uncurried(Map.prototype.entries);
const mapNext = uncurried(
  getPrototypeOf(new Map().entries()).next as () => IteratorResult<[unknown, unknown]>,
);
const setValues = uncurried(Set.prototype.values);
const setNext = uncurried(getPrototypeOf(new Set().values()).next as () => IteratorResult<unknown>);

export type Own = { value: unknown } | { getter: true } | undefined;

/** An own property as it stands: its value, or that reading it would run code. */
export function own(object: object, key: PropertyKey): Own {
  const property = getOwnPropertyDescriptor(object, key);
  if (!property) return undefined;
  return 'value' in property ? { value: property.value } : { getter: true };
}

/** The value of an own data property. */
export function ownValue(object: object, key: PropertyKey): unknown {
  const property = own(object, key);
  return property && 'value' in property ? property.value : undefined;
}

export const ownKeys = (object: object): string[] => keys(object);

/** The prototypes above a value, up to a proxy, which is not asked. */
function* prototypesOf(value: object): Generator<object> {
  for (let at = value, depth = 0; depth < 100; depth++) {
    if (types.isProxy(at)) return;
    const next = getPrototypeOf(at) as object | null;
    if (!next) return;
    yield next;
    at = next;
  }
}

export function inherits(value: object, prototype: object): boolean {
  for (const each of prototypesOf(value)) if (each === prototype) return true;
  return false;
}

/** The name of the nearest constructor; undefined for objects without one. */
export function className(value: object): string | undefined {
  for (const prototype of prototypesOf(value)) {
    if (types.isProxy(prototype)) return undefined;
    const maker = ownValue(prototype, 'constructor');
    if (typeof maker !== 'function' || types.isProxy(maker)) continue;
    const name = ownValue(maker, 'name');
    if (typeof name === 'string' && name !== '') return name.slice(0, 100);
  }
  return undefined;
}

/** The entries of a Map from `offset` on, at most `limit`. */
export function entriesOfMap(map: object, offset: number, limit: number): [unknown, unknown][] {
  const iterator = mapEntries(map as Map<unknown, unknown>);
  const entries: [unknown, unknown][] = [];
  for (let at = 0; at < offset + limit; at++) {
    const { done, value } = mapNext(iterator as never) as IteratorResult<[unknown, unknown]>;
    if (done) break;
    if (at >= offset) entries.push([value[0], value[1]]);
  }
  return entries;
}

export function valuesOfSet(set: object, offset: number, limit: number): unknown[] {
  const iterator = setValues(set as Set<unknown>);
  const found: unknown[] = [];
  for (let at = 0; at < offset + limit; at++) {
    const { done, value } = setNext(iterator as never) as IteratorResult<unknown>;
    if (done) break;
    if (at >= offset) found.push(value);
  }
  return found;
}

/** Of an array; the length of a hole-free one is also the number of its elements. */
export const arrayLength = (array: object): number => ownValue(array, 'length') as number;

export function typedArrayName(value: object): string {
  return typedName(value) ?? 'TypedArray';
}

export function viewSize(view: object): number {
  return types.isDataView(view) ? viewBytes(view) : typedBytes(view);
}

export function dateOf(date: object): string {
  return Number.isNaN(dateTime(date as Date)) ? 'Invalid Date' : dateText(date as Date);
}

export function regExpText(value: object): string {
  return `/${sourceGet(value)}/${flags.map(({ has, letter }) => (has(value) ? letter : '')).join('')}`;
}

export function sourceOf(fn: object): string {
  return functionText(fn as never);
}
