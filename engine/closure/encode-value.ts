/** Values to bytes: see codec.ts. */
import { inspect, types } from 'node:util';
import { ByteWriter } from './byte-stream.ts';
import {
  type EncodeHooks,
  External,
  Kind,
  NotEncodable,
  Slot,
  type TrailStep,
  TYPED_ARRAYS,
} from './codec.ts';

interface Origin {
  parent: number;
  step: string | number;
}

const WELL_KNOWN: ReadonlySet<unknown> = new Set(
  Object.getOwnPropertyNames(Symbol).map((name) => (Symbol as unknown as Record<string, unknown>)[name]),
);

export function encodeValue(value: unknown, hooks: EncodeHooks = {}): Uint8Array {
  return new Encoder(hooks).encode(value);
}

class Encoder {
  readonly #out = new ByteWriter();
  readonly #hooks: EncodeHooks;
  readonly #ids = new Map<object | symbol, number>();
  readonly #nodes: (object | symbol)[] = [];
  readonly #origins: Origin[] = [];
  #current = -1;

  constructor(hooks: EncodeHooks) {
    this.#hooks = hooks;
  }

  encode(value: unknown): Uint8Array {
    this.#slot(value, '');
    for (let id = 0; id < this.#nodes.length; id++) {
      this.#current = id;
      this.#node(this.#nodes[id] as object | symbol);
    }
    return this.#out.finish();
  }

  #trail(id: number): TrailStep[] {
    const trail: TrailStep[] = [];
    for (let at = id; at >= 0; at = (this.#origins[at] as Origin).parent) {
      const { parent, step } = this.#origins[at] as Origin;
      trail.push({ holder: this.#nodes[parent], step });
    }
    return trail.reverse();
  }

  #slot(value: unknown, step: string | number): void {
    const out = this.#out;
    switch (typeof value) {
      case 'undefined':
        out.byte(Slot.undefined);
        return;
      case 'boolean':
        out.byte(value ? Slot.true : Slot.false);
        return;
      case 'number':
        if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
          out.byte(value < 0 ? Slot.negative : Slot.positive);
          out.varint(Math.abs(value));
          return;
        }
        out.byte(Slot.double);
        out.double(value);
        return;
      case 'string':
        out.byte(Slot.string);
        out.string(value);
        return;
      case 'bigint':
        out.byte(Slot.bigint);
        out.string(bigintText(value));
        return;
      default:
        if (value === null) {
          out.byte(Slot.null);
          return;
        }
        out.byte(Slot.reference);
        out.varint(this.#id(value as object | symbol, step));
        return;
    }
  }

  #id(value: object | symbol, step: string | number): number {
    const known = this.#ids.get(value);
    if (known !== undefined) return known;
    const id = this.#nodes.length;
    this.#ids.set(value, id);
    this.#nodes.push(value);
    this.#origins.push({ parent: this.#current, step });
    return id;
  }

  #node(value: object | symbol): void {
    const external =
      value instanceof External ? value : this.#hooks.external?.(value, () => this.#trail(this.#current));
    if (external) {
      this.#external(external);
      return;
    }
    if (typeof value === 'symbol') throw this.#refusal('a symbol');
    if (typeof value === 'function') throw this.#refusal('a function');
    if (Array.isArray(value)) {
      this.#array(value);
      return;
    }
    if (types.isMap(value)) {
      this.#map(value);
      return;
    }
    if (types.isSet(value)) {
      this.#set(value);
      return;
    }
    if (types.isDate(value)) {
      this.#date(value);
      return;
    }
    if (types.isRegExp(value)) {
      this.#regExp(value);
      return;
    }
    if (types.isNativeError(value) || value instanceof Error) {
      this.#error(value as Error);
      return;
    }
    if (ArrayBuffer.isView(value)) {
      this.#view(value);
      return;
    }
    if (types.isArrayBuffer(value)) {
      this.#out.byte(Kind.arrayBuffer);
      this.#out.bytes(new Uint8Array(value));
      return;
    }
    if (types.isProxy(value)) throw this.#refusal('a Proxy');
    const prototype = Object.getPrototypeOf(value) as object | null;
    if (prototype === null || types.isModuleNamespaceObject(value)) {
      this.#object(value, Kind.bareObject);
      return;
    }
    const plain =
      prototype === Object.prototype ||
      (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf'));
    if (!plain) throw this.#refusal(nounOf(value));
    this.#object(value, Kind.object);
  }

  #refusal(noun: string): NotEncodable {
    return new NotEncodable(noun, this.#trail(this.#current));
  }

  #external(external: External): void {
    this.#out.byte(Kind.external);
    this.#out.string(external.type);
    this.#out.varint(external.slots.length);
    for (const [index, each] of external.slots.entries()) this.#slot(each, index);
  }

  #object(value: object, kind: number): void {
    const keys = Object.keys(value);
    this.#out.byte(kind);
    this.#out.varint(keys.length);
    for (const key of keys) {
      this.#out.string(key);
      this.#slot((value as Record<string, unknown>)[key], key);
    }
    const symbols = this.#hooks.external === undefined ? [] : sharedSymbolsOf(value);
    this.#out.varint(symbols.length);
    for (const symbol of symbols) {
      this.#slot(symbol, String(symbol));
      this.#slot((value as Record<symbol, unknown>)[symbol], `[${symbol.description}]`);
    }
  }

  #array(value: unknown[]): void {
    const out = this.#out;
    if (value.length > 8 && value.every((each) => typeof each === 'number') && !hasHoles(value)) {
      out.byte(Kind.doubles);
      out.bytes(new Uint8Array(Float64Array.from(value as number[]).buffer));
      return;
    }
    out.byte(Kind.array);
    out.varint(value.length);
    for (let i = 0; i < value.length; i++) {
      if (i in value) this.#slot(value[i], i);
      else out.byte(Slot.hole);
    }
  }

  #map(value: Map<unknown, unknown>): void {
    this.#out.byte(Kind.map);
    this.#out.varint(value.size);
    for (const [key, each] of value) {
      this.#slot(key, 'keys()');
      this.#slot(each, `get(${keyText(key)})`);
    }
  }

  #set(value: Set<unknown>): void {
    this.#out.byte(Kind.set);
    this.#out.varint(value.size);
    for (const each of value) this.#slot(each, 'values()');
  }

  #date(value: Date): void {
    this.#out.byte(Kind.date);
    this.#out.double(value.getTime());
  }

  #regExp(value: RegExp): void {
    this.#out.byte(Kind.regexp);
    this.#out.string(value.source);
    this.#out.string(value.flags);
    this.#out.varint(value.lastIndex);
  }

  #error(value: Error): void {
    const errors = value.name === 'AggregateError' ? (value as AggregateError).errors : undefined;
    const isAggregate = Array.isArray(errors);
    this.#out.byte(isAggregate ? Kind.aggregateError : Kind.error);
    const fields = ['name', 'message', 'stack', 'cause'] as const;
    for (const field of fields)
      this.#slot(field === 'cause' || typeof value[field] === 'string' ? value[field] : undefined, field);
    if (isAggregate) this.#slot(errors, 'errors');
  }

  #view(value: ArrayBufferView): void {
    if (types.isSharedArrayBuffer(value.buffer)) throw this.#refusal('memory shared with this process');
    const out = this.#out;
    if (Buffer.isBuffer(value)) out.byte(Kind.buffer);
    else if (types.isDataView(value)) out.byte(Kind.dataView);
    else {
      const type = TYPED_ARRAYS.findIndex((each) => each.name === value[Symbol.toStringTag as never]);
      if (type < 0) throw this.#refusal(nounOf(value));
      out.byte(Kind.typedArray);
      out.byte(type);
    }
    out.bytes(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  }
}

function fits64(value: bigint): boolean {
  return BigInt.asIntN(64, value) === value;
}

/** Decimal digits of a large one take a hundred times as long, to write and to read. */
function bigintText(value: bigint): string {
  if (fits64(value)) return value.toString();
  return value < 0n ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`;
}

/** The key of a Map in the trail to its value. */
function keyText(key: unknown): string {
  if (typeof key === 'string') return JSON.stringify(key);
  return typeof key === 'object' || (typeof key === 'bigint' && !fits64(key)) ? '…' : String(key);
}

/** Keys that are the same symbol in every process; what hangs on others nobody there could read. */
function sharedSymbolsOf(value: object): symbol[] {
  return Object.getOwnPropertySymbols(value).filter(
    (symbol) =>
      Object.prototype.propertyIsEnumerable.call(value, symbol) &&
      symbol !== inspect.custom &&
      (Symbol.keyFor(symbol) !== undefined || WELL_KNOWN.has(symbol)),
  );
}

function hasHoles(value: unknown[]): boolean {
  for (let i = 0; i < value.length; i++) if (!(i in value)) return true;
  return false;
}

/** What a value is, in words for an error message. */
function nounOf(value: object): string {
  if (types.isPromise(value)) return 'a Promise';
  const maker = (Object.getPrototypeOf(value) as object | null)?.constructor;
  const name = typeof maker === 'function' && maker.name ? maker.name : 'an unnamed class';
  return `an instance of ${name}`;
}
