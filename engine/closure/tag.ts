/**
 * What compiled user code calls when it creates a function: it hangs the function's code unit, and a thunk that
 * reads its captures when asked, on the function. Reached through a global symbol, because test runners and module
 * hooks may load this file more than once in a process.
 */
import type { AnyFunction } from './closure.ts';
import type { CodeUnit } from './code-unit.ts';

const RUNTIME = Symbol.for('stagelight.closure');

/** A getter's answer when the scope has no such name: it may be a global. */
export const MISSING = Symbol.for('stagelight.missing');

/** The unit alone when nothing is captured, else a thunk of the unit and one getter per capture. */
export type FunctionTag = CodeUnit | (() => [CodeUnit, ...(() => unknown)[]]) | MemberTag;

/** A method of a tagged class. */
export interface MemberTag {
  owner: AnyFunction;
  isStatic: boolean;
  key: string;
}

class Given {
  constructor(fn: AnyFunction) {
    // biome-ignore lint/correctness/noConstructorReturn: the derived class puts its private field on what is returned here
    return fn as unknown as Given;
  }
}

/**
 * A private field on functions of users: as fast as a property (12 ns beside 160 for one that is not enumerable),
 * and nothing that prints or copies a function ever sees it. No class inherits it from the class it extends.
 */
class Tag extends Given {
  #tag: FunctionTag;

  constructor(fn: AnyFunction, value: FunctionTag) {
    super(fn);
    this.#tag = value;
  }

  static of(fn: object): FunctionTag | undefined {
    return #tag in fn ? fn.#tag : undefined;
  }

  static set(fn: AnyFunction, value: FunctionTag): void {
    new Tag(fn, value);
  }

  static replace(fn: AnyFunction, value: FunctionTag): void {
    if (#tag in fn) fn.#tag = value;
    else new Tag(fn, value);
  }
}

/** For a function just made; asking whether it has a tag already would cost more than the tag. */
function tag<F extends AnyFunction>(fn: F, value: FunctionTag): F {
  Tag.set(fn, value);
  return fn;
}

/** For a declaration: of two with one name both find the function of the last. */
function tagDeclared<F extends AnyFunction>(fn: F, value: FunctionTag): F {
  Tag.replace(fn, value);
  return fn;
}

/** Computed keys of the literals that are just being evaluated, by the program's units and the method's number in it. */
const computedKeys = new WeakMap<CodeUnit[], Map<number, PropertyKey[]>>();

/** The innermost evaluation of a literal ends first: its key is the last one. Left over are those of literals that threw. */
const MOST_KEYS = 100;

/** Remembers the key that a literal computes for a method, for `tagMethods` when the object is there. */
function methodKey(units: CodeUnit[], method: number, key: unknown): PropertyKey {
  const known: PropertyKey = typeof key === 'symbol' ? key : String(key);
  let byMethod = computedKeys.get(units);
  if (!byMethod) computedKeys.set(units, (byMethod = new Map()));
  const keys = byMethod.get(method);
  if (!keys) byMethod.set(method, [known]);
  else if (keys.push(known) > MOST_KEYS) keys.shift();
  return known;
}

/** Methods by key, or by their number where the key is computed; of two with one key the last is there. */
function tagMethods<T extends object>(
  object: T,
  tags: [string | number, FunctionTag][],
  units?: CodeUnit[],
): T {
  for (const [place, value] of tags.reverse()) {
    const key = typeof place === 'string' ? place : computedKeys.get(units!)?.get(place)?.pop();
    const method: unknown =
      key === undefined ? undefined : Object.getOwnPropertyDescriptor(object, key)?.value;
    if (typeof method === 'function' && Tag.of(method) === undefined) tag(method as AnyFunction, value);
  }
  return object;
}
tagMethods.key = methodKey;
tagMethods.declared = tagDeclared;

function tagMembers(owner: AnyFunction, home: object, isStatic: boolean): void {
  for (const [key, { value }] of Object.entries(Object.getOwnPropertyDescriptors(home))) {
    if (typeof value !== 'function' || key === 'constructor' || Tag.of(value) !== undefined) continue;
    tag(value as AnyFunction, { owner, isStatic, key });
  }
}

function tagClass<C extends AnyFunction>(owner: C, value: FunctionTag): C {
  Tag.replace(owner, value);
  tagMembers(owner, owner, true);
  tagMembers(owner, owner.prototype as object, false);
  return owner;
}

export interface TagRuntime {
  tag: typeof tag;
  tagMethods: typeof tagMethods;
  tagClass: typeof tagClass;
  tagOf(fn: AnyFunction): FunctionTag | undefined;
  missing: symbol;
  /** The units of a module, from the JSON its transformed text carries. */
  units(json: string, url: string): CodeUnit[];
}

interface ModuleUnits {
  source: CodeUnit['source'];
  units: Omit<CodeUnit, 'source'>[];
}

export function unitsToJson(source: CodeUnit['source'], units: CodeUnit[]): string {
  return JSON.stringify({ source, units: units.map(({ source: _, ...unit }) => unit) } satisfies ModuleUnits);
}

function units(json: string): CodeUnit[] {
  const module = JSON.parse(json) as ModuleUnits;
  return module.units.map((unit) => ({ ...unit, source: module.source }));
}

const shared = globalThis as unknown as Record<symbol, TagRuntime | undefined>;

/** The one of this process: only who put a tag on can read it. */
export const tagRuntime: TagRuntime = (shared[RUNTIME] ??= {
  tag,
  tagMethods,
  tagClass,
  tagOf: Tag.of,
  missing: MISSING,
  units,
});

/** Own tags only: a class inherits the statics, but not the tag, of the class it extends. */
export function tagOf(fn: AnyFunction): FunctionTag | undefined {
  return tagRuntime.tagOf(fn);
}

/** How transformed text reaches the runtime. */
export const RUNTIME_EXPRESSION = `globalThis[Symbol.for(${JSON.stringify(RUNTIME.description)})]`;
