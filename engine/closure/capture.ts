/** Freezes a function of the driver into bytes: its code units, what they capture, nothing that lives elsewhere. */
import { types } from 'node:util';
import type { CallSite } from '../protocol.ts';
import { CaptureRefusals } from './capture-refusals.ts';
import type { AnyFunction, CapturedClosure, CapturedValue, ShippedHandle } from './closure.ts';
import { joinSections } from './closure-blob.ts';
import { type CodeUnit, unitText } from './code-unit.ts';
import { External, NotEncodable, type TrailStep } from './codec.ts';
import { encodeValue } from './encode-value.ts';
import { isIndeterminateGlobal, isIndeterminateModule, isUnexamined } from './indeterminate.ts';
import { type ExportReference, exportReference, isPackage } from './module-import.ts';
import { IMPORT_META } from './scopes.ts';
import { contentHash, lineStarts, originalPosition, positionAt } from './source-text.ts';
import { type FunctionTag, MISSING, tagOf } from './tag.ts';
import { globalPath } from './well-known-globals.ts';

const HANDLE = Symbol.for('stagelight.handle');
/** What every process has by itself; what was added since (`args`, `sc`) is captured like any variable. */
const OWN_GLOBALS = new Set(Object.getOwnPropertyNames(globalThis));
/** Executors have their own. */
const EXECUTOR_GLOBALS = new Set(['TaskContext', 'BarrierTaskContext', 'sleep']);
/** Of these, what tells one task from another, however it is reached. */
const TASK_CONTEXT = /TaskContext\b/;
const NOT_SHIPPABLE = Symbol.for('stagelight.notShippable');

/** Where a code unit stands and what it is imported from: apart from the code, so that moving it changes no fingerprint. */
export interface UnitPlace {
  file: string;
  cellId?: string;
  line: number;
  column: number;
  mappings?: string;
}

export function captureClosure(fn: AnyFunction, operator: string, callSite?: CallSite): CapturedClosure {
  return new ClosureCapture(operator, callSite).capture(fn);
}

/** Freezes a value as if a function had captured it. */
export function captureValue(value: unknown, operator: string, callSite?: CallSite): CapturedValue {
  return new ClosureCapture(operator, callSite, 'value').captureValue(value);
}

class ClosureCapture {
  readonly #refusals: CaptureRefusals;
  readonly #units = new Map<CodeUnit, External>();
  readonly #places: UnitPlace[] = [];
  readonly #imports: ExportReference[] = [];
  readonly #handles: { data: unknown; imports: readonly ExportReference[] }[] = [];
  readonly #held: object[] = [];
  readonly #lines = new Map<string, number[]>();
  #root: AnyFunction | undefined;
  #indeterminate: string | undefined;
  #unexamined = false;
  #readsTask = false;
  #accumulates = false;

  constructor(operator: string, callSite: CallSite | undefined, what: 'function' | 'value' = 'function') {
    this.#refusals = new CaptureRefusals(operator, callSite, what);
  }

  #encode(root: unknown): { body: Uint8Array; bytes: Uint8Array } {
    let body: Uint8Array;
    try {
      body = encodeValue(root, { external: (value, trail) => this.#external(value, trail) });
    } catch (error) {
      throw error instanceof NotEncodable ? this.#refusals.value(error.noun, error.trail) : error;
    }
    const places = encodeValue({ places: this.#places, imports: this.#imports, handles: this.#handles });
    return { body, bytes: joinSections(body, places) };
  }

  captureValue(value: unknown): CapturedValue {
    const { body, bytes } = this.#encode(value);
    const imports = [...this.#imports, ...this.#handles.flatMap((handle) => handle.imports)];
    return { bytes, fingerprint: contentHash(body), imports, held: this.#held };
  }

  capture(fn: AnyFunction): CapturedClosure {
    this.#root = fn;
    const { body, bytes } = this.#encode(fn);
    const place = this.#places[0];
    return {
      id: contentHash(bytes),
      bytes,
      name: fn.name || undefined,
      isAsync: types.isAsyncFunction(fn),
      isGenerator: types.isGeneratorFunction(fn),
      indeterminate: this.#indeterminate,
      ...(this.#unexamined ? { unexamined: true as const } : {}),
      ...(this.#readsTask ? { readsTask: true as const } : {}),
      ...(this.#accumulates ? { accumulates: true as const } : {}),
      position: place && this.#userPosition(place),
      fingerprint: contentHash(body),
      held: this.#held,
    };
  }

  #userPosition({ file, cellId, mappings, line, column }: UnitPlace) {
    return { file, cellId, ...originalPosition({ mappings }, { line, column }) };
  }

  #external(value: object | symbol, trail: () => TrailStep[]): External | undefined {
    if (typeof value === 'symbol') return this.#symbol(value);
    const noun = (value as Record<symbol, unknown>)[NOT_SHIPPABLE];
    if (typeof noun === 'string') throw new NotEncodable(noun, trail());
    const handle = (value as Record<symbol, unknown>)[HANDLE] as ShippedHandle | undefined;
    if (handle) return this.#handle(value, handle);
    const tag = typeof value === 'function' ? tagOf(value as AnyFunction) : undefined;
    if (tag) return this.#tagged(value as AnyFunction, tag, trail);
    const path = globalPath(value);
    if (path) {
      if (isIndeterminateGlobal(path)) this.#indeterminate ??= path;
      return new External('global', [path]);
    }
    const exported = exportReference(value);
    if (exported && (typeof value === 'function' || isPackage(exported.specifier)))
      return this.#import(exported);
    if (typeof value === 'function') throw this.#refusals.untagged(value as AnyFunction, trail());
    return undefined;
  }

  /** Its data stands apart from the code, as places do: only what it means enters the fingerprint. */
  #handle(value: object, { type, data, fingerprint, values = [], imports = [] }: ShippedHandle): External {
    this.#held.push(value);
    if (type === 'accumulator') this.#accumulates = true;
    const index = this.#handles.push({ data, imports }) - 1;
    return new External('handle', [type, index, fingerprint ?? contentHash(encodeValue(data)), ...values]);
  }

  #symbol(value: symbol): External | undefined {
    const key = Symbol.keyFor(value);
    if (key !== undefined) return new External('symbol', ['for', key]);
    const { description = '' } = value;
    const name = description.replace(/^Symbol\./, '');
    return (Symbol as unknown as Record<string, unknown>)[name] === value
      ? new External('symbol', ['well-known', name])
      : undefined;
  }

  #import({ specifier, from, name }: ExportReference): External {
    if (TASK_CONTEXT.test(name)) this.#readsTask = true;
    if (isIndeterminateModule(specifier)) this.#indeterminate ??= specifier;
    if (isUnexamined(specifier)) this.#unexamined = true;
    const known = this.#imports.findIndex(
      (each) => each.specifier === specifier && each.from === from && each.name === name,
    );
    const index = known >= 0 ? known : this.#imports.push({ specifier, from, name }) - 1;
    return new External('import', [index, specifier, name]);
  }

  #tagged(fn: AnyFunction, tag: FunctionTag, trail: () => TrailStep[]): External {
    if (typeof tag === 'object' && 'owner' in tag) {
      if (fn === this.#root) this.#refusals.checkRootMember(tag);
      return new External('member', [tag.owner, tag.isStatic, tag.key]);
    }
    const [unit, ...getters] = typeof tag === 'function' ? tag() : [tag];
    this.#refusals.checkUnit(unit, fn === this.#root, trail);
    const names: string[] = [];
    const eager: boolean[] = [];
    const values: unknown[] = [];
    unit.captures.forEach((capture, index) => {
      let value: unknown;
      if (capture.import && unit.source.cellId === undefined && isPackage(capture.import.specifier)) {
        value = this.#import({ ...capture.import, from: unit.source.file });
      } else {
        try {
          value = getters[index]?.();
        } catch {
          throw this.#refusals.noValueYet(unit, capture);
        }
      }
      if (capture.name === IMPORT_META) value = plainMeta(value as ImportMeta);
      if (EXECUTOR_GLOBALS.has(capture.name) && capture.late && isGlobal(value, capture.name)) return;
      if (value === MISSING && capture.name in globalThis && !OWN_GLOBALS.has(capture.name))
        value = (globalThis as Record<string, unknown>)[capture.name];
      if (value === MISSING) {
        if (!(capture.name in globalThis) && !capture.onlyTypeof)
          throw capture.late
            ? this.#refusals.notDefined(unit, capture)
            : this.#refusals.noValueYet(unit, capture);
        return;
      }
      if (capture.name === 'console') return;
      names.push(capture.name);
      eager.push(capture.eager === true);
      values.push(value);
    });
    this.#refusals.remember(fn, unit, names);
    const shadowed = new Set(names);
    const use = unit.indeterminate.find((each) => !shadowed.has(each.root));
    if (use) this.#indeterminate ??= use.use;
    if (unit.importsLater) this.#unexamined = true;
    return new External(unit.kind, [this.#unit(unit), names.join(), eager.map(Number).join(''), ...values]);
  }

  #unit(unit: CodeUnit): External {
    let external = this.#units.get(unit);
    if (!external) {
      const { source } = unit;
      let starts = this.#lines.get(source.text);
      if (!starts) this.#lines.set(source.text, (starts = lineStarts(source.text)));
      const place = {
        file: source.file,
        cellId: source.cellId,
        ...positionAt(starts, unit.start),
        mappings: source.mappings,
      };
      const text = unitText(unit);
      if (TASK_CONTEXT.test(text)) this.#readsTask = true;
      external = new External('unit', [this.#places.push(place) - 1, text, unit.name]);
      this.#units.set(unit, external);
    }
    return external;
  }
}

function isGlobal(value: unknown, name: string): boolean {
  return value === MISSING || value === (globalThis as Record<string, unknown>)[name];
}

function plainMeta({ url, filename, dirname }: ImportMeta): object {
  return { url, filename, dirname };
}
