/** Objects as a tree of bounded size that a page can open: class instances, maps, typed arrays, errors and cycles too. */
import { inspect, types } from 'node:util';
import type { CellOutput, JsonNode, JsonTree } from '../protocol.ts';
import { boundedText, cutText } from './bounded-text.ts';

const MAX_NODES = 5_000;
const MAX_PARTS = 200;
const MAX_DEPTH = 12;
const MAX_STRING = 2_000;
const MAX_CHARACTERS = 150_000;
const MAX_TEXT = 20_000;
/** What one look at a line of text takes in. */
const FEW_KEYS = 8;
const FEW_ITEMS = 100;

interface Budget {
  nodes: number;
  characters: number;
}

function other(text: string): JsonTree {
  return { t: 'other', n: text };
}

function nameOf(value: object): string | undefined {
  const prototype = Object.getPrototypeOf(value);
  if (prototype === null) return undefined;
  const made = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
  const name = typeof made === 'function' ? Object.getOwnPropertyDescriptor(made, 'name')?.value : undefined;
  return typeof name === 'string' && name !== 'Object' && name !== 'Array' ? name.slice(0, 100) : undefined;
}

function textOf(value: string, budget: Budget): string {
  const { text, total } = cutText(value, Math.max(50, Math.min(MAX_STRING, budget.characters)));
  budget.characters -= text.length;
  return total > text.length ? `${text}… (${total} characters)` : text;
}

function scalar(value: unknown, budget: Budget): JsonNode | undefined {
  switch (typeof value) {
    case 'string':
      return textOf(value, budget);
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : other(Object.is(value, -0) ? '-0' : String(value));
    case 'bigint':
      return other(textOf(`${value}n`, budget));
    case 'undefined':
      return other('undefined');
    case 'symbol':
      return other(textOf(String(value), budget));
    case 'function':
      return other(
        `ƒ ${textOf(String(Object.getOwnPropertyDescriptor(value, 'name')?.value ?? ''), budget)}`,
      );
    case 'object':
      return value === null ? null : undefined;
    default:
      return other(inspect(value));
  }
}

/** Parts in order, at most so many; the number of all. */
function partsOf(value: object): { parts: Iterable<[string, unknown]>; total: number; kind: JsonTree['t'] } {
  if (Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView))) {
    const list = value as ArrayLike<unknown>;
    const parts = function* (): Generator<[string, unknown]> {
      for (let i = 0; i < list.length; i++) {
        const property = Object.getOwnPropertyDescriptor(list, i);
        yield [String(i), property?.get ? accessor : property?.value];
      }
    };
    return { parts: parts(), total: list.length, kind: 'array' };
  }
  if (types.isMap(value)) {
    const parts = function* (): Generator<[string, unknown]> {
      for (const [key, part] of Map.prototype.entries.call(value))
        yield [
          typeof key === 'string'
            ? key
            : inspect(key, { depth: 0, maxStringLength: 100, breakLength: Infinity }),
          part,
        ];
    };
    return { parts: parts(), total: value.size, kind: 'map' };
  }
  if (types.isSet(value)) {
    const parts = function* (): Generator<[string, unknown]> {
      let i = 0;
      for (const part of Set.prototype.values.call(value)) yield [String(i++), part];
    };
    return { parts: parts(), total: value.size, kind: 'set' };
  }
  const keys = Object.keys(value);
  const parts = function* (): Generator<[string, unknown]> {
    for (const key of keys) {
      const property = Object.getOwnPropertyDescriptor(value, key);
      yield [key, property?.get ? accessor : property?.value];
    }
  };
  return { parts: parts(), total: keys.length, kind: 'object' };
}

/** Stands for a getter, which is user code and is not run. */
const accessor = Symbol('getter');

function node(value: unknown, budget: Budget, path: Set<object>, depth: number): JsonNode {
  budget.nodes -= 1;
  if (value === accessor) return other('[getter]');
  const plain = scalar(value, budget);
  if (plain !== undefined) return plain;
  const object = value as object;
  // The traps of a proxy are user code: only `inspect` looks past them.
  if (types.isProxy(object)) return other('Proxy');
  if (types.isDate(object))
    return other(Number.isNaN(object.getTime()) ? 'Invalid Date' : object.toISOString());
  if (types.isRegExp(object)) return other(textOf(RegExp.prototype.toString.call(object), budget));
  if (types.isNativeError(object)) return other(textOf(`${object.name}: ${object.message}`, budget));
  if (types.isPromise(object)) return other('Promise');
  if (types.isAnyArrayBuffer(object)) return other(`${nameOf(object)} of ${object.byteLength} bytes`);
  if (path.has(object)) return other('[circular]');
  const { parts, total, kind } = partsOf(object);
  const name = nameOf(object);
  const tree: JsonTree = {
    t: kind,
    ...(name !== undefined && name !== 'Map' && name !== 'Set' && { n: name }),
  };
  if (total === 0) return tree;
  if (depth >= MAX_DEPTH) return { ...tree, m: total };
  path.add(object);
  const shown: [string, JsonNode][] = [];
  for (const [key, part] of parts) {
    if (shown.length >= MAX_PARTS || budget.nodes <= 0 || budget.characters <= 0) break;
    budget.characters -= 12;
    shown.push([textOf(key, budget), node(part, budget, path, depth + 1)]);
  }
  path.delete(object);
  tree.c = shown;
  if (shown.length < total) tree.m = total - shown.length;
  return tree;
}

export function jsonNode(value: unknown, characters = MAX_CHARACTERS): JsonNode {
  return node(
    value,
    { nodes: Math.ceil((MAX_NODES * characters) / MAX_CHARACTERS), characters },
    new Set(),
    0,
  );
}

/** A tree for what has parts worth opening: a part with parts, or many of them. */
export function jsonOutput(value: unknown): Extract<CellOutput, { kind: 'json' }> | undefined {
  if (typeof value !== 'object' || value === null || types.isProxy(value)) return undefined;
  const tree = jsonNode(value);
  if (typeof tree !== 'object' || tree === null || tree.t === 'other' || !tree.c) return undefined;
  const hasParts = tree.c.some(([, part]) => typeof part === 'object' && part !== null && part.c);
  const few = tree.c.length + (tree.m ?? 0) <= (tree.t === 'object' ? FEW_KEYS : FEW_ITEMS);
  if (!hasParts && few) return undefined;
  return { kind: 'json', value: tree, text: boundedText(value, MAX_TEXT).text };
}
