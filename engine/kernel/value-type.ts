/** The runtime type of a value in words: `string[] (1,204)`, `Map<string, number> (3)`, `RDD<number>`, `class Point`. */
import { types } from 'node:util';
import { Accumulator, peek } from '../rdd/accumulator.ts';
import { Broadcast } from '../rdd/broadcast.ts';
import { LineageNode } from '../rdd/lineage-node.ts';
import type { RDD } from '../rdd/rdd.ts';
import { DoubleAccumulator, LongAccumulator } from '../rdd/sum-accumulator.ts';
import { CollectionAccumulator } from '../rdd/value-accumulator.ts';
import { functionHead } from './function-head.ts';
import {
  arrayLength,
  bufferBytes,
  className,
  entriesOfMap,
  inherits,
  mapSize,
  own,
  ownKeys,
  ownValue,
  setSize,
  sharedBufferBytes,
  typedArrayName,
  typedLength,
  valuesOfSet,
  viewSize,
} from './own-properties.ts';
import { elementTypeOf } from './rdd-description.ts';

/** Elements looked at to name the type of all of them. */
const SAMPLED = 20;
/** Different types named before they are called `unknown`. */
const MOST_ALTERNATIVES = 3;
const MOST_KEYS = 4;
const MOST_DEPTH = 3;
/** Beyond so many keys an object is counted, not spelled out. */
const SPELLED_KEYS = 100;

const counted = new Intl.NumberFormat('en-US');

export function isRdd(value: unknown): value is RDD<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !types.isProxy(value) &&
    inherits(value, LineageNode.prototype)
  );
}

/** What a shared variable holds, when it is one: views look through it. */
export function heldBy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Broadcast.is(value)) return value[peek]()?.value;
  return Accumulator.is(value) ? value[peek]() : value;
}

/** With the number of elements, where there are some. */
export function typeOf(value: unknown): string {
  if (typeof value === 'object' && value !== null && !types.isProxy(value)) {
    const size = sizeOf(value);
    if (size !== undefined) return `${bareTypeOf(value, 0)} (${counted.format(size)})`;
  }
  return bareTypeOf(value, 0);
}

function sizeOf(value: object): number | undefined {
  if (Array.isArray(value)) return arrayLength(value);
  if (types.isMap(value)) return mapSize(value);
  if (types.isSet(value)) return setSize(value);
  if (types.isTypedArray(value)) return typedLength(value);
  if (types.isDataView(value)) return viewSize(value);
  if (types.isSharedArrayBuffer(value)) return sharedBufferBytes(value);
  return types.isArrayBuffer(value) ? bufferBytes(value) : undefined;
}

function bareTypeOf(value: unknown, depth: number): string {
  if (value === null) return 'null';
  if (typeof value === 'function') return types.isProxy(value) ? 'Proxy' : functionHead(value).type;
  if (typeof value !== 'object') return typeof value;
  if (types.isProxy(value)) return 'Proxy';
  if (isRdd(value)) {
    const element = elementTypeOf(value);
    return element === 'unknown' ? 'RDD' : `RDD<${element}>`;
  }
  if (Broadcast.is(value)) {
    const held = value[peek]();
    return held && depth < MOST_DEPTH ? `Broadcast<${bareTypeOf(held.value, depth + 1)}>` : 'Broadcast';
  }
  if (Accumulator.is(value)) return accumulatorType(value, depth);
  if (Array.isArray(value)) return arrayType(value, depth);
  if (types.isMap(value)) {
    if (depth >= MOST_DEPTH) return 'Map';
    const entries = entriesOfMap(value, 0, SAMPLED);
    const [keys, values] = [entries.map(([key]) => key), entries.map(([, each]) => each)];
    return entries.length === 0 ? 'Map' : `Map<${union(keys, depth)}, ${union(values, depth)}>`;
  }
  if (types.isSet(value)) {
    const sample = depth >= MOST_DEPTH ? [] : valuesOfSet(value, 0, SAMPLED);
    return sample.length === 0 ? 'Set' : `Set<${union(sample, depth)}>`;
  }
  if (types.isModuleNamespaceObject(value)) return 'module';
  const name = className(value) ?? (types.isTypedArray(value) ? typedArrayName(value) : undefined);
  return name === undefined || name === 'Object' ? recordType(value, depth) : name;
}

function accumulatorType(value: Accumulator<never, unknown>, depth: number): string {
  if (value instanceof LongAccumulator) return 'LongAccumulator';
  if (value instanceof DoubleAccumulator) return 'DoubleAccumulator';
  const held = depth < MOST_DEPTH ? bareTypeOf(value[peek](), depth + 1) : 'unknown';
  return value instanceof CollectionAccumulator
    ? `CollectionAccumulator<${held.replace(/\[\]$/, '')}>`
    : `Accumulator<${held}>`;
}

/** A pair keeps its places: `[string, number][]`, not `(string | number)[][]`. */
function arrayType(array: object, depth: number): string {
  const sample = sampled(array);
  if (sample.length === 0 || depth >= MOST_DEPTH) return depth >= MOST_DEPTH ? 'unknown[]' : 'never[]';
  const places = tuplePlaces(sample);
  if (!places) return listOf(union(sample, depth));
  const columns = Array.from({ length: places }, (_, place) =>
    union(
      sample.map((row) => ownValue(row as object, place)),
      depth + 1,
    ),
  );
  return new Set(columns).size > 1 ? `[${columns.join(', ')}][]` : listOf(union(sample, depth));
}

function tuplePlaces(sample: unknown[]): number | undefined {
  const lengths = new Set(
    sample.map((each) => (Array.isArray(each) && !types.isProxy(each) ? arrayLength(each) : 0)),
  );
  const [length] = lengths;
  return lengths.size === 1 && length !== undefined && length >= 2 && length <= 4 ? length : undefined;
}

const listOf = (element: string) =>
  /[ |]/.test(element) && !/^[[{]/.test(element) ? `(${element})[]` : `${element}[]`;

function sampled(array: object): unknown[] {
  const count = Math.min(arrayLength(array), SAMPLED);
  return Array.from({ length: count }, (_, index) => ownValue(array, index));
}

function union(values: unknown[], depth: number): string {
  const names = new Set(values.map((value) => bareTypeOf(value, depth + 1)));
  return names.size > MOST_ALTERNATIVES ? 'unknown' : [...names].join(' | ');
}

function recordType(object: object, depth: number): string {
  const keys = ownKeys(object);
  if (keys.length === 0) return '{}';
  if (depth >= MOST_DEPTH || keys.length > MOST_KEYS) {
    const first =
      keys.length <= SPELLED_KEYS && depth === 0 ? keys.slice(0, MOST_KEYS).map(shortKey).join(', ') : '';
    return depth > 0
      ? 'object'
      : first
        ? `{ ${first}, … ${keys.length} keys }`
        : `object (${counted.format(keys.length)} keys)`;
  }
  const fields = keys.map((key) => {
    const property = own(object, key);
    const type = property && 'value' in property ? bareTypeOf(property.value, depth + 1) : 'getter';
    return `${shortKey(key)}: ${type}`;
  });
  return `{ ${fields.join('; ')} }`;
}

function shortKey(key: string): string {
  const short = key.length > 30 ? `${key.slice(0, 30)}…` : key;
  return /^[\p{L}_$][\p{L}\p{N}_$…]*$/u.test(short) ? short : JSON.stringify(short);
}
