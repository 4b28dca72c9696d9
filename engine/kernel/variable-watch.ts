/**
 * What changed in the scope since it was last looked at, described for viewers. Looking is bounded in time, names and
 * characters, so that the next run does not wait for it: names left out are looked at after a later run.
 */
import { types } from 'node:util';
import type { CellScope } from '../closure/closure.ts';
import { jsonSize } from '../fold/message-size.ts';
import type { StagelightEvent, VariableInfo } from '../protocol.ts';
import { functionHead } from './function-head.ts';
import { own } from './own-properties.ts';
import { describeLineage } from './rdd-description.ts';
import { isExpandable, previewOf } from './value-preview.ts';
import { sizeOfValue } from './value-size.ts';
import { isRdd, typeOf } from './value-type.ts';

/** Names described at most. */
export const MOST_VARIABLES = 300;
/** Time for one look, in milliseconds. */
const LOOK_MS = 25;
/** JSON bytes of one report. */
const REPORT_BYTES = 130_000;
/** A value that took long to look at is looked at again only after so many times as long. */
const PATIENCE = 100;

/** The event but for its time, which control adds. */
export type VariablesReport = Omit<Extract<StagelightEvent, { type: 'variables' }>, 'time'>;

interface Known {
  info: VariableInfo;
  /** The primitive, or the object without keeping it alive. */
  value: unknown;
  reference: WeakRef<object> | undefined;
  /** When to look again at an object that is the same but may hold something else. */
  notBefore: number;
}

export interface FinishedRun {
  cellId: string;
  runId: string;
  /** Names the cell declares. */
  definitions: readonly string[];
}

export class VariableWatch {
  readonly #scope: CellScope;
  readonly #now: () => number;
  readonly #known = new Map<string, Known>();
  #lineage = '';
  #lastRun: FinishedRun = { cellId: '', runId: '', definitions: [] };

  constructor(scope: CellScope, now: () => number = () => performance.now()) {
    this.#scope = scope;
    this.#now = now;
  }

  /** The report after a run, or once more after the last one; undefined when nothing changed. */
  look(run: FinishedRun = this.#lastRun): VariablesReport | undefined {
    this.#lastRun = run;
    const names = Object.keys(this.#scope);
    const removed = [...this.#known.keys()].filter((name) => !Object.hasOwn(this.#scope, name));
    for (const name of removed) this.#known.delete(name);
    const changed: VariableInfo[] = [];
    const deadline = this.#now() + LOOK_MS;
    let bytes = 0;
    for (const name of this.#inOrder(names, run)) {
      if (this.#now() > deadline || bytes > REPORT_BYTES) break;
      const info = this.#lookAt(name, run);
      if (!info) continue;
      changed.push(info);
      bytes += jsonSize(info);
    }
    const rdds = describeLineage(this.#datasets());
    const lineage = JSON.stringify(rdds);
    const sameLineage = lineage === this.#lineage;
    if (changed.length === 0 && removed.length === 0 && sameLineage) return undefined;
    this.#lineage = lineage;
    return { type: 'variables', changed, removed, total: names.length, ...(sameLineage ? {} : { rdds }) };
  }

  /** New values first, the run's own names before others; then the objects looked at longest ago. */
  #inOrder(names: string[], run: FinishedRun): string[] {
    const declared = new Set(run.definitions);
    const moved = (name: string) =>
      declared.has(name) && this.#known.get(name)?.info.definedIn !== run.cellId;
    const fresh = names.filter((name) => !this.#isSame(name) || moved(name));
    const first = [
      ...fresh.filter((name) => declared.has(name)),
      ...fresh.filter((name) => !declared.has(name)),
    ];
    const room = MOST_VARIABLES - this.#known.size;
    const unknown = first.filter((name) => !this.#known.has(name));
    // Beyond the bound the earliest names stay: what was shown must not flicker.
    const over = new Set(unknown.slice(Math.max(0, room)));
    const isDue = ([, known]: [string, Known]) =>
      known.reference !== undefined && known.notBefore <= this.#now();
    const again = [...this.#known]
      .filter((entry) => isDue(entry) && !fresh.includes(entry[0]))
      .sort(([, a], [, b]) => a.notBefore - b.notBefore)
      .map(([name]) => name);
    return [...first.filter((name) => !over.has(name)), ...again];
  }

  #isSame(name: string): boolean {
    const known = this.#known.get(name);
    const value = this.#read(name);
    return known !== undefined && Object.is(known.reference ? known.reference.deref() : known.value, value);
  }

  #read(name: string): unknown {
    const property = own(this.#scope, name);
    return property && 'value' in property ? property.value : undefined;
  }

  #lookAt(name: string, run: FinishedRun): VariableInfo | undefined {
    const value = this.#read(name);
    const before = this.#known.get(name);
    const started = this.#now();
    const seen = describe(value);
    const took = this.#now() - started;
    const isDeclared = before === undefined || run.definitions.includes(name);
    const info: VariableInfo = {
      name,
      ...seen,
      definedIn: isDeclared ? run.cellId : before.info.definedIn,
      changedBy: { cellId: run.cellId, runId: run.runId },
    };
    const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
    const same =
      before?.info.definedIn === info.definedIn && this.#isSame(name) && looksAs(before.info, info);
    this.#known.set(name, {
      info: same ? before!.info : info,
      value: isObject ? undefined : value,
      reference: isObject ? new WeakRef(value as object) : undefined,
      notBefore: this.#now() + took * PATIENCE,
    });
    return same ? undefined : info;
  }

  #datasets() {
    return [...this.#known.keys()].map((name) => this.#read(name)).filter(isRdd);
  }
}

type Seen = Omit<VariableInfo, 'name' | 'definedIn' | 'changedBy'>;

function describe(value: unknown): Seen {
  const type = typeOf(value);
  if (isRdd(value)) {
    const name = typeof value.name === 'string' ? value.name : value.callName;
    return { kind: 'rdd', type, preview: `RDD[${value.id}] ${name}`, expandable: false, rddId: value.id };
  }
  const seen: Seen = {
    kind: kindOf(value),
    type,
    preview: previewOf(value),
    expandable: isExpandable(value),
    size: sizeOfValue(value),
  };
  return seen;
}

function kindOf(value: unknown): VariableInfo['kind'] {
  if (typeof value === 'function') return types.isProxy(value) ? 'value' : functionHead(value).kind;
  return types.isModuleNamespaceObject(value) ? 'module' : 'value';
}

function looksAs(a: VariableInfo, b: VariableInfo): boolean {
  return (
    a.type === b.type &&
    a.preview === b.preview &&
    a.expandable === b.expandable &&
    a.size?.bytes === b.size?.bytes &&
    a.size?.atLeast === b.size?.atLeast &&
    a.rddId === b.rddId
  );
}
