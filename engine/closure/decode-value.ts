/** Bytes back to values: see codec.ts. */
import { ByteReader } from './byte-stream.ts';
import { type DecodeHooks, ERRORS, Kind, Slot, TYPED_ARRAYS } from './codec.ts';

export function decodeValue(bytes: Uint8Array, hooks: DecodeHooks = {}): unknown {
  return new Decoder(new ByteReader(bytes), hooks).decode();
}

/** A slot that names another node. */
class Reference {
  readonly node: number;

  constructor(node: number) {
    this.node = node;
  }
}

const HOLE = Symbol('hole');

/** Bytes read until the room is told again: as objects on the heap they may be thirty times as many. */
const TELLING_STEP = 1 << 16;
/** Bytes of a place in a list that grows, the list it grows out of included, and of an entry in a table that does. */
const PLACE = 20;
const ENTRY = 56;

interface ExternalNode {
  type: string;
  slots: unknown[];
  state: 'new' | 'making' | 'made';
}

/** Decimal digits, or hexadecimal ones after 0x, which BigInt takes without a sign only. */
function bigintOf(text: string): bigint {
  return text.startsWith('-0x') ? -BigInt(text.slice(1)) : BigInt(text);
}

class Decoder {
  readonly #in: ByteReader;
  readonly #hooks: DecodeHooks;
  /** Shells by number; for externals their value once made. */
  readonly #values: unknown[] = [];
  readonly #externals = new Map<number, ExternalNode>();
  readonly #fills: (() => void)[] = [];
  #highest = -1;
  readonly #comes: ((heap: number) => void) | undefined;
  /** Where in the bytes the room is told next, and where it was last. */
  #nextTelling: number;
  #told = 0;

  constructor(reader: ByteReader, hooks: DecodeHooks) {
    this.#in = reader;
    this.#hooks = hooks;
    const { room } = hooks;
    this.#comes = room && ((heap) => room.comes(heap));
    this.#nextTelling = room ? TELLING_STEP : Number.POSITIVE_INFINITY;
  }

  decode(): unknown {
    const root = this.#slot();
    for (let id = 0; id <= this.#highest; id++) this.#node(id);
    // Plain data first: a class that is evaluated while externals are made may read it.
    for (const fill of this.#fills) fill();
    const value = this.#resolve(root);
    for (const id of this.#externals.keys()) this.#external(id);
    for (const fill of this.#fills) fill();
    this.#tell();
    return value;
  }

  #tell(): void {
    const { position } = this.#in;
    const kept = Math.max(this.#values.length, this.#fills.length);
    this.#hooks.room?.took(position - this.#told, kept * PLACE);
    this.#told = position;
    this.#nextTelling += TELLING_STEP;
    if (this.#nextTelling < position) this.#nextTelling = position + TELLING_STEP;
  }

  #slot(): unknown {
    const reader = this.#in;
    if (reader.position >= this.#nextTelling) this.#tell();
    const tag = reader.byte();
    switch (tag) {
      case Slot.undefined:
        return undefined;
      case Slot.null:
        return null;
      case Slot.false:
        return false;
      case Slot.true:
        return true;
      case Slot.positive:
        return reader.varint();
      case Slot.negative:
        return -reader.varint();
      case Slot.double:
        return reader.double();
      case Slot.string:
        return reader.string(this.#comes);
      case Slot.bigint:
        return bigintOf(reader.string());
      case Slot.hole:
        return HOLE;
      case Slot.reference: {
        const id = reader.varint();
        this.#highest = Math.max(this.#highest, id);
        return new Reference(id);
      }
      default:
        throw new RangeError(`unknown slot ${tag} in encoded value`);
    }
  }

  #resolve(slot: unknown): unknown {
    if (!(slot instanceof Reference)) return slot;
    return this.#externals.has(slot.node) ? this.#external(slot.node) : this.#values[slot.node];
  }

  /** The value as far as it is made: an external not made yet is undefined. */
  #peek(slot: unknown): unknown {
    return slot instanceof Reference ? this.#values[slot.node] : slot;
  }

  #external(id: number): unknown {
    const node = this.#externals.get(id) as ExternalNode;
    if (node.state === 'made') return this.#values[id];
    if (node.state === 'making') return this.#hooks.unfinished?.(id);
    node.state = 'making';
    if (!this.#hooks.external) throw new RangeError(`no decoder for ${node.type}`);
    const value = this.#hooks.external(
      node.type,
      node.slots.length,
      (index) => this.#resolve(node.slots[index]),
      id,
    );
    this.#values[id] = value;
    node.state = 'made';
    return value;
  }

  #node(id: number): void {
    const reader = this.#in;
    if (reader.position >= this.#nextTelling) this.#tell();
    const kind = reader.byte();
    if (kind !== Kind.external && kind !== Kind.error) this.#hooks.changeable?.();
    switch (kind) {
      case Kind.object:
      case Kind.bareObject: {
        const object: object = kind === Kind.object ? {} : Object.create(null);
        this.#values[id] = object;
        for (let left = reader.varint(); left > 0; left--)
          this.#property(object, reader.string(), this.#slot());
        for (let left = reader.varint(); left > 0; left--) {
          const [symbol, slot] = [this.#slot(), this.#slot()];
          this.#fills.push(() => {
            const key = this.#resolve(symbol) as symbol;
            (object as Record<symbol, unknown>)[key] = this.#peek(slot);
          });
        }
        return;
      }
      case Kind.array: {
        const array: unknown[] = [];
        this.#values[id] = array;
        const length = reader.varint();
        this.#comes?.(length * PLACE);
        for (let i = 0; i < length; i++) this.#element(array, i, this.#slot());
        array.length = length;
        return;
      }
      case Kind.doubles: {
        const doubles = new Float64Array(reader.bytes().buffer);
        this.#comes?.(doubles.length * PLACE);
        this.#values[id] = Array.from(doubles);
        return;
      }
      case Kind.map: {
        const map = new Map<unknown, unknown>();
        const entries: unknown[][] = [];
        this.#values[id] = map;
        for (let left = reader.varint(); left > 0; left--) entries.push([this.#slot(), this.#slot()]);
        this.#fills.push(() => {
          map.clear();
          this.#comes?.(entries.length * ENTRY);
          for (const [key, value] of entries) map.set(this.#peek(key), this.#peek(value));
        });
        return;
      }
      case Kind.set: {
        const set = new Set<unknown>();
        const slots: unknown[] = [];
        this.#values[id] = set;
        for (let left = reader.varint(); left > 0; left--) slots.push(this.#slot());
        this.#fills.push(() => {
          set.clear();
          this.#comes?.(slots.length * ENTRY);
          for (const slot of slots) set.add(this.#peek(slot));
        });
        return;
      }
      case Kind.date:
        this.#values[id] = new Date(reader.double());
        return;
      case Kind.regexp: {
        const regExp = new RegExp(reader.string(), reader.string());
        regExp.lastIndex = reader.varint();
        this.#values[id] = regExp;
        return;
      }
      case Kind.error:
        this.#error(id, (name, message) => new (ERRORS[String(name)] ?? Error)(message));
        return;
      case Kind.aggregateError: {
        const aggregate = this.#error(id, (_, message) => new AggregateError([], message)) as AggregateError;
        const errors = this.#slot();
        this.#fills.push(() => {
          aggregate.errors = this.#peek(errors) as unknown[];
        });
        return;
      }
      case Kind.arrayBuffer:
        this.#values[id] = reader.bytes().buffer;
        return;
      case Kind.dataView:
        this.#values[id] = new DataView(reader.bytes().buffer);
        return;
      case Kind.buffer:
        this.#values[id] = Buffer.from(reader.bytes().buffer);
        return;
      case Kind.typedArray: {
        const type = TYPED_ARRAYS[reader.byte()];
        if (!type) throw new RangeError('unknown typed array in encoded value');
        this.#values[id] = new type(reader.bytes().buffer);
        return;
      }
      case Kind.external: {
        const type = reader.string();
        const slots: unknown[] = [];
        for (let left = reader.varint(); left > 0; left--) slots.push(this.#slot());
        this.#externals.set(id, { type, slots, state: 'new' });
        return;
      }
      default:
        throw new RangeError(`unknown kind ${kind} in encoded value`);
    }
  }

  #property(object: object, key: string, slot: unknown): void {
    const define = (value: unknown) => {
      if (key !== '__proto__') (object as Record<string, unknown>)[key] = value;
      else
        Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
    };
    define(slot instanceof Reference ? undefined : slot);
    if (slot instanceof Reference) this.#fills.push(() => define(this.#peek(slot)));
  }

  #element(array: unknown[], index: number, slot: unknown): void {
    if (slot === HOLE) return;
    array[index] = slot instanceof Reference ? undefined : slot;
    if (slot instanceof Reference) this.#fills.push(() => (array[index] = this.#peek(slot)));
  }

  #error(id: number, make: (name: unknown, message: string) => Error): Error {
    const [name, message, stack, cause] = [this.#slot(), this.#slot(), this.#slot(), this.#slot()];
    const error = make(name, message as string);
    if (error.name !== name)
      Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true });
    Object.defineProperty(error, 'stack', { value: stack, configurable: true, writable: true });
    if (cause !== undefined) {
      const define = () =>
        Object.defineProperty(error, 'cause', {
          value: this.#peek(cause),
          configurable: true,
          writable: true,
        });
      define();
      this.#fills.push(define);
    }
    this.#values[id] = error;
    return error;
  }
}
