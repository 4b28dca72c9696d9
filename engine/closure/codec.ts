/**
 * Values to bytes and back: everything structured clone knows that is data, shared references and cycles kept.
 *
 * A value is a table of nodes that refer to each other by number, so neither direction recurses. What is no data
 * (functions, handles) goes through hooks as an `External`; decoding never turns data into code by itself.
 */
/** A node whose meaning is the caller's: a type and further values. */
export class External {
  readonly type: string;
  readonly slots: readonly unknown[];

  constructor(type: string, slots: readonly unknown[]) {
    this.type = type;
    this.slots = slots;
  }
}

/** One step from a holder (an object, or the value an External stands for) towards a value inside it. */
export interface TrailStep {
  holder: object | symbol | undefined;
  step: string | number;
}

/** Thrown for a value that cannot be encoded; `trail` leads to it from the root. */
export class NotEncodable extends Error {
  readonly noun: string;
  readonly trail: readonly TrailStep[];

  constructor(noun: string, trail: readonly TrailStep[]) {
    super(`a value inside is ${noun}`);
    this.noun = noun;
    this.trail = trail;
  }
}

export interface EncodeHooks {
  /** Asked first for every object, function and symbol. */
  external?(value: object | symbol, trail: () => TrailStep[]): External | undefined;
}

export interface DecodeHooks {
  /** There is a node that whoever holds the value could change: an object, an array, a Map … Told before any external. */
  changeable?(): void;
  /** Makes the value of an external node; `slot(i)` is the value of its slot, made on demand. */
  external?(type: string, length: number, slot: (index: number) => unknown, node: number): unknown;
  /** What stands for an external whose own making asks for it. */
  unfinished?(node: number): unknown;
  room?: DecodeRoom;
}

/** Of values that may be more than memory; both may throw. */
export interface DecodeRoom {
  /** What comes next takes so many bytes of heap at once: a long text, the places of a long list. */
  comes(heap: number): void;
  /** So many more bytes were read; the lists that this is kept in until the end may take `reserve` more while they grow. */
  took(bytes: number, reserve: number): void;
}

export const TYPED_ARRAYS = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  Float16Array,
] as const;

export const ERRORS: Record<string, ErrorConstructor> = {
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};

export const Slot = {
  undefined: 0,
  null: 1,
  false: 2,
  true: 3,
  positive: 4,
  negative: 5,
  double: 6,
  string: 7,
  bigint: 8,
  hole: 9,
  reference: 10,
} as const;

export const Kind = {
  object: 0,
  bareObject: 1,
  array: 2,
  doubles: 3,
  map: 4,
  set: 5,
  date: 6,
  regexp: 7,
  error: 8,
  arrayBuffer: 9,
  dataView: 10,
  buffer: 11,
  external: 12,
  typedArray: 13,
  /** An error; the list of its errors comes after it. */
  aggregateError: 14,
} as const;
