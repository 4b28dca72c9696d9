/**
 * A checksum of rows that no file can hold, whatever their order: what was computed again is compared with what was there. It
 * sees what rows hold, in instances of classes too: their fields and the name of their class. What a function has captured,
 * or a class keeps in private fields or outside of its instances, nobody can see: rows with such parts are compared by the rest.
 *
 * Whether two parts of a row are one object or two that are alike counts only within cycles: one that was read from a file
 * of plain rows is not shared any more.
 */
import { types } from 'node:util';
import { hashInt, hashString } from '../storage/murmur3.ts';
import { hashBuiltin, hashItems, hashPrimitive } from '../storage/value-hash.ts';

/** Two hashes of each row: 64 bits. */
const SEEDS = [42, 1_073_741_827] as const;
const DEEPEST = 500;
const OPAQUE = -3;
const AROUND = -6;
/** What has more objects within it is remembered while many rows may share it. */
const FEW = 32;

export class RowSum {
  readonly #sums = new Uint32Array(SEEDS.length);
  #records = 0;
  /** Some parts of rows cannot be seen. */
  isPartial = false;

  add(rows: readonly unknown[]): void {
    this.#records += rows.length;
    for (const [i, seed] of SEEDS.entries()) {
      const walk = new RowWalk(seed);
      // Wraps around modulo 2³².
      for (const row of rows) this.#sums[i]! += walk.hashRow(row);
      this.isPartial ||= walk.isPartial;
    }
  }

  /** Of rows with the same text all that can be seen is the same. */
  toString(): string {
    return [this.#records, ...this.#sums].map((n) => n.toString(16)).join('.');
  }
}

/** Over some rows that nobody changes meanwhile. */
class RowWalk {
  readonly #seed: number;
  /** Objects around the part that is looked at, with their depths. */
  readonly #around = new Map<object, number>();
  /** By its number each object of the row whose hash is not of its content alone. */
  #numbers = new Map<object, number>();
  /** Large objects whose hashes are, with how many levels they have below them. */
  readonly #large = new Map<object, { hash: number; height: number }>();
  /** Of the object that is looked at: whether it holds one around it or ends below the deepest level, and its deepest part. */
  #isOpen = false;
  #bottom = 0;
  #objects = 0;
  isPartial = false;

  constructor(seed: number) {
    this.#seed = seed;
  }

  hashRow(row: unknown): number {
    if (this.#numbers.size > 0) this.#numbers = new Map();
    return this.#hash(row, this.#seed, 0);
  }

  #hash(value: unknown, seed: number, depth: number): number {
    if (typeof value === 'object' && value !== null) return hashInt(this.#known(value, depth), seed);
    return typeof value === 'function' ? this.#opaque(seed) : hashPrimitive(value, seed);
  }

  #opaque(seed: number): number {
    this.isPartial = true;
    return hashInt(OPAQUE, seed);
  }

  /** Every object of a row with cycles is gone into once, and large ones of others once for all rows. */
  #known(value: object, depth: number): number {
    const around = this.#around.get(value);
    if (around !== undefined) {
      this.#isOpen = true;
      return hashInt(depth - around, AROUND);
    }
    const number = this.#numbers.size > 0 ? this.#numbers.get(value) : undefined;
    if (number !== undefined) {
      this.#isOpen = true;
      return hashInt(number, this.#seed);
    }
    const large = this.#large.size > 0 ? this.#large.get(value) : undefined;
    if (large !== undefined && depth + large.height <= DEEPEST) {
      this.#bottom = Math.max(this.#bottom, depth + large.height);
      this.#objects += FEW;
      return large.hash;
    }
    if (depth > DEEPEST) {
      this.#isOpen = true;
      return this.#opaque(this.#seed);
    }
    return this.#entered(value, depth);
  }

  #entered(value: object, depth: number): number {
    const wasOpen = this.#isOpen;
    const bottom = this.#bottom;
    const before = this.#objects++;
    this.#isOpen = false;
    this.#bottom = depth;
    this.#around.set(value, depth);
    const hash = this.#object(value, depth);
    this.#around.delete(value);
    if (this.#isOpen) this.#numbers.set(value, this.#numbers.size);
    else if (this.#objects - before > FEW) this.#large.set(value, { hash, height: this.#bottom - depth });
    this.#isOpen ||= wasOpen;
    this.#bottom = Math.max(this.#bottom, bottom);
    return hash;
  }

  #object(value: object, depth: number): number {
    const seed = this.#seed;
    if (types.isProxy(value)) return this.#opaque(seed);
    try {
      const prototype = Object.getPrototypeOf(value) as object | null;
      const content = this.#content(value, seed, depth);
      if (prototype === Array.prototype) return content!;
      if (content === undefined && hidesState(prototype)) return this.#opaque(seed);
      const names = content === undefined ? Reflect.ownKeys(value) : fieldsOfBuiltin(value);
      return this.#fields(value, names, prototype, content ?? seed, depth);
    } catch {
      // A buffer that was given away, or what a class answers to those who ask about it.
      return this.#opaque(seed);
    }
  }

  /** Undefined for what is all in its fields. */
  #content(value: object, seed: number, depth: number): number | undefined {
    if (Array.isArray(value)) return this.#items(value, seed, depth);
    if (types.isMap(value)) return this.#items([...value].flat(), seed, depth);
    if (types.isSet(value)) return this.#items([...value], seed, depth);
    return hashBuiltin(value, seed);
  }

  #items(items: readonly unknown[], seed: number, depth: number): number {
    return hashItems(items, hashInt(items.length, seed), (item, h) => this.#hash(item, h, depth + 1));
  }

  /** Those that are not listed and have symbols for names too. */
  #fields(
    value: object,
    names: readonly (string | symbol)[],
    prototype: object | null,
    seed: number,
    depth: number,
  ): number {
    let h = hashString(classOf(prototype), hashInt(names.length, seed));
    // Made by Object.create: what it was made of is no class, and may be its own.
    if (prototype !== null && !PLAIN.has(prototype) && !Object.hasOwn(prototype, 'constructor'))
      h = this.#hash(prototype, h, depth + 1);
    for (const name of names) {
      const { value: field, get } = Object.getOwnPropertyDescriptor(value, name)!;
      if (name === 'constructor' && field === prototype?.constructor) continue;
      // An object within the row that has functions may fill its fields as they are used, and be one for many rows.
      if (get !== undefined || (typeof field === 'function' && depth > 0)) return this.#opaque(seed);
      h = this.#hash(field, hashPrimitive(name, h), depth + 1);
    }
    return h;
  }
}

function classOf(prototype: object | null): string {
  const name: unknown = prototype === null ? 'Object' : prototype.constructor?.name;
  return typeof name === 'string' ? name : '';
}

/** The stack of an error tells how it was come to, and where a regular expression goes on is up to those who have used it. */
function fieldsOfBuiltin(value: object): (string | symbol)[] {
  if (ArrayBuffer.isView(value) || types.isBoxedPrimitive(value)) return [];
  const names = Reflect.ownKeys(value);
  if (types.isNativeError(value)) return names.filter((name) => name !== 'stack');
  if (types.isRegExp(value)) return names.filter((name) => name !== 'lastIndex');
  return Array.isArray(value) ? names.filter((name) => !isPlace(name)) : names;
}

function isPlace(name: string | symbol): boolean {
  return typeof name === 'string' && (name === 'length' || /^\d+$/.test(name));
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
