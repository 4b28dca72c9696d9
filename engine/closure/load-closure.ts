/** Bytes back to a function, in the executor: each code unit compiled alone at the user's own position. */
import vm from 'node:vm';
import type { UnitPlace } from './capture.ts';
import type { AnyFunction, LoadClosureOptions } from './closure.ts';
import { splitSections } from './closure-blob.ts';
import { importAll, importedValue } from './closure-imports.ts';
import { decodeValue } from './decode-value.ts';
import type { ExportReference } from './module-import.ts';
import { registerScript } from './script-positions.ts';
import { contentHash, originalPosition } from './source-text.ts';
import { globalAt } from './well-known-globals.ts';

interface Places {
  places: UnitPlace[];
  imports: ExportReference[];
  handles: { data: unknown; imports: ExportReference[] }[];
}

/** Captures encoded in more bytes than this are decoded once per executor, and are its tasks' to read only. */
const MAX_RENEWED = 64 * 1024;

const renewals = new WeakMap<AnyFunction, () => void>();

/** Undoes what calls of a loaded closure did to the values it captured: every task starts from what was shipped. */
export function renewCaptures(closure: AnyFunction): void {
  renewals.get(closure)?.();
}

export async function loadClosure(blob: Uint8Array, options: LoadClosureOptions = {}): Promise<AnyFunction> {
  const { body, places: placeBytes } = splitSections(blob);
  const places = decodeValue(placeBytes) as Places;
  const ahead = places.handles.flatMap((handle) => handle.imports);
  await importAll([...places.imports, ...ahead], options.directory ?? process.cwd());
  return new ClosureLoader(places, options).load(body);
}

/** A value of `captureValue`; what it imports was imported with the closure that holds its handle. */
export function loadValue(blob: Uint8Array, options: LoadClosureOptions = {}): unknown {
  const { body, places } = splitSections(blob);
  return new ClosureLoader(decodeValue(places) as Places, options).loadValue(body);
}

interface Unit {
  text: string;
  name?: string;
  place: UnitPlace;
}

type Factory = (...captures: unknown[]) => [AnyFunction, ((captures: unknown[]) => void)?];

/** Classes in the making, whose value somebody already asked for. */
const PENDING = Symbol('pending');

class ClosureLoader {
  readonly #places: UnitPlace[];
  readonly #imported: unknown[];
  readonly #handles: Places['handles'];
  readonly #options: LoadClosureOptions;
  /** Functions being made: what they capture may lead back to them. */
  readonly #making = new Map<number, () => AnyFunction>();
  readonly #refreshes: (() => void)[] = [];
  /** Functions and classes, with what sets their captures where they have any. */
  readonly #made = new Map<number, { value: AnyFunction; set?: (captures: unknown[]) => void }>();
  #renews = false;

  constructor({ places, imports, handles }: Places, options: LoadClosureOptions) {
    this.#places = places;
    this.#imported = imports.map(importedValue);
    this.#handles = handles;
    this.#options = options;
  }

  load(body: Uint8Array): AnyFunction {
    const value = decodeValue(body, {
      changeable: () => {
        this.#renews = body.length <= MAX_RENEWED;
      },
      external: (type, length, slot, node) => this.#external(type, length, slot, node),
      unfinished: (node) => this.#making.get(node)?.() ?? PENDING,
    });
    for (const refresh of this.#refreshes) refresh();
    if (typeof value !== 'function') throw new TypeError('the closure is no function');
    if (this.#renews) {
      let asShipped = true;
      renewals.set(value as AnyFunction, () => {
        if (!asShipped) this.#renew(body);
        asShipped = false;
      });
    }
    return value as AnyFunction;
  }

  loadValue(body: Uint8Array): unknown {
    const value = decodeValue(body, {
      external: (type, length, slot, node) => this.#external(type, length, slot, node),
      unfinished: (node) => this.#making.get(node)?.() ?? PENDING,
    });
    for (const refresh of this.#refreshes) refresh();
    return value;
  }

  /** Decodes the captured data once more, for the functions that are there already. */
  #renew(body: Uint8Array): void {
    decodeValue(body, {
      external: (type, length, slot, node) => {
        const made = this.#made.get(node);
        if (!made) return this.#external(type, length, slot, node);
        made.set?.(Array.from({ length: length - 3 }, (_, index) => slot(index + 3)));
        return made.value;
      },
      unfinished: (node) => this.#made.get(node)?.value,
    });
  }

  #external(type: string, length: number, slot: (index: number) => unknown, node: number): unknown {
    switch (type) {
      case 'function':
      case 'method':
        return this.#function(type, length, slot, node);
      case 'class':
        return this.#class(length, slot, node);
      case 'unit':
        return { place: this.#places[slot(0) as number], text: slot(1), name: slot(2) };
      case 'member': {
        const owner = slot(0) as AnyFunction;
        return (slot(1) ? owner : owner.prototype)[slot(2) as string];
      }
      case 'global':
        return globalAt(slot(0) as string);
      case 'import':
        return this.#imported[slot(0) as number];
      case 'symbol': {
        const name = slot(1) as string;
        return slot(0) === 'for' ? Symbol.for(name) : (Symbol as unknown as Record<string, unknown>)[name];
      }
      case 'handle': {
        if (!this.#options.handle) throw new TypeError(`no reader for a captured ${slot(0)}`);
        const values = Array.from({ length: length - 3 }, (_, index) => slot(index + 3));
        return this.#options.handle(slot(0) as string, this.#handles[slot(1) as number]?.data, values);
      }
      default:
        throw new TypeError(`unknown part ${type} in a closure`);
    }
  }

  #function(
    kind: 'function' | 'method',
    length: number,
    slot: (index: number) => unknown,
    node: number,
  ): AnyFunction {
    const unit = slot(0) as Unit;
    const names = namesOf(slot(1) as string);
    let early: ReturnType<Factory> | undefined;
    this.#making.set(node, () => {
      early ??= compileUnit(unit, kind, names, true)();
      return early[0];
    });
    const captures = Array.from({ length: length - 3 }, (_, index) => slot(index + 3));
    this.#making.delete(node);
    const isLate = captures.includes(PENDING) || (this.#renews && captures.length > 0);
    const late = early ?? (isLate ? compileUnit(unit, kind, names, true)() : undefined);
    if (!late) {
      const [value] = compileUnit(unit, kind, names, false)(...captures);
      this.#made.set(node, { value });
      return value;
    }
    const fill = () => late[1]?.(captures.map((each, index) => (each === PENDING ? slot(index + 3) : each)));
    fill();
    this.#refreshes.push(fill);
    this.#made.set(node, { value: late[0], set: late[1] });
    return late[0];
  }

  /** `extends`, computed keys and static fields read captures at once; the rest comes when the class is there. */
  #class(length: number, slot: (index: number) => unknown, node: number): AnyFunction {
    const unit = slot(0) as Unit;
    const eager = slot(2) as string;
    const indexes = Array.from({ length: length - 3 }, (_, index) => index);
    const atOnce = indexes.map((index) => (eager[index] === '1' ? slot(index + 3) : undefined));
    const [value, set] = compileUnit(unit, 'class', namesOf(slot(1) as string), true)(...atOnce);
    const fill = () => set?.(indexes.map((index) => slot(index + 3)));
    this.#making.set(node, () => value);
    fill();
    this.#making.delete(node);
    this.#refreshes.push(fill);
    this.#made.set(node, { value, set });
    return value;
  }
}

function namesOf(list: string): string[] {
  return list === '' ? [] : list.split(',');
}

/** Compiled scripts report the user's file, line and column: the text stands where it stands in its source. */
function compileUnit(
  unit: Unit,
  kind: 'function' | 'method' | 'class',
  names: string[],
  settable: boolean,
): Factory {
  const { place, text, name } = unit;
  const key = JSON.stringify(name ?? '');
  const [open, close] =
    kind === 'method'
      ? ['({', `})[${key}]`]
      : name === undefined || name === '__proto__'
        ? ['', '']
        : [`({${key}:`, `})[${key}]`];
  const setter = settable ? `,($$$$a)=>{[${names.join()}]=$$$$a}` : '';
  const code = `(function(${names.join()}){"use strict";return[${open}\n${' '.repeat(place.column - 1)}${text}\n${close}${setter}]})`;
  const script = new vm.Script(code, {
    filename: scriptName(place),
    lineOffset: place.line - 2,
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  return script.runInThisContext() as Factory;
}

function scriptName(place: UnitPlace): string {
  const { file, cellId, mappings } = place;
  if (mappings === undefined) return file;
  const name = `${file}#${contentHash(mappings).slice(0, 8)}`;
  registerScript(name, {
    source: { file, cellId },
    map: (position) => originalPosition(place, position),
    callSite: () => undefined,
  });
  return name;
}
