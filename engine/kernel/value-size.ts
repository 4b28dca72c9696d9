/** How much heap a value holds, estimated at a bounded cost: what was not reached makes the answer a lower bound. */
import { types } from 'node:util';
import {
  arrayLength,
  bufferBytes,
  entriesOfMap,
  mapSize,
  ownKeys,
  ownValue,
  setSize,
  sharedBufferBytes,
  sourceOf,
  valuesOfSet,
  viewSize,
} from './own-properties.ts';
import { heldBy, isRdd } from './value-type.ts';

export interface EstimatedSize {
  bytes: number;
  /** Not everything was looked at: there are at least so many. */
  atLeast: boolean;
}

/** Values looked at for one estimate. */
const MOST_VISITED = 2_000;
/** Milliseconds after which an estimate ends. */
const MOST_TIME = 4;
/** Parts of one value that are looked at. */
const MOST_PARTS = 500;

const HEADER = 24;
const SLOT = 8;
const MAP_ENTRY = 3 * SLOT;

export function sizeOfValue(value: unknown): EstimatedSize {
  const size = { bytes: 0, atLeast: false };
  const seen = new Set<object>();
  const stack: unknown[] = [value];
  const deadline = performance.now() + MOST_TIME;
  let visited = 0;
  while (stack.length > 0) {
    if (++visited > MOST_VISITED || performance.now() > deadline) {
      size.atLeast = true;
      break;
    }
    const part = stack.pop();
    if (typeof part === 'string') size.bytes += HEADER + part.length;
    else if (typeof part === 'bigint') size.bytes += HEADER;
    else if (typeof part === 'number') size.bytes += SLOT;
    else if (typeof part === 'function')
      size.bytes += types.isProxy(part) ? HEADER : HEADER + sourceOf(part).length;
    if (typeof part !== 'object' || part === null || seen.has(part)) continue;
    seen.add(part);
    if (addObject(part, size, stack)) size.atLeast = true;
  }
  return size;
}

/** Adds what the object itself takes, puts its parts on the stack, and says whether it left some out. */
function addObject(object: object, size: EstimatedSize, stack: unknown[]): boolean {
  size.bytes += HEADER;
  // A proxy is not asked, a dataset lives elsewhere, and a module is shared.
  if (types.isProxy(object) || types.isModuleNamespaceObject(object) || isRdd(object))
    return types.isProxy(object);
  const held = heldBy(object);
  if (held !== object) stack.push(held);
  else if (ArrayBuffer.isView(object)) size.bytes += viewSize(object);
  else if (types.isSharedArrayBuffer(object)) size.bytes += sharedBufferBytes(object);
  else if (types.isArrayBuffer(object)) size.bytes += bufferBytes(object);
  else if (types.isMap(object)) {
    size.bytes += mapSize(object) * MAP_ENTRY;
    for (const [key, value] of entriesOfMap(object, 0, MOST_PARTS)) stack.push(key, value);
    return mapSize(object) > MOST_PARTS;
  } else if (types.isSet(object)) {
    size.bytes += setSize(object) * 2 * SLOT;
    stack.push(...valuesOfSet(object, 0, MOST_PARTS));
    return setSize(object) > MOST_PARTS;
  } else if (Array.isArray(object)) {
    const length = arrayLength(object);
    size.bytes += length * SLOT;
    for (let i = 0; i < Math.min(length, MOST_PARTS); i++) {
      const part = ownValue(object, i);
      if (typeof part !== 'number') stack.push(part);
    }
    return length > MOST_PARTS;
  } else {
    const keys = ownKeys(object);
    size.bytes += keys.length * SLOT;
    for (const key of keys.slice(0, MOST_PARTS)) stack.push(ownValue(object, key));
    return keys.length > MOST_PARTS;
  }
  return false;
}
