/**
 * A checksum of rows that no file can hold, whatever their order: what was computed again is compared with what was there. It
 * sees what rows hold, in instances of classes too: their fields and the name of their class. What a function has captured,
 * or a class keeps in private fields or outside of its instances, nobody can see: rows with such parts are compared by the rest.
 */
import { types } from 'node:util';
import { crc32 } from 'node:zlib';
import { hashDouble, hashInt, hashString } from '../storage/murmur3.ts';
import { isSparse, itemPositions } from '../storage/sparse-array.ts';

/** Two hashes of each row: 64 bits. */
const SEEDS = [42, 1_073_741_827] as const;
const DEEPEST = 500;
const OPAQUE = -3;

export class RowSum {
  readonly #sums = new Uint32Array(SEEDS.length);
  #records = 0;
  /** Some parts of rows cannot be seen. */
  isPartial = false;

  add(rows: readonly unknown[]): void {
    this.#records += rows.length;
    for (const row of rows) {
      for (const [i, seed] of SEEDS.entries()) {
        const walk = new RowWalk();
        // Wraps around modulo 2³².
        this.#sums[i]! += walk.hash(row, seed, 0);
        if (walk.isPartial) this.isPartial = true;
      }
    }
  }

  /** Of rows with the same text all that can be seen is the same. */
  toString(): string {
    return [this.#records, ...this.#sums].map((n) => n.toString(16)).join('.');
  }
}

/** Over one row: an object that is met again is known by its number, so that cycles end. */
class RowWalk {
  readonly #seen = new Map<object, number>();
  isPartial = false;

  hash(value: unknown, seed: number, depth: number): number {
    switch (typeof value) {
      case 'number':
        return hashDouble(value, seed);
      case 'string':
        return hashString(value, seed);
      case 'boolean':
        return hashInt(value ? 1 : 0, seed);
      case 'bigint':
        return hashString(value.toString(16), hashInt(-4, seed));
      case 'symbol':
        return hashString(value.description ?? '', hashInt(-5, seed));
      case 'function':
        return this.#opaque(seed);
      case 'object':
        return value === null ? hashInt(-2, seed) : this.#object(value, seed, depth);
      default:
        return hashInt(-1, seed);
    }
  }

  #opaque(seed: number): number {
    this.isPartial = true;
    return hashInt(OPAQUE, seed);
  }

  #object(value: object, seed: number, depth: number): number {
    const known = this.#seen.get(value);
    if (known !== undefined) return hashInt(known, seed);
    this.#seen.set(value, this.#seen.size);
    if (depth > DEEPEST || types.isProxy(value)) return this.#opaque(seed);
    if (Array.isArray(value)) return this.#array(value, hashInt(value.length, seed), depth);
    const content = this.#builtin(value, seed, depth);
    const prototype = Object.getPrototypeOf(value) as object | null;
    if (content === undefined && hidesState(prototype)) return this.#opaque(seed);
    return this.#fields(value, prototype, content ?? seed, depth);
  }

  #array(array: readonly unknown[], seed: number, depth: number): number {
    const positions = isSparse(array) ? itemPositions(array) : array.keys();
    let h = seed;
    for (const i of positions) h = this.hash(array[i], h, depth + 1);
    return h;
  }

  /** Undefined for what is all in its fields. */
  #builtin(value: object, seed: number, depth: number): number | undefined {
    if (types.isDate(value)) return hashDouble(Date.prototype.getTime.call(value), seed);
    if (types.isMap(value)) return this.#array([...value].flat(), hashInt(value.size, seed), depth);
    if (types.isSet(value)) return this.#array([...value], hashInt(value.size, seed), depth);
    if (ArrayBuffer.isView(value))
      return hashInt(crc32(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)), seed);
    if (types.isAnyArrayBuffer(value)) return hashInt(crc32(new Uint8Array(value)), seed);
    if (types.isRegExp(value)) return hashString(`/${value.source}/${value.flags}`, seed);
    // Its stack tells how the function was called, which differs from run to run.
    if (types.isNativeError(value)) return hashString(`${value.name}: ${value.message}`, seed);
    return types.isBoxedPrimitive(value) ? this.hash(value.valueOf(), seed, depth + 1) : undefined;
  }

  #fields(value: object, prototype: object | null, seed: number, depth: number): number {
    const names = fieldsOf(value);
    const { name: className } = (prototype?.constructor ?? Object) as { name: string };
    let h = hashString(className, hashInt(names.length, seed));
    // Made by Object.create: what it was made of is no class, and may be its own.
    if (prototype !== null && !PLAIN.has(prototype) && !Object.hasOwn(prototype, 'constructor'))
      h = this.hash(prototype, h, depth + 1);
    for (const name of names) {
      const { value: field, get } = Object.getOwnPropertyDescriptor(value, name)!;
      if (name === 'constructor' && field === prototype?.constructor) continue;
      // An object within the row that has functions may fill its fields as they are used, and be one for many rows.
      if (get !== undefined || (typeof field === 'function' && depth > 0)) return this.#opaque(seed);
      h = this.hash(field, this.hash(name, h, depth), depth + 1);
    }
    return h;
  }
}

/** Those that are not listed and have symbols for names too; but the stack of an error tells how it was come to. */
function fieldsOf(value: object): (string | symbol)[] {
  if (ArrayBuffer.isView(value) || types.isBoxedPrimitive(value)) return [];
  return types.isNativeError(value) ? Object.keys(value) : Reflect.ownKeys(value);
}

const PLAIN: ReadonlySet<object | null> = new Set([null, Object.prototype]);
const hiding = new WeakMap<object, boolean>();

/** Whether instances have more than their fields: private ones, or what their class, one of the platform, keeps inside. */
function hidesState(prototype: object | null): boolean {
  if (prototype === null || PLAIN.has(prototype)) return false;
  let hides = hiding.get(prototype);
  if (hides === undefined) {
    const { constructor: made } = prototype;
    const text = typeof made === 'function' ? Function.prototype.toString.call(made) : '';
    const isHiding = made?.name !== 'Object' && /#[\p{L}_$]|\[native code\]/u.test(text);
    hides = isHiding || hidesState(Object.getPrototypeOf(prototype));
    hiding.set(prototype, hides);
  }
  return hides;
}
